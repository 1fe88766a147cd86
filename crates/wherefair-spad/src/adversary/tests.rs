//! Guesses and their gradients, by differences and by what training does with them.

use wherefair_core::{Extent, Sites};
use wherefair_nn::{Initializer, Loss, LstmNetwork, LstmParams, MlpShape, Samples, autograd, fused_mlp};
use wherefair_partition::PartitioningDistribution;

use super::*;
use crate::{SpadParams, Strategy};
use wherefair_audit::Score;
use wherefair_metrics::ClassScore;
use wherefair_train::{Sampling, Schedule, Stage};

const STEP: f32 = 5e-3;
/// Of the largest derivative: differences of f32 parameters over a step of 0.005.
const TOLERANCE: f64 = 5e-3;

fn adversary(weight: f64) -> Adversary {
    Adversary {
        weight,
        hidden: 5,
        learning_rate: 0.01,
    }
}

fn inputs(n_rows: usize) -> Vec<f32> {
    let mut stream = Seed::new(1).stream("inputs");
    (0..n_rows * 3).map(|_| narrowed(stream.uniform())).collect()
}

/// Two of three rows in one of four partitions, the rest in none.
fn partitions(n_rows: usize) -> Vec<Option<usize>> {
    (0..n_rows).map(|row| (row % 3 < 2).then_some(row % 4)).collect()
}

fn assert_differences(derivatives: &[f32], mut loss_at: impl FnMut(usize, f32) -> f64) {
    let largest = derivatives
        .iter()
        .fold(0.0, |largest: f64, value| largest.max(f64::from(*value).abs()));
    assert!(largest > 1e-4);
    for (index, &ours) in derivatives.iter().enumerate() {
        let difference = (loss_at(index, STEP) - loss_at(index, -STEP)) / f64::from(2.0 * STEP);
        let error = (f64::from(ours) - difference).abs();
        assert!(error < TOLERANCE * largest, "{index}: {ours} and {difference}");
    }
}

#[test]
fn derivatives_of_the_guesses_are_those_of_central_differences() {
    let (inputs, partitions) = (inputs(20), partitions(20));
    let mut own = Discriminator::new(&adversary(1.0), 3, 4, Seed::new(2)).unwrap();
    let guesses = own.guess(&inputs, &partitions).unwrap();
    let parameters = own.model.parameters().to_vec();
    assert_differences(&guesses.by_parameters, |index, step| {
        let mut moved = parameters.clone();
        moved[index] += step;
        own.model.set_parameters(&moved).unwrap();
        own.guess(&inputs, &partitions).unwrap().loss
    });
    own.model.set_parameters(&parameters).unwrap();
    assert_differences(&guesses.by_inputs, |index, step| {
        let mut moved = inputs.clone();
        moved[index] += step;
        own.guess(&moved, &partitions).unwrap().loss
    });
}

#[test]
fn rows_of_no_partition_take_no_part() {
    let mut own = Discriminator::new(&adversary(1.0), 3, 4, Seed::new(2)).unwrap();
    let (all, places) = (inputs(12), partitions(12));
    let guesses = own.guess(&all, &places).unwrap();
    for (slopes, place) in guesses.by_inputs.chunks_exact(3).zip(&places) {
        assert_eq!(slopes.iter().all(|slope| *slope == 0.0), place.is_none());
    }
    let none = own.guess(&all, &[None; 12]).unwrap();
    assert!(none.loss.abs() < 1e-300);
    assert!(none.by_inputs.iter().all(|slope| *slope == 0.0));
    let before = own.model.snapshot();
    own.learn(&none, 0.1).unwrap();
    assert_eq!(own.model.snapshot(), before);
    assert_eq!(none.by_inputs.len(), 36);
}

#[test]
fn guesses_do_not_depend_on_the_number_of_threads() {
    let (inputs, partitions) = (inputs(5_000), partitions(5_000));
    let mut own = Discriminator::new(&adversary(1.0), 3, 4, Seed::new(2)).unwrap();
    let mut run = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n_threads)
            .build()
            .unwrap();
        pool.install(|| own.guess(&inputs, &partitions).unwrap())
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(5));
}

/// Samples in the west and the east; the first feature is the label, the second the place.
fn halves(n: usize) -> SpatialSamples {
    let mut stream = Seed::new(3).stream("halves");
    let (mut x, mut features, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..n {
        let is_east = row % 2 == 1;
        x.push(if is_east { 0.75 } else { 0.25 } + 0.2 * (stream.uniform() - 0.5));
        let own = stream.standard_normal();
        // The east is drier, and has more of class 1.
        let place = if is_east { 0.8 } else { -0.8 } + 0.5 * stream.standard_normal();
        features.extend([narrowed(own), narrowed(place), narrowed(stream.standard_normal())]);
        labels.push(u32::from(own + 0.6 * place > 0.0));
    }
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let grids = PartitioningDistribution::equal_grids(extent, 1, 2).unwrap();
    let samples = Samples::classes(&features, 3, &labels, 2).unwrap();
    SpatialSamples::new(&grids, Sites::new(&x, &x).unwrap(), &samples).unwrap()
}

#[test]
fn the_gradient_of_the_model_is_that_of_the_loss_less_the_weighted_loss_of_the_guesses() {
    let spatial = halves(60);
    let shape = LstmParams::new(3, 1, 3, 2).check().unwrap();
    let adam = AdamParams::default().check().unwrap();
    let build = |builder: &_| LstmNetwork::new(&shape, builder);
    let mut model = autograd(build, Initializer::Glorot, Loss::CrossEntropy, adam, Seed::new(1)).unwrap();
    let parameters = model.parameters().to_vec();
    let weight = 4.0;
    let mut own = Discriminator::new(&adversary(weight), 2, 2, Seed::new(2)).unwrap();
    // Sure of its guesses, so that their derivatives stand out of the rounding of 32 bits.
    let sure: Vec<f32> = own.model.parameters().iter().map(|value| 5.0 * value).collect();
    own.model.set_parameters(&sure).unwrap();
    let runs = [0..25, 30..60];
    let samples = spatial.samples();
    let mut at = |parameters: &[f32]| {
        model.set_parameters(parameters).unwrap();
        against(
            &mut model,
            (&spatial, &samples),
            (&adversary(weight), &mut own),
            0,
            &runs,
        )
        .unwrap()
    };
    let (loss, gradient, guesses) = at(&parameters);
    assert!(loss > 0.0 && guesses.loss > 0.0);
    assert_differences(&gradient, |index, step| {
        let mut moved = parameters.clone();
        moved[index] += step;
        let (loss, _, guesses) = at(&moved);
        loss - weight * guesses.loss
    });
}

/// The mean cross-entropy of a discriminator that learns from a trained model's answers, as it is at the end.
fn guessed_after(weight: f64) -> (f64, f64) {
    let spatial = halves(2_000);
    let shape = MlpShape::new(3, &[8], 2).unwrap();
    let adam = AdamParams::default().check().unwrap();
    let model = fused_mlp(
        &shape,
        Initializer::Glorot,
        Loss::CrossEntropy,
        adam,
        Seed::new(1),
    )
    .unwrap();
    let partitioning = "1x2".to_owned();
    let against = adversary(weight);
    let stage = Stage {
        epochs_each: 1,
        n_draws: 60,
    };
    let config = SpadParams::new(Score::Class(ClassScore::Accuracy))
        .strategy(Strategy::Adversarial {
            partitioning,
            adversary: against,
        })
        .schedule(Schedule::new(0, vec![stage], Sampling::Independent).unwrap())
        .learning_rate(0.01)
        .batch_size(200)
        .check()
        .unwrap();
    let mut training = config.train(model, &spatial, None).unwrap();
    assert!(training.run(|_| std::ops::ControlFlow::Continue(())).unwrap());
    let loss = training.records().last().unwrap().loss.unwrap();
    let samples = spatial.samples();
    let said = training
        .model()
        .predict_probabilities(&samples.features(), &spatial.all_rows())
        .unwrap();
    let places: Vec<Option<usize>> = (0..spatial.n_samples())
        .map(|row| spatial.partition_of(0, row))
        .collect();
    // A fresh one, so that it is the answers that are judged and not who guessed before.
    let mut fresh = Discriminator::new(&against, 2, 2, Seed::new(7)).unwrap();
    for _ in 0..400 {
        let guesses = fresh.guess(&said, &places).unwrap();
        fresh.learn(&guesses, 0.02).unwrap();
    }
    (fresh.guess(&said, &places).unwrap().loss, loss)
}

#[test]
fn training_against_the_discriminator_makes_the_partition_harder_to_guess() {
    let (without, loss_without) = guessed_after(0.0);
    let (with, loss_with) = guessed_after(8.0);
    // The entropy of two halves is ln 2 = 0.693: nothing to be guessed.
    assert!(without < 0.64, "{without}");
    assert!(with > without + 0.03 && with < 0.70, "{with}, without {without}");
    // The price is paid in the loss.
    assert!(loss_with > loss_without, "{loss_with} {loss_without}");
}
