//! Training on representative partitionings: loops, similarity, clusters.

use std::sync::Arc;

use wherefair_audit::PartitionScores;
use wherefair_core::{Extent, Sites};
use wherefair_nn::{
    AdamParams, Engine, Features, FusedMlp, Loss, MlpShape, Model, NnError, Outputs, ParameterTensor, Samples,
};
use wherefair_partition::{EqualGrid, Groups, Partitioning, PartitioningDistribution};
use wherefair_similarity::{
    CountRule, Noise, Representatives, Rescaling, SimilarityError, SpatialInformation, cluster,
};
use wherefair_spad::{LoopStage, SimilaritySampling, SpadConfig, SpadParams, Strategy};
use wherefair_train::{PartitionOrder, Phase, Schedule, SpatialSamples, TrainError, Training};

use crate::scene::{Scene, WEIGHTED_F1, classifier, few_loops, finished, loops, schedule, similarity};

const N: usize = 8;

fn params(strategy: Strategy) -> SpadParams {
    SpadParams::new(WEIGHTED_F1)
        .strategy(strategy)
        .schedule(schedule(20, &[]))
        .learning_rate(0.01)
}

fn config(sampling: SimilaritySampling) -> SpadConfig {
    params(Strategy::SpadSim(sampling)).check().unwrap()
}

#[test]
fn loops_are_those_of_the_paper() {
    let train = Scene::new(400, 1).classes();
    let model = classifier(3);
    let training = finished(model, &train, None, config(few_loops()));
    let stages: Vec<LoopStage> = loops(&training).iter().map(|one| one.stage).collect();
    let (clustering, sampling) = (LoopStage::Clustering, LoopStage::Sampling);
    let [initial, tentative] = [LoopStage::Initial, LoopStage::Tentative];
    assert_eq!(
        stages,
        [
            initial, initial, tentative, clustering, clustering, sampling, sampling
        ]
    );
    let mut epoch = 21;
    for one in loops(&training) {
        assert_eq!(one.first_epoch, epoch);
        let mut unique = one.partitionings.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), one.partitionings.len());
        let records = &training.records()[usize::try_from(epoch).unwrap() - 1..];
        if one.stage == LoopStage::Tentative {
            assert_eq!(unique, (0..N).collect::<Vec<_>>());
            let first = &records[0];
            assert_eq!((first.phase, first.partitioning), (Phase::Tentative, None));
            assert!(first.n_updates > 0 && first.measured.is_none());
            epoch += 1;
        } else {
            let all = one.stage == LoopStage::Initial;
            assert_eq!(unique.len() == N, all);
            for (record, &partitioning) in records.iter().zip(&one.partitionings) {
                let found = (record.phase, record.partitioning);
                assert_eq!(found, (Phase::Fair, Some(partitioning)));
            }
            epoch += one.partitionings.len() as u64;
        }
        assert_eq!(one.clusters.is_some(), one.stage == LoopStage::Clustering);
        assert!(one.clusters.as_ref().is_none_or(|clusters| clusters.len() == N));
    }
    assert_eq!(training.epoch() + 1, epoch);
    assert_eq!(training.n_epochs(), training.epoch());
    // Every row was measured once, and once more each time it was trained while clustering.
    let (candidates, similarity) = similarity(&training).unwrap();
    assert_eq!(candidates, (0..N).collect::<Vec<_>>());
    let trained_again = |i: usize| {
        let loops = loops(&training).iter().filter(|one| one.stage == clustering);
        loops.filter(|one| one.partitionings.contains(&i)).count()
    };
    for i in 0..N {
        for j in 0..N {
            assert_eq!(
                similarity.n_measured(i, j) as usize,
                1 + trained_again(i),
                "{i}, {j}"
            );
        }
    }
}

/// What each loop that draws a sample must hold, from the similarities known when it begins and the loops before it.
#[test]
fn clusters_and_samples_are_those_of_the_similarities_so_far() {
    let n_clustered: usize = (1..5).map(clusters_of_a_training).sum();
    assert!(n_clustered > 0);
}

/// How many clusters its loops made.
fn clusters_of_a_training(scene: u64) -> usize {
    let train = Scene::new(400, scene).classes();
    let information = SpatialInformation::of(train.distribution().candidates()).unwrap();
    let sampling = SimilaritySampling {
        n_clustering: 4,
        n_loops: 12,
        ..few_loops()
    };
    let model = classifier(3);
    let mut training = config(sampling).train(model, &train, None).unwrap();
    let mut n_selected = vec![0_u64; N];
    let mut representatives = None;
    let mut n_clustered = 0;
    loop {
        let similarity = similarity(&training).unwrap().1.clone();
        let n_before = loops(&training).len();
        if training.step().unwrap().is_none() {
            break;
        }
        if loops(&training).len() > n_before {
            let index = loops(&training).len() - 1;
            let begun = &loops(&training)[index];
            let mutual = similarity.mutual();
            if begun.stage == LoopStage::Clustering {
                let distances = mutual.distances();
                let distances = distances.rescaled(&information, sampling.rescaling).unwrap();
                let clustering = cluster(&distances, &sampling.clustering).unwrap();
                assert_eq!(begun.clusters.as_deref(), Some(clustering.labels()));
                n_clustered += clustering.n_clusters();
                let of = Representatives::of(&clustering, sampling.noise, sampling.count_rule);
                representatives = Some(of.unwrap());
            }
            if let Some(representatives) = &representatives {
                let mut stream = training
                    .config()
                    .seed()
                    .indexed("spad/representatives", index as u64);
                let mut expected = representatives
                    .sample(&mutual, &n_selected, sampling.selection_rule, &mut stream)
                    .unwrap();
                stream.shuffle(&mut expected);
                assert_eq!(begun.partitionings, expected);
                for members in representatives.clusters() {
                    assert!(members.iter().any(|member| expected.contains(member)));
                }
            }
        }
        let begun = loops(&training).last();
        let trained = training.records().last().unwrap().partitioning;
        if let (Some(begun), Some(trained)) = (begun, trained)
            && matches!(begun.stage, LoopStage::Clustering | LoopStage::Sampling)
        {
            n_selected[trained] += 1;
        }
    }
    assert!(n_selected.iter().any(|&times| times > 1));
    n_clustered
}

#[test]
fn where_nothing_became_fairer_all_maps_are_drawn_alike() {
    let train = Scene::new(400, 1).classes();
    let sampling = SimilaritySampling {
        n_loops: 40,
        ..few_loops()
    };
    // Too little to change any prediction.
    let config = params(Strategy::SpadSim(sampling)).learning_rate(1e-30);
    let model = classifier(3);
    let training = finished(model, &train, None, config.check().unwrap());
    assert!(similarity(&training).unwrap().1.mutual().is_zero());
    let mut seen = [false; N];
    for one in &loops(&training)[3..] {
        assert!(one.clusters.as_ref().is_none_or(|labels| *labels == [None; N]));
        // round(√8).
        assert_eq!(one.partitionings.len(), 3);
        for &trained in &one.partitionings {
            seen[trained] = true;
        }
    }
    assert_eq!(seen, [true; N]);
}

#[test]
fn the_initial_loops_are_spads() {
    let train = Scene::new(400, 1).classes();
    let model = classifier(3);
    let mut sim = config(few_loops()).train(model, &train, None).unwrap();
    let journal = Schedule::journal(2, u32::try_from(N).unwrap())
        .unwrap()
        .with_base_epochs(20);
    let model = classifier(3);
    let of_spad = params(Strategy::Spad).schedule(journal).check().unwrap();
    let spad = finished(model, &train, None, of_spad);
    for _ in 0..20 + 2 * N {
        sim.step().unwrap();
    }
    assert_eq!(sim.records(), spad.records());
    assert_eq!(sim.model().parameters(), spad.model().parameters());
    // The tentative loop leaves the model as it was.
    assert_eq!(sim.step().unwrap().unwrap().phase, Phase::Tentative);
    assert_eq!(sim.model().parameters(), spad.model().parameters());
    assert_eq!(sim.model().optimizer_state(), spad.model().optimizer_state());
}

#[test]
fn similarities_are_what_training_each_partitioning_alone_does() {
    let train = Scene::new(400, 1).classes();
    let sampling = SimilaritySampling {
        n_initial: 0,
        ..few_loops()
    };
    // Without shuffled partitions, the first fair epoch of a single partitioning is its tentative one.
    let in_order = |strategy| params(strategy).partition_order(PartitionOrder::AsNumbered);
    let model = classifier(3);
    let sim_config = in_order(Strategy::SpadSim(sampling)).check().unwrap();
    let mut sim = sim_config.train(model, &train, None).unwrap();
    for _ in 0..21 {
        sim.step().unwrap();
    }
    let (_, similarity) = similarity(&sim).unwrap();
    for i in 0..N {
        let name = train.distribution().candidates()[i].name();
        let single = in_order(Strategy::Single { partitioning: name })
            .schedule(schedule(20, &[(1, 1)]))
            .check()
            .unwrap();
        let model = classifier(3);
        let mut training = single.train(model, &train, None).unwrap();
        for _ in 0..20 {
            training.step().unwrap();
        }
        let before = scores(&training, &train);
        training.step().unwrap();
        let after = scores(&training, &train);
        for j in 0..N {
            let unfairness = |scores| training.referee().unfairness(j, scores).unwrap().mean;
            let expected = (unfairness(&before) - unfairness(&after)) / unfairness(&before);
            let found = similarity.get(i, j).unwrap();
            assert!(
                (found - expected).abs() < 1e-12,
                "({i}, {j}): {found}, not {expected}"
            );
        }
    }
}

fn scores(training: &Training, train: &SpatialSamples) -> PartitionScores {
    train.scores(training.model(), WEIGHTED_F1, 1).unwrap()
}

/// An engine that cannot be replicated.
struct Alone(FusedMlp);

impl Engine for Alone {
    fn description(&self) -> String {
        self.0.description()
    }
    fn parameter_tensors(&self) -> Vec<ParameterTensor> {
        self.0.parameter_tensors()
    }
    fn n_features(&self) -> usize {
        self.0.n_features()
    }
    fn n_outputs(&self) -> usize {
        self.0.n_outputs()
    }
    fn gradient(
        &mut self,
        parameters: &[f32],
        samples: &Samples<'_>,
        rows: &[u32],
        loss: &Loss,
        gradient: &mut [f32],
        by_inputs: Option<&mut [f32]>,
    ) -> Result<f64, NnError> {
        self.0
            .gradient(parameters, samples, rows, loss, gradient, by_inputs)
    }
    fn output_gradient(
        &mut self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        derivatives: &[f32],
        gradient: &mut [f32],
        by_inputs: Option<&mut [f32]>,
    ) -> Result<(), NnError> {
        self.0
            .output_gradient(parameters, features, rows, derivatives, gradient, by_inputs)
    }
    fn hessian_vector(
        &mut self,
        parameters: &[f32],
        samples: &Samples<'_>,
        rows: &[u32],
        loss: &Loss,
        vector: &[f32],
        product: &mut [f32],
    ) -> Result<(), NnError> {
        self.0
            .hessian_vector(parameters, samples, rows, loss, vector, product)
    }
    fn outputs(
        &self,
        parameters: &[f32],
        features: &Features<'_>,
        rows: &[u32],
        outputs: Outputs<'_>,
    ) -> Result<(), NnError> {
        self.0.outputs(parameters, features, rows, outputs)
    }
}

/// The classifier of the other tests on an engine that cannot be replicated.
fn alone(seed: u64) -> Model {
    let shape = MlpShape::new(3, &[8, 8], 2).unwrap();
    let adam = AdamParams::default().check().unwrap();
    let parameters = classifier(seed).parameters().to_vec();
    Model::new(Alone(FusedMlp::new(&shape)), Loss::CrossEntropy, adam, parameters).unwrap()
}

#[test]
fn a_model_without_replicas_comes_to_the_same() {
    let train = Scene::new(400, 1).classes();
    // Several batches a partition, so that their order matters.
    let config = params(Strategy::SpadSim(few_loops()))
        .batch_size(40)
        .check()
        .unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    pool.install(|| {
        let model = classifier(3);
        let with = finished(model, &train, None, config.clone());
        let alone = alone(3);
        let mut without = config.clone().train(alone, &train, None).unwrap();
        while without.step().unwrap().is_some() {}
        assert_eq!(similarity(&with), similarity(&without));
        assert_eq!(loops(&with), loops(&without));
        assert_eq!(with.model().parameters(), without.model().parameters());
    });
}

#[test]
fn random_loops_train_a_few_distinct_partitionings_each() {
    let train = Scene::new(400, 1).classes();
    let run = |n_sampled| {
        let strategy = Strategy::SpadRnd {
            n_loops: 9,
            n_sampled,
        };
        let model = classifier(3);
        let training = finished(model, &train, None, params(strategy).check().unwrap());
        let fair = training
            .records()
            .iter()
            .filter(|record| record.phase == Phase::Fair);
        fair.map(|record| record.partitioning.unwrap())
            .collect::<Vec<usize>>()
    };
    // round(√8).
    for (n_sampled, expected) in [(None, 3), (Some(1), 1), (Some(N), N)] {
        let drawn = run(n_sampled);
        assert_eq!(drawn.len(), 9 * expected);
        for one in drawn.chunks(expected) {
            let mut unique = one.to_vec();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), expected);
        }
        assert_ne!(drawn[..expected], drawn[expected..2 * expected]);
    }
}

#[test]
fn impossible_samples_are_rejected() {
    let sim = |sampling| {
        params(Strategy::SpadSim(sampling))
            .check()
            .unwrap_err()
            .to_string()
    };
    let few = few_loops();
    assert_eq!(
        sim(SimilaritySampling { n_loops: 3, ..few }),
        "invalid n_loops: 3 (accepted: at least 4: the initial loops, the tentative one and one more)"
    );
    assert_eq!(
        sim(SimilaritySampling {
            n_clustering: 0,
            ..few
        }),
        "invalid n_clustering: 0 (accepted: at least 1)"
    );
    for bad in [u32::MAX, 2_000_000] {
        assert!(sim(SimilaritySampling { n_loops: bad, ..few }).starts_with("invalid n_loops"));
    }
    let rnd = |n_loops, n_sampled| Strategy::SpadRnd { n_loops, n_sampled };
    assert!(params(rnd(0, None)).check().is_err());
    let train = Scene::new(100, 1).classes();
    for n_sampled in [0, N + 1] {
        let model = classifier(3);
        let config = params(rnd(2, Some(n_sampled))).check().unwrap();
        let error = config.train(model, &train, None).unwrap_err();
        let expected =
            format!("invalid n_sampled: {n_sampled} (accepted: 1 to 8, the number of partitionings)");
        assert_eq!(error.to_string(), expected);
    }
}

fn placed(distribution: &PartitioningDistribution) -> SpatialSamples {
    let scene = Scene::new(300, 1);
    let groups: Vec<u32> = scene
        .x
        .iter()
        .map(|&x| u32::from((x * 7.0).fract() > 0.4))
        .collect();
    let sites = Sites::new(&scene.x, &scene.y)
        .unwrap()
        .with_group(&groups)
        .unwrap();
    let samples = Samples::classes(&scene.features, 3, &scene.labels, 2).unwrap();
    SpatialSamples::new(distribution, sites, &samples).unwrap()
}

#[test]
fn partitionings_without_areas_need_distances_without_shapes() {
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let candidates: Vec<(Arc<dyn Partitioning>, f64)> = vec![
        (Arc::new(EqualGrid::new(extent, 1, 2).unwrap()), 1.0),
        (Arc::new(EqualGrid::new(extent, 2, 3).unwrap()), 1.0),
        // Never drawn, and so no candidate.
        (Arc::new(EqualGrid::new(extent, 4, 4).unwrap()), 0.0),
        (
            Arc::new(Groups::new("soil", vec!["clay".to_owned(), "sand".to_owned()]).unwrap()),
            1.0,
        ),
    ];
    let train = placed(&PartitioningDistribution::new(candidates).unwrap());
    let model = classifier(3);
    let error = config(few_loops()).train(model, &train, None).unwrap_err();
    assert!(
        matches!(&error, TrainError::Method(source) if source.is::<SimilarityError>()),
        "{error}"
    );
    let without_shapes = SimilaritySampling {
        rescaling: Rescaling::None,
        ..few_loops()
    };
    let model = classifier(3);
    let training = finished(model, &train, None, config(without_shapes));
    assert_eq!(similarity(&training).unwrap().0, [0, 1, 3]);
    assert!(
        training
            .records()
            .iter()
            .all(|record| record.partitioning != Some(2))
    );
}

#[test]
fn one_candidate_is_sampled_by_itself() {
    let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
    let one: Vec<(Arc<dyn Partitioning>, f64)> = vec![(Arc::new(EqualGrid::new(extent, 1, 2).unwrap()), 1.0)];
    let train = placed(&PartitioningDistribution::new(one).unwrap());
    for noise in [Noise::Singletons, Noise::LeftOut] {
        for count_rule in [CountRule::SizeByClusters, CountRule::RootShare] {
            let sampling = SimilaritySampling {
                noise,
                count_rule,
                ..few_loops()
            };
            let model = classifier(3);
            let training = finished(model, &train, None, config(sampling));
            assert_eq!(training.epoch(), 20 + 7);
        }
    }
}
