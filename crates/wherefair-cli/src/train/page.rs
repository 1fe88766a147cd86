//! The page on a training.

use wherefair_report::{Context, ModelOnTest, TrainingEpoch, TrainingPage, training_html};
use wherefair_spad::Phase;

use super::outcome::Trained;

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
        max_quality_loss: *trained.config.max_quality_loss(),
        notes: trained.notes.clone(),
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
