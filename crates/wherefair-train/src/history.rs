//! What happened in each epoch, and which epoch to keep.

use serde::{Deserialize, Serialize};
use wherefair_audit::{Measured, Orientation};

/// What an epoch is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Training of the base model, or the model as it was given where there is none.
    Base,
    /// What the strategy does.
    Fair,
    /// Trainings from one and the same model, which is put back: its updates are counted, and undone.
    Tentative,
}

/// What one epoch did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// Epochs trained so far: from 1; 0 is the record of the model as it was given, without base epochs.
    pub epoch: u64,
    /// What the epoch is part of.
    pub phase: Phase,
    /// Index of the partitioning at hand, for strategies that look at one.
    pub partitioning: Option<usize>,
    /// Mean loss over the samples trained; `None` where none was trained or the strategy does not compute it.
    pub loss: Option<f64>,
    /// Updates of the parameters.
    pub n_updates: u64,
    /// Partitions trained: those of a rate above 0.
    pub n_partitions: u64,
    /// Eq. 1 on the training samples after the epoch; `None` before there is a base model to compare with.
    pub objective: Option<f64>,
    /// Quality and fairness after the epoch, on the validation samples where there are any, else on the training
    /// samples; `None` in base epochs but the last.
    pub measured: Option<Measured>,
}

/// The record of the fairest model that is good enough: smallest S(d)mean, the first of equals, among those whose
/// quality falls short of the base model's by at most `max_quality_loss` times its size. The base model itself is among
/// them; `None` where nothing was measured or the base model has no score. Records of a training without a base model
/// begin with the untrained one, to which this says nothing.
///
/// # Examples
/// ```
/// use wherefair_audit::{Measured, Orientation};
/// use wherefair_train::{EpochRecord, Phase, select_fair};
///
/// let record = |epoch, phase, quality, deviation_mean| EpochRecord {
///     epoch,
///     phase,
///     partitioning: None,
///     loss: None,
///     n_updates: 1,
///     n_partitions: 1,
///     objective: None,
///     measured: Some(Measured { quality: Some(quality), deviation_mean, deviation_max: 1.0 }),
/// };
/// let base = record(1, Phase::Base, 0.8, 2.0);
/// let (fair, poor) = (record(2, Phase::Fair, 0.795, 1.5), record(3, Phase::Fair, 0.5, 0.1));
/// let records = [base, fair, poor];
/// let selected = select_fair(&records, Orientation::HigherIsBetter, 0.01);
/// assert_eq!(selected.map(|record| record.epoch), Some(2));
/// ```
pub fn select_fair(
    records: &[EpochRecord],
    orientation: Orientation,
    max_quality_loss: f64,
) -> Option<&EpochRecord> {
    let base = base_quality(records)?;
    let mut best: Option<(&EpochRecord, f64)> = None;
    for record in records {
        let Some(measured) = record.measured else { continue };
        let unfairness = measured.deviation_mean;
        if is_good_enough(&measured, base, orientation, max_quality_loss)
            && best.is_none_or(|(_, least)| unfairness < least)
        {
            best = Some((record, unfairness));
        }
    }
    best.map(|(record, _)| record)
}

/// The quality of the base model: that of the first measured record.
pub(crate) fn base_quality(records: &[EpochRecord]) -> Option<f64> {
    records.iter().find_map(|record| record.measured)?.quality
}

/// Whether the quality falls short of the base model's by little enough.
pub(crate) fn is_good_enough(
    measured: &Measured,
    base: f64,
    orientation: Orientation,
    max_quality_loss: f64,
) -> bool {
    let quality = measured.quality.filter(|quality| quality.is_finite());
    quality.is_some_and(|quality| orientation.shortfall(quality, base) <= max_quality_loss * base.abs())
}
