//! Audits of real data that do not ship with the project; skipped, visibly, where they are absent.

use std::path::PathBuf;
use std::sync::Arc;

use wherefair::audit::{AuditParams, InMemory, Outcomes, Score, Silent, audit_source};
use wherefair::core::Sites;
use wherefair::data::{ColumnRequest, MissingPolicy, PolygonLayer, RasterBand, ReadRequest, Table};
use wherefair::metrics::{Averaging, ClassScore, ErrorKind, ValueScore, ZeroDivision};
use wherefair::partition::{Partitioning, PartitioningDistribution, Polygons, Shape};

use crate::columns::{audit_values, numbers};

const MAE: Score = Score::Value {
    error: ErrorKind::Difference,
    score: ValueScore::MeanAbsolute,
};

/// The file called `name` in the folder of real data, or `None` with a word about it.
fn real(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WHEREFAIR_REAL_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
    {
        eprintln!("skipped: no real data ({name})");
    }
    None
}

#[test]
fn houses_of_chicago_tracts_are_audited_by_polygon() {
    let (Some(tracts), Some(blocks)) = (real("chicago_tracts.geojson"), real("chicago_block_groups.csv"))
    else {
        return;
    };
    let layer = PolygonLayer::open(tracts, None).unwrap();
    assert_eq!(layer.polygons.len(), 796);
    let shapes = (0..)
        .zip(layer.polygons)
        .map(|(i, (_, polygons))| (format!("tract {i}"), Shape { polygons }));
    let tracts: Arc<dyn Partitioning> = Arc::new(Polygons::new("tracts", shapes.collect()).unwrap());
    let table = Table::open(blocks).unwrap();
    let columns = numbers(&table, &["lon", "lat", "median-household-income"]);
    let (x, y, truth) = (&columns[0], &columns[1], &columns[2]);
    let mean = truth.iter().sum::<f64>() / truth.len() as f64;
    let pred = vec![mean; truth.len()];
    let outcomes = Outcomes::Values {
        truth,
        pred: &pred,
        base: None,
    };
    let mut source = InMemory::new(Sites::new(x, y).unwrap(), outcomes).unwrap();
    let maps = PartitioningDistribution::new(vec![(tracts, 1.0)]).unwrap();
    let config = AuditParams::new(MAE)
        .min_samples(2)
        .n_permutations(199)
        .n_bootstrap(0)
        .check()
        .unwrap();
    let result = audit_source(&mut source, &maps, &config, &Silent).unwrap();
    // Block groups nest in tracts; a few lie in tracts that the file lacks.
    assert!(
        result.n_samples as f64 > 0.98 * truth.len() as f64,
        "{} outside",
        result.n_outside
    );
    assert!(result.spad.expectation.null.unwrap().p_value < 0.01);
}

#[test]
fn rasters_are_audited_in_step() {
    let (Some(red), Some(nir)) = (real("red.tif"), real("nir.tif")) else {
        return;
    };
    let table = Table::rasters(&RasterBand::new(red, 40), &RasterBand::new(nir, 40)).unwrap();
    let columns = numbers(&table, &["x", "y", "truth", "pred"]);
    assert!(columns[0].len() > 500, "{} pixels", columns[0].len());
    let result = audit_values(&columns[0], &columns[1], &columns[2], &columns[3], MAE);
    assert_eq!(result.partitionings.len(), 24);
    assert!(result.global.unwrap() > 0.0);
}

#[test]
fn crop_labels_of_california_are_audited() {
    let Some(path) = real("california_s2_cdl_aug2021.csv") else {
        return;
    };
    let table = Table::open(path).unwrap();
    let mut request = ReadRequest::new(vec![
        ColumnRequest::number("lon"),
        ColumnRequest::number("lat"),
        ColumnRequest::label("cdl"),
    ]);
    request.missing = MissingPolicy::Error;
    let (mut x, mut y, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    for batch in table.read(&request).unwrap() {
        let columns = batch.unwrap().columns;
        x.extend_from_slice(columns[0].numbers().unwrap());
        y.extend_from_slice(columns[1].numbers().unwrap());
        truth.extend_from_slice(columns[2].labels().unwrap());
    }
    assert_eq!(truth.len(), 9882);
    // The stand-in prediction is the label of the sample before: right where crops are clustered.
    let pred: Vec<u32> = std::iter::once(truth[0])
        .chain(truth[..truth.len() - 1].iter().copied())
        .collect();
    let outcomes = Outcomes::Classes {
        truth: &truth,
        pred: &pred,
        base: None,
    };
    let sites = Sites::new(&x, &y).unwrap();
    let extent = wherefair::core::Extent::of(&sites).unwrap().unwrap();
    let maps = PartitioningDistribution::equal_grids(extent, 5, 5).unwrap();
    let score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));
    let config = AuditParams::new(score)
        .n_permutations(99)
        .n_bootstrap(19)
        .check()
        .unwrap();
    let result = audit_source(
        &mut InMemory::new(sites, outcomes).unwrap(),
        &maps,
        &config,
        &Silent,
    )
    .unwrap();
    assert_eq!(result.n_samples, 9882);
    assert!((0.0..1.0).contains(&result.global.unwrap()));
}

#[test]
fn station_temperatures_are_audited() {
    let Some(path) = real("uscrn_daily_2020.parquet") else {
        return;
    };
    let table = Table::open(path).unwrap();
    let names: Vec<&str> = table
        .columns()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let has = |name: &&str| names.contains(name);
    let (Some(truth), Some(pred)) = (
        ["t_daily_mean", "t_daily_avg"].iter().find(|name| has(name)),
        ["sur_temp_daily_avg", "sur_temp_daily_max"]
            .iter()
            .find(|name| has(name)),
    ) else {
        panic!("the columns are {names:?}");
    };
    let columns = numbers(&table, &["longitude", "latitude", truth, pred]);
    let result = audit_values(&columns[0], &columns[1], &columns[2], &columns[3], MAE);
    assert!(result.n_samples > 10_000);
    assert!(result.spad.expectation.null.unwrap().p_value <= 0.01 + f64::EPSILON);
}
