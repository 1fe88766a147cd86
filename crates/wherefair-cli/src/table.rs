//! The audit as a table for the terminal.

use std::fmt::Write as _;

use wherefair_audit::{Audit, Limit, Measure, Orientation, PartitioningAudit, Place};

pub(crate) use wherefair_audit::wording::{maps, number, p_value};

/// Partitionings listed one by one; of more, the most deviant are listed.
const MAX_LISTED: usize = 30;

/// The whole table.
pub(crate) fn table(audit: &Audit) -> String {
    let mut text = String::new();
    head(audit, &mut text);
    partitionings(audit, &mut text);
    summary(audit, &mut text);
    places(audit, "Worst places", &mut text);
    for note in &audit.notes {
        let _ = writeln!(text, "\nNote: {note}");
    }
    text
}

fn head(audit: &Audit, text: &mut String) {
    let _ = writeln!(
        text,
        "{} samples, {}, score: {} ({}), over all samples {}",
        grouped(audit.n_samples),
        maps(audit.partitionings.len()),
        audit.score,
        better(audit.orientation),
        audit.global.map_or_else(|| "undefined".to_owned(), number),
    );
    if let Some(base) = audit.base_global {
        let _ = writeln!(text, "base model over all samples: {}", number(base));
    }
    let _ = writeln!(text);
}

/// Which way a score is better.
pub(crate) fn better(orientation: Orientation) -> &'static str {
    match orientation {
        Orientation::HigherIsBetter => "higher is better",
        Orientation::LowerIsBetter => "lower is better",
        Orientation::NearestZeroIsBetter => "nearest 0 is best",
    }
}

fn partitionings(audit: &Audit, text: &mut String) {
    let mut listed: Vec<&PartitioningAudit> = audit.partitionings.iter().collect();
    let n_hidden = listed.len().saturating_sub(MAX_LISTED);
    if n_hidden > 0 {
        let mean =
            |partitioning: &PartitioningAudit| partitioning.mean_deviation.map_or(0.0, |mean| mean.observed);
        listed.sort_by(|a, b| mean(b).total_cmp(&mean(a)));
        listed.truncate(MAX_LISTED);
    }
    let mut rows = vec![
        [
            "map",
            "parts",
            "empty",
            "small",
            "mean dev",
            "floor 95%",
            "p",
            "max dev",
            "most deviant place",
        ]
        .map(str::to_owned),
    ];
    for partitioning in listed {
        let most_deviant = partitioning
            .most_deviant
            .and_then(|i| partitioning.partitions.get(i));
        rows.push([
            clipped(&partitioning.name, 24),
            partitioning.n_partitions.to_string(),
            partitioning.n_empty.to_string(),
            partitioning.n_small.to_string(),
            observed(partitioning.mean_deviation),
            floor(partitioning.mean_deviation),
            p_of(partitioning.mean_deviation),
            observed(partitioning.max_deviation),
            most_deviant.map_or_else(String::new, |place| {
                format!(
                    "{}: {}, n {}",
                    clipped(&place.label, 32),
                    place.score.map_or_else(|| "–".to_owned(), number),
                    grouped(place.n_samples)
                )
            }),
        ]);
    }
    align(&rows, 8, text);
    if n_hidden > 0 {
        let _ = writeln!(
            text,
            "… and {n_hidden} maps that deviate less (all are in the JSON)"
        );
    }
}

fn summary(audit: &Audit, text: &mut String) {
    let spad = &audit.spad;
    let _ = writeln!(text, "\nOver all maps");
    let mut rows = vec![["", "observed", "floor 95%", "floor mean", "p"].map(str::to_owned)];
    for (name, measure) in [
        ("expected mean deviation", spad.expectation),
        ("S(d)mean, sum over maps", spad.sum_of_means),
        ("S(d)max, sum over maps", spad.sum_of_maxima),
    ] {
        rows.push([
            name.to_owned(),
            number(measure.observed),
            floor(Some(measure)),
            measure
                .null
                .map_or_else(|| "–".to_owned(), |null| number(null.mean)),
            p_of(Some(measure)),
        ]);
    }
    align(&rows, 0, text);
    let _ = writeln!(
        text,
        "mean deviations range from {} to {}, median {}",
        number(spad.min),
        number(spad.max),
        number(spad.median)
    );
    if let Some(stability) = &audit.stability {
        let limit = match stability.limit {
            Limit::Gate(gate) => format!("the gate of {}", number(gate)),
            Limit::NoiseFloor => "their noise floor".to_owned(),
        };
        let n_maps = stability.n_above + stability.n_below;
        let _ = writeln!(
            text,
            "{} of {} above {limit}; {} % of the maps agree on the verdict",
            stability.n_above,
            if n_maps == 1 {
                "1 map lies".to_owned()
            } else {
                format!("{n_maps} maps lie")
            },
            number(100.0 * stability.agreement)
        );
    }
    if let (Some(passed), Some(gate)) = (audit.passed, audit.config.fail_above()) {
        let _ = writeln!(
            text,
            "gate {}: {}",
            number(gate),
            if passed { "passed" } else { "FAILED" }
        );
    }
}

/// The worst places under a heading; nothing where there is none.
pub(crate) fn places(audit: &Audit, heading: &str, text: &mut String) {
    if audit.worst_places.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{heading}");
    let level = format!("{} % CI", number(100.0 * audit.config.confidence()));
    let mut rows = vec![
        [
            "",
            "map",
            "place",
            "n",
            "score",
            &level,
            "reference",
            "worse by",
            "p",
            "q (FDR)",
        ]
        .map(str::to_owned),
    ];
    for (rank, place) in audit.worst_places.iter().enumerate() {
        rows.push([
            (rank + 1).to_string(),
            clipped(&place.partitioning, 24),
            clipped(&place.label, 32),
            grouped(place.n_samples),
            number(place.score),
            interval(place),
            number(place.reference),
            number(place.shortfall),
            place.p_value.map_or_else(|| "–".to_owned(), p_value),
            place.q_value.map_or_else(|| "–".to_owned(), p_value),
        ]);
    }
    align(&rows, 2, text);
}

pub(crate) fn observed(measure: Option<Measure>) -> String {
    measure.map_or_else(|| "–".to_owned(), |measure| number(measure.observed))
}

pub(crate) fn floor(measure: Option<Measure>) -> String {
    measure
        .and_then(|measure| measure.null)
        .map_or_else(|| "–".to_owned(), |null| number(null.quantile_95))
}

pub(crate) fn p_of(measure: Option<Measure>) -> String {
    measure
        .and_then(|measure| measure.null)
        .map_or_else(|| "–".to_owned(), |null| p_value(null.p_value))
}

fn interval(place: &Place) -> String {
    place.interval.map_or_else(
        || "–".to_owned(),
        |[low, high]| format!("{} … {}", number(low), number(high)),
    )
}

/// A whole number with thin groups of three digits.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// At most `width` characters.
pub(crate) fn clipped(text: &str, width: usize) -> String {
    let clean: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if clean.chars().count() <= width {
        return clean;
    }
    clean.chars().take(width - 1).chain(['…']).collect()
}

/// Right-aligns all columns but the first and column `left`.
pub(crate) fn align<const N: usize>(rows: &[[String; N]], left: usize, text: &mut String) {
    let widths: [usize; N] = std::array::from_fn(|column| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    });
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let padding = " ".repeat(widths[column] - cell.chars().count());
            if column > 0 {
                line.push_str("  ");
            }
            if column == 0 || column == left {
                line.push_str(cell);
                line.push_str(&padding);
            } else {
                line.push_str(&padding);
                line.push_str(cell);
            }
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(25_357), "25,357");
        assert_eq!(grouped(1_000_000), "1,000,000");
    }

    #[test]
    fn long_labels_are_clipped_and_control_characters_blanked() {
        assert_eq!(clipped("abc\n", 10), "abc ");
        assert_eq!(clipped("abcdef", 4), "abc…");
    }
}
