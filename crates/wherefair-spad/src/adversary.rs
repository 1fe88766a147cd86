//! The adversary of the baseline ADL-Single: a discriminator, and the reversal of its gradient.

use std::ops::Range;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Seed};
use wherefair_nn::{AdamConfig, AdamParams, NnError, OptimizerState, Targets};

use crate::epoch::{Outcome, Set, add_output_gradient, in_batches};
use crate::{Player, SpadConfig, SpadError};

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

/// Rows whose derivatives are summed together: the sums do not depend on the number of threads.
const STRIPE: usize = 1 << 10;

/// The discriminator with its optimiser.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Discriminator {
    /// Inputs, hidden units, partitions.
    widths: [usize; 3],
    /// Weights `(hidden, n_inputs)` and biases of the hidden layer, then of the last, `(n_partitions, hidden)`.
    pub(crate) parameters: Vec<f32>,
    pub(crate) state: OptimizerState,
    adam: AdamConfig,
}

/// The loss of some guesses, with its derivatives.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Guesses {
    /// Mean cross-entropy over the rows of a partition; 0 where there is none.
    pub(crate) loss: f64,
    /// By the parameters.
    pub(crate) by_parameters: Vec<f32>,
    /// By what was seen, `(n_rows, n_inputs)`.
    pub(crate) by_inputs: Vec<f32>,
}

/// Sums over one stripe.
struct Sums {
    loss: f64,
    by_parameters: Vec<f64>,
    by_inputs: Vec<f64>,
}

impl Discriminator {
    /// Weights uniform on ±√(6 / (inputs + outputs)) of their layer, biases 0.
    pub(crate) fn new(
        adversary: &Adversary,
        n_inputs: usize,
        n_partitions: usize,
        seed: Seed,
    ) -> Result<Self, ParamError> {
        let widths = [n_inputs, adversary.hidden, n_partitions];
        let mut stream = seed.stream("spad/discriminator");
        let mut parameters = Vec::new();
        for pair in widths.windows(2) {
            let bound = (6.0 / (pair[0] + pair[1]) as f64).sqrt();
            let draws = (0..pair[0] * pair[1]).map(|_| narrowed(bound * (2.0 * stream.uniform() - 1.0)));
            parameters.extend(draws);
            parameters.resize(parameters.len() + pair[1], 0.0);
        }
        Ok(Self {
            widths,
            state: OptimizerState::new(parameters.len()),
            parameters,
            adam: AdamParams::default().check()?,
        })
    }

    /// Guesses the partition of every row of `inputs`, `(n_rows, n_inputs)`, and compares with the true ones.
    pub(crate) fn guess(&self, inputs: &[f32], partitions: &[Option<usize>]) -> Guesses {
        let n_inputs = self.widths[0];
        let n = partitions.iter().flatten().count();
        if n == 0 {
            return Guesses {
                loss: 0.0,
                by_parameters: vec![0.0; self.parameters.len()],
                by_inputs: vec![0.0; inputs.len()],
            };
        }
        let parameters: Vec<f64> = self.parameters.iter().map(|&value| value.into()).collect();
        let stripes: Vec<Sums> = inputs
            .par_chunks(STRIPE * n_inputs)
            .zip(partitions.par_chunks(STRIPE))
            .map(|(inputs, partitions)| self.sums(&parameters, inputs, partitions))
            .collect();
        let scale = 1.0 / n as f64;
        let mut loss = 0.0;
        let mut by_parameters = vec![0.0; self.parameters.len()];
        let mut by_inputs = Vec::with_capacity(inputs.len());
        for stripe in stripes {
            loss += stripe.loss;
            for (sum, own) in by_parameters.iter_mut().zip(stripe.by_parameters) {
                *sum += own;
            }
            by_inputs.extend(stripe.by_inputs.into_iter().map(|value| narrowed(scale * value)));
        }
        Guesses {
            loss: scale * loss,
            by_parameters: by_parameters
                .into_iter()
                .map(|value| narrowed(scale * value))
                .collect(),
            by_inputs,
        }
    }

    fn sums(&self, parameters: &[f64], inputs: &[f32], partitions: &[Option<usize>]) -> Sums {
        let [n_inputs, hidden, n_partitions] = self.widths;
        let (first, last) = parameters.split_at(hidden * (n_inputs + 1));
        let (first, first_biases) = first.split_at(hidden * n_inputs);
        let (last, last_biases) = last.split_at(n_partitions * hidden);
        let mut sums = Sums {
            loss: 0.0,
            by_parameters: vec![0.0; parameters.len()],
            by_inputs: vec![0.0; inputs.len()],
        };
        let (by_first, by_last) = sums.by_parameters.split_at_mut(hidden * (n_inputs + 1));
        let (by_first, by_first_biases) = by_first.split_at_mut(hidden * n_inputs);
        let (by_last, by_last_biases) = by_last.split_at_mut(n_partitions * hidden);
        let mut units = vec![0.0; hidden];
        let mut by_units = vec![0.0; hidden];
        let mut chances = vec![0.0; n_partitions];
        let rows = inputs
            .chunks_exact(n_inputs)
            .zip(sums.by_inputs.chunks_exact_mut(n_inputs));
        for ((inputs, by_inputs), partition) in rows.zip(partitions) {
            let Some(partition) = *partition else { continue };
            let layer = first.chunks_exact(n_inputs).zip(first_biases);
            for (unit, (weights, bias)) in units.iter_mut().zip(layer) {
                let products = weights
                    .iter()
                    .zip(inputs)
                    .map(|(weight, &input)| weight * f64::from(input));
                *unit = (bias + products.sum::<f64>()).tanh();
            }
            let layer = last.chunks_exact(hidden).zip(last_biases);
            for (chance, (weights, bias)) in chances.iter_mut().zip(layer) {
                let products = weights.iter().zip(&units).map(|(weight, unit)| weight * unit);
                *chance = bias + products.sum::<f64>();
            }
            sums.loss += cross_entropy(&mut chances, partition);
            by_units.fill(0.0);
            // `chances` are now the derivatives by the last layer.
            for (index, &slope) in chances.iter().enumerate() {
                by_last_biases[index] += slope;
                let of_row = index * hidden..(index + 1) * hidden;
                let weights = last[of_row.clone()].iter().zip(&mut by_last[of_row]);
                for (((weight, by_weight), unit), by_unit) in weights.zip(&units).zip(&mut by_units) {
                    *by_weight += slope * unit;
                    *by_unit += slope * weight;
                }
            }
            for (index, (unit, by_unit)) in units.iter().zip(&by_units).enumerate() {
                let slope = by_unit * (1.0 - unit * unit);
                by_first_biases[index] += slope;
                let of_row = index * n_inputs..(index + 1) * n_inputs;
                let weights = first[of_row.clone()].iter().zip(&mut by_first[of_row]);
                for (((weight, by_weight), &input), by_input) in weights.zip(inputs).zip(by_inputs.iter_mut())
                {
                    *by_weight += slope * f64::from(input);
                    *by_input += slope * weight;
                }
            }
        }
        sums
    }

    /// One step towards better guesses.
    pub(crate) fn learn(&mut self, guesses: &Guesses, learning_rate: f64) -> Result<(), NnError> {
        let gradient = &guesses.by_parameters;
        self.adam
            .step(learning_rate, gradient, &mut self.state, &mut self.parameters)
    }
}

/// Cross-entropy of the softmax of `values`, which become its derivatives.
fn cross_entropy(values: &mut [f64], truth: usize) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let own = values[truth] - largest;
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = (*value - largest).exp();
        sum += *value;
    }
    for value in values.iter_mut() {
        *value /= sum;
    }
    values[truth] -= 1.0;
    sum.ln() - own
}

#[expect(clippy::cast_possible_truncation, reason = "to the precision of parameters")]
fn narrowed(value: f64) -> f32 {
    value as f32
}

/// An epoch over all samples against the discriminator of one partitioning.
pub(crate) fn adversarial(
    player: &mut Player<'_>,
    set: &Set<'_>,
    config: &SpadConfig,
    (adversary, discriminator): (&Adversary, &mut Discriminator),
    at_hand: usize,
) -> Result<Outcome, SpadError> {
    in_batches(player, set, config, |player, runs| {
        let (loss, gradient, guesses) = against(player, set, (adversary, discriminator), at_hand, runs)?;
        discriminator.learn(&guesses, adversary.learning_rate)?;
        Ok((loss, gradient))
    })
}

/// The loss of a batch, the gradient of L − λ `L_D` by the parameters of the model, and the guesses.
fn against(
    player: &mut Player<'_>,
    set: &Set<'_>,
    (adversary, discriminator): (&Adversary, &Discriminator),
    at_hand: usize,
    runs: &[Range<usize>],
) -> Result<(f64, Vec<f32>, Guesses), SpadError> {
    let (loss, mut gradient) = player.model_mut().loss_and_gradient(&set.samples, runs)?;
    let features = set.samples.features();
    let rows = runs.iter().cloned().flatten();
    let partitions: Vec<Option<usize>> = rows.map(|row| set.spatial.partition_of(at_hand, row)).collect();
    let of_classes = matches!(set.spatial.targets(), Targets::Classes { .. });
    let said = if of_classes {
        player.model().predict_probabilities(&features, runs)?
    } else {
        player.model().predict_values(&features, runs)?
    };
    let guesses = discriminator.guess(&said, &partitions);
    let n_outputs = set.spatial.targets().n_outputs();
    let mut reversed = Vec::with_capacity(said.len());
    for (said, slopes) in said
        .chunks_exact(n_outputs)
        .zip(guesses.by_inputs.chunks_exact(n_outputs))
    {
        let pairs = || {
            said.iter()
                .zip(slopes)
                .map(|(&said, &slope)| (f64::from(said), f64::from(slope)))
        };
        // The derivative of softmax.
        let mean: f64 = pairs().map(|(said, slope)| said * slope).sum();
        reversed.extend(pairs().map(|(said, slope)| {
            let by_output = if of_classes { said * (slope - mean) } else { slope };
            narrowed(-adversary.weight * by_output)
        }));
    }
    add_output_gradient(player, set, runs, &reversed, &mut gradient)?;
    Ok((loss, gradient, guesses))
}

#[cfg(test)]
mod tests;
