//! The same gradients, outputs and trainings as on the processor.

use anyhow::bail;
use wherefair::core::Seed;
use wherefair_nn::{AdamParams, Device, Epoch, Initializer, Loss, MlpShape, Model, Order, Samples, mlp};

/// Largest difference of derivatives, as a part of the largest. Sums of 32-bit numbers in another order differ by far
/// less; but of many samples some lie on a kink of `ReLU` or of the absolute error, but for a rounding, and
/// count on one side only.
const GRADIENT_TOLERANCE: f64 = 1e-3;

/// Largest difference of outputs, which have no kinks, as a part of the largest.
const OUTPUT_TOLERANCE: f64 = 1e-4;

/// Largest difference of losses, as a part of the loss.
const LOSS_TOLERANCE: f64 = 1e-5;

/// The same after a training of many steps, in which roundings grow.
const TRAINED_LOSS_TOLERANCE: f64 = 1e-2;

/// The part of samples for which both must predict the same class.
const AGREEMENT: f64 = 0.999;

/// The same after a training.
const TRAINED_AGREEMENT: f64 = 0.95;

const LOSSES: [Loss; 5] = [
    Loss::CrossEntropy,
    Loss::SOFT_DICE,
    Loss::MeanSquared,
    Loss::MeanAbsolute,
    Loss::Huber { threshold: 0.7 },
];

/// Inputs, hidden layers, outputs, and samples: the paper's network, tiny ones, wide ones.
const NETWORKS: &[(&[usize], usize)] = &[
    (&[10, 10, 10, 10, 10, 10, 10, 10, 23], 100_003),
    (&[1, 1], 1),
    (&[4, 3, 5], 1_000),
    (&[10, 16, 16, 16, 16, 16, 16, 16, 23], 20_000),
    (&[10, 32, 32, 32, 32, 32, 32, 32, 23], 20_000),
    (&[10, 64, 64, 64, 64, 64, 64, 64, 23], 20_000),
    (&[10, 128, 128, 128, 128, 128, 128, 128, 23], 20_000),
    (&[100, 77, 128, 101], 5_000),
];

/// Checks every network and loss; prints the largest differences.
///
/// # Errors
/// Where one is too large.
pub(super) fn check(device: Device) -> anyhow::Result<()> {
    println!("\nparity: largest differences from the processor");
    for (widths, n) in NETWORKS {
        let case = Case::new(widths, *n)?;
        for loss in LOSSES {
            case.check(device, loss)?;
        }
    }
    let case = Case::new(&[10, 10, 10, 10, 10, 10, 10, 10, 23], 300_000)?;
    for loss in [Loss::CrossEntropy, Loss::SOFT_DICE] {
        case.check_training(device, loss)?;
    }
    println!("  all within their tolerances");
    Ok(())
}

/// Random features, with labels that depend on them so that there is something to learn.
struct Case {
    shape: MlpShape,
    features: Vec<f32>,
    labels: Vec<u32>,
    values: Vec<f32>,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "random data may round, and an absolute value is not negative"
)]
impl Case {
    fn new(widths: &[usize], n: usize) -> anyhow::Result<Self> {
        let [n_features, hidden @ .., n_outputs] = widths else {
            bail!("a network has inputs and outputs");
        };
        let mut stream = Seed::new(7).stream("gpu-check");
        let mut normal = |n: usize| -> Vec<f32> { (0..n).map(|_| stream.standard_normal() as f32).collect() };
        let (features, values) = (normal(n * n_features), normal(n * n_outputs));
        let label = |sample: &[f32]| {
            let sum: f32 = sample.iter().zip(1_u8..).map(|(x, k)| x * f32::from(k % 3)).sum();
            (f64::from(sum).abs() * 2.0).min((n_outputs - 1) as f64) as u8
        };
        Ok(Self {
            shape: MlpShape::new(*n_features, hidden, *n_outputs)?,
            labels: features
                .chunks_exact(*n_features)
                .map(|sample| label(sample).into())
                .collect(),
            features,
            values,
        })
    }

    fn samples(&self, loss: &Loss) -> anyhow::Result<Samples<'_>> {
        let (n_features, n_outputs) = (self.shape.n_features(), self.shape.n_outputs());
        Ok(if loss.is_of_classes() {
            Samples::classes(&self.features, n_features, &self.labels, n_outputs)?
        } else {
            Samples::values(&self.features, n_features, &self.values, n_outputs)?
        })
    }

    /// The same network on both.
    fn models(&self, device: Device, loss: Loss) -> anyhow::Result<[Model; 2]> {
        let adam = AdamParams::default().check()?;
        let on = |device| mlp(device, &self.shape, Initializer::He, loss, adam, Seed::new(2));
        let (mut card, mut processor) = (on(device)?, on(Device::Cpu)?);
        // Biases other than 0, so that no sample lies on a kink.
        let nudges = (0_u8..=12).cycle().map(|index| f32::from(index) * 0.01 - 0.055);
        let nudged: Vec<f32> = processor
            .parameters()
            .iter()
            .zip(nudges)
            .map(|(a, b)| a + b)
            .collect();
        card.set_parameters(&nudged)?;
        processor.set_parameters(&nudged)?;
        Ok([card, processor])
    }

    fn check(&self, device: Device, loss: Loss) -> anyhow::Result<()> {
        let what = format!(
            "{:?}, {} samples, {loss:?}",
            self.shape.widths(),
            self.labels.len()
        );
        let [mut card, mut processor] = self.models(device, loss)?;
        let samples = self.samples(&loss)?;
        let features = samples.features();
        let n = features.n_samples();
        // Two runs, the later one first.
        let runs = [n / 3..n, 0..n / 4];
        let (our_loss, ours) = card.loss_and_gradient(&samples, &runs)?;
        let (their_loss, theirs) = processor.loss_and_gradient(&samples, &runs)?;
        let of_gradient = relative(&ours, &theirs);
        let of_loss = (our_loss - their_loss).abs() / their_loss.abs().max(1.0);
        let again = card.loss_and_gradient(&samples, &runs)?;
        let are_bits_the_same = again.0.to_bits() == our_loss.to_bits() && again.1 == ours;
        let of_outputs = relative(
            &card.predict_values(&features, &runs)?,
            &processor.predict_values(&features, &runs)?,
        );
        let derivatives = vec![0.25; (runs[0].len() + runs[1].len()) * self.shape.n_outputs()];
        let of_given = relative(
            &card.output_gradient(&features, &runs, &derivatives)?,
            &processor.output_gradient(&features, &runs, &derivatives)?,
        );
        let agreement = agreement(&card, &processor, &samples)?;
        println!(
            "  {what}: gradient {of_gradient:.1e}, loss {of_loss:.1e}, outputs {of_outputs:.1e}, gradient of outputs \
             {of_given:.1e}, same class {:.2} %",
            100.0 * agreement
        );
        let is_near = of_gradient.max(of_given) <= GRADIENT_TOLERANCE && of_outputs <= OUTPUT_TOLERANCE;
        if !(is_near && of_loss <= LOSS_TOLERANCE && agreement >= AGREEMENT) {
            bail!("{what}: the results of {device} differ from those of the processor");
        }
        if !are_bits_the_same {
            bail!("{what}: {device} gives other bits the second time");
        }
        Ok(())
    }

    fn check_training(&self, device: Device, loss: Loss) -> anyhow::Result<()> {
        let samples = self.samples(&loss)?;
        let train = |model: &mut Model| -> anyhow::Result<f64> {
            let mut last = 0.0;
            for index in 0..5 {
                let epoch = Epoch {
                    learning_rate: 1e-3,
                    batch_size: 16_384,
                    order: Order::Shuffled {
                        seed: Seed::new(1),
                        index,
                    },
                };
                let all = samples.features().all_rows();
                last = model.train(&samples, &all, &epoch)?.mean_loss;
            }
            Ok(last)
        };
        let [mut card, mut processor] = self.models(device, loss)?;
        let (ours, theirs) = (train(&mut card)?, train(&mut processor)?);
        let [mut again, _] = self.models(device, loss)?;
        train(&mut again)?;
        let agreement = agreement(&card, &processor, &samples)?;
        println!(
            "  5 epochs of 19 steps, {loss:?}: loss {ours:.6} and {theirs:.6}, same class {:.2} %",
            100.0 * agreement
        );
        let is_near = (ours - theirs).abs() <= TRAINED_LOSS_TOLERANCE * theirs.abs().max(1.0);
        if !(is_near && agreement >= TRAINED_AGREEMENT) {
            bail!("{loss:?}: a training on {device} goes another way than on the processor");
        }
        if again.parameters() != card.parameters() {
            bail!("{loss:?}: a training on {device} gives other bits the second time");
        }
        Ok(())
    }
}

/// The largest difference, as a part of the largest number; infinite where one is NaN.
fn relative(ours: &[f32], theirs: &[f32]) -> f64 {
    let largest = theirs
        .iter()
        .fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let differences = ours
        .iter()
        .zip(theirs)
        .map(|(ours, theirs)| (ours - theirs).abs());
    let most = differences.fold(0.0_f32, |most, one| {
        if one.is_nan() {
            f32::INFINITY
        } else {
            most.max(one)
        }
    });
    f64::from(most) / f64::from(largest).max(1e-30)
}

/// The part of samples for which both predict the same class.
fn agreement(card: &Model, processor: &Model, samples: &Samples<'_>) -> anyhow::Result<f64> {
    let features = samples.features();
    let all = features.all_rows();
    let (ours, theirs) = (
        card.predict_classes(&features, &all)?,
        processor.predict_classes(&features, &all)?,
    );
    let n_same = ours
        .iter()
        .zip(&theirs)
        .filter(|(ours, theirs)| ours == theirs)
        .count();
    Ok(n_same as f64 / ours.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_agrees_with_itself() {
        let case = Case::new(&[4, 3, 5], 400).unwrap();
        for loss in LOSSES {
            case.check(Device::Cpu, loss).unwrap();
        }
    }

    #[test]
    fn differences_and_nan_are_seen() {
        assert!((relative(&[1.0, -2.0], &[1.0, -1.0]) - 1.0).abs() < 1e-12);
        assert!(relative(&[f32::NAN, 1.0], &[1.0, 1.0]).is_infinite());
    }
}
