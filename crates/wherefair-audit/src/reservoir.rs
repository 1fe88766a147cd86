//! A uniform sample of a stream of errors, of bounded size.

use wherefair_core::{Seed, Stream};

/// How many errors a reservoir keeps by default.
const CAPACITY: usize = 1 << 16;

/// The error of one sample with its shifted truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SampledError {
    pub(crate) error: f64,
    pub(crate) shifted_truth: f64,
}

/// A uniform random sample of all errors offered so far.
///
/// Algorithm L: the number of offers to skip is drawn, so that a skipped offer costs a comparison.
///
/// # References
/// Li (1994), Reservoir-sampling algorithms of time complexity O(n(1 + log(N/n))), doi:10.1145/198429.198435.
#[derive(Debug)]
pub(crate) struct Reservoir {
    kept: Vec<SampledError>,
    capacity: usize,
    stream: Stream,
    weight: f64,
    n_offered: u64,
    next: u64,
}

impl Reservoir {
    pub(crate) fn new(seed: Seed) -> Self {
        Self::with_capacity(CAPACITY, seed.stream("audit/reservoir"))
    }

    /// A reservoir of at most `capacity` errors, at least one.
    pub(crate) fn with_capacity(capacity: usize, stream: Stream) -> Self {
        Self {
            kept: Vec::new(),
            capacity: capacity.max(1),
            stream,
            weight: 1.0,
            n_offered: 0,
            next: 0,
        }
    }

    /// Considers one more error; `make` is called only when it is kept.
    pub(crate) fn offer(&mut self, make: impl FnOnce() -> SampledError) {
        let number = self.n_offered;
        self.n_offered += 1;
        if self.kept.len() < self.capacity {
            self.kept.push(make());
            if self.kept.len() == self.capacity {
                self.next = number;
                self.skip();
            }
        } else if number == self.next {
            let slot = self.stream.index(self.capacity);
            self.kept[slot] = make();
            self.skip();
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the skip is non-negative, and saturating beyond u64 means never"
    )]
    fn skip(&mut self) {
        self.weight *= (self.open_uniform().ln() / self.capacity as f64).exp();
        let skip = (self.open_uniform().ln() / (-self.weight).ln_1p()).floor();
        self.next = self.next.saturating_add((skip as u64).saturating_add(1));
    }

    /// Uniform in (0, 1]: its logarithm is finite.
    fn open_uniform(&mut self) -> f64 {
        1.0 - self.stream.uniform()
    }

    /// How many errors were offered.
    pub(crate) fn n_offered(&self) -> u64 {
        self.n_offered
    }

    pub(crate) fn kept(&self) -> &[SampledError] {
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_stream_is_equally_likely_to_be_kept() {
        let mut reservoir = Reservoir::new(Seed::new(5));
        let n = 4_000_000;
        for i in 0..n {
            reservoir.offer(|| SampledError {
                error: f64::from(i),
                shifted_truth: 0.0,
            });
        }
        assert_eq!(reservoir.kept().len(), CAPACITY);
        let expected = CAPACITY as f64 / 8.0;
        for eighth in 0..8 {
            let (low, high) = (f64::from(eighth * (n / 8)), f64::from((eighth + 1) * (n / 8)));
            let kept = reservoir
                .kept()
                .iter()
                .filter(|kept| (low..high).contains(&kept.error))
                .count() as f64;
            assert!(
                (kept - expected).abs() < 5.0 * expected.sqrt(),
                "{kept} of about {expected}"
            );
        }
    }

    #[test]
    fn a_short_stream_is_kept_whole() {
        let mut reservoir = Reservoir::new(Seed::new(5));
        for i in 0..100 {
            reservoir.offer(|| SampledError {
                error: f64::from(i),
                shifted_truth: 0.0,
            });
        }
        assert_eq!(reservoir.kept().len(), 100);
    }
}
