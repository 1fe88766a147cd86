//! Bootstrap confidence intervals of single places.

use std::collections::BTreeMap;

use rand_distr::{Binomial, Distribution};
use rayon::prelude::*;
use wherefair_core::{Seed, Stream, Tally as _};
use wherefair_metrics::{ClassTallies, ValueTally, median};

use crate::reservoir::{Reservoir, SampledError};
use crate::{AuditConfig, Score};

/// Up to this many errors of one place are resampled; larger places are thinned to as many.
const MAX_RESAMPLED: usize = 1 << 14;

/// The samples of one place, as far as its score needs them.
#[derive(Debug)]
pub(crate) enum PlaceSamples {
    /// Counts of (truth, prediction).
    Pairs(BTreeMap<(u32, u32), u64>),
    /// A uniform sample of the errors.
    Errors(Box<Reservoir>),
}

impl PlaceSamples {
    pub(crate) fn new(score: Score, seed: Seed, place: u64) -> Self {
        match score {
            Score::Class(_) => Self::Pairs(BTreeMap::new()),
            _ => Self::Errors(Box::new(Reservoir::with_capacity(
                MAX_RESAMPLED,
                seed.indexed("audit/place-sample", place),
            ))),
        }
    }
}

/// The percentile interval of the score of a place.
///
/// Places with more errors than are kept are resampled at the size that is kept, and the interval is drawn in
/// around the score by the root of the ratio of the sizes (m out of n bootstrap). `None` where more than half
/// of the copies have no score.
///
/// # References
/// Efron & Tibshirani (1993), An Introduction to the Bootstrap, section 13.3; Politis & Romano (1994),
/// doi:10.1214/aos/1176325770.
pub(crate) fn interval(
    samples: &PlaceSamples,
    config: &AuditConfig,
    n_classes: usize,
    place: u64,
    score: f64,
) -> Option<[f64; 2]> {
    let n_copies = u64::from(config.n_bootstrap());
    let copies: Vec<Option<f64>> = (0..n_copies)
        .into_par_iter()
        .map_init(
            || ClassTallies::new(1, n_classes),
            |tallies, copy| {
                let mut stream = config.seed().indexed("audit/bootstrap", place * n_copies + copy);
                match (samples, config.score()) {
                    (PlaceSamples::Pairs(pairs), Score::Class(score)) => {
                        resample_pairs(pairs, n_classes, &mut stream, tallies);
                        score.evaluate(tallies.counts(0))
                    }
                    (PlaceSamples::Errors(errors), score) => score_copy(errors.kept(), score, &mut stream),
                    (PlaceSamples::Pairs(_), _) => None,
                }
            },
        )
        .collect();
    let mut scores: Vec<f64> = copies
        .into_iter()
        .flatten()
        .filter(|score| score.is_finite())
        .collect();
    if scores.len() * 2 <= usize::try_from(n_copies).unwrap_or(usize::MAX) {
        return None;
    }
    scores.sort_unstable_by(f64::total_cmp);
    let scale = match samples {
        PlaceSamples::Pairs(_) => 1.0,
        PlaceSamples::Errors(errors) => (errors.kept().len() as f64 / errors.n_offered() as f64).sqrt(),
    };
    let tail = (1.0 - config.confidence()) / 2.0;
    let bound = |share: f64| {
        let quantile = quantile(&scores, share);
        // An unthinned interval is the plain percentile interval, to the last bit.
        if scale < 1.0 {
            score + scale * (quantile - score)
        } else {
            quantile
        }
    };
    Some([bound(tail), bound(1.0 - tail)])
}

/// Draws as many pairs as there are, with replacement.
fn resample_pairs(
    pairs: &BTreeMap<(u32, u32), u64>,
    n_classes: usize,
    stream: &mut Stream,
    tallies: &mut ClassTallies,
) {
    tallies.clear();
    let counts = tallies.as_mut_slice();
    let mut left: u64 = pairs.values().sum();
    let mut to_draw = left;
    for (&(truth, pred), &n) in pairs {
        if to_draw == 0 {
            break;
        }
        let share = (n as f64 / left as f64).min(1.0);
        let drawn = Binomial::new(to_draw, share).map_or(0, |binomial| binomial.sample(stream));
        left -= n;
        to_draw -= drawn;
        let (truth, pred) = (truth as usize, pred as usize);
        counts[truth] += if truth == pred { drawn } else { 0 };
        counts[n_classes + truth] += drawn;
        counts[2 * n_classes + pred] += drawn;
    }
}

fn score_copy(errors: &[SampledError], score: Score, stream: &mut Stream) -> Option<f64> {
    let mut drawn = (0..errors.len()).map(|_| errors[stream.index(errors.len())]);
    match score {
        Score::Value { score, .. } => {
            let mut tally = ValueTally::default();
            for sampled in drawn {
                tally.record(sampled.error, sampled.shifted_truth);
            }
            (!tally.is_empty()).then(|| score.evaluate(&tally)).flatten()
        }
        Score::MedianAbsolute { .. } => {
            let mut errors: Vec<f64> = drawn.by_ref().map(|sampled| sampled.error.abs()).collect();
            median(&mut errors)
        }
        Score::Class(_) => None,
    }
}

/// The linearly interpolated quantile of ascending values.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position between 0 and the last"
)]
pub(crate) fn quantile(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else {
        return f64::NAN;
    };
    let position = share.clamp(0.0, 1.0) * last as f64;
    let low = position.floor() as usize;
    let high = (low + 1).min(last);
    ascending[low] + (position - low as f64) * (ascending[high] - ascending[low])
}
