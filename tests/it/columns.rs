//! Columns of a table as samples of an audit.

use wherefair::audit::{Audit, AuditParams, InMemory, Outcomes, Score, Silent, audit_source};
use wherefair::core::{Extent, Sites};
use wherefair::data::{ColumnRequest, MissingPolicy, ReadRequest, Table};
use wherefair::partition::PartitioningDistribution;

/// Whole columns of numbers; rows with missing values are left out.
pub(crate) fn numbers(table: &Table, names: &[&str]) -> Vec<Vec<f64>> {
    let mut request = ReadRequest::new(names.iter().map(|&name| ColumnRequest::number(name)).collect());
    request.missing = MissingPolicy::Skip;
    let mut columns = vec![Vec::new(); names.len()];
    for batch in table.read(&request).unwrap() {
        for (column, values) in columns.iter_mut().zip(&batch.unwrap().columns) {
            column.extend_from_slice(values.numbers().unwrap());
        }
    }
    columns
}

/// Audits values at points over all grids up to 5 × 5.
pub(crate) fn audit_values(x: &[f64], y: &[f64], truth: &[f64], pred: &[f64], score: Score) -> Audit {
    let sites = Sites::new(x, y).unwrap();
    let extent = Extent::of(&sites).unwrap().unwrap();
    let maps = PartitioningDistribution::equal_grids(extent, 5, 5).unwrap();
    let outcomes = Outcomes::Values {
        truth,
        pred,
        base: None,
    };
    let config = AuditParams::new(score)
        .n_permutations(99)
        .n_bootstrap(19)
        .check()
        .unwrap();
    audit_source(
        &mut InMemory::new(sites, outcomes).unwrap(),
        &maps,
        &config,
        &Silent,
    )
    .unwrap()
}
