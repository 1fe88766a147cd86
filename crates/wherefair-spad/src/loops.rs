//! The loops of a training on representative partitionings: which partitioning is at hand, and what is learned of their
//! similarity.

use serde::{Deserialize, Serialize};
use wherefair_audit::PartitionScores;
use wherefair_core::Seed;
use wherefair_partition::PartitioningDistribution;
use wherefair_similarity::{
    Clustering, Representatives, Rescaling, SpatialInformation, TrainingSimilarity, cluster,
};
use wherefair_train::{Referee, TrainError, loop_order};

use crate::similarity_sampling::{LoopRecord, LoopStage, SimilaritySampling};
use crate::tentative::Unfairness;

/// What is trained next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// One partitioning.
    Train(usize),
    /// All of them, tentatively.
    Tentative,
}

/// Where the loops stand; all that goes into a checkpoint is in `state`.
#[derive(Debug)]
pub(crate) struct RepresentativeLoops {
    params: SimilaritySampling,
    seed: Seed,
    /// The partitionings that can be drawn, by their index in the distribution; everything else counts these.
    candidates: Vec<usize>,
    n_partitionings: usize,
    information: Option<SpatialInformation>,
    state: LoopState,
}

/// What the loops have come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoopState {
    similarity: TrainingSimilarity,
    /// How often each candidate was sampled and trained.
    n_selected: Vec<u64>,
    representatives: Option<Representatives>,
    /// The loops that have begun.
    loops: Vec<LoopRecord>,
    /// How many turns of the last of them are done.
    n_done: usize,
}

impl RepresentativeLoops {
    pub(crate) fn new(
        params: SimilaritySampling,
        distribution: &PartitioningDistribution,
        seed: Seed,
    ) -> Result<Self, TrainError> {
        let mut candidates = distribution.shuffled(seed);
        candidates.sort_unstable();
        let information = if params.rescaling == Rescaling::None {
            None
        } else {
            let all = distribution.candidates();
            let those: Vec<_> = candidates.iter().map(|&index| all[index].clone()).collect();
            Some(SpatialInformation::of(&those).map_err(TrainError::method)?)
        };
        let n = candidates.len();
        Ok(Self {
            params,
            seed,
            candidates,
            n_partitionings: distribution.len(),
            information,
            state: LoopState {
                similarity: TrainingSimilarity::new(n),
                n_selected: vec![0; n],
                representatives: None,
                loops: Vec::new(),
                n_done: 0,
            },
        })
    }

    pub(crate) fn loops(&self) -> &[LoopRecord] {
        &self.state.loops
    }

    /// The candidates, and what is known of their similarity.
    pub(crate) fn similarity(&self) -> (&[usize], &TrainingSimilarity) {
        (&self.candidates, &self.state.similarity)
    }

    pub(crate) fn candidates(&self) -> &[usize] {
        &self.candidates
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.state.loops.len() >= self.params.n_loops as usize && self.is_loop_done()
    }

    fn is_loop_done(&self) -> bool {
        self.state
            .loops
            .last()
            .is_none_or(|last| self.state.n_done >= n_turns(last))
    }

    /// Epochs of all loops: those that have begun, and for the others as many as the last sample has.
    pub(crate) fn n_epochs(&self) -> u64 {
        let n = self.candidates.len();
        let sampled = match &self.state.representatives {
            Some(representatives) => representatives.n_sampled(),
            None => round_root(n),
        };
        let n_turns_of = |index: usize| match self.state.loops.get(index) {
            Some(begun) => n_turns(begun),
            None => match self.params.stage(index) {
                LoopStage::Initial => n,
                LoopStage::Tentative => 1,
                LoopStage::Clustering | LoopStage::Sampling => sampled,
            },
        };
        (0..self.params.n_loops as usize).map(n_turns_of).sum::<usize>() as u64
    }

    /// What is trained in `epoch`; begins a loop where the last one is done. Doing so again gives the same until the turn
    /// is [finished](Self::finish).
    pub(crate) fn next(
        &mut self,
        epoch: u64,
        distribution: &PartitioningDistribution,
    ) -> Result<Next, TrainError> {
        if self.is_loop_done() {
            self.begin_loop(epoch, distribution)?;
        }
        let begun = self.state.loops.last();
        let at_hand = begun.and_then(|begun| match begun.stage {
            LoopStage::Tentative => None,
            _ => begun.partitionings.get(self.state.n_done).copied(),
        });
        Ok(at_hand.map_or(Next::Tentative, Next::Train))
    }

    fn begin_loop(&mut self, epoch: u64, distribution: &PartitioningDistribution) -> Result<(), TrainError> {
        let index = self.state.loops.len();
        let stage = self.params.stage(index);
        let mut clusters = None;
        let partitionings = match stage {
            LoopStage::Initial => loop_order(distribution, self.seed, index as u64),
            LoopStage::Tentative => self.candidates.clone(),
            LoopStage::Clustering => {
                clusters = Some(self.cluster_anew()?);
                self.sampled(index)?
            }
            LoopStage::Sampling => self.sampled(index)?,
        };
        self.state.loops.push(LoopRecord {
            stage,
            first_epoch: epoch,
            partitionings,
            clusters,
        });
        self.state.n_done = 0;
        Ok(())
    }

    /// Clusters by what is known now; returns the cluster of each partitioning of the distribution.
    ///
    /// Where no two partitionings became fairer together, none is clustered: their shapes alone say nothing about it.
    fn cluster_anew(&mut self) -> Result<Vec<Option<usize>>, TrainError> {
        let similarity = self.state.similarity.mutual();
        let clustering = if similarity.is_zero() {
            Clustering::noise(self.candidates.len())
        } else {
            let mut distances = similarity.distances();
            if let Some(information) = &self.information {
                distances = distances
                    .rescaled(information, self.params.rescaling)
                    .map_err(TrainError::method)?;
            }
            cluster(&distances, &self.params.clustering).map_err(TrainError::method)?
        };
        let representatives = Representatives::of(&clustering, self.params.noise, self.params.count_rule)
            .map_err(TrainError::method)?;
        self.state.representatives = Some(representatives);
        let mut labels = vec![None; self.n_partitionings];
        for (&index, label) in self.candidates.iter().zip(clustering.labels()) {
            labels[index] = *label;
        }
        Ok(labels)
    }

    /// A sample of every cluster, in random order.
    fn sampled(&self, index: usize) -> Result<Vec<usize>, TrainError> {
        let Some(representatives) = &self.state.representatives else {
            // A loop that clusters comes before every one that does not.
            return Ok(self.candidates.clone());
        };
        let mut stream = self.seed.indexed("spad/representatives", index as u64);
        let similarity = self.state.similarity.mutual();
        let rule = self.params.selection_rule;
        let mut sampled = representatives
            .sample(&similarity, &self.state.n_selected, rule, &mut stream)
            .map_err(TrainError::method)?;
        stream.shuffle(&mut sampled);
        Ok(sampled
            .into_iter()
            .map(|candidate| self.candidates[candidate])
            .collect())
    }

    /// A partitioning was trained: what that did is learned while clusters are still made.
    pub(crate) fn finish(
        &mut self,
        at_hand: usize,
        referee: &dyn Referee,
        before: &PartitionScores,
        after: &PartitionScores,
    ) -> Result<(), TrainError> {
        let stage = self.state.loops.last().map(|begun| begun.stage);
        if let Ok(candidate) = self.candidates.binary_search(&at_hand) {
            if stage == Some(LoopStage::Clustering) {
                let [before, after] = [before, after].map(|scores| self.unfairness(referee, scores));
                self.state
                    .similarity
                    .record(candidate, &before, &after)
                    .map_err(TrainError::method)?;
            }
            if matches!(stage, Some(LoopStage::Clustering | LoopStage::Sampling)) {
                self.state.n_selected[candidate] += 1;
            }
        }
        self.state.n_done += 1;
        Ok(())
    }

    /// The tentative loop was run: `after` has the scores after training each candidate.
    pub(crate) fn finish_tentative(
        &mut self,
        referee: &dyn Referee,
        before: &PartitionScores,
        after: &[Unfairness],
    ) -> Result<(), TrainError> {
        let before = self.unfairness(referee, before);
        let mut similarity = self.state.similarity.clone();
        for (candidate, after) in after.iter().enumerate() {
            similarity
                .record(candidate, &before, after)
                .map_err(TrainError::method)?;
        }
        self.state.similarity = similarity;
        self.state.n_done += 1;
        Ok(())
    }

    /// `M_fair` of each candidate, `(n_candidates,)`.
    pub(crate) fn unfairness(&self, referee: &dyn Referee, scores: &PartitionScores) -> Unfairness {
        let of = |&index: &usize| referee.unfairness(index, scores).map(|deviation| deviation.mean);
        self.candidates.iter().map(of).collect()
    }

    pub(crate) fn state(&self) -> &LoopState {
        &self.state
    }

    /// Goes to where other loops stood after `n_done` turns.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub(crate) fn set_state(&mut self, state: LoopState, n_done: usize) -> Result<(), String> {
        let n = self.candidates.len();
        for (what, given) in [
            ("similarities", state.similarity.len()),
            ("numbers of times", state.n_selected.len()),
        ] {
            if given != n {
                return Err(format!("it has {what} of {given} partitionings (accepted: {n})"));
            }
        }
        let n_loops = self.params.n_loops as usize;
        if state.loops.len() > n_loops {
            return Err(format!("it stands in loop {} of {n_loops}", state.loops.len()));
        }
        let all = self.n_partitionings;
        let known = |record: &LoopRecord| record.partitionings.iter().all(|&index| index < all);
        if !state.loops.iter().all(known) {
            return Err(format!("a loop trains a partitioning that is none of the {all}"));
        }
        let labels_all =
            |record: &LoopRecord| record.clusters.as_ref().is_none_or(|labels| labels.len() == all);
        if !state.loops.iter().all(labels_all) {
            return Err(format!(
                "a loop has clusters of another number of partitionings than {all}"
            ));
        }
        let has_members = |representatives: &Representatives| {
            let mut members = representatives.clusters().iter().flatten();
            members.all(|&member| member < n)
        };
        if !state.representatives.as_ref().is_none_or(has_members) {
            return Err(format!(
                "a cluster has a member that is none of the {n} partitionings"
            ));
        }
        let earlier = state.loops.len().saturating_sub(1);
        let own = state.loops[..earlier].iter().map(n_turns).sum::<usize>() + state.n_done;
        if own != n_done {
            return Err(format!(
                "its loops count {own} epochs (accepted: {n_done}, as its history)"
            ));
        }
        self.state = state;
        Ok(())
    }
}

fn n_turns(record: &LoopRecord) -> usize {
    match record.stage {
        LoopStage::Tentative => 1,
        _ => record.partitionings.len(),
    }
}

/// round(√n), at least 1: about as many as are sampled.
pub(crate) fn round_root(n: usize) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and no more than a number of partitionings"
    )]
    let root = (n as f64).sqrt().round() as usize;
    root.max(1)
}
