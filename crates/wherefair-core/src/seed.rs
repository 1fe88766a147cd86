//! Seeds and named random streams.

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng as _, SeedableRng as _, TryRng};
use serde::{Deserialize, Serialize};

use crate::hash::{OFFSET, fnv1a_from};

/// The one number from which all randomness of a run is drawn.
///
/// A seed gives any number of independent [`Stream`]s, each found by its name (and, for parallel work, an
/// index), never by the order of calls. Streams are `ChaCha8` generators keyed by seed, name and index; what
/// they draw is part of the public contract and does not change between versions.
///
/// # Examples
/// ```
/// use wherefair_core::Seed;
///
/// let seed = Seed::new(42);
/// let mut folds = seed.stream("folds");
/// let mut noise = seed.stream("noise");
/// assert_ne!(folds.next_u64(), noise.next_u64());
/// assert_eq!(seed.stream("folds").next_u64(), Seed::new(42).stream("folds").next_u64());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(u64);

impl Seed {
    /// The seed `value`.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The number itself, for the record.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The stream called `name`.
    pub fn stream(self, name: &str) -> Stream {
        self.indexed(name, 0)
    }

    /// Stream number `index` of those called `name`: one for each unit of parallel work.
    pub fn indexed(self, name: &str, index: u64) -> Stream {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.0.to_le_bytes());
        let named = |offset| fnv1a_from(offset, name.bytes().map(u64::from)).to_le_bytes();
        key[8..16].copy_from_slice(&named(OFFSET));
        key[16..24].copy_from_slice(&named(0x6c62_272e_07bb_0142));
        key[24..].copy_from_slice(&index.to_le_bytes());
        Stream {
            generator: ChaCha8Rng::from_seed(key),
        }
    }
}

/// A reproducible stream of random numbers, made by [`Seed::stream`].
///
/// Implements `rand_core`'s generator trait, so that the distributions of `rand_distr` can draw from it.
#[derive(Debug, Clone)]
pub struct Stream {
    generator: ChaCha8Rng,
}

impl Stream {
    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.generator.next_u64()
    }

    /// The next 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        self.generator.next_u32()
    }

    /// A uniform number in [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// A uniform whole number below `bound`, without bias; 0 where `bound` is 0.
    ///
    /// # References
    /// Lemire (2019), Fast random integer generation in an interval, doi:10.1145/3230636.
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
    pub fn below(&mut self, bound: u64) -> u64 {
        if let Ok(bound) = u32::try_from(bound) {
            let mut product = u64::from(self.next_u32()) * u64::from(bound);
            if (product as u32) < bound {
                let threshold = bound.wrapping_neg() % bound.max(1);
                while (product as u32) < threshold {
                    product = u64::from(self.next_u32()) * u64::from(bound);
                }
            }
            return product >> 32;
        }
        let mut product = u128::from(self.next_u64()) * u128::from(bound);
        if (product as u64) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u64) < threshold {
                product = u128::from(self.next_u64()) * u128::from(bound);
            }
        }
        (product >> 64) as u64
    }

    /// A uniform index below `n`; 0 where `n` is 0.
    #[expect(clippy::cast_possible_truncation, reason = "below(n) fits where n does")]
    pub fn index(&mut self, n: usize) -> usize {
        self.below(n as u64) as usize
    }

    /// Puts `items` into uniformly random order (Fisher–Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }

    /// A standard normal number (Marsaglia's polar method; the second of each pair is dropped, so that the
    /// stream has no hidden state).
    pub fn standard_normal(&mut self) -> f64 {
        loop {
            let (u, v) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let s = u * u + v * v;
            if s > 0.0 && s < 1.0 {
                return u * (-2.0 * s.ln() / s).sqrt();
            }
        }
    }
}

impl TryRng for Stream {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.generator.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.generator.try_next_u64()
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        self.generator.try_fill_bytes(dst)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn streams_never_change_between_versions() {
        let mut stream = Seed::new(1).stream("folds");
        let drawn = [stream.next_u64(), stream.next_u64()];
        assert_eq!(drawn, [15_436_539_350_868_492_376, 1_769_683_706_140_176_709]);
        assert_eq!(
            Seed::new(1).indexed("folds", 3).next_u64(),
            16_388_605_448_549_063_987
        );
    }

    #[test]
    fn seed_name_and_index_each_give_another_stream() {
        let first = |seed: u64, name: &str, index| Seed::new(seed).indexed(name, index).next_u64();
        let all = [
            first(1, "a", 0),
            first(2, "a", 0),
            first(1, "b", 0),
            first(1, "a", 1),
        ];
        for i in 0..all.len() {
            for j in 0..i {
                assert_ne!(all[i], all[j]);
            }
        }
    }

    #[test]
    fn uniform_numbers_have_their_moments() {
        let mut stream = Seed::new(7).stream("moments");
        let n = 200_000;
        let (mut sum, mut squares, mut normal, mut normal_squares) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..n {
            let u = stream.uniform();
            assert!((0.0..1.0).contains(&u));
            sum += u;
            squares += u * u;
            let z = stream.standard_normal();
            normal += z;
            normal_squares += z * z;
        }
        let n = f64::from(n);
        let five_sigma = 5.0 / n.sqrt();
        assert!((sum / n - 0.5).abs() < five_sigma);
        assert!((squares / n - 1.0 / 3.0).abs() < five_sigma);
        assert!((normal / n).abs() < five_sigma);
        assert!((normal_squares / n - 1.0).abs() < 2.0 * five_sigma);
    }

    #[test]
    fn every_order_of_three_is_equally_likely() {
        let mut counts = [0_i32; 6];
        for i in 0..60_000 {
            let mut items = [0, 1, 2];
            Seed::new(3).indexed("shuffle", i).shuffle(&mut items);
            let rank = match items {
                [0, 1, 2] => 0,
                [0, 2, 1] => 1,
                [1, 0, 2] => 2,
                [1, 2, 0] => 3,
                [2, 0, 1] => 4,
                _ => 5,
            };
            counts[rank] += 1;
        }
        let five_sigma = 5.0 * (10_000.0_f64 * 5.0 / 6.0).sqrt();
        assert!(
            counts
                .iter()
                .all(|&count| f64::from(count - 10_000).abs() < five_sigma)
        );
    }

    proptest! {
        #[test]
        fn below_stays_below(seed: u64, bound: u64) {
            let drawn = Seed::new(seed).stream("below").below(bound);
            prop_assert!(drawn < bound.max(1));
        }
    }
}
