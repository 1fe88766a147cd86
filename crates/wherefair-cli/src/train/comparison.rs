//! Models side by side, as text.

use std::fmt::Write as _;

use wherefair_audit::{Audit, PartitioningAudit};

use super::outcome::Trained;
use crate::table::{align, better, clipped, floor, grouped, maps, number, observed, p_of, places};

/// Maps listed one by one.
const MAX_LISTED: usize = 30;

/// The summary for the terminal.
pub(crate) fn text(trained: &Trained) -> String {
    let mut text = String::new();
    let [train, validation, test] = trained.n_parts.map(grouped);
    let _ = writeln!(
        text,
        "{}: trained on {train} samples, chosen on {validation}, audited on {test}\n",
        trained.config.strategy().name()
    );
    models(trained, &mut text);
    if let [first, second, ..] = &trained.models[..] {
        let _ = writeln!(text, "\nMean deviation map by map");
        by_map(
            (&first.name, &first.audit),
            (&second.name, &second.audit),
            &mut text,
        );
    }
    clusters(trained, &mut text);
    for model in &trained.models {
        places(
            &model.audit,
            &format!("Worst places of {}", model.name),
            &mut text,
        );
    }
    let audit_notes = trained.models.iter().flat_map(|model| &model.audit.notes);
    let mut said: Vec<&String> = Vec::new();
    for note in trained.notes.iter().chain(audit_notes) {
        if !said.contains(&note) {
            let _ = writeln!(text, "\nNote: {note}");
            said.push(note);
        }
    }
    let _ = writeln!(text, "\n{}", sentence(trained));
    text
}

fn models(trained: &Trained, text: &mut String) {
    let Some(first) = trained.models.first() else {
        return;
    };
    let audit = &first.audit;
    let _ = writeln!(
        text,
        "{} of the test part, score: {} ({})\n",
        maps(audit.partitionings.len()),
        audit.score,
        better(audit.orientation)
    );
    let mut rows = vec![
        [
            "model",
            "score",
            "mean dev",
            "floor 95%",
            "p",
            "S(d)mean",
            "S(d)max",
            "S(d)mean against the first",
        ]
        .map(str::to_owned),
    ];
    for (i, model) in trained.models.iter().enumerate() {
        let spad = &model.audit.spad;
        rows.push([
            clipped(&model.name, 32),
            model.audit.global.map_or_else(|| "–".to_owned(), number),
            observed(Some(spad.expectation)),
            floor(Some(spad.expectation)),
            p_of(Some(spad.expectation)),
            observed(Some(spad.sum_of_means)),
            observed(Some(spad.sum_of_maxima)),
            if i == 0 {
                String::new()
            } else {
                change(spad.sum_of_means.observed, audit.spad.sum_of_means.observed)
            },
        ]);
    }
    align(&rows, 0, text);
    if let Some(audit) = trained.fair_audit()
        && let (Some(passed), Some(gate)) = (audit.passed, audit.config.fail_above())
    {
        let verdict = if passed { "passed" } else { "FAILED" };
        let _ = writeln!(text, "gate {}: {verdict}", number(gate));
    }
}

fn by_map((name, audit): (&str, &Audit), (other_name, other): (&str, &Audit), text: &mut String) {
    let [name, other_name] = [name, other_name].map(|name| clipped(name, 20));
    let mut rows = vec![[
        "map".to_owned(),
        "parts".to_owned(),
        name,
        "floor 95%".to_owned(),
        other_name,
        "floor 95%".to_owned(),
        "change".to_owned(),
    ]];
    let mut pairs: Vec<(&PartitioningAudit, &PartitioningAudit)> =
        audit.partitionings.iter().zip(&other.partitionings).collect();
    let n_hidden = pairs.len().saturating_sub(MAX_LISTED);
    if n_hidden > 0 {
        let mean = |map: &PartitioningAudit| map.mean_deviation.map_or(0.0, |mean| mean.observed);
        pairs.sort_by(|a, b| mean(b.0).total_cmp(&mean(a.0)));
        pairs.truncate(MAX_LISTED);
    }
    for (map, of_other) in pairs {
        let both = map.mean_deviation.zip(of_other.mean_deviation);
        rows.push([
            clipped(&map.name, 24),
            map.n_partitions.to_string(),
            observed(map.mean_deviation),
            floor(map.mean_deviation),
            observed(of_other.mean_deviation),
            floor(of_other.mean_deviation),
            both.map_or_else(String::new, |(before, after)| {
                change(after.observed, before.observed)
            }),
        ]);
    }
    align(&rows, 0, text);
    if n_hidden > 0 {
        let _ = writeln!(
            text,
            "… and {n_hidden} maps that deviate less (all are in the JSON)"
        );
    }
}

/// The clusters that later loops sampled from.
fn clusters(trained: &Trained, text: &mut String) {
    let Some(last) = trained.loops.iter().rev().find_map(|one| one.clusters.as_ref()) else {
        return;
    };
    let n_clusters = last
        .iter()
        .filter_map(|of_map| of_map.cluster)
        .max()
        .map_or(0, |most| most + 1);
    let n_noise = last.iter().filter(|of_map| of_map.cluster.is_none()).count();
    let _ = writeln!(
        text,
        "\nMaps that stand for each other: {n_clusters} clusters, {n_noise} of {} maps in none",
        last.len()
    );
    let shown = n_clusters.min(MAX_LISTED);
    for cluster in 0..shown {
        let members: Vec<&str> = last
            .iter()
            .filter(|of_map| of_map.cluster == Some(cluster))
            .map(|of_map| of_map.map.as_str())
            .collect();
        let _ = writeln!(text, "{:>3}  {}", cluster + 1, clipped(&members.join(" "), 100));
    }
    if shown < n_clusters {
        let _ = writeln!(
            text,
            "… and {} more clusters (all are in the JSON)",
            n_clusters - shown
        );
    }
}

/// By what share `after` differs from `before`.
fn change(after: f64, before: f64) -> String {
    let share = 100.0 * (after / before - 1.0);
    if share.is_finite() {
        format!("{share:+.1} %").replace('-', "−")
    } else {
        "–".to_owned()
    }
}

/// One sentence that says what the training came to.
pub(crate) fn sentence(trained: &Trained) -> String {
    let [base, fair, ..] = &trained.models[..] else {
        return trained.models.first().map_or_else(String::new, |only| {
            format!(
                "{}: {} {}, S(d)mean {} on the test part.",
                only.name,
                only.audit.score,
                only.audit.global.map_or_else(|| "undefined".to_owned(), number),
                number(only.audit.spad.sum_of_means.observed)
            )
        });
    };
    if !(trained.has_fair() && trained.base.is_some()) {
        let verb = if base.audit.spad.sum_of_means.observed < fair.audit.spad.sum_of_means.observed {
            "is fairer than"
        } else {
            "is no fairer than"
        };
        return format!("{} {verb} {} on the test part.", base.name, fair.name);
    }
    if trained.selected == trained.base_epoch {
        return format!(
            "No epoch of {} was fairer on the validation part at a quality within {} % of the base model's: the model kept is the base model.",
            fair.name,
            number(100.0 * trained.config.training().max_quality_loss())
        );
    }
    let (before, after) = (
        base.audit.spad.sum_of_means.observed,
        fair.audit.spad.sum_of_means.observed,
    );
    let quality = match (base.audit.global, fair.audit.global) {
        (Some(before), Some(after)) => format!(
            "at a {} of {} against {} ({})",
            base.audit.score,
            number(after),
            number(before),
            change(after, before)
        ),
        _ => format!("at an undefined {}", base.audit.score),
    };
    format!(
        "On the test part {} has an S(d)mean of {} against {} of the base model ({}), {quality}; the model kept is that of epoch {}.",
        fair.name,
        number(after),
        number(before),
        change(after, before),
        trained.selected
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_shares() {
        assert_eq!(change(0.9, 1.0), "−10.0 %");
        assert_eq!(change(1.05, 1.0), "+5.0 %");
        assert_eq!(change(1.0, 0.0), "–");
    }
}
