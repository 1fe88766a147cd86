//! Tables of points: the real crops, which do not ship with the project, and the houses, which do.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, ensure};
use wherefair::core::{Extent, Seed, Sites};
use wherefair::data::{ColumnRequest, MissingPolicy, ReadRequest, Table, bundled};
use wherefair::partition::PartitioningDistribution;
use wherefair_nn::{Initializer, Loss, MlpShape, Samples};
use wherefair_train::{Schedule, SpatialSamples};

use super::scene::{batch_size, standardised};
use super::trial::{LEARNING_RATE, Network, Problem};

/// The file of crops in the folder of real data.
pub(super) const FILE: &str = "california_s2_cdl_aug2021.csv";

/// The commonest crops that are kept.
const N_CROPS: usize = 10;
const BANDS: [&str; 10] = [
    "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12",
];
/// What a price follows: all that the assessor writes down as numbers.
const TRAITS: [&str; 11] = [
    "age",
    "TLA",
    "lotsize",
    "rooms",
    "beds",
    "baths",
    "halfbaths",
    "garagesqft",
    "frontage",
    "depth",
    "syear",
];
/// Partitions of fewer test points are left out.
const MIN_TEST_POINTS: u64 = 20;
/// Samples of a mini-batch of the base model on the crops.
const CROPS_BASE_BATCH: usize = 1024;

/// Points with features and a target.
#[derive(Debug)]
pub(super) struct Points {
    x: Vec<f64>,
    y: Vec<f64>,
    /// `(n_points, n_features)`.
    features: Vec<f32>,
    n_features: usize,
    target: Target,
}

#[derive(Debug)]
enum Target {
    Crops(Vec<u32>),
    /// Logarithms less their mean.
    LogPrices(Vec<f32>),
}

/// The points of the commonest crops in a table with `lon`, `lat`, `cdl` and ten bands.
pub(super) fn crops(path: &Path) -> anyhow::Result<Points> {
    let table = Table::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let names: Vec<&str> = ["lon", "lat", "cdl"].into_iter().chain(BANDS).collect();
    let columns = numbers(&table, &names).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    let codes: Vec<u64> = columns[2].iter().map(|code| code.to_bits()).collect();
    for &code in &codes {
        *counts.entry(code).or_default() += 1;
    }
    let mut commonest: Vec<(usize, u64)> = counts.into_iter().map(|(code, n)| (n, code)).collect();
    commonest.sort_by_key(|&(n, code)| (std::cmp::Reverse(n), code));
    commonest.truncate(N_CROPS);
    ensure!(
        commonest.len() == N_CROPS,
        "{} has {} crops (accepted: at least {N_CROPS})",
        path.display(),
        commonest.len()
    );
    let crop_of = |row: usize| commonest.iter().position(|&(_, code)| code == codes[row]);
    let rows: Vec<usize> = (0..codes.len()).filter(|&row| crop_of(row).is_some()).collect();
    let crops = rows.iter().filter_map(|&row| u32::try_from(crop_of(row)?).ok());
    Ok(Points {
        x: rows.iter().map(|&row| columns[0][row]).collect(),
        y: rows.iter().map(|&row| columns[1][row]).collect(),
        features: features(&columns[3..], &rows),
        n_features: BANDS.len(),
        target: Target::Crops(crops.collect()),
    })
}

/// The bundled houses.
pub(super) fn houses() -> anyhow::Result<Points> {
    let table = bundled::lucas_county_houses()?;
    let names: Vec<&str> = ["x_m", "y_m", "price"].into_iter().chain(TRAITS).collect();
    let mut columns = numbers(&table, &names)?;
    for (name, column) in names.iter().zip(&mut columns) {
        // Sizes spread over orders of magnitude.
        if ["TLA", "lotsize", "frontage", "depth"].contains(name) {
            for value in column {
                *value = value.ln_1p();
            }
        }
    }
    let rows: Vec<usize> = (0..columns[2].len())
        .filter(|&row| columns[2][row] > 0.0)
        .collect();
    let logs: Vec<f64> = rows.iter().map(|&row| columns[2][row].ln()).collect();
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    Ok(Points {
        x: rows.iter().map(|&row| columns[0][row]).collect(),
        y: rows.iter().map(|&row| columns[1][row]).collect(),
        features: features(&columns[3..], &rows),
        n_features: TRAITS.len(),
        target: Target::LogPrices(logs.iter().map(|log| narrow(log - mean)).collect()),
    })
}

fn numbers(table: &Table, names: &[&str]) -> anyhow::Result<Vec<Vec<f64>>> {
    let mut request = ReadRequest::new(names.iter().map(|&name| ColumnRequest::number(name)).collect());
    request.missing = MissingPolicy::Skip;
    let mut columns = vec![Vec::new(); names.len()];
    for batch in table.read(&request)? {
        for ((column, values), name) in columns.iter_mut().zip(&batch?.columns).zip(names) {
            let values = values.numbers();
            column.extend_from_slice(values.with_context(|| format!("column `{name}` holds no numbers"))?);
        }
    }
    Ok(columns)
}

#[expect(clippy::cast_possible_truncation, reason = "to the precision of features")]
fn narrow(value: f64) -> f32 {
    value as f32
}

fn features(columns: &[Vec<f64>], rows: &[usize]) -> Vec<f32> {
    let of_row = |&row: &usize| columns.iter().map(move |column| narrow(column[row]));
    rows.iter().flat_map(of_row).collect()
}

impl Points {
    pub(super) fn len(&self) -> usize {
        self.x.len()
    }

    /// Half of the points to train on, half to test on; of at most `n` points.
    pub(super) fn problem(&self, schedule: &Schedule, n: usize, seed: Seed) -> anyhow::Result<Problem> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        seed.stream("split").shuffle(&mut order);
        order.truncate(n);
        let (train, test) = order.split_at(order.len() / 2);
        let sites = Sites::new(&self.x, &self.y)?;
        let extent = Extent::of(&sites)?.context("no point")?;
        let grids = PartitioningDistribution::equal_grids(extent, 5, 5)?;
        let moments = self.moments(train);
        let batch_size = batch_size(train.len());
        let (train, test) = (
            self.placed(train, &moments, &grids)?,
            self.placed(test, &moments, &grids)?,
        );
        let problem = Problem {
            train,
            validation: None,
            test,
            network: Network::Dense(MlpShape::new(self.n_features, &[10; 7], self.n_outputs())?),
            initializer: Initializer::SPAD,
            loss: Loss::CrossEntropy,
            schedule: schedule.clone(),
            learning_rate: LEARNING_RATE,
            batch_size: 65_536,
            base_batch_size: CROPS_BASE_BATCH,
            min_test_samples: MIN_TEST_POINTS,
            seed,
        };
        Ok(match self.target {
            Target::Crops(_) => problem,
            Target::LogPrices(_) => Problem {
                initializer: Initializer::He,
                loss: Loss::MeanSquared,
                batch_size,
                base_batch_size: batch_size,
                ..problem
            },
        })
    }

    fn n_outputs(&self) -> usize {
        match self.target {
            Target::Crops(_) => N_CROPS,
            Target::LogPrices(_) => 1,
        }
    }

    /// Mean and standard deviation of each feature over the rows.
    fn moments(&self, rows: &[usize]) -> Vec<(f64, f64)> {
        let n = rows.len() as f64;
        let of_feature = |feature: usize| {
            let values = || {
                rows.iter()
                    .map(move |row| f64::from(self.features[row * self.n_features + feature]))
            };
            let mean = values().sum::<f64>() / n;
            let variance = values().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
            (mean, variance.sqrt().max(f64::MIN_POSITIVE))
        };
        (0..self.n_features).map(of_feature).collect()
    }

    fn placed(
        &self,
        rows: &[usize],
        moments: &[(f64, f64)],
        grids: &PartitioningDistribution,
    ) -> anyhow::Result<SpatialSamples> {
        let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
        let (x, y) = (pick(&self.x), pick(&self.y));
        let mut features = Vec::with_capacity(rows.len() * self.n_features);
        for row in rows {
            let own = &self.features[row * self.n_features..][..self.n_features];
            features.extend(own.iter().zip(moments).map(standardised));
        }
        let (labels, values): (Vec<u32>, Vec<f32>);
        let samples = match &self.target {
            Target::Crops(all) => {
                labels = rows.iter().map(|&row| all[row]).collect();
                Samples::classes(&features, self.n_features, &labels, N_CROPS)?
            }
            Target::LogPrices(all) => {
                values = rows.iter().map(|&row| all[row]).collect();
                Samples::values(&features, self.n_features, &values, 1)?
            }
        };
        Ok(SpatialSamples::new(grids, Sites::new(&x, &y)?, &samples)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn houses_are_split_in_half_with_the_same_split_for_the_same_seed() {
        let houses = houses().unwrap();
        assert!(houses.len() > 25_000, "{}", houses.len());
        let schedule = Schedule::paper();
        let one = houses.problem(&schedule, 1_000, Seed::new(3)).unwrap();
        assert_eq!((one.train.n_samples(), one.test.n_samples()), (500, 500));
        let again = houses.problem(&schedule, 1_000, Seed::new(3)).unwrap();
        assert_eq!(one.train.input_rows(), again.train.input_rows());
        assert_eq!(
            one.train.samples().features().values(),
            again.train.samples().features().values()
        );
    }

    #[test]
    fn a_table_without_the_bands_is_an_error_that_names_what_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crops.csv");
        std::fs::write(&path, "lon,lat,cdl,B02\n1,2,3,4\n").unwrap();
        let error = format!("{:#}", crops(&path).unwrap_err());
        assert!(error.contains("crops.csv") && error.contains("B03"), "{error}");
    }

    #[test]
    fn a_table_of_too_few_crops_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crops.csv");
        let header = format!("lon,lat,cdl,{}\n", BANDS.join(","));
        std::fs::write(&path, header + "1,2,3,1,1,1,1,1,1,1,1,1,1\n").unwrap();
        let error = crops(&path).unwrap_err().to_string();
        assert!(error.ends_with("has 1 crops (accepted: at least 10)"), "{error}");
    }
}
