//! Synthetic samples for the tests.

use wherefair_audit::{
    Audit, AuditConfig, AuditError, AuditParams, InMemory, Outcomes, SampleBatch, SampleSource, Score,
    Silent, Visit, audit_source,
};
use wherefair_core::{Extent, Seed, Sites};
use wherefair_metrics::{Averaging, ClassScore, ErrorKind, ValueScore, ZeroDivision};
use wherefair_partition::PartitioningDistribution;

pub(crate) const MAE: Score = Score::Value {
    error: ErrorKind::Difference,
    score: ValueScore::MeanAbsolute,
};

pub(crate) const F1: Score = Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero));

/// Samples on the unit square.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scene {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) truth: Vec<f64>,
    pub(crate) pred: Vec<f64>,
    pub(crate) true_class: Vec<u32>,
    pub(crate) pred_class: Vec<u32>,
}

impl Scene {
    /// `n` samples; errors are larger in the upper right by `bias`, 0 for none.
    pub(crate) fn new(n: usize, bias: f64, seed: Seed) -> Self {
        let mut stream = seed.stream("scene");
        let mut scene = Self::default();
        for _ in 0..n {
            let (x, y) = (stream.uniform(), stream.uniform());
            let worse = if x > 0.6 && y > 0.6 { bias } else { 0.0 };
            let truth = 10.0 + 3.0 * stream.standard_normal();
            scene.x.push(x);
            scene.y.push(y);
            scene.truth.push(truth);
            scene.pred.push(truth + (1.0 + worse) * stream.standard_normal());
            let true_class = u32::try_from(stream.below(4)).unwrap();
            let right = stream.uniform() > 0.3 + 0.4 * worse.min(1.0);
            scene.true_class.push(true_class);
            scene.pred_class.push(if right {
                true_class
            } else {
                u32::try_from(stream.below(4)).unwrap()
            });
        }
        scene
    }

    pub(crate) fn sites(&self) -> Sites<'_> {
        Sites::new(&self.x, &self.y).unwrap()
    }

    pub(crate) fn values(&self) -> InMemory<'_> {
        let outcomes = Outcomes::Values {
            truth: &self.truth,
            pred: &self.pred,
            base: None,
        };
        InMemory::new(self.sites(), outcomes).unwrap()
    }

    pub(crate) fn classes(&self) -> InMemory<'_> {
        let outcomes = Outcomes::Classes {
            truth: &self.true_class,
            pred: &self.pred_class,
            base: None,
        };
        InMemory::new(self.sites(), outcomes).unwrap()
    }
}

/// A source that gives its samples in batches of `n` and denies having them in memory.
pub(crate) struct Streamed<'a> {
    pub(crate) all: InMemory<'a>,
    pub(crate) n: usize,
}

impl SampleSource for Streamed<'_> {
    fn for_each(&mut self, visit: &mut Visit<'_>) -> Result<(), AuditError> {
        let all = self.all.in_memory().unwrap();
        for start in (0..all.sites.len()).step_by(self.n) {
            let range = start..(start + self.n).min(all.sites.len());
            let outcomes = match all.outcomes {
                Outcomes::Classes { truth, pred, .. } => Outcomes::Classes {
                    truth: &truth[range.clone()],
                    pred: &pred[range.clone()],
                    base: None,
                },
                Outcomes::Values { truth, pred, .. } => Outcomes::Values {
                    truth: &truth[range.clone()],
                    pred: &pred[range.clone()],
                    base: None,
                },
            };
            visit(&SampleBatch {
                first_sample: start as u64,
                sites: all.sites.slice(range),
                outcomes,
            })?;
        }
        Ok(())
    }

    fn n_classes(&self) -> usize {
        self.all.n_classes()
    }
}

pub(crate) fn grids(rows: usize, columns: usize) -> PartitioningDistribution {
    PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0).unwrap(), rows, columns).unwrap()
}

pub(crate) fn config(score: Score) -> AuditConfig {
    AuditParams::new(score)
        .n_permutations(199)
        .n_bootstrap(199)
        .check()
        .unwrap()
}

pub(crate) fn run(source: &mut dyn SampleSource, config: &AuditConfig) -> Audit {
    audit_source(source, &grids(4, 4), config, &Silent).unwrap()
}
