//! From a data set to a model: what is measured, what is kept, and what is refused.

use std::ops::ControlFlow;

use wherefair_audit::ReferenceRule;
use wherefair_metrics::{Distance, ErrorKind};
use wherefair_spad::Strategy;
use wherefair_train::{
    Dataset, FairModel, FitConfig, FitParams, Fitted, Prepared, Response, SplitBy, TrainError, Training,
    Unseen,
};

use crate::scene::{F1, features, fit, maps, mean_absolute, scene, spad, yields};

/// How far single precision may lead from sums by hand.
const TOLERANCE: f64 = 1e-4;

fn fit_config() -> FitConfig {
    FitParams::default().hidden(vec![8]).check().unwrap()
}

/// Mean absolute errors of predictions in the places of the 1 × 2 and 2 × 1 and 2 × 2 grids, and over all.
fn errors_by_place(rows: &[u32], predicted: &[f64]) -> (f64, Vec<Vec<f64>>) {
    let data = features();
    let (sites, truth) = (data.sites().unwrap(), yields());
    let place = |value: f64| usize::from(value >= 5.0);
    let mut grids = [vec![Vec::new(); 2], vec![Vec::new(); 2], vec![Vec::new(); 4]];
    let mut all = Vec::new();
    for &row in rows {
        let row = row as usize;
        let error = (predicted[row] - truth[row]).abs();
        let (column, line) = (place(sites.x()[row]), place(sites.y()[row]));
        grids[0][column].push(error);
        grids[1][line].push(error);
        grids[2][2 * line + column].push(error);
        all.push(error);
    }
    let mean = |errors: &Vec<f64>| errors.iter().sum::<f64>() / errors.len() as f64;
    (
        mean(&all),
        grids
            .iter()
            .map(|places| places.iter().map(mean).collect())
            .collect(),
    )
}

#[test]
fn deviations_are_in_the_units_of_the_target() {
    let score = mean_absolute(ErrorKind::Difference);
    for distance in [Distance::Absolute, Distance::Squared] {
        for rule in [
            ReferenceRule::PartitionMean,
            ReferenceRule::Global,
            ReferenceRule::Fixed(0.8),
        ] {
            let prepared = Prepared::new(&scene(score), &maps(), score, &fit_config()).unwrap();
            let config = spad(prepared.score())
                .strategy(Strategy::Base)
                .distance(distance)
                .measured_from(prepared.rule(rule))
                .check()
                .unwrap();
            let (method, referee) = (config.strategy().method(), Box::new(config.referee()));
            let mut training = prepared
                .training(config.training().clone(), method, referee)
                .unwrap();
            training.run(|_| ControlFlow::Continue(())).unwrap();
            let fitted = prepared.fitted(&training).unwrap();
            let Response::Values(predicted) = fitted.fair.predict(&features(), Unseen::Error).unwrap() else {
                panic!("values were expected");
            };
            let (global, grids) = errors_by_place(prepared.split().validation(), &predicted);
            let of_grid = |places: &Vec<f64>| {
                let expected = match rule {
                    ReferenceRule::Fixed(value) => value,
                    ReferenceRule::Global => global,
                    _ => places.iter().sum::<f64>() / places.len() as f64,
                };
                let distance = |place: &f64| match distance {
                    Distance::Absolute => (place - expected).abs(),
                    Distance::Squared => (place - expected).powi(2),
                };
                places.iter().map(distance).sum::<f64>() / places.len() as f64
            };
            let expected: f64 = grids.iter().map(of_grid).sum();
            let measured = fitted.records.last().and_then(|record| record.measured).unwrap();
            let measured = prepared.in_units(measured, distance);
            let quality = measured.quality.unwrap();
            assert!(
                (quality - global).abs() <= TOLERANCE * global,
                "{quality} {global}"
            );
            let given = measured.deviation_mean;
            assert!(
                (given - expected).abs() <= TOLERANCE * expected,
                "{rule:?} {distance:?}: {given} {expected}"
            );
        }
    }
}

#[test]
fn the_rule_decides_which_model_is_kept() {
    let score = mean_absolute(ErrorKind::Difference);
    let selected = |rule, distance| {
        let spad = spad(score)
            .strategy(Strategy::EqualRates)
            .measured_from(rule)
            .distance(distance);
        let Fitted { fair, records, .. } = fit(score, &spad.check().unwrap());
        let measured = records
            .iter()
            .filter_map(|record| Some((record.epoch, record.measured?)));
        let fairest = measured
            .min_by(|a, b| a.1.deviation_mean.total_cmp(&b.1.deviation_mean))
            .unwrap();
        assert_eq!(fair.description().epoch, fairest.0);
        (fairest.0, records.last().unwrap().loss)
    };
    let of_mean = selected(ReferenceRule::PartitionMean, Distance::Absolute);
    // The same models, but others are nearest to no error at all.
    let of_zero = selected(ReferenceRule::Fixed(0.0), Distance::Absolute);
    assert_eq!(of_mean.1, of_zero.1);
    assert_ne!(of_mean.0, of_zero.0);
}

#[test]
fn a_training_that_was_stopped_gives_the_same_model() {
    let (fit_config, data) = (fit_config(), scene(F1));
    let config = spad(F1).check().unwrap();
    let parts = || (config.strategy().method(), Box::new(config.referee()));
    let (method, referee) = parts();
    let whole = FairModel::fit(&data, &maps(), &fit_config, config.training(), method, referee).unwrap();
    let prepared = Prepared::new(&data, &maps(), F1, &fit_config).unwrap();
    let begin = || -> Training {
        let (method, referee) = parts();
        prepared
            .training(config.training().clone(), method, referee)
            .unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("training.safetensors");
    let mut first = begin();
    first
        .run(|record| {
            if record.epoch == 34 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .unwrap();
    first.save(&path).unwrap();
    let mut second = begin();
    second.resume(&path).unwrap();
    second.run(|_| ControlFlow::Continue(())).unwrap();
    let resumed = prepared.fitted(&second).unwrap();
    assert_eq!(resumed.records, whole.records);
    for (a, b) in [
        (Some(&resumed.fair), Some(&whole.fair)),
        (resumed.base.as_ref(), whole.base.as_ref()),
    ] {
        assert_eq!(a.unwrap().to_bytes().unwrap(), b.unwrap().to_bytes().unwrap());
    }
}

#[test]
fn blocks_stay_together() {
    let blocks = SplitBy::Blocks {
        n_rows: 5,
        n_columns: 4,
    };
    let config = FitParams::default().split_by(blocks).check().unwrap();
    let data = scene(F1);
    let prepared = Prepared::new(&data, &maps(), F1, &config).unwrap();
    let sites = data.sites().unwrap();
    // The sites reach from edge to edge within a hundredth.
    let block = |row: u32| {
        let (x, y) = (sites.x()[row as usize], sites.y()[row as usize]);
        let is_inside =
            |value: f64, n: f64| (value / 10.0 * n).fract() > 0.05 && (value / 10.0 * n).fract() < 0.95;
        (is_inside(x, 4.0) && is_inside(y, 5.0)).then_some(((x / 2.5).floor(), (y / 2.0).floor()))
    };
    let split = prepared.split();
    for &trained in split.train() {
        for &tested in split.test() {
            assert!(block(trained).is_none() || block(trained) != block(tested));
        }
    }
}

#[test]
fn bad_data_are_refused_with_their_place() {
    let refused = |result: Result<Dataset, TrainError>, words: &str| {
        assert_eq!(result.unwrap_err().to_string(), words);
    };
    let data = || Dataset::new().source("t.csv").numbers("a", &[1.0, 2.0]).unwrap();
    refused(
        data().numbers("b", &[1.0]),
        "t.csv: column `b`: has 1 rows (accepted: 2, as the columns before it)",
    );
    refused(
        data().values("a", &[1.0, 2.0]),
        "t.csv: column `a`: is there already (accepted: another name than a)",
    );
    refused(
        data().positions(&[1.0, f64::INFINITY], &[1.0, 2.0]),
        "t.csv: row 2 of the data, column `x`: inf (accepted: finite numbers)",
    );
    let fitted = |data: &Dataset, score| {
        Prepared::new(data, &maps(), score, &fit_config())
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(fitted(&features(), F1), "no target (accepted: values or classes)");
    let scene = scene(mean_absolute(ErrorKind::Difference));
    let of_values = fitted(&scene, F1);
    assert!(
        of_values.starts_with("column `yield`: is not of the kind that score"),
        "{of_values}"
    );
    let nowhere = Dataset::new().numbers("a", &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let nowhere = nowhere
        .and_then(|data| data.classes("b", &[1, 2, 1, 2, 1, 2]))
        .unwrap();
    assert_eq!(
        fitted(&nowhere, F1),
        "no positions (accepted: x and y of each row)"
    );
}
