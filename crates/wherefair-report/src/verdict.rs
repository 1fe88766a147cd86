//! Small questions about an audit that several charts ask.

use wherefair_audit::{Audit, Limit, Measure, NullSummary, PartitionAudit, PartitioningAudit};
use wherefair_metrics::Distance;

use crate::Context;
use crate::svg::{CALM, WORSE};

/// On which side of a limit a measure lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Above,
    Within,
    /// There is nothing to hold the measure against.
    Open,
}

impl Side {
    pub(crate) fn colour(self) -> &'static str {
        match self {
            Self::Above => WORSE,
            Self::Within | Self::Open => CALM,
        }
    }
}

/// A measure whose figures are finite; others are not drawn.
pub(crate) fn drawable(measure: Option<Measure>) -> Option<Measure> {
    let measure = measure.filter(|measure| measure.observed.is_finite())?;
    let finite = |null: &NullSummary| null.mean.is_finite() && null.quantile_95.is_finite();
    Some(Measure {
        observed: measure.observed,
        null: measure.null.filter(finite),
    })
}

/// The mean deviation of a partitioning, where it can be drawn.
pub(crate) fn mean_deviation(partitioning: &PartitioningAudit) -> Option<Measure> {
    drawable(partitioning.mean_deviation)
}

/// The side of the noise floor on which the mean deviation of a partitioning lies.
pub(crate) fn side_of_floor(partitioning: &PartitioningAudit) -> Side {
    let null = mean_deviation(partitioning).and_then(|measure| Some((measure.observed, measure.null?)));
    match null {
        Some((observed, null)) if observed > null.quantile_95 => Side::Above,
        Some(_) => Side::Within,
        None => Side::Open,
    }
}

/// The side of the limit that the verdict of the whole audit uses: the gate, else the noise floor.
pub(crate) fn side_of_limit(audit: &Audit, partitioning: &PartitioningAudit) -> Side {
    let limit = audit.stability.as_ref().map(|stability| stability.limit);
    match (limit, mean_deviation(partitioning)) {
        (Some(Limit::Gate(gate)), Some(measure)) if measure.observed > gate => Side::Above,
        (Some(Limit::Gate(_)), Some(_)) => Side::Within,
        (Some(Limit::NoiseFloor), _) => side_of_floor(partitioning),
        _ => Side::Open,
    }
}

/// Whether the deviation of a partition survives the control of the false discovery rate.
pub(crate) fn is_found(audit: &Audit, partition: &PartitionAudit) -> bool {
    partition
        .q_value
        .is_some_and(|q| q <= audit.config.false_discovery_rate())
}

/// The partitioning with the largest mean deviation among those above their noise floor, else among all those
/// that `of` accepts.
pub(crate) fn worst_partitioning(audit: &Audit, of: impl Fn(&PartitioningAudit) -> bool) -> Option<usize> {
    let mut worst: Option<(bool, f64, usize)> = None;
    for (i, partitioning) in audit.partitionings.iter().enumerate() {
        let Some(measure) = mean_deviation(partitioning).filter(|_| of(partitioning)) else {
            continue;
        };
        let candidate = (side_of_floor(partitioning) == Side::Above, measure.observed, i);
        let worse = |(above, observed, _): (bool, f64, usize)| {
            (candidate.0 && !above) || (candidate.0 == above && candidate.1 > observed)
        };
        if worst.is_none_or(worse) {
            worst = Some(candidate);
        }
    }
    worst.map(|(.., i)| i)
}

/// The unit of the score behind a number, with the space before it.
pub(crate) fn score_unit(context: &Context) -> String {
    context
        .unit
        .as_ref()
        .map_or_else(String::new, |unit| format!(" {unit}"))
}

/// The unit of deviations behind a number, with the space before it.
pub(crate) fn deviation_unit(audit: &Audit, context: &Context) -> String {
    match (&context.unit, audit.config.distance()) {
        (None, _) => String::new(),
        (Some(unit), Distance::Absolute) => format!(" {unit}"),
        (Some(unit), Distance::Squared) => format!(" ({unit})²"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(observed: f64, quantile_95: f64) -> Measure {
        let null = NullSummary {
            mean: 0.0,
            quantile_95,
            p_value: 0.5,
        };
        Measure {
            observed,
            null: Some(null),
        }
    }

    #[test]
    fn measures_that_are_not_finite_are_not_drawn() {
        let drawn = |observed, quantile_95| drawable(Some(measure(observed, quantile_95)));
        assert_eq!(drawn(f64::NAN, 1.0), None);
        assert_eq!(drawn(1.0, f64::INFINITY).unwrap().null, None);
        assert_eq!(drawn(1.0, 2.0), Some(measure(1.0, 2.0)));
        assert_eq!(drawable(None), None);
    }
}
