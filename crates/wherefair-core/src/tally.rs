//! Mergeable sums.

/// A summary of samples that two halves of the data can fill apart and then merge.
///
/// Merging must be associative and commutative up to floating-point rounding, with the empty tally as its
/// neutral element; tallies of whole numbers are exact.
pub trait Tally {
    /// Adds all that `other` has counted.
    fn merge(&mut self, other: &Self);

    /// How many samples were counted.
    fn n_samples(&self) -> u64;

    /// Whether no sample was counted.
    fn is_empty(&self) -> bool {
        self.n_samples() == 0
    }
}
