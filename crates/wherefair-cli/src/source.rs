//! Samples of a table, held in memory where they fit and read again where they do not.

use wherefair_audit::{AuditError, Outcomes, SampleBatch, SampleSource, Visit};
use wherefair_core::Sites;
use wherefair_data::{Batch, ColumnValues, ReadRequest, Table};

/// Which column of the request plays which part.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Roles {
    pub(crate) x: Option<usize>,
    pub(crate) y: Option<usize>,
    pub(crate) truth: usize,
    pub(crate) pred: usize,
    pub(crate) base: Option<usize>,
    pub(crate) time: Option<usize>,
    pub(crate) group: Option<usize>,
}

/// Samples in column form.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    values: Vec<ColumnValues>,
    /// Stands in for coordinates where there are none: audits by group need no places.
    nowhere: Vec<f64>,
    n: usize,
}

impl Columns {
    pub(crate) fn from_batch(batch: Batch) -> Self {
        Self {
            n: batch.n_rows(),
            values: batch.columns,
            nowhere: Vec::new(),
        }
    }

    /// Adds the rows of `more`, which answers the same request.
    pub(crate) fn append(&mut self, more: Self) {
        self.n += more.n;
        if self.values.is_empty() {
            self.values = more.values;
            return;
        }
        for (column, more) in self.values.iter_mut().zip(more.values) {
            match (column, more) {
                (ColumnValues::Numbers(column), ColumnValues::Numbers(more)) => column.extend(more),
                (ColumnValues::Labels(column), ColumnValues::Labels(more)) => column.extend(more),
                // Every batch answers the same request.
                _ => {}
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.n
    }

    pub(crate) fn n_bytes(&self) -> u64 {
        let bytes = |column: &ColumnValues| match column {
            ColumnValues::Numbers(values) => values.len() * 8,
            ColumnValues::Labels(labels) => labels.len() * 4,
        };
        self.values.iter().map(bytes).sum::<usize>() as u64
    }

    pub(crate) fn numbers(&self, i: Option<usize>) -> Option<&[f64]> {
        match self.values.get(i?)? {
            ColumnValues::Numbers(values) => Some(values),
            ColumnValues::Labels(_) => None,
        }
    }

    pub(crate) fn labels(&self, i: Option<usize>) -> Option<&[u32]> {
        match self.values.get(i?)? {
            ColumnValues::Labels(labels) => Some(labels),
            ColumnValues::Numbers(_) => None,
        }
    }

    /// Makes stand-in coordinates where the roles name none.
    pub(crate) fn settle(&mut self, roles: &Roles) {
        if roles.x.is_none() || roles.y.is_none() {
            self.nowhere.resize(self.n, 0.0);
        }
    }

    pub(crate) fn sample_batch(
        &self,
        roles: &Roles,
        first_sample: u64,
    ) -> Result<SampleBatch<'_>, AuditError> {
        let x = self.numbers(roles.x).unwrap_or(&self.nowhere);
        let y = self.numbers(roles.y).unwrap_or(&self.nowhere);
        let mut sites = Sites::new(x, y)?;
        if let Some(time) = self.numbers(roles.time) {
            sites = sites.with_time(time)?;
        }
        if let Some(group) = self.labels(roles.group) {
            sites = sites.with_group(group)?;
        }
        let outcomes = match (self.labels(Some(roles.truth)), self.labels(Some(roles.pred))) {
            (Some(truth), Some(pred)) => Outcomes::Classes {
                truth,
                pred,
                base: self.labels(roles.base),
            },
            _ => Outcomes::Values {
                truth: self.numbers(Some(roles.truth)).unwrap_or_default(),
                pred: self.numbers(Some(roles.pred)).unwrap_or_default(),
                base: self.numbers(roles.base),
            },
        };
        Ok(SampleBatch {
            first_sample,
            sites,
            outcomes,
        })
    }
}

/// The samples of a table.
#[derive(Debug)]
pub(crate) struct TableSource {
    pub(crate) table: Table,
    pub(crate) request: ReadRequest,
    pub(crate) roles: Roles,
    /// All samples, where they fit in memory.
    pub(crate) held: Option<Columns>,
    pub(crate) n_classes: usize,
}

impl SampleSource for TableSource {
    fn for_each(&mut self, visit: &mut Visit<'_>) -> Result<(), AuditError> {
        if let Some(held) = &self.held {
            return visit(&held.sample_batch(&self.roles, 0)?);
        }
        let mut first_sample = 0;
        let read_failed = |error: wherefair_data::DataError| AuditError::Source(Box::new(error));
        for batch in self.table.read(&self.request).map_err(read_failed)? {
            let mut columns = Columns::from_batch(batch.map_err(read_failed)?);
            columns.settle(&self.roles);
            visit(&columns.sample_batch(&self.roles, first_sample)?)?;
            first_sample += columns.len() as u64;
        }
        Ok(())
    }

    fn in_memory(&self) -> Option<SampleBatch<'_>> {
        self.held.as_ref()?.sample_batch(&self.roles, 0).ok()
    }

    fn n_classes(&self) -> usize {
        self.n_classes
    }
}
