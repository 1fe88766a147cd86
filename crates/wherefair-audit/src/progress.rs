//! Reports of progress to the caller.

/// A stage of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Samples go into the lattice's tallies; counted in samples.
    Tallying,
    /// Partitions are scored.
    Scoring,
    /// Errors are permuted over locations; counted in permutations.
    NoiseFloor,
    /// Errors are tested for autocorrelation, and neighbourhoods of high error are looked for.
    Autocorrelation,
    /// Fields as autocorrelated as the errors are drawn; counted in fields.
    SpatialNoiseFloor,
    /// Confidence intervals of the worst places; counted in places.
    WorstPlaces,
}

/// Told how far an audit is; all methods may be called from any thread.
pub trait Progress: Sync {
    /// `stage` begins, with `total` units of work where that is known.
    fn start(&self, stage: Stage, total: Option<u64>);

    /// `n` more units of the current stage are done.
    fn advance(&self, n: u64);
}

/// Progress that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _: Stage, _: Option<u64>) {}

    fn advance(&self, _: u64) {}
}
