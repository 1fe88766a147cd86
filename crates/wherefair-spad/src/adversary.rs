//! The adversary of the baseline ADL-Single: a discriminator, and the reversal of its gradient.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use wherefair_audit::PartitionScores;
use wherefair_core::{ParamError, Seed, narrowed};
use wherefair_nn::{
    Activation, AdamParams, Initializer, Loss, MlpShape, Model, NnError, Samples, Snapshot, Targets,
    fused_mlp, softmax_backward,
};
use wherefair_train::{
    Method, Outcome, Referee, SpatialSamples, TrainConfig, TrainError, Turn, json, restored,
};

use crate::penalized::add_output_gradient;
use crate::planned::always;

/// The adversary of the baseline ADL-Single: a network that guesses the partition of a sample from what the model says of
/// it, and against whose guesses the model is trained.
///
/// # Formula
/// With `L_D` the mean cross-entropy of the guesses, the discriminator follows −∇`L_D` and the model
/// −∇(L − λ `L_D`), both at every update: the gradient of `L_D` goes into the model with its sign reversed.
///
/// The discriminator has one hidden layer of tanh, and sees the probabilities of the classes, or the values that the
/// model predicts. Samples outside the partitioning take no part in `L_D`.
///
/// `DIFFERENCE:` the paper has the discriminator see learned features. Ours sees the outputs, so that any model can
/// play; a model whose features tell the partition but whose answers do not is left in peace. The paper gives no λ, no
/// size and no rate: those here are choices.
///
/// # References
/// He et al., Learning with Location-based Fairness (the journal paper on SPAD), section 6, "ADL-Single", after
/// Alasadi et al. (2019). Gradient reversal: Ganin & Lempitsky (2015), section 3.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Adversary {
    /// λ, at least 0; 1 by default.
    pub weight: f64,
    /// Units of the hidden layer, 1 to 1,024; 16 by default.
    pub hidden: usize,
    /// The rate of the discriminator's own Adam, above 0; 0.001 by default.
    pub learning_rate: f64,
}

impl Default for Adversary {
    fn default() -> Self {
        Self {
            weight: 1.0,
            hidden: 16,
            learning_rate: 1e-3,
        }
    }
}

impl Adversary {
    pub(crate) fn check(&self) -> Result<(), ParamError> {
        if !(0.0..f64::INFINITY).contains(&self.weight) {
            let accepted = "a finite number of at least 0";
            return Err(ParamError::new("weight of the adversary", self.weight, accepted));
        }
        if !(1..=1024).contains(&self.hidden) {
            return Err(ParamError::new(
                "hidden units of the adversary",
                self.hidden,
                "1 to 1024",
            ));
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            let accepted = "a finite number above 0";
            return Err(ParamError::new(
                "learning rate of the adversary",
                self.learning_rate,
                accepted,
            ));
        }
        Ok(())
    }
}

/// The discriminator: a network of its own, which guesses a partition from what the model says.
#[derive(Debug)]
pub(crate) struct Discriminator {
    model: Model,
    n_partitions: usize,
}

/// The loss of some guesses, with its derivatives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Guesses {
    /// Mean cross-entropy over the rows of a partition; 0 where there is none.
    pub(crate) loss: f64,
    /// By the parameters; empty where no row lies in a partition.
    pub(crate) by_parameters: Vec<f32>,
    /// By what was seen, `(n_rows, n_inputs)`; 0 for rows of no partition.
    pub(crate) by_inputs: Vec<f32>,
}

impl Discriminator {
    pub(crate) fn new(
        adversary: &Adversary,
        n_inputs: usize,
        n_partitions: usize,
        seed: Seed,
    ) -> Result<Self, NnError> {
        let shape =
            MlpShape::new(n_inputs, &[adversary.hidden], n_partitions)?.with_activation(Activation::Tanh);
        let seed = Seed::new(seed.stream("spad/discriminator").next_u64());
        let adam = AdamParams::default().check()?;
        let model = fused_mlp(&shape, Initializer::Glorot, Loss::CrossEntropy, adam, seed)?;
        Ok(Self { model, n_partitions })
    }

    /// Guesses the partition of every row of `inputs`, `(n_rows, n_inputs)`, and compares with the true ones.
    pub(crate) fn guess(&mut self, inputs: &[f32], partitions: &[Option<usize>]) -> Result<Guesses, NnError> {
        let n_inputs = inputs.len() / partitions.len().max(1);
        let is_inside = |row: &usize| partitions[*row].is_some();
        let runs: Vec<Range<usize>> = (0..partitions.len())
            .filter(is_inside)
            .map(|row| row..row + 1)
            .collect();
        let mut guesses = Guesses {
            loss: 0.0,
            by_parameters: Vec::new(),
            by_inputs: vec![0.0; inputs.len()],
        };
        if runs.is_empty() {
            return Ok(guesses);
        }
        let labels: Vec<u32> = partitions
            .iter()
            .map(|partition| partition.map_or(Ok(0), u32::try_from).unwrap_or(u32::MAX))
            .collect();
        let samples = Samples::classes(inputs, n_inputs, &labels, self.n_partitions)?;
        let by_inputs;
        (guesses.loss, guesses.by_parameters, by_inputs) = self.model.loss_and_gradients(&samples, &runs)?;
        for (run, slopes) in runs.iter().zip(by_inputs.chunks_exact(n_inputs)) {
            guesses.by_inputs[run.start * n_inputs..run.end * n_inputs].copy_from_slice(slopes);
        }
        Ok(guesses)
    }

    /// One step towards better guesses.
    pub(crate) fn learn(&mut self, guesses: &Guesses, learning_rate: f64) -> Result<(), NnError> {
        if guesses.by_parameters.is_empty() {
            return Ok(());
        }
        self.model.apply_gradient(&guesses.by_parameters, learning_rate)
    }
}

/// ADL-Single: a discriminator guesses the partition of one partitioning, and the model is trained against it.
#[derive(Debug)]
pub struct Adversarial {
    partitioning: String,
    adversary: Adversary,
    /// Made with the plan.
    discriminator: Option<Discriminator>,
    /// As it was before the last epoch.
    before: Option<Snapshot>,
}

impl Adversarial {
    /// Against guesses of the partitions of the partitioning of this name, such as `4x1`.
    pub fn new(partitioning: String, adversary: Adversary) -> Self {
        Self {
            partitioning,
            adversary,
            discriminator: None,
            before: None,
        }
    }
}

impl Method for Adversarial {
    fn name(&self) -> String {
        format!("ADL-Single-{}", self.partitioning)
    }

    fn parameters(&self) -> Result<Value, TrainError> {
        json(&self.adversary)
    }

    fn plan(&mut self, samples: &SpatialSamples, config: &TrainConfig) -> Result<Vec<usize>, TrainError> {
        let plan = always(&self.partitioning, samples, config)?;
        let n_partitions = samples.n_partitions(samples.named(&self.partitioning)?);
        let n_outputs = samples.targets().n_outputs();
        self.discriminator = Some(Discriminator::new(
            &self.adversary,
            n_outputs,
            n_partitions,
            *config.seed(),
        )?);
        Ok(plan)
    }

    fn epoch(&mut self, turn: &mut Turn<'_>) -> Result<Outcome, TrainError> {
        let (Some(at_hand), Some(discriminator)) = (turn.at_hand, &mut self.discriminator) else {
            return turn.everywhere();
        };
        self.before = Some(discriminator.model.snapshot());
        adversarial(turn, (&self.adversary, discriminator), at_hand)
    }

    /// The epoch stands: there is nothing to go back to.
    fn scored(
        &mut self,
        _: &dyn Referee,
        _: &PartitionScores,
        _: &PartitionScores,
    ) -> Result<(), TrainError> {
        self.before = None;
        Ok(())
    }

    fn undo(&mut self) {
        if let (Some(before), Some(discriminator)) = (self.before.take(), &mut self.discriminator) {
            // It was this model's own, so that it fits.
            let _ = discriminator.model.restore(&before);
        }
    }

    fn state(&self) -> Result<Value, TrainError> {
        json(&self.discriminator.as_ref().map(|own| own.model.snapshot()))
    }

    fn restore(&mut self, state: Value, _: u64) -> Result<(), TrainError> {
        match (restored::<Option<_>>(state)?, &mut self.discriminator) {
            (Some(snapshot), Some(discriminator)) => {
                let refused = |error| TrainError::state(format!("its discriminator: {error}"));
                discriminator.model.restore(&snapshot).map_err(refused)
            }
            (None, None) => Ok(()),
            _ => Err(TrainError::state("it has no discriminator")),
        }
    }
}

/// An epoch over all samples against the discriminator of one partitioning.
pub(crate) fn adversarial(
    turn: &mut Turn<'_>,
    (adversary, discriminator): (&Adversary, &mut Discriminator),
    at_hand: usize,
) -> Result<Outcome, TrainError> {
    let spatial = turn.samples;
    turn.in_batches(|model, samples, runs| {
        let (loss, gradient, guesses) = against(
            model,
            (spatial, samples),
            (adversary, discriminator),
            at_hand,
            runs,
        )?;
        discriminator.learn(&guesses, adversary.learning_rate)?;
        Ok((loss, gradient))
    })
}

/// The loss of a batch, the gradient of L − λ `L_D` by the parameters of the model, and the guesses.
fn against(
    model: &mut Model,
    (spatial, samples): (&SpatialSamples, &Samples<'_>),
    (adversary, discriminator): (&Adversary, &mut Discriminator),
    at_hand: usize,
    runs: &[Range<usize>],
) -> Result<(f64, Vec<f32>, Guesses), TrainError> {
    let (loss, mut gradient) = model.loss_and_gradient(samples, runs)?;
    let features = samples.features();
    let rows = runs.iter().cloned().flatten();
    let partitions: Vec<Option<usize>> = rows.map(|row| spatial.partition_of(at_hand, row)).collect();
    let of_classes = matches!(samples.targets(), Targets::Classes { .. });
    let said = if of_classes {
        model.predict_probabilities(&features, runs)?
    } else {
        model.predict_values(&features, runs)?
    };
    let guesses = discriminator.guess(&said, &partitions)?;
    let n_outputs = samples.targets().n_outputs();
    let mut reversed = Vec::with_capacity(said.len());
    for (said, slopes) in said
        .chunks_exact(n_outputs)
        .zip(guesses.by_inputs.chunks_exact(n_outputs))
    {
        let reverse = |slope: f64| narrowed(-adversary.weight * slope);
        if of_classes {
            reversed.extend(softmax_backward(said, slopes).map(reverse));
        } else {
            reversed.extend(slopes.iter().map(|&slope| reverse(slope.into())));
        }
    }
    add_output_gradient(model, samples, runs, &reversed, &mut gradient)?;
    Ok((loss, gradient, guesses))
}

#[cfg(test)]
mod tests;
