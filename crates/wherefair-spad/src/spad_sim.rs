//! SPAD-SIM: only partitionings that stand for others are trained.

use serde_json::Value;
use wherefair_audit::PartitionScores;
use wherefair_similarity::TrainingSimilarity;
use wherefair_train::{
    Method, Outcome, Referee, SpatialSamples, TrainConfig, TrainError, Turn, json, restored,
};

use crate::loops::{Next, RepresentativeLoops};
use crate::similarity_sampling::{LoopRecord, SimilaritySampling};
use crate::tentative::tentative;

/// SPAD-SIM; see [`Strategy::SpadSim`](crate::Strategy::SpadSim).
#[derive(Debug)]
pub struct SpadSim {
    sampling: SimilaritySampling,
    /// Made with the plan.
    loops: Option<RepresentativeLoops>,
    /// What was trained last.
    next: Option<Next>,
}

impl SpadSim {
    /// SPAD-SIM with these loops.
    pub fn new(sampling: SimilaritySampling) -> Self {
        Self {
            sampling,
            loops: None,
            next: None,
        }
    }

    /// The loops that have begun, with their clusters.
    pub fn loops(&self) -> &[LoopRecord] {
        self.loops.as_ref().map_or(&[], RepresentativeLoops::loops)
    }

    /// What is known of the similarity of the partitionings that can be drawn, with their indices in the distribution; `None`
    /// before there is a plan.
    pub fn similarity(&self) -> Option<(&[usize], &TrainingSimilarity)> {
        self.loops.as_ref().map(RepresentativeLoops::similarity)
    }

    fn planned(&mut self) -> Result<&mut RepresentativeLoops, TrainError> {
        self.loops
            .as_mut()
            .ok_or_else(|| TrainError::state("it has no loops yet"))
    }
}

impl Method for SpadSim {
    fn name(&self) -> String {
        "SPAD-SIM".to_owned()
    }

    fn parameters(&self) -> Result<Value, TrainError> {
        json(&self.sampling)
    }

    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        let loops = RepresentativeLoops::new(self.sampling, samples.distribution(), *config.seed())?;
        self.loops = Some(loops);
        Ok(Vec::new())
    }

    /// As many as there would be if all later loops were as long as the last one.
    fn n_epochs(&self, _: u64) -> u64 {
        self.loops.as_ref().map_or(0, RepresentativeLoops::n_epochs)
    }

    fn is_finished(&self, _: u64, _: u64) -> bool {
        self.loops.as_ref().is_some_and(RepresentativeLoops::is_finished)
    }

    fn epoch(&mut self, turn: &mut Turn<'_>) -> Result<Outcome, TrainError> {
        let loops = self.planned()?;
        let next = loops.next(turn.epoch, turn.samples.distribution())?;
        let outcome = match next {
            Next::Train(at_hand) => {
                turn.at_hand = Some(at_hand);
                turn.by_referee()?
            }
            Next::Tentative => {
                let (after, outcome) = tentative(turn, loops)?;
                loops.finish_tentative(turn.referee, turn.scores, &after)?;
                outcome
            }
        };
        self.next = Some(next);
        Ok(outcome)
    }

    fn scored(
        &mut self,
        referee: &dyn Referee,
        before: &PartitionScores,
        after: &PartitionScores,
    ) -> Result<(), TrainError> {
        match self.next {
            Some(Next::Train(at_hand)) => self.planned()?.finish(at_hand, referee, before, after),
            Some(Next::Tentative) | None => Ok(()),
        }
    }

    fn state(&self) -> Result<Value, TrainError> {
        json(&self.loops.as_ref().map(RepresentativeLoops::state))
    }

    fn restore(&mut self, state: Value, n_done: u64) -> Result<(), TrainError> {
        let state = restored::<Option<_>>(state)?.ok_or_else(|| TrainError::state("it has no loops"))?;
        let n_done = usize::try_from(n_done).unwrap_or(usize::MAX);
        self.planned()?
            .set_state(state, n_done)
            .map_err(TrainError::state)
    }
}
