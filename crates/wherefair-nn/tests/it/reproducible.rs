//! The same bits for any number of threads, and after a stop.

use rayon::ThreadPoolBuilder;
use wherefair_core::Seed;
use wherefair_nn::{
    Epoch, Initializer, Loss, MlpNetwork, MlpShape, Model, Order, Progress, autograd, fused_mlp,
    load_checkpoint, save_checkpoint,
};

use crate::fixtures::{Data, LOSSES, adam};

fn model(loss: Loss, width: usize) -> Model {
    let shape = MlpShape::new(10, &[width; 2], 7).unwrap();
    fused_mlp(&shape, Initializer::He, loss, adam(), Seed::new(4)).unwrap()
}

fn shuffled(index: u64) -> Epoch {
    Epoch {
        learning_rate: 1e-3,
        batch_size: 7_000,
        order: Order::Shuffled {
            seed: Seed::new(4),
            index,
        },
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let data = Data::new(20_000, 10, 7);
    for (loss, width) in LOSSES.into_iter().zip([10, 40, 10, 40, 10]) {
        let samples = data.samples(&loss);
        let train = || {
            let mut model = model(loss, width);
            let report = model
                .train(&samples, &[0..9_000, 9_500..20_000], &shuffled(0))
                .unwrap();
            let predicted = model.predict_values(&samples.features(), &[0..20_000]).unwrap();
            let bits: Vec<u32> = model
                .parameters()
                .iter()
                .chain(&predicted)
                .map(|value| value.to_bits())
                .collect();
            (report.mean_loss.to_bits(), bits)
        };
        let all: Vec<_> = [1, 2, 3, 8]
            .map(|n| {
                ThreadPoolBuilder::new()
                    .num_threads(n)
                    .build()
                    .unwrap()
                    .install(train)
            })
            .into_iter()
            .collect();
        assert!(all.iter().all(|bits| bits == &all[0]), "{loss:?}");
    }
}

#[test]
fn a_stopped_training_continues_with_the_same_bits() {
    let data = Data::new(3_000, 10, 7);
    let loss = Loss::CrossEntropy;
    let samples = data.samples(&loss);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("stopped.safetensors");
    let models = || -> [Model; 2] {
        let shape = MlpShape::new(10, &[10, 10], 7).unwrap();
        let build = |builder: &_| MlpNetwork::new(&shape, builder);
        [
            model(loss, 10),
            autograd(build, Initializer::He, loss, adam(), Seed::new(4)).unwrap(),
        ]
    };
    for (mut through, (mut stopped, mut resumed)) in
        models().into_iter().zip(models().into_iter().zip(models()))
    {
        let run = |model: &mut Model, epochs: std::ops::Range<u64>| {
            for index in epochs {
                model.train(&samples, &[0..3_000], &shuffled(index)).unwrap();
            }
        };
        run(&mut through, 0..4);
        run(&mut stopped, 0..2);
        let mut progress = Progress::new(Seed::new(4));
        progress.streams.insert("nn/order".to_owned(), 2);
        save_checkpoint(&path, &stopped, &progress).unwrap();
        // The resumed model had gone its own way before.
        run(&mut resumed, 9..10);
        let progress = load_checkpoint(&path, &mut resumed).unwrap();
        run(&mut resumed, progress.streams["nn/order"]..4);
        assert_eq!(through.parameters(), resumed.parameters());
        assert_eq!(through.optimizer_state(), resumed.optimizer_state());
    }
}

#[test]
fn shuffled_epochs_see_every_row_once() {
    // The mean loss of one step over all rows does not depend on their order, but the order of steps matters.
    let data = Data::new(500, 10, 7);
    let samples = data.samples(&Loss::MeanSquared);
    let train = |index, batch_size| {
        let mut model = model(Loss::MeanSquared, 10);
        let epoch = Epoch {
            batch_size,
            ..shuffled(index)
        };
        let report = model.train(&samples, &[0..500], &epoch).unwrap();
        assert_eq!(
            (report.n_samples, report.n_steps),
            (500, 500_u64.div_ceil(batch_size as u64))
        );
        (report.mean_loss, model.parameters().to_vec())
    };
    let (first, second) = (train(0, 500), train(1, 500));
    assert!((first.0 - second.0).abs() < 1e-6);
    assert_ne!(train(0, 100).1, train(1, 100).1);
    assert_eq!(train(1, 100).1, train(1, 100).1);
}
