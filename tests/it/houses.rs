//! The bundled houses against an independent computation (`golden/houses.py`).

use serde_json::Value;
use wherefair::audit::Score;
use wherefair::data::bundled;
use wherefair::metrics::{ErrorKind, ValueScore};

use crate::columns::{audit_values, numbers};

const GOLDEN: &str = include_str!("../golden/houses.json");

fn close(ours: f64, golden: &Value, tolerance: f64) {
    let golden = golden.as_f64().unwrap();
    assert!(
        (ours - golden).abs() <= tolerance * golden.abs(),
        "{ours} is not {golden}"
    );
}

#[test]
fn the_figures_of_the_demo_agree_with_pandas() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let tolerance = golden["relative_tolerance"].as_f64().unwrap();
    let table = bundled::lucas_county_houses().unwrap();
    let columns = numbers(&table, &["x_m", "y_m", "price", "avalue"]);
    let score = Score::Value {
        error: ErrorKind::LogRatio,
        score: ValueScore::MeanAbsolute,
    };
    let audit = audit_values(&columns[0], &columns[1], &columns[2], &columns[3], score);

    assert_eq!(audit.n_samples, golden["n"].as_u64().unwrap());
    close(audit.global.unwrap(), &golden["global"], tolerance);
    close(
        audit.spad.sum_of_means.observed,
        &golden["sum_of_means"],
        tolerance,
    );
    close(
        audit.spad.sum_of_maxima.observed,
        &golden["sum_of_maxima"],
        tolerance,
    );
    let grids = golden["grids"].as_array().unwrap();
    assert_eq!((grids.len(), audit.partitionings.len()), (24, 24));
    let mut n_cells = 0;
    for (ours, golden) in audit.partitionings.iter().zip(grids) {
        assert_eq!(ours.name, golden["name"].as_str().unwrap());
        close(ours.reference.unwrap(), &golden["reference"], tolerance);
        close(
            ours.mean_deviation.unwrap().observed,
            &golden["mean_deviation"],
            tolerance,
        );
        close(
            ours.max_deviation.unwrap().observed,
            &golden["max_deviation"],
            tolerance,
        );
        let (n, errors) = (
            golden["n"].as_array().unwrap(),
            golden["mean_error"].as_array().unwrap(),
        );
        assert_eq!(ours.partitions.len(), n.len());
        for ((partition, n), error) in ours.partitions.iter().zip(n).zip(errors) {
            n_cells += 1;
            assert_eq!(partition.n_samples, n.as_u64().unwrap());
            if let Some(score) = partition.score {
                close(score, error, tolerance);
            }
        }
    }
    assert_eq!(n_cells, 224);
}

#[test]
fn the_median_of_the_houses_agrees_with_pandas() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let table = bundled::lucas_county_houses().unwrap();
    let columns = numbers(&table, &["x_m", "y_m", "price", "avalue"]);
    let score = Score::MedianAbsolute {
        error: ErrorKind::LogRatio,
    };
    let audit = audit_values(&columns[0], &columns[1], &columns[2], &columns[3], score);
    close(audit.global.unwrap(), &golden["global_median"], 1e-12);
}
