//! The tentative loop: what training each partitioning would do, from one and the same model.

use rayon::prelude::*;
use wherefair_train::{Outcome, Phase, Player, TrainError, Turn};

use crate::loops::RepresentativeLoops;

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
    turn: &mut Turn<'_>,
    loops: &RepresentativeLoops,
) -> Result<(Vec<Unfairness>, Outcome), TrainError> {
    let start = turn.player.snapshot();
    let candidates = loops.candidates();
    let try_one = |turn: &mut Turn<'_>, at_hand: usize| -> Result<Tried, TrainError> {
        turn.player.restore(&start)?;
        let rates = turn
            .referee
            .rates(at_hand, turn.scores, *turn.config.learning_rate())?;
        let outcome = turn.partition_by_partition(at_hand, &rates)?;
        let (score, min_samples) = (turn.config.score(), *turn.config.min_samples());
        let after = turn.samples.scores(turn.player.model(), score, min_samples)?;
        let unfairness = loops.unfairness(turn.referee, &after);
        Ok(Tried { outcome, unfairness })
    };
    let n_replicas = rayon::current_num_threads().min(candidates.len());
    let mut replicas: Vec<Player> = Vec::new();
    if n_replicas > 1 {
        replicas.extend((0..n_replicas).map_while(|_| turn.player.replica()));
    }
    let tried: Result<Vec<Tried>, TrainError> = if replicas.is_empty() {
        candidates.iter().map(|&at_hand| try_one(turn, at_hand)).collect()
    } else {
        let (n, shared) = (replicas.len(), &*turn);
        let of_replicas: Vec<Vec<Result<Tried, TrainError>>> = replicas
            .par_iter_mut()
            .enumerate()
            .map(|(first, player)| {
                let mut turn = shared.of(player);
                let own = candidates.iter().skip(first).step_by(n);
                own.map(|&at_hand| try_one(&mut turn, at_hand)).collect()
            })
            .collect();
        let mut of_replicas: Vec<_> = of_replicas.into_iter().map(Vec::into_iter).collect();
        (0..candidates.len())
            .filter_map(|index| of_replicas[index % n].next())
            .collect()
    };
    turn.player.restore(&start)?;
    let tried = tried?;
    let mut sum = Outcome::none(Phase::Tentative, None);
    for one in &tried {
        sum.n_updates += one.outcome.n_updates;
        sum.n_partitions += one.outcome.n_partitions;
    }
    Ok((tried.into_iter().map(|one| one.unfairness).collect(), sum))
}
