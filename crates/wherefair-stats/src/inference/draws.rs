//! Many samples of a few whole numbers, without repetition.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};
use wherefair_core::Stream;

use super::generator::{States, start, step};

/// Samples drawn side by side.
pub(super) const LANES: usize = 16;

/// One number of each of [`LANES`] samples.
pub(super) type Row = [u32; LANES];

/// [`LANES`] generators.
#[derive(Debug, Clone)]
pub(super) struct Generators {
    state: States<LANES>,
}

impl Generators {
    pub(super) fn start(stream: &mut Stream) -> Self {
        Self { state: start(stream) }
    }

    /// Fills groups of `k` rows with numbers below `bound`, each as likely as any other. The samples of a group that
    /// are no good, because they have a number twice or one whose bits would be favoured, are marked in `spoilt`: those
    /// must be drawn again as a whole, which leaves all samples without repetition equally likely.
    ///
    /// # References
    /// Lemire (2019), doi:10.1145/3230636.
    pub(super) fn fill(&mut self, k: usize, bound: u32, rows: &mut [Row], spoilt: &mut [Row]) {
        pulp::Arch::new().dispatch(Fill {
            state: &mut self.state,
            k,
            bound,
            rows,
            spoilt,
        });
    }
}

struct Fill<'a> {
    state: &'a mut States<LANES>,
    k: usize,
    bound: u32,
    rows: &'a mut [Row],
    spoilt: &'a mut [Row],
}

impl WithSimd for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            state,
            k,
            bound,
            rows,
            spoilt,
        } = self;
        let favoured = bound.wrapping_neg() % bound.max(1);
        let mut own = *state;
        for (rows, spoilt) in rows.chunks_exact_mut(k.max(1)).zip(spoilt) {
            let mut bad = [0; LANES];
            for at in (0..rows.len()).step_by(2) {
                let bits = step(&mut own);
                let (low, high) = (bits.map(|bits| bits & 0xFFFF_FFFF), bits.map(|bits| bits >> 32));
                rows[at] = below(low, bound, favoured, &mut bad);
                if at + 1 < rows.len() {
                    rows[at + 1] = below(high, bound, favoured, &mut bad);
                }
            }
            mark_repeated(simd, rows, &mut bad);
            *spoilt = bad;
        }
        *state = own;
    }
}

/// Marks the samples that have a number twice.
#[inline(always)]
fn mark_repeated<S: Simd>(simd: S, rows: &[Row], bad: &mut Row) {
    let none = simd.splat_u32s(0);
    for (at, bad) in S::as_mut_simd_u32s(bad).0.iter_mut().enumerate() {
        let vector = |row: &Row| S::as_simd_u32s(row).0[at];
        let mut repeated = simd.equal_u32s(none, simd.splat_u32s(1));
        for (later, row) in rows.iter().enumerate() {
            let numbers = vector(row);
            for earlier in &rows[..later] {
                repeated = simd.or_m32s(repeated, simd.equal_u32s(numbers, vector(earlier)));
            }
        }
        *bad = simd.select_u32s(repeated, simd.splat_u32s(u32::MAX), *bad);
    }
}

/// Numbers below `bound` from 32 bits each; marks those of `favoured` bits.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
fn below(bits: [u64; LANES], bound: u32, favoured: u32, bad: &mut Row) -> Row {
    let mut row = [0; LANES];
    for lane in 0..LANES {
        let product = bits[lane] * u64::from(bound);
        row[lane] = (product >> 32) as u32;
        bad[lane] |= u32::from((product as u32) < favoured).wrapping_neg();
    }
    row
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;

    fn filled(k: usize, bound: u32, n_groups: usize) -> (Vec<Row>, Vec<Row>) {
        let mut rows = vec![[0; LANES]; k * n_groups];
        let mut spoilt = vec![[0; LANES]; n_groups];
        let mut stream = Seed::new(6).stream("draws");
        Generators::start(&mut stream).fill(k, bound, &mut rows, &mut spoilt);
        (rows, spoilt)
    }

    #[test]
    fn lanes_are_generators_of_their_own() {
        let mut stream = Seed::new(6).stream("draws");
        let mut generators = Generators::start(&mut stream);
        let first: Vec<u64> = (0..3).flat_map(|_| [step(&mut generators.state)[5]]).collect();
        let mut stream = Seed::new(6).stream("draws");
        for _ in 0..5 * 4 {
            stream.next_u64();
        }
        let mut alone = super::super::generator::Generator::start_from(&mut stream);
        assert_eq!(first, [0; 3].map(|_| alone.next_u64()));
    }

    #[test]
    fn samples_with_a_number_twice_are_marked() {
        let (k, n_groups) = (3, 200);
        let (rows, spoilt) = filled(k, 7, n_groups);
        for (rows, spoilt) in rows.chunks(k).zip(&spoilt) {
            for lane in 0..LANES {
                let [a, b, c] = [rows[0][lane], rows[1][lane], rows[2][lane]];
                assert!(a < 7 && b < 7 && c < 7);
                assert_eq!(spoilt[lane] > 0, a == b || a == c || b == c);
            }
        }
    }

    #[test]
    fn numbers_below_large_bounds_have_no_bias() {
        // Two thirds of the range: half of the numbers would come up twice as often, and a third is drawn in vain.
        let bound = 2_863_311_530;
        let (rows, spoilt) = filled(1, bound, 2_000);
        let numbers = rows.iter().flatten().zip(spoilt.iter().flatten());
        let good: Vec<u32> = numbers
            .filter_map(|(&number, &spoilt)| (spoilt == 0).then_some(number))
            .collect();
        assert!(good.iter().all(|&number| number < bound));
        let of = |count: usize, n: usize, share: f64| {
            let five_sigma = 5.0 * (n as f64 * share * (1.0 - share)).sqrt();
            assert!(
                (count as f64 - n as f64 * share).abs() < five_sigma,
                "{count} of {n}"
            );
        };
        of(good.len(), 2_000 * LANES, 2.0 / 3.0);
        let even = good.iter().filter(|&&number| number % 2 == 0).count();
        of(even, good.len(), 0.5);
    }
}
