//! A small fast generator for the inner loops, started from a named stream.

use wherefair_core::Stream;

/// The states of `L` generators xoshiro256++.
///
/// # References
/// Blackman & Vigna (2021), Scrambled linear pseudorandom number generators, doi:10.1145/3460772.
pub(super) type States<const L: usize> = [[u64; L]; 4];

/// Generators started from the same [`Stream`], each at another place.
pub(super) fn start<const L: usize>(stream: &mut Stream) -> States<L> {
    let mut states = [[0; L]; 4];
    for lane in 0..L {
        for words in &mut states {
            words[lane] = stream.next_u64();
        }
        // The one state that never changes; a stream yields it with probability 2⁻²⁵⁶.
        if states.iter().all(|words| words[lane] == 0) {
            states[0][lane] = 1;
        }
    }
    states
}

/// The next number of each generator.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "only what is inlined into a dispatched function gets its vector instructions"
)]
pub(super) fn step<const L: usize>(states: &mut States<L>) -> [u64; L] {
    let mut results = [0; L];
    let [s0, s1, s2, s3] = states;
    for lane in 0..L {
        results[lane] = s0[lane]
            .wrapping_add(s3[lane])
            .rotate_left(23)
            .wrapping_add(s0[lane]);
        let (t2, t3) = (s2[lane] ^ s0[lane], s3[lane] ^ s1[lane]);
        let shifted = s1[lane] << 17;
        s1[lane] ^= t2;
        s0[lane] ^= t3;
        s2[lane] = t2 ^ shifted;
        s3[lane] = t3.rotate_left(45);
    }
    results
}

/// One generator, whose start is drawn from a [`Stream`].
#[derive(Debug, Clone)]
pub(crate) struct Generator {
    state: States<1>,
    /// The upper half of the last number, while it waits to be used.
    spare: Option<u32>,
}

impl Generator {
    pub(crate) fn start(mut stream: Stream) -> Self {
        Self::start_from(&mut stream)
    }

    pub(super) fn start_from(stream: &mut Stream) -> Self {
        Self {
            state: start(stream),
            spare: None,
        }
    }

    #[inline]
    pub(super) fn next_u64(&mut self) -> u64 {
        let [number] = step(&mut self.state);
        number
    }

    /// Two numbers below two bounds, without bias.
    ///
    /// # References
    /// Lemire (2019), doi:10.1145/3230636.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a number")]
    pub(crate) fn two_below(&mut self, bounds: [u32; 2]) -> [u32; 2] {
        let bits = self.next_u64();
        let first = u64::from(bits as u32) * u64::from(bounds[0]);
        let second = (bits >> 32) * u64::from(bounds[1]);
        if (first as u32) < bounds[0] || (second as u32) < bounds[1] {
            return [self.retry(first, bounds[0]), self.retry(second, bounds[1])];
        }
        [(first >> 32) as u32, (second >> 32) as u32]
    }

    /// A number below `bound`, without bias.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "the upper half of a number")]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let bits = if let Some(bits) = self.spare.take() {
            bits
        } else {
            let bits = self.next_u64();
            self.spare = Some((bits >> 32) as u32);
            bits as u32
        };
        self.retry(u64::from(bits) * u64::from(bound), bound)
    }

    /// The upper half of `product`, drawn again where it would be favoured.
    #[cold]
    #[expect(clippy::cast_possible_truncation, reason = "the two halves of a product")]
    fn retry(&mut self, mut product: u64, bound: u32) -> u32 {
        let threshold = bound.wrapping_neg() % bound.max(1);
        while (product as u32) < threshold {
            product = (self.next_u64() >> 32) * u64::from(bound);
        }
        (product >> 32) as u32
    }

    /// Puts `items`, at most 2³² of them, into uniformly random order (Fisher–Yates).
    #[inline]
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        let mut left = u32::try_from(items.len()).unwrap_or(u32::MAX);
        while left >= 2 {
            let [first, second] = self.two_below([left, left - 1]);
            items.swap(left as usize - 1, first as usize);
            items.swap(left as usize - 2, second as usize);
            left -= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;

    #[test]
    fn numbers_are_those_of_the_reference_implementation() {
        let mut generator = Generator {
            state: [[1], [2], [3], [4]],
            spare: None,
        };
        let expected = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
        ];
        assert_eq!([0; 4].map(|_| generator.next_u64()), expected);
    }

    #[test]
    fn every_order_of_four_and_of_three_is_equally_likely() {
        let mut generator = Generator::start(Seed::new(1).stream("orders"));
        for n in [3, 4_usize] {
            let mut counts = vec![0_i32; 256];
            let n_orders: usize = (1..=n).product();
            for _ in 0..n_orders * 2_000 {
                let mut items: Vec<usize> = (0..n).collect();
                generator.shuffle(&mut items);
                counts[items.iter().fold(0, |code, item| code * 4 + item)] += 1;
            }
            let seen: Vec<i32> = counts.into_iter().filter(|&count| count > 0).collect();
            assert_eq!(seen.len(), n_orders);
            let five_sigma = 5.0 * 2_000.0_f64.sqrt();
            assert!(
                seen.iter()
                    .all(|&count| f64::from(count - 2_000).abs() < five_sigma)
            );
        }
    }

    #[test]
    fn numbers_below_large_bounds_have_no_bias() {
        // Two thirds of the range: without rejection the lower half of the bound would get twice its share.
        let bound = 2_863_311_530;
        let mut generator = Generator::start(Seed::new(1).stream("bias"));
        let mut low = [0_i32; 3];
        for _ in 0..20_000 {
            let [first, second] = generator.two_below([bound, bound]);
            let third = generator.below(bound);
            for (low, number) in low.iter_mut().zip([first, second, third]) {
                assert!(number < bound);
                *low += i32::from(number % 2 == 0);
            }
        }
        let five_sigma = 5.0 * 5_000.0_f64.sqrt();
        assert!(
            low.iter().all(|&low| f64::from(low - 10_000).abs() < five_sigma),
            "{low:?}"
        );
    }
}
