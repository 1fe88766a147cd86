//! The tentative loop: what training each partitioning would do, from one and the same model.

use rayon::prelude::*;
use wherefair_nn::Trainable;

use crate::epoch::{Outcome, Set, partition_by_partition};
use crate::representative_loops::RepresentativeLoops;
use crate::{PartitionScores, Player, Referee, SpadConfig, SpadError};

/// `M_fair` of each candidate, `(n_candidates,)`.
pub(crate) type Unfairness = Vec<Option<f64>>;

/// What a tentative training came to.
#[derive(Debug)]
struct Tried {
    outcome: Outcome,
    unfairness: Unfairness,
}

/// Trains every candidate from the player's model, which is as before afterwards; returns `M_fair` of each candidate
/// after each of them, and the updates made in all.
///
/// Where the model can be replicated, the trainings run at the same time; they do not depend on each other, so that the
/// result is the same bits either way.
pub(crate) fn tentative(
    player: &mut Player<'_>,
    set: &Set<'_>,
    config: &SpadConfig,
    (referee, scores): (&Referee, &PartitionScores),
    loops: &RepresentativeLoops,
    epoch: u64,
) -> Result<(Vec<Unfairness>, Outcome), SpadError> {
    let start = player.snapshot();
    let candidates = loops.candidates();
    let try_one = |player: &mut Player<'_>, at_hand: usize| -> Result<Tried, SpadError> {
        player.restore(start.clone())?;
        let rates = referee.rates(at_hand, scores, *config.learning_rate())?;
        let outcome = partition_by_partition(player, set, config, (at_hand, &rates), epoch)?;
        let after = player.scores(set.spatial, &set.samples, config.score(), *config.min_samples())?;
        let unfairness = loops.unfairness(referee, &after);
        Ok(Tried { outcome, unfairness })
    };
    let n_replicas = rayon::current_num_threads().min(candidates.len());
    let mut replicas: Vec<Box<dyn Trainable>> = Vec::new();
    if n_replicas > 1 {
        replicas.extend((0..n_replicas).map_while(|_| player.model().replica()));
    }
    let tried: Result<Vec<Tried>, SpadError> = if replicas.is_empty() {
        candidates
            .iter()
            .map(|&at_hand| try_one(player, at_hand))
            .collect()
    } else {
        let (seed, n) = (player.seed(), replicas.len());
        let of_replicas: Vec<Vec<Result<Tried, SpadError>>> = replicas
            .par_iter_mut()
            .enumerate()
            .map(|(first, model)| {
                let mut player = Player::new(model.as_mut(), seed);
                let own = candidates.iter().skip(first).step_by(n);
                own.map(|&at_hand| try_one(&mut player, at_hand)).collect()
            })
            .collect();
        let mut of_replicas: Vec<_> = of_replicas.into_iter().map(Vec::into_iter).collect();
        (0..candidates.len())
            .filter_map(|index| of_replicas[index % n].next())
            .collect()
    };
    player.restore(start.clone())?;
    let tried = tried?;
    let mut sum = Outcome::default();
    for one in &tried {
        sum.n_updates += one.outcome.n_updates;
        sum.n_partitions += one.outcome.n_partitions;
    }
    Ok((tried.into_iter().map(|one| one.unfairness).collect(), sum))
}
