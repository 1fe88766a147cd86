//! Checked variables: numbers, and categories.

use crate::{StatsError, WeightsRef};

/// The fewest units that the moments under randomisation are defined for.
const FEWEST_UNITS: usize = 4;

/// That `given` values come with weights of at least 4 units, as many as there are values.
pub(crate) fn check_length<'w>(
    name: &'static str,
    given: usize,
    w: impl Into<WeightsRef<'w>>,
) -> Result<(), StatsError> {
    let w = w.into();
    if given != w.n() {
        return Err(StatsError::Shape {
            name,
            given,
            expected: w.n(),
        });
    }
    if given < FEWEST_UNITS {
        return Err(StatsError::TooFew {
            n: given,
            at_least: FEWEST_UNITS,
        });
    }
    Ok(())
}

/// A variable that is not constant, as deviations z from its mean, scaled to Σ z² = n.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub(crate) z: Vec<f64>,
    /// The mean in units of the standard deviation (divisor n).
    pub(crate) mean: f64,
    /// The largest |z|.
    pub(crate) largest: f64,
}

impl Variable {
    pub(crate) fn new<'w>(
        name: &'static str,
        y: &[f64],
        w: impl Into<WeightsRef<'w>>,
    ) -> Result<Self, StatsError> {
        check_length(name, y.len(), w)?;
        if let Some(index) = y.iter().position(|value| !value.is_finite()) {
            let value = y[index];
            return Err(StatsError::NotFinite { name, index, value });
        }
        let n = y.len() as f64;
        let magnitude = y.iter().fold(0.0_f64, |largest, y| largest.max(y.abs()));
        let constant = StatsError::Constant { name };
        // Exact comparison: rounding of the mean must not make deviations of equal values.
        if y.iter().all(|value| value.total_cmp(&y[0]).is_eq()) || magnitude <= 0.0 {
            return Err(constant);
        }
        // Scaled first, so that no square overflows or vanishes.
        let scaled: Vec<f64> = y.iter().map(|y| y / magnitude).collect();
        let mean = scaled.iter().sum::<f64>() / n;
        let mut z: Vec<f64> = scaled.iter().map(|y| y - mean).collect();
        let correction = z.iter().sum::<f64>() / n;
        let deviation = (z.iter().map(|z| (z - correction).powi(2)).sum::<f64>() / n).sqrt();
        if deviation <= 0.0 {
            return Err(constant);
        }
        for z in &mut z {
            *z = (*z - correction) / deviation;
        }
        Ok(Self {
            mean: (mean + correction) / deviation,
            largest: z.iter().fold(0.0_f64, |largest, z| largest.max(z.abs())),
            z,
        })
    }

    /// Σ zᵖ.
    pub(crate) fn power_sum(&self, power: i32) -> f64 {
        self.z.iter().map(|z| z.powi(power)).sum()
    }
}

/// Categories of units, numbered from 0 in ascending order of their labels.
#[derive(Debug, Clone)]
pub(crate) struct Categories {
    pub(crate) labels: Vec<u32>,
    pub(crate) of_unit: Vec<usize>,
    /// How many units each category has.
    pub(crate) sizes: Vec<usize>,
}

impl Categories {
    pub(crate) fn new<'w>(
        name: &'static str,
        given: &[u32],
        w: impl Into<WeightsRef<'w>>,
    ) -> Result<Self, StatsError> {
        check_length(name, given.len(), w)?;
        let mut labels = given.to_vec();
        labels.sort_unstable();
        labels.dedup();
        if labels.len() < 2 {
            return Err(StatsError::OneCategory {
                name,
                category: labels[0],
            });
        }
        let of_unit: Vec<usize> = given
            .iter()
            .map(|label| labels.partition_point(|at| at < label))
            .collect();
        let mut sizes = vec![0; labels.len()];
        for &category in &of_unit {
            sizes[category] += 1;
        }
        Ok(Self {
            labels,
            of_unit,
            sizes,
        })
    }
}

/// The sum of all weights, which statistics are divided by.
pub(crate) fn weight_sum(s0: f64) -> Result<f64, StatsError> {
    if s0.is_finite() && s0.abs() > 0.0 {
        Ok(s0)
    } else {
        Err(StatsError::WeightSum {
            of: "all pairs of units".to_owned(),
            sum: s0,
        })
    }
}
