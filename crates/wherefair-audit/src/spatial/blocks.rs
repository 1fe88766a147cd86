//! Blocks of nearby samples, where samples are too many for the eigenvectors of their weights.

use wherefair_stats::{SpatialWeights, StatsError};

/// Up to this many samples each is a unit of its own; of more, blocks of equal numbers of samples are made, at
/// most as many. All eigenvectors of 2,000 units take about a second.
pub(super) const MAX_UNITS: usize = 2_000;

/// Samples merged to units.
#[derive(Debug)]
pub(super) struct Blocks {
    pub(super) n_units: usize,
    /// The unit of every sample.
    pub(super) unit_of: Vec<u32>,
    /// The weights between units.
    pub(super) weights: SpatialWeights,
    /// The mean error of every unit.
    pub(super) means: Vec<f64>,
    /// What the error of every sample exceeds that mean by; empty where every sample is a unit.
    pub(super) rests: Vec<f64>,
}

impl Blocks {
    /// Cuts the samples at the median of the longer side of their box, and each half again, until no block holds
    /// more than its share.
    pub(super) fn new(
        (x, y): (&[f64], &[f64]),
        errors: &[f64],
        weights: &SpatialWeights,
        max_units: usize,
    ) -> Result<Self, StatsError> {
        let n = errors.len();
        if n <= max_units {
            return Ok(Self {
                n_units: n,
                unit_of: (0_u32..).take(n).collect(),
                weights: weights.clone(),
                means: errors.to_vec(),
                rests: Vec::new(),
            });
        }
        let n_units = n / n.div_ceil(max_units.max(1));
        let mut unit_of = vec![0_u32; n];
        let mut samples: Vec<u32> = (0_u32..).take(n).collect();
        let mut next = 0;
        cut((x, y), &mut samples, n_units, &mut |block| {
            for &sample in block {
                unit_of[sample as usize] = next;
            }
            next += 1;
        });
        let (mut means, mut counts) = (vec![0.0; n_units], vec![0.0; n_units]);
        for (&unit, error) in unit_of.iter().zip(errors) {
            means[unit as usize] += error;
            counts[unit as usize] += 1.0;
        }
        for (mean, count) in means.iter_mut().zip(&counts) {
            *mean /= count;
        }
        let rests = unit_of
            .iter()
            .zip(errors)
            .map(|(&unit, error)| error - means[unit as usize])
            .collect();
        Ok(Self {
            n_units,
            weights: between(weights, &unit_of, n_units)?,
            unit_of,
            means,
            rests,
        })
    }
}

/// Cuts `samples` into `n_blocks` blocks whose numbers of samples differ by one at most.
fn cut((x, y): (&[f64], &[f64]), samples: &mut [u32], n_blocks: usize, found: &mut impl FnMut(&[u32])) {
    if n_blocks <= 1 {
        found(samples);
        return;
    }
    let reach = |values: &[f64]| {
        let (low, high) = samples
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &i| {
                (low.min(values[i as usize]), high.max(values[i as usize]))
            });
        high - low
    };
    let along = if reach(x) >= reach(y) { x } else { y };
    let left = n_blocks / 2;
    // Blocks get n / n_blocks samples, the first n % n_blocks of them one more.
    let (each, more) = (samples.len() / n_blocks, samples.len() % n_blocks);
    let at = left * each + left.min(more);
    // Equal coordinates are ordered by number, so that the cut does not depend on the order before it.
    samples.select_nth_unstable_by(at, |&a, &b| {
        along[a as usize].total_cmp(&along[b as usize]).then(a.cmp(&b))
    });
    let (first, second) = samples.split_at_mut(at);
    cut((x, y), first, left, found);
    cut((x, y), second, n_blocks - left, found);
}

/// The links between samples of different units, added up.
fn between(weights: &SpatialWeights, unit_of: &[u32], n_units: usize) -> Result<SpatialWeights, StatsError> {
    let mut sums = vec![0.0; n_units * n_units];
    for (i, &from) in unit_of.iter().enumerate() {
        let (neighbours, values) = weights.row(i);
        for (&j, value) in neighbours.iter().zip(values) {
            let to = unit_of[j as usize];
            if from != to {
                sums[from as usize * n_units + to as usize] += value;
            }
        }
    }
    let links = sums.iter().enumerate().filter(|(_, weight)| **weight != 0.0);
    SpatialWeights::from_edges(
        n_units,
        links.map(|(at, &weight)| (at / n_units, at % n_units, weight)),
    )
}

#[cfg(test)]
mod tests {
    use wherefair_core::{Point, Seed};
    use wherefair_stats::Metric;

    use super::*;

    #[test]
    fn blocks_are_compact_and_of_equal_numbers() {
        let mut stream = Seed::new(3).stream("places");
        let points: Vec<Point> = (0..1003)
            .map(|_| Point::new(stream.uniform(), stream.uniform()))
            .collect();
        let (x, y): (Vec<f64>, Vec<f64>) = points.iter().map(|p| (p.x, p.y)).unzip();
        let errors: Vec<f64> = x.iter().map(|x| x * x).collect();
        let w = SpatialWeights::k_nearest(&points, 4, Metric::Planar).unwrap();
        let blocks = Blocks::new((&x, &y), &errors, &w, 100).unwrap();
        assert_eq!(blocks.n_units, 91);
        let mut counts = vec![0; 91];
        let mut sums = vec![0.0; 91];
        for (&unit, rest) in blocks.unit_of.iter().zip(&blocks.rests) {
            counts[unit as usize] += 1;
            sums[unit as usize] += rest;
        }
        assert!(counts.iter().all(|n| (11..=12).contains(n)), "{counts:?}");
        assert!(sums.iter().all(|sum: &f64| sum.abs() < 1e-12));
        // A block of a ninety-first of the square is about a tenth wide: its x and x² vary little.
        assert!(blocks.rests.iter().all(|rest| rest.abs() < 0.5));
        assert!(blocks.weights.n() == 91 && blocks.weights.isolates().is_empty());
    }

    #[test]
    fn samples_at_one_place_are_cut_by_number() {
        let (x, y) = (vec![1.0; 50], vec![2.0; 50]);
        let w = SpatialWeights::from_edges(50, (0..49).map(|i| (i, i + 1, 1.0))).unwrap();
        let blocks = Blocks::new((&x, &y), &x, &w, 10).unwrap();
        assert_eq!(blocks.n_units, 10);
        assert!(blocks.unit_of.is_sorted());
        // Only the links over the cuts are left.
        assert_eq!(blocks.weights.n_nonzero(), 9);
    }
}
