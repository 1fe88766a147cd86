//! What a training found, in every form in which it is told.

use anyhow::Result;
use serde::Serialize;
use wherefair_audit::{Audit, Measured};
use wherefair_partition::PartitioningDistribution;
use wherefair_spad::{LoopRecord, LoopStage, SpadConfig};
use wherefair_train::{Description, EpochRecord, FairModel, Phase};

use super::comparison;
use super::page;
use crate::output::to_json;

/// The audit of one model on the test part.
#[derive(Debug, Serialize)]
pub(crate) struct ModelAudit {
    pub(crate) name: String,
    pub(crate) audit: Audit,
}

/// One epoch, with quality and fairness on the validation part in the units of the metric.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CurvePoint {
    pub(crate) epoch: u64,
    pub(crate) phase: Phase,
    /// The map that was trained on.
    pub(crate) map: Option<String>,
    pub(crate) loss: Option<f64>,
    pub(crate) n_updates: u64,
    pub(crate) n_partitions: u64,
    pub(crate) quality: Option<f64>,
    pub(crate) deviation_mean: Option<f64>,
    pub(crate) deviation_max: Option<f64>,
}

impl CurvePoint {
    /// An epoch whose quality and fairness are these in the units of the metric.
    pub(crate) fn new(
        record: &EpochRecord,
        maps: &PartitioningDistribution,
        measured: Option<Measured>,
    ) -> Self {
        Self {
            epoch: record.epoch,
            phase: record.phase,
            map: record
                .partitioning
                .and_then(|map| maps.candidates().get(map))
                .map(|map| map.name()),
            loss: record.loss,
            n_updates: record.n_updates,
            n_partitions: record.n_partitions,
            quality: measured.and_then(|measured| measured.quality),
            deviation_mean: measured.map(|measured| measured.deviation_mean),
            deviation_max: measured.map(|measured| measured.deviation_max),
        }
    }
}

/// One loop of a training on representative maps.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LoopPoint {
    pub(crate) stage: LoopStage,
    pub(crate) first_epoch: u64,
    /// The maps that it trained, in order.
    maps: Vec<String>,
    /// The cluster of each map, `null` for those in none; only of loops that clustered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clusters: Option<Vec<MapCluster>>,
}

/// A map and its cluster.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MapCluster {
    pub(crate) map: String,
    pub(crate) cluster: Option<usize>,
}

impl LoopPoint {
    pub(crate) fn new(record: &LoopRecord, maps: &PartitioningDistribution) -> Self {
        let name = |map: &usize| maps.candidates()[*map].name();
        let clusters = record.clusters.as_ref().map(|clusters| {
            let clustered = clusters.iter().enumerate();
            let of_map = |(map, &cluster): (usize, &Option<usize>)| MapCluster {
                map: name(&map),
                cluster,
            };
            clustered.map(of_map).collect()
        });
        Self {
            stage: record.stage,
            first_epoch: record.first_epoch,
            maps: record.partitionings.iter().map(name).collect(),
            clusters,
        }
    }

    /// Whether it trained a sample of the maps, this one among them.
    pub(crate) fn samples(&self, map: &str) -> bool {
        let is_sample = matches!(self.stage, LoopStage::Clustering | LoopStage::Sampling);
        is_sample && self.maps.iter().any(|own| own == map)
    }
}

/// A finished training.
#[derive(Debug)]
pub(crate) struct Trained {
    /// The base model first, where there is one, then the model that was chosen, then those given for comparison.
    pub(crate) models: Vec<ModelAudit>,
    pub(crate) curve: Vec<CurvePoint>,
    /// The loops of a training on representative maps; empty for others.
    pub(crate) loops: Vec<LoopPoint>,
    /// The epoch of the model that was chosen.
    pub(crate) selected: u64,
    pub(crate) base_epoch: u64,
    /// Samples to train on, to choose by, and to test on.
    pub(crate) n_parts: [u64; 3],
    pub(crate) notes: Vec<String>,
    pub(crate) facts: Vec<(String, String)>,
    pub(crate) labels: Vec<String>,
    pub(crate) config: SpadConfig,
    pub(crate) geographic: bool,
    pub(crate) fair: FairModel,
    pub(crate) base: Option<FairModel>,
}

/// What `--json` writes.
#[derive(Debug, Serialize)]
struct Document<'a> {
    wherefair: &'static str,
    input: &'a [(String, String)],
    sentence: String,
    notes: &'a [String],
    labels: &'a [String],
    model: &'a Description,
    training: TrainingDocument<'a>,
    models: &'a [ModelAudit],
}

#[derive(Debug, Serialize)]
struct TrainingDocument<'a> {
    n_training: u64,
    n_validation: u64,
    n_test: u64,
    config: &'a SpadConfig,
    base_epoch: u64,
    selected_epoch: u64,
    /// Updates of the parameters since the base model, up to the last epoch.
    n_fair_updates: u64,
    epochs: &'a [CurvePoint],
    /// Loops of a training on representative maps, with the clusters of those that made some.
    #[serde(skip_serializing_if = "<[LoopPoint]>::is_empty")]
    loops: &'a [LoopPoint],
}

impl Trained {
    /// The audit of the model that was chosen.
    pub(crate) fn fair_audit(&self) -> Option<&Audit> {
        let place = usize::from(self.base.is_some() && self.has_fair());
        self.models.get(place).map(|model| &model.audit)
    }

    /// Whether anything was trained beyond the base model.
    pub(crate) fn has_fair(&self) -> bool {
        *self.config.strategy() != wherefair_spad::Strategy::Base
    }

    /// Whether the gate was passed, where there is one.
    pub(crate) fn passed(&self) -> Option<bool> {
        self.fair_audit()?.passed
    }

    pub(crate) fn sentence(&self) -> String {
        comparison::sentence(self)
    }

    /// The summary for the terminal.
    pub(crate) fn text(&self) -> String {
        comparison::text(self)
    }

    pub(crate) fn json(&self) -> Result<String> {
        let [n_training, n_validation, n_test] = self.n_parts;
        to_json(&Document {
            wherefair: env!("CARGO_PKG_VERSION"),
            input: &self.facts,
            sentence: self.sentence(),
            notes: &self.notes,
            labels: &self.labels,
            model: self.fair.description(),
            training: TrainingDocument {
                n_training,
                n_validation,
                n_test,
                config: &self.config,
                base_epoch: self.base_epoch,
                selected_epoch: self.selected,
                n_fair_updates: self
                    .curve
                    .iter()
                    .filter(|point| point.phase == Phase::Fair)
                    .map(|point| point.n_updates)
                    .sum(),
                epochs: &self.curve,
                loops: &self.loops,
            },
            models: &self.models,
        })
    }

    pub(crate) fn html(&self, title: &str) -> String {
        page::html(self, title)
    }
}
