//! Conditional permutations: a unit keeps its value, its neighbours draw theirs from all other units.

use rayon::prelude::*;
use wherefair_core::Stream;

use super::Permutations;
use super::draws::{Generators, LANES, Row};
use super::generator::Generator;
use crate::SpatialWeights;

/// The stream of unit `i` is number `i` of this name.
const STREAM: &str = "conditional permutation";

/// Groups of [`LANES`] permutations that are drawn at once.
const GROUPS: usize = 8;

/// Up to so many neighbours, repeated draws are found by comparing all pairs.
const MOST_COMPARED: usize = 32;

/// The lag Σⱼ wᵢⱼ zⱼ of every unit under conditional permutations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditional<'a> {
    pub(crate) w: &'a SpatialWeights,
    pub(crate) z: &'a [f64],
}

/// How many permuted lags of a unit are at least, and at most, the lag of the data; ties count in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TailCounts {
    pub(crate) n_greater_equal: u32,
    pub(crate) n_less_equal: u32,
}

/// What one thread needs to draw.
#[derive(Debug, Default)]
struct Scratch {
    /// All values, with the last one in the place of the unit that draws: the values of all other units come first.
    values: Vec<f64>,
    /// `k` draws in each lane, group by group.
    drawn: Vec<Row>,
    spoilt: Vec<Row>,
    /// 0, 1, … n − 2 between units.
    others: Vec<u32>,
}

impl Conditional<'_> {
    /// The tails of each unit; units draw independently of each other.
    ///
    /// Exact: each permutation of a unit with k neighbours is an ordered sample of k of the n − 1 other values
    /// without replacement, all such samples being equally likely. Work and memory a unit depend on k, not on n.
    pub(crate) fn tails(&self, permutations: Permutations) -> Vec<TailCounts> {
        let largest = self.z.iter().fold(0.0_f64, |largest, z| largest.max(z.abs()));
        let scratch = || Scratch {
            values: self.z.to_vec(),
            ..Scratch::default()
        };
        (0..self.z.len())
            .into_par_iter()
            .with_min_len(16)
            .map_init(scratch, |scratch, unit| {
                self.unit_tails(unit, largest, permutations, scratch)
            })
            .collect()
    }

    fn unit_tails(
        &self,
        unit: usize,
        largest: f64,
        permutations: Permutations,
        scratch: &mut Scratch,
    ) -> TailCounts {
        let (neighbours, weights) = self.w.row(unit);
        let lag: f64 = neighbours
            .iter()
            .zip(weights)
            .map(|(&j, weight)| weight * self.z[j as usize])
            .sum();
        let tie = 1e-13 * largest * weights.iter().map(|weight| weight.abs()).sum::<f64>();
        let n_others = self.z.len() - 1;
        scratch.values[unit] = self.z[n_others];
        let mut sampler = Sampler {
            stream: permutations.seed().indexed(STREAM, unit as u64),
            n_others,
            values: &scratch.values,
            weights,
        };
        let k = weights.len();
        let mut tails = TailCounts {
            n_greater_equal: 0,
            n_less_equal: 0,
        };
        let count = |lags: &[f64]| {
            for &permuted in lags {
                tails.n_greater_equal += u32::from(permuted >= lag - tie);
                tails.n_less_equal += u32::from(permuted <= lag + tie);
            }
        };
        let n = permutations.n() as usize;
        // With at most a half expected repetition a sample, drawing again is rare enough.
        if k <= MOST_COMPARED && k * k <= n_others {
            sampler.by_comparing(n, &mut scratch.drawn, &mut scratch.spoilt, count);
        } else {
            if scratch.others.is_empty() {
                scratch.others.extend((0_u32..).take(n_others));
            }
            sampler.by_swapping(n, &mut scratch.others, &mut scratch.drawn, count);
        }
        scratch.values[unit] = self.z[unit];
        tails
    }
}

/// Draws the lags of one unit.
struct Sampler<'a> {
    stream: Stream,
    n_others: usize,
    /// Those of the other units, and one more.
    values: &'a [f64],
    weights: &'a [f64],
}

impl Sampler<'_> {
    /// Gives the lags of `n` samples to `count`. Whole samples with a repeated unit are drawn again, which leaves all
    /// samples without one equally likely.
    fn by_comparing(
        &mut self,
        n: usize,
        drawn: &mut Vec<Row>,
        spoilt: &mut Vec<Row>,
        mut count: impl FnMut(&[f64]),
    ) {
        let k = self.weights.len();
        let bound = u32::try_from(self.n_others).unwrap_or(u32::MAX);
        let mut generators = Generators::start(&mut self.stream);
        let mut generator = Generator::start_from(&mut self.stream);
        drawn.resize(k * GROUPS, [0; LANES]);
        spoilt.resize(GROUPS, [0; LANES]);
        let mut left = n;
        while left > 0 {
            let n_groups = left.div_ceil(LANES).min(GROUPS);
            let drawn = &mut drawn[..k * n_groups];
            let spoilt = &mut spoilt[..n_groups];
            generators.fill(k, bound, drawn, spoilt);
            for (group, spoilt) in spoilt.iter().enumerate() {
                let drawn = &mut drawn[group * k..][..k];
                if *spoilt != [0; LANES] {
                    for (lane, _) in spoilt.iter().enumerate().filter(|(_, spoilt)| **spoilt > 0) {
                        draw_one(&mut generator, bound, drawn, lane);
                    }
                }
                count(&self.lags(drawn)[..left.min(LANES)]);
                left -= left.min(LANES);
            }
        }
    }

    /// Gives the lags of `n` samples to `count`: the first k steps of a Fisher–Yates shuffle of all other units,
    /// undone afterwards.
    fn by_swapping(
        &mut self,
        n: usize,
        others: &mut [u32],
        drawn: &mut Vec<Row>,
        mut count: impl FnMut(&[f64]),
    ) {
        let mut generator = Generator::start_from(&mut self.stream);
        let k = self.weights.len();
        drawn.resize(k, [0; LANES]);
        let drawn = &mut drawn[..k];
        let mut swaps = vec![0; k];
        let mut left = n;
        while left > 0 {
            for lane in 0..left.min(LANES) {
                for (at, swap) in swaps.iter_mut().enumerate() {
                    let left = u32::try_from(others.len() - at).unwrap_or(u32::MAX);
                    *swap = at + generator.below(left) as usize;
                    others.swap(at, *swap);
                }
                for (drawn, &other) in drawn.iter_mut().zip(others.iter()) {
                    drawn[lane] = other;
                }
                for (at, &swap) in swaps.iter().enumerate().rev() {
                    others.swap(at, swap);
                }
            }
            count(&self.lags(drawn)[..left.min(LANES)]);
            left -= left.min(LANES);
        }
    }

    #[inline]
    fn lags(&self, drawn: &[Row]) -> [f64; LANES] {
        let mut lags = [0.0; LANES];
        for (row, weight) in drawn.iter().zip(self.weights) {
            for (lag, &other) in lags.iter_mut().zip(row) {
                *lag += weight * self.values[other as usize];
            }
        }
        lags
    }
}

/// Draws one sample without repetition.
#[cold]
fn draw_one(generator: &mut Generator, bound: u32, drawn: &mut [Row], lane: usize) {
    let mut at = 0;
    while at < drawn.len() {
        let index = generator.below(bound);
        drawn[at][lane] = index;
        let repeats = drawn[..at].iter().any(|earlier| earlier[lane] == index);
        at = if repeats { 0 } else { at + 1 };
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;

    /// How often each ordered sample of two of five other units is drawn.
    fn ordered_samples(draw: impl FnOnce(Sampler<'_>, &mut dyn FnMut(&[f64]))) -> Vec<i32> {
        // Unit 3 draws; the last one stands in its place.
        let sampler = Sampler {
            stream: Seed::new(9).stream(STREAM),
            n_others: 5,
            values: &[0.0, 1.0, 2.0, 5.0, 4.0, 5.0],
            weights: &[10.0, 1.0],
        };
        let mut counts = vec![0; 100];
        draw(sampler, &mut |lags| {
            for lag in lags {
                let sample = (0..100_u8).find(|&sample| (f64::from(sample) - lag).abs() < 1e-9);
                counts[usize::from(sample.unwrap())] += 1;
            }
        });
        counts
    }

    #[test]
    fn both_ways_of_drawing_make_every_ordered_sample_equally_likely() {
        // Not a whole number of groups.
        let n = 40_003;
        let by_comparing = ordered_samples(|mut sampler, count| {
            sampler.by_comparing(n, &mut Vec::new(), &mut Vec::new(), count);
        });
        let mut others = vec![0, 1, 2, 3, 4];
        let by_swapping = ordered_samples(|mut sampler, count| {
            sampler.by_swapping(n, &mut others, &mut Vec::new(), count);
        });
        assert_eq!(others, [0, 1, 2, 3, 4]);
        // 20 ordered samples share the draws.
        let five_sigma = 5.0 * (2_000.0 * 0.95_f64).sqrt();
        for counts in [by_comparing, by_swapping] {
            assert_eq!(counts.iter().sum::<i32>(), 40_003);
            for (sample, count) in counts.into_iter().enumerate() {
                let (first, second) = (sample / 10, sample % 10);
                if first == second || first == 3 || second == 3 || first > 5 || second > 5 {
                    assert_eq!(count, 0, "{sample}");
                } else {
                    assert!(f64::from(count - 2_000).abs() < five_sigma, "{sample}: {count}");
                }
            }
        }
    }

    #[test]
    fn tails_do_not_depend_on_threads() {
        let links = (0..200).flat_map(|i| (1..=i % 23).map(move |step| (i, (i + step) % 200, 1.0)));
        let w = SpatialWeights::from_edges(200, links).unwrap();
        let z: Vec<f64> = (0..200).map(|i| f64::from(i * i % 71)).collect();
        let permutations = Permutations::new(50, Seed::new(4)).unwrap();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| Conditional { w: &w, z: &z }.tails(permutations))
        };
        assert_eq!(on(1), on(5));
    }

    #[test]
    fn a_unit_linked_to_all_others_alike_ties_with_every_permutation() {
        let links = (1..30).map(|j| (0, j, 1.0 / 3.0));
        let w = SpatialWeights::from_edges(30, links).unwrap();
        let z: Vec<f64> = (0..30).map(|i| (f64::from(i) * 0.7).sin()).collect();
        let permutations = Permutations::new(99, Seed::new(4)).unwrap();
        let tails = Conditional { w: &w, z: &z }.tails(permutations);
        assert_eq!((tails[0].n_greater_equal, tails[0].n_less_equal), (99, 99));
    }
}
