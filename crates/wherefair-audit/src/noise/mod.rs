//! The noise floor: what the audit would find if errors did not depend on location.
//!
//! Samples are exchanged over the locations and every measure is taken anew. Under the null hypothesis that
//! the (truth, prediction) pairs are exchangeable, the observed measure is one more draw, so that
//! `(M + 1) / (R + 1)` is a valid p-value. Exchangeability is a strong null: spatial autocorrelation of any
//! kind breaks it, so a small p-value says that the score depends on location, not why.

mod medians;
mod samples;
mod surrogates;
mod urn;
mod values;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use wherefair_core::Stream;
use wherefair_partition::Lattice;

use crate::cell_tallies::CellTallies;
use crate::partition_scores::References;
use crate::refinement::{Refinement, Scorer};
use crate::tally::Tallied;
use crate::{AuditConfig, AuditError, Outcomes, Progress, SampleBatch, Stage};

use self::medians::Histograms;
use self::samples::{ClassDeal, RowShuffle};
use self::surrogates::SurrogateCells;
pub(crate) use self::surrogates::Surrogates;
use self::values::NormalSums;

/// Permutations a chunk: bounds the memory of results in flight.
const CHUNK: u64 = 256;

/// Up to this many samples times permutations the samples themselves are permuted.
const MAX_ROW_MOVES: u64 = 5_000_000_000;

/// Whether `n` samples in memory are few enough to be permuted themselves.
pub(crate) fn permutes_rows(n: u64, config: &AuditConfig) -> bool {
    n.saturating_mul(u64::from(config.n_permutations())) <= MAX_ROW_MOVES
}

/// How the null distribution was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NullMethod {
    /// Exact: class pairs are dealt to the lattice cells without replacement.
    TallyPermutation,
    /// Exact: the samples in memory are shuffled over the locations.
    RowPermutation,
    /// Cells of up to 4,096 samples are drawn from a uniform sample of 65,536 errors, larger ones from the normal
    /// limit of their sums.
    SampledSums,
    /// Cells get counts of errors by quantile class, dealt without replacement; medians are interpolated.
    QuantileCounts,
    /// Fields with the fitted spatial autocorrelation of the errors are drawn over the places of the samples.
    SpatialSurrogates,
}

/// The null distribution of one partitioning's measures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NullDraws {
    pub(crate) method: NullMethod,
    /// Mean deviations, `(n_permutations, n_partitionings)`.
    pub(crate) mean: Vec<f64>,
    /// Maximum deviations, `(n_permutations, n_partitionings)`.
    pub(crate) max: Vec<f64>,
    /// For each partition of each partitioning, how many permutations deviated at least as much.
    pub(crate) exceedances: Vec<u32>,
}

/// Something that can fill the lattice cells with exchanged samples.
trait Null: Sync {
    type Scratch: Send;

    fn scratch(&self) -> Self::Scratch;

    /// Draws one exchange and shows the tallies.
    fn draw<T>(
        &self,
        stream: &mut Stream,
        scratch: &mut Self::Scratch,
        show: impl FnOnce(&CellTallies) -> T,
    ) -> T;
}

/// What the null distribution is drawn for.
pub(crate) struct Observed<'a> {
    pub(crate) config: &'a AuditConfig,
    pub(crate) tallied: &'a Tallied,
    pub(crate) refinement: &'a Refinement,
    pub(crate) references: &'a References,
    /// The deviation of every partition of every partitioning; `None` where it has no score.
    pub(crate) deviations: &'a [Option<f64>],
    pub(crate) n_classes: usize,
    /// All samples, where they are in memory.
    pub(crate) samples: Option<SampleBatch<'a>>,
    /// Which of them lie in the lattice, where not all do.
    pub(crate) inside: Option<&'a [bool]>,
}

/// What one permutation gives.
struct Exchanged {
    mean: Vec<f64>,
    max: Vec<f64>,
    exceeds: Vec<bool>,
}

impl Observed<'_> {
    /// Draws the null distribution; `None` when no permutation is asked for or the null cannot be drawn.
    pub(crate) fn draw_null(&self, progress: &dyn Progress) -> Option<NullDraws> {
        let (config, tallied, n_samples) = (self.config, self.tallied, &self.tallied.n_samples);
        if config.n_permutations() == 0 {
            return None;
        }
        progress.start(Stage::NoiseFloor, Some(u64::from(config.n_permutations())));
        match &tallied.cells {
            CellTallies::Classes(_) => {
                let deal = match (&tallied.pairs, self.samples.map(|batch| batch.outcomes)) {
                    (Some(pairs), _) => ClassDeal::of_pairs(pairs, self.n_classes, n_samples),
                    (None, Some(Outcomes::Classes { truth, pred, .. })) => {
                        ClassDeal::of_samples((truth, pred), self.n_classes, n_samples, self.inside)
                    }
                    _ => return None,
                };
                Some(self.run(&deal, NullMethod::TallyPermutation, progress))
            }
            CellTallies::Values(tallies) => match (self.samples, &tallied.reservoir) {
                (Some(batch), _) if permutes_rows(batch.sites.len() as u64, config) => {
                    let shuffle = RowShuffle::of_sums(&batch, config, tallied, self.inside)?;
                    Some(self.run(&shuffle, NullMethod::RowPermutation, progress))
                }
                (_, Some(reservoir)) => {
                    let sums = NormalSums::new(reservoir, tallies, n_samples);
                    Some(self.run(&sums, NullMethod::SampledSums, progress))
                }
                _ => None,
            },
            CellTallies::Ordered { errors, starts } => {
                // Every permutation looks at every sample once for each partitioning.
                let looks = errors.len() as u64 * self.refinement.members.len() as u64;
                if permutes_rows(looks, config) {
                    let shuffle = RowShuffle::of_ordered(errors, starts);
                    return Some(self.run(&shuffle, NullMethod::RowPermutation, progress));
                }
                Some(Histograms::new(errors.clone(), n_samples).run(self, progress))
            }
            CellTallies::Sketches(_) => {
                let reservoir = tallied.reservoir.as_ref()?;
                let errors = reservoir.kept().iter().map(|kept| kept.error.abs()).collect();
                Some(Histograms::new(errors, n_samples).run(self, progress))
            }
        }
    }

    /// Draws the null distribution of fields as autocorrelated as the errors.
    pub(crate) fn draw_surrogates(
        &self,
        surrogates: &Surrogates,
        lattice: &mut Lattice,
        progress: &dyn Progress,
    ) -> Result<Option<NullDraws>, AuditError> {
        let Some(batch) = self.samples.filter(|_| self.config.n_permutations() > 0) else {
            return Ok(None);
        };
        progress.start(
            Stage::SpatialNoiseFloor,
            Some(u64::from(self.config.n_permutations())),
        );
        let mut cells = vec![0; batch.sites.len()];
        lattice.locate_into(batch.sites, &mut cells)?;
        let null = SurrogateCells::new(surrogates, &cells, &self.tallied.n_samples)?;
        Ok(Some(self.run(&null, NullMethod::SpatialSurrogates, progress)))
    }

    fn run<N: Null>(&self, null: &N, method: NullMethod, progress: &dyn Progress) -> NullDraws {
        self.collect(
            method,
            progress,
            || null.scratch(),
            |stream, scratch| {
                let (scratch, scorer, scores) = scratch;
                null.draw(stream, scratch, |tallies| {
                    self.measure(
                        |i, into| {
                            let members = &self.refinement.members[i];
                            scorer.scores(tallies, members, self.config.min_samples(), into);
                        },
                        scores,
                    )
                })
            },
        )
    }

    /// Runs all permutations; each draws from its own stream, and results are gathered in order.
    fn collect<S: Send>(
        &self,
        method: NullMethod,
        progress: &dyn Progress,
        scratch: impl Fn() -> S + Sync,
        exchange: impl Fn(&mut Stream, &mut (S, Scorer, Vec<Option<f64>>)) -> Exchanged + Sync,
    ) -> NullDraws {
        let n_permutations = u64::from(self.config.n_permutations());
        let mut draws = NullDraws {
            method,
            mean: Vec::new(),
            max: Vec::new(),
            exceedances: vec![0; self.deviations.len()],
        };
        for start in (0..n_permutations).step_by(usize::try_from(CHUNK).unwrap_or(1)) {
            let end = (start + CHUNK).min(n_permutations);
            let chunk: Vec<Exchanged> = (start..end)
                .into_par_iter()
                .map_init(
                    || {
                        (
                            scratch(),
                            Scorer::new(self.config.score(), self.n_classes),
                            Vec::new(),
                        )
                    },
                    |scratch, permutation| {
                        let mut stream = self.config.seed().indexed("audit/noise-floor", permutation);
                        let exchanged = exchange(&mut stream, scratch);
                        progress.advance(1);
                        exchanged
                    },
                )
                .collect();
            for exchanged in chunk {
                draws.mean.extend(exchanged.mean);
                draws.max.extend(exchanged.max);
                for (count, exceeds) in draws.exceedances.iter_mut().zip(exchanged.exceeds) {
                    *count += u32::from(exceeds);
                }
            }
        }
        draws
    }

    /// Measures one exchange; `score` gives the scores of partitioning `i`.
    fn measure(
        &self,
        mut score: impl FnMut(usize, &mut Vec<Option<f64>>),
        scores: &mut Vec<Option<f64>>,
    ) -> Exchanged {
        let mut exchanged = Exchanged {
            mean: Vec::with_capacity(self.refinement.members.len()),
            max: Vec::with_capacity(self.refinement.members.len()),
            exceeds: Vec::with_capacity(self.deviations.len()),
        };
        for (i, members) in self.refinement.members.iter().enumerate() {
            score(i, scores);
            let deviation = self.references.deviation(i, scores, &members.n_samples);
            exchanged
                .mean
                .push(deviation.as_ref().map_or(0.0, |deviation| deviation.mean));
            exchanged
                .max
                .push(deviation.as_ref().map_or(0.0, |deviation| deviation.max));
            let observed = &self.deviations[members.first..members.first + members.len()];
            for (score, observed) in scores.iter().zip(observed) {
                let exceeds = match (score, observed, &deviation) {
                    (Some(score), Some(observed), Some(deviation)) => at_least(
                        self.config.distance().between(*score, deviation.reference),
                        *observed,
                    ),
                    // An undefined score cannot speak against the null.
                    (None, Some(_), _) => true,
                    _ => false,
                };
                exchanged.exceeds.push(exceeds);
            }
        }
        exchanged
    }
}

/// Whether `drawn ≥ observed` but for the rounding of sums taken in another order.
pub(crate) fn at_least(drawn: f64, observed: f64) -> bool {
    const ROUNDING: f64 = 1e-12;
    drawn >= observed - ROUNDING * observed.abs().max(ROUNDING)
}
