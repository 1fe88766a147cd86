//! Conditional permutations: a unit keeps its value, its neighbours draw theirs from all other units.

use rayon::prelude::*;

use super::Permutations;
use super::generator::Generator;
use crate::SpatialWeights;

/// The stream of unit `i` is number `i` of this name.
const STREAM: &str = "conditional permutation";

/// Permutations drawn at once.
const LANES: usize = 8;

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
    /// `k` draws in each lane.
    drawn: Vec<[u32; LANES]>,
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
        (0..self.z.len())
            .into_par_iter()
            .with_min_len(16)
            .map_init(Scratch::default, |scratch, unit| {
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
        let mut sampler = Sampler {
            generator: Generator::start(permutations.seed().indexed(STREAM, unit as u64)),
            unit,
            n_others: self.z.len() - 1,
            z: self.z,
            weights,
        };
        let k = weights.len();
        // With at most a half expected repetition a sample, drawing again is rare enough.
        let compares = k <= MOST_COMPARED && k * k <= sampler.n_others;
        scratch.drawn.resize(k, [0; LANES]);
        if !compares && scratch.others.is_empty() {
            scratch.others.extend((0_u32..).take(sampler.n_others));
        }
        let mut tails = TailCounts {
            n_greater_equal: 0,
            n_less_equal: 0,
        };
        let mut left = permutations.n() as usize;
        while left > 0 {
            let lags = if compares {
                sampler.lags_by_comparing(&mut scratch.drawn)
            } else {
                sampler.lags_by_swapping(&mut scratch.others, &mut scratch.drawn)
            };
            for &permuted in &lags[..left.min(LANES)] {
                tails.n_greater_equal += u32::from(permuted >= lag - tie);
                tails.n_less_equal += u32::from(permuted <= lag + tie);
            }
            left = left.saturating_sub(LANES);
        }
        tails
    }
}

/// Draws the lags of one unit.
struct Sampler<'a> {
    generator: Generator,
    unit: usize,
    n_others: usize,
    z: &'a [f64],
    weights: &'a [f64],
}

impl Sampler<'_> {
    /// Whole samples with a repeated unit are drawn again, which leaves all samples without one equally likely.
    #[inline]
    fn lags_by_comparing(&mut self, drawn: &mut [[u32; LANES]]) -> [f64; LANES] {
        let bounds = [u32::try_from(self.n_others).unwrap_or(u32::MAX); 2];
        let mut repeated = [0_u32; LANES];
        for at in 0..drawn.len() {
            let mut lanes = [0; LANES];
            for pair in lanes.chunks_exact_mut(2) {
                pair.copy_from_slice(&self.generator.two_below(bounds));
            }
            let (before, rest) = drawn.split_at_mut(at);
            rest[0] = lanes;
            for earlier in before.iter() {
                for lane in 0..LANES {
                    repeated[lane] |= u32::from(earlier[lane] == lanes[lane]);
                }
            }
        }
        if repeated != [0; LANES] {
            for (lane, _) in repeated.iter().enumerate().filter(|(_, repeated)| **repeated > 0) {
                self.draw_one(bounds[0], drawn, lane);
            }
        }
        self.lags(drawn)
    }

    #[cold]
    fn draw_one(&mut self, bound: u32, drawn: &mut [[u32; LANES]], lane: usize) {
        let mut at = 0;
        while at < drawn.len() {
            let index = self.generator.below(bound);
            drawn[at][lane] = index;
            let repeats = drawn[..at].iter().any(|earlier| earlier[lane] == index);
            at = if repeats { 0 } else { at + 1 };
        }
    }

    /// The first k steps of a Fisher–Yates shuffle of all other units, undone afterwards.
    fn lags_by_swapping(&mut self, others: &mut [u32], drawn: &mut [[u32; LANES]]) -> [f64; LANES] {
        let mut swaps = vec![0; drawn.len()];
        for lane in 0..LANES {
            for (at, swap) in swaps.iter_mut().enumerate() {
                let left = u32::try_from(others.len() - at).unwrap_or(u32::MAX);
                *swap = at + self.generator.below(left) as usize;
                others.swap(at, *swap);
            }
            for (drawn, &other) in drawn.iter_mut().zip(others.iter()) {
                drawn[lane] = other;
            }
            for (at, &swap) in swaps.iter().enumerate().rev() {
                others.swap(at, swap);
            }
        }
        self.lags(drawn)
    }

    #[inline]
    fn lags(&self, drawn: &[[u32; LANES]]) -> [f64; LANES] {
        let mut lags = [0.0; LANES];
        for (lanes, weight) in drawn.iter().zip(self.weights) {
            for lane in 0..LANES {
                // Units from this one on move up by one, which leaves it out.
                let index = lanes[lane] as usize;
                lags[lane] += weight * self.z[index + usize::from(index >= self.unit)];
            }
        }
        lags
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;

    fn sampler<'a>(unit: usize, z: &'a [f64], weights: &'a [f64]) -> Sampler<'a> {
        Sampler {
            generator: Generator::start(Seed::new(9).stream(STREAM)),
            unit,
            n_others: z.len() - 1,
            z,
            weights,
        }
    }

    /// How often each ordered sample of two of five other units is drawn.
    fn ordered_samples(mut lags: impl FnMut() -> [f64; LANES]) -> Vec<i32> {
        let mut counts = vec![0; 100];
        for _ in 0..5_000 {
            for lag in lags() {
                let sample = (0..100_u8).find(|&sample| (f64::from(sample) - lag).abs() < 1e-9);
                counts[usize::from(sample.unwrap())] += 1;
            }
        }
        counts
    }

    #[test]
    fn both_ways_of_drawing_make_every_ordered_sample_equally_likely() {
        let z = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let weights = [10.0, 1.0];
        let mut drawn = vec![[0; LANES]; 2];
        let mut comparing = sampler(3, &z, &weights);
        let by_comparing = ordered_samples(|| comparing.lags_by_comparing(&mut drawn));
        let mut swapping = sampler(3, &z, &weights);
        let mut others = vec![0, 1, 2, 3, 4];
        let by_swapping = ordered_samples(|| swapping.lags_by_swapping(&mut others, &mut drawn));
        assert_eq!(others, [0, 1, 2, 3, 4]);
        // 20 ordered samples share 40,000 draws.
        let five_sigma = 5.0 * (2_000.0 * 0.95_f64).sqrt();
        for counts in [by_comparing, by_swapping] {
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
