//! SPAD-GD: the mean gradient over all partitionings.

use std::borrow::Cow;
use std::ops::Range;

use wherefair_core::narrowed;
use wherefair_train::{MeanLoss, Method, Outcome, Phase, TrainError, Turn};

/// SPAD without stochastic partitionings; see [`Strategy::SpadGd`](crate::Strategy::SpadGd).
#[derive(Debug, Clone, Copy)]
pub struct SpadGd;

impl Method for SpadGd {
    fn name(&self) -> String {
        "SPAD-GD".to_owned()
    }

    /// Updates with the mean gradient over all partitionings, as many as the partitions at hand would have made.
    ///
    /// Where the samples are more than a batch, each update sees every n-th of them in lattice order, from another first
    /// one each time: as many as a batch, spread over all places.
    fn epoch(&mut self, turn: &mut Turn<'_>) -> Result<Outcome, TrainError> {
        let Some(at_hand) = turn.at_hand else {
            return turn.everywhere();
        };
        let (config, spatial) = (turn.config, turn.samples);
        let eta_init = *config.learning_rate();
        let rates_at_hand = turn.referee.rates(at_hand, turn.scores, eta_init)?;
        let n_updates = turn.n_updates(at_hand, &rates_at_hand);
        // Each partition that counts, with its weight.
        let mut parts: Vec<(&[Range<usize>], f64)> = Vec::new();
        for (partitioning, &prior) in spatial.distribution().prior().iter().enumerate() {
            let rates = turn.referee.rates(partitioning, turn.scores, eta_init)?;
            let trained = rates.iter().enumerate().filter(|(_, rate)| **rate > 0.0);
            let n_trained = trained.clone().count() as f64;
            parts.extend(trained.map(|(partition, rate)| {
                let weight = prior * (rate / eta_init) / n_trained;
                (spatial.runs(partitioning, partition), weight)
            }));
        }
        parts.retain(|(runs, weight)| *weight > 0.0 && !runs.is_empty());
        let n_batches = spatial.n_samples().div_ceil(*config.batch_size());
        let mut firsts: Vec<usize> = (0..n_batches).collect();
        config
            .seed()
            .indexed("spad/batches over all partitionings", turn.epoch)
            .shuffle(&mut firsts);
        let mut outcome = Outcome {
            n_partitions: parts.len() as u64,
            ..Outcome::none(Phase::Fair, Some(at_hand))
        };
        let mut mean = MeanLoss::default();
        let samples = spatial.samples();
        let model = turn.player.model_mut();
        for (_, &first) in (0..n_updates).zip(firsts.iter().cycle()) {
            let mut sum = vec![0.0; model.parameters().len()];
            for &(runs, weight) in &parts {
                let runs = every_nth(runs, first, n_batches);
                if runs.is_empty() {
                    continue;
                }
                let (loss, gradient) = model.loss_and_gradient(&samples, &runs)?;
                mean.add(loss, weight);
                for (sum, derivative) in sum.iter_mut().zip(gradient) {
                    *sum += weight * f64::from(derivative);
                }
            }
            let gradient: Vec<f32> = sum.into_iter().map(narrowed).collect();
            model.apply_gradient(&gradient, eta_init)?;
            outcome.n_updates += 1;
        }
        outcome.loss = mean.get();
        Ok(outcome)
    }
}

/// The rows of `runs` that leave the remainder `first` when divided by `n`.
fn every_nth(runs: &[Range<usize>], first: usize, n: usize) -> Cow<'_, [Range<usize>]> {
    if n <= 1 {
        return Cow::Borrowed(runs);
    }
    let rows = runs.iter().flat_map(|run| {
        let start = run.start + (first + n - run.start % n) % n;
        (start..run.end).step_by(n)
    });
    Cow::Owned(rows.map(|row| row..row + 1).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_batches_of_all_partitionings_share_the_rows_among_them() {
        let runs = [3..9, 9..10, 14..31];
        let all: Vec<usize> = runs.iter().cloned().flatten().collect();
        for n in [1, 2, 5, 7, 40] {
            let mut seen: Vec<usize> = (0..n)
                .flat_map(|first| every_nth(&runs, first, n).into_owned())
                .flatten()
                .collect();
            seen.sort_unstable();
            assert_eq!(seen, all, "{n} batches");
        }
        assert_eq!(every_nth(&runs, 4, 7).into_owned(), [4..5, 18..19, 25..26]);
    }
}
