//! The page on a training.

use wherefair_report::{
    ClusterHistory, ClusteredMap, Context, LoopClusters, ModelOnTest, TrainingEpoch, TrainingPage,
    training_html,
};
use wherefair_train::Phase;

use super::outcome::Trained;

/// The clusters of maps, loop by loop; none where none were made.
fn clusters(trained: &Trained) -> Option<ClusterHistory> {
    let clustered = trained.loops.iter().enumerate();
    let loops: Vec<LoopClusters> = clustered
        .filter_map(|(index, one)| {
            let labels = one.clusters.as_ref()?;
            Some(LoopClusters {
                number: index as u64 + 1,
                labels: labels.iter().map(|of_map| of_map.cluster).collect(),
            })
        })
        .collect();
    let maps = trained.loops.iter().find_map(|one| one.clusters.as_ref())?;
    let maps = maps.iter().map(|of_map| ClusteredMap {
        name: of_map.map.clone(),
        n_sampled: trained
            .loops
            .iter()
            .filter(|one| one.samples(&of_map.map))
            .count() as u64,
    });
    Some(ClusterHistory {
        maps: maps.collect(),
        loops,
    })
}

/// The self-contained report.
pub(crate) fn html(trained: &Trained, title: &str) -> String {
    let page = TrainingPage {
        models: trained
            .models
            .iter()
            .map(|model| ModelOnTest {
                name: model.name.clone(),
                audit: &model.audit,
            })
            .collect(),
        epochs: trained
            .curve
            .iter()
            .map(|point| TrainingEpoch {
                epoch: point.epoch,
                is_base: point.phase == Phase::Base,
                loss: point.loss,
                quality: point.quality,
                deviation_mean: point.deviation_mean,
            })
            .collect(),
        selected: trained.selected,
        max_quality_loss: *trained.config.training().max_quality_loss(),
        notes: trained.notes.clone(),
        clusters: clusters(trained),
    };
    let context = Context {
        title: title.to_owned(),
        sentence: trained.sentence(),
        facts: trained.facts.clone(),
        unit: None,
        geographic: trained.geographic,
    };
    training_html(&page, &context)
}
