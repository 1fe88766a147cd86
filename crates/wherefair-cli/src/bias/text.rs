//! The findings in words, as a table for the terminal and as CSV.

use std::fmt::Write as _;

use wherefair_stats::{Alternative, BiasCase, MoranResult};

use super::args::{AdjustArg, BiasArgs};
use super::association::{Association, case};
use super::command::Findings;
use crate::moran_command::WeightSummary;
use crate::output::quoted;
use crate::table::{align, grouped, number, p_value};

const NONE: &str = "–";

/// The answer in one sentence.
pub(crate) fn sentence(args: &BiasArgs, found: &Findings) -> String {
    let [outcome, sensitive] = &found.variables;
    let pair = format!("{} and {}", outcome.describe(), sensitive.describe());
    let Some(first) = found.associations.first() else {
        return format!("Nothing was tested of {pair}.");
    };
    let value = format!("{} {}", first.metric, number(first.statistic));
    let before = format!("p = {}", p_value(first.p_value));
    let significant = |p: f64| p <= args.level;
    let Some(adjusted) = first.adjusted_p_value else {
        return if significant(first.p_value) {
            format!(
                "{pair} are associated ({value}, {before}), but spatial autocorrelation, which was not taken into account, may be why."
            )
        } else {
            format!(
                "No evidence of an association between {pair} ({value}, {before}); spatial autocorrelation was not taken into account."
            )
        };
    };
    let after = match first.adjusted_statistic {
        Some(statistic) => format!(
            "{} {}, p = {}",
            first.metric,
            number(statistic),
            p_value(adjusted)
        ),
        None => format!("p = {}", p_value(adjusted)),
    };
    let untestable = first
        .copies
        .as_ref()
        .is_some_and(|copies| copies.n_undefined == copies.n_copies);
    if untestable {
        return format!(
            "Whether spatial autocorrelation explains the association between {pair} ({value}, {before}) cannot be told: the {} is defined on no copy.",
            first.metric
        );
    }
    let left_over = found
        .filtered
        .as_ref()
        .is_some_and(|both| both.iter().all(|filter| filter.is_autocorrelated(args.level)));
    let turns = first
        .adjusted_statistic
        .is_some_and(|statistic| statistic * first.statistic < 0.0);
    match (significant(first.p_value), significant(adjusted)) {
        (_, true) if left_over => format!(
            "Whether spatial autocorrelation explains the association between {pair} ({value}, {before}) cannot be told: with spatial patterns taken out it is significant ({after}), but what is left of both is still autocorrelated."
        ),
        (true, false) => format!(
            "The association between {pair} ({value}, {before}) is explained by spatial autocorrelation: with spatial patterns taken out, nothing significant is left ({after})."
        ),
        (true, true) if turns => format!(
            "The association between {pair} ({value}, {before}) turns round with spatial patterns taken out, and is significant then too ({after})."
        ),
        (true, true) => format!(
            "The association between {pair} ({value}, {before}) is not explained by spatial autocorrelation: with spatial patterns taken out, it remains significant ({after})."
        ),
        (false, true) => format!(
            "The association between {pair} shows only with spatial patterns taken out ({after}); before, there was none to be seen ({value}, {before})."
        ),
        (false, false) => format!(
            "No evidence of an association between {pair}, neither before ({value}, {before}) nor after spatial patterns are taken out ({after})."
        ),
    }
}

/// All of it for the terminal.
pub(crate) fn text(args: &BiasArgs, found: &Findings, weights: &WeightSummary, sentence: &str) -> String {
    let mut text = head(args, found, weights);
    text.push_str("\nAutocorrelation\n");
    align(&autocorrelation_rows(found), 1, &mut text);
    text.push_str("\nBoth together\n");
    align(&together_rows(args, found), 0, &mut text);
    text.push_str("\nAssociation\n");
    align(&association_rows(&found.associations), 0, &mut text);
    for note in &found.notes {
        let _ = writeln!(text, "\nNote: {note}");
    }
    let _ = writeln!(text, "\n{sentence}");
    text
}

fn head(args: &BiasArgs, found: &Findings, weights: &WeightSummary) -> String {
    let [outcome, sensitive] = &found.variables;
    let mut text = format!(
        "Bias of `{}` with respect to `{}`, {} units, {}\n",
        outcome.name,
        sensitive.name,
        grouped(outcome.values.len() as u64),
        case_name(case(outcome, sensitive))
    );
    for (variable, meaning, other) in [
        (outcome, "favourable", "others"),
        (sensitive, "protected", "privileged"),
    ] {
        if let Some(levels) = &variable.levels {
            let _ = writeln!(
                text,
                "`{}`: {meaning} {} ({} units), {other} {}",
                variable.name,
                levels.one,
                grouped(levels.n_ones as u64),
                levels.zero
            );
        }
    }
    let _ = writeln!(text, "{}", weights.line());
    let _ = writeln!(text, "{}", adjustment(args, found));
    text
}

/// How spatial patterns were taken out.
pub(crate) fn adjustment(args: &BiasArgs, found: &Findings) -> String {
    let patterns = &found.patterns;
    match args.filter.adjust {
        AdjustArg::None => "adjustment: none".to_owned(),
        AdjustArg::EsfForward => format!(
            "adjustment: {}, from {} eigenvectors",
            patterns.adjust,
            grouped(patterns.n_eigenvectors as u64)
        ),
        AdjustArg::EsfBic | AdjustArg::EsfAic => format!(
            "adjustment: {}, coefficients {}, from {} candidates ({}) of {} eigenvectors",
            patterns.adjust,
            patterns.coefficients,
            grouped(patterns.n_candidates as u64),
            patterns.candidate_rule,
            grouped(patterns.n_eigenvectors as u64)
        ),
    }
}

/// What the paper calls the case.
pub(crate) fn case_name(case: BiasCase) -> &'static str {
    match case {
        BiasCase::BothContinuous => "both continuous (case I)",
        BiasCase::BothBinary => "both discrete (case II)",
        BiasCase::Mixed => "one discrete, one continuous (case III)",
    }
}

/// Statistic by variable, with a head.
pub(crate) fn autocorrelation_rows(found: &Findings) -> Vec<[String; 7]> {
    let mut rows = vec![
        [
            "variable",
            "statistic",
            "value",
            "expected",
            "z",
            "p",
            "patterns out",
        ]
        .map(str::to_owned),
    ];
    let row = |name: &str, what: &str, result: &MoranResult, taken: String| {
        [
            name.to_owned(),
            what.to_owned(),
            number(result.statistic),
            number(result.expectation),
            number(result.z_score),
            p_value(result.p_value),
            taken,
        ]
    };
    for (i, variable) in found.variables.iter().enumerate() {
        let autocorrelation = &found.autocorrelation[i];
        rows.push(row(
            &variable.name,
            "Moran's I",
            &autocorrelation.moran,
            NONE.to_owned(),
        ));
        if let Some(phi) = &autocorrelation.phi {
            rows.push(row(&variable.name, "Φ of the levels", phi, NONE.to_owned()));
        }
        let Some(filter) = found.filtered.as_ref().map(|both| &both[i]) else {
            continue;
        };
        let taken = filter.n_selected.to_string();
        rows.push(match &filter.residual_moran {
            Some(result) => row(&variable.name, "Moran's I of the rest", result, taken),
            None => [
                variable.name.clone(),
                "Moran's I of the rest".to_owned(),
                NONE.to_owned(),
                NONE.to_owned(),
                NONE.to_owned(),
                NONE.to_owned(),
                taken,
            ],
        });
    }
    rows
}

/// T1, T2 and the test of equivalence, with a head.
pub(crate) fn together_rows(args: &BiasArgs, found: &Findings) -> Vec<[String; 3]> {
    let together = &found.together;
    let (small, large, equivalence) = (&together.t2_small, &together.t2_large, &together.equivalence);
    let delta = number(args.delta);
    let row = |name: String, statistic: String, p: f64| [name, statistic, p_value(p)];
    let mut rows = vec![
        ["test", "statistic", "p"].map(str::to_owned),
        row(
            "T1: both are autocorrelated".to_owned(),
            number(small.t1),
            small.t1_p_value,
        ),
        row(
            "T1, strict: each of them is".to_owned(),
            number(small.t1),
            small.t1_strict_p_value,
        ),
        row(
            "T2, small tail (section 2.1): equally so".to_owned(),
            number(small.t2),
            small.t2_p_value,
        ),
        row(
            "T2, large tail (appendix B.1): equally so".to_owned(),
            number(large.t2),
            large.t2_p_value,
        ),
    ];
    if let Some(found) = equivalence {
        rows.push(row(
            format!("equivalence: equal up to {delta}"),
            number(found.difference),
            found.p_value,
        ));
    }
    rows
}

/// The metrics before and after, with a head.
pub(crate) fn association_rows(associations: &[Association]) -> Vec<[String; 7]> {
    let mut rows = vec![
        [
            "metric",
            "value",
            "p",
            "filtered",
            "p filtered",
            "null mean",
            "against",
        ]
        .map(str::to_owned),
    ];
    for found in associations {
        let optional = |value: Option<f64>| value.map_or_else(|| NONE.to_owned(), number);
        rows.push([
            found.metric.to_owned(),
            number(found.statistic),
            p_value(found.p_value),
            optional(found.adjusted_statistic),
            found.adjusted_p_value.map_or_else(|| NONE.to_owned(), p_value),
            optional(found.copies.as_ref().and_then(|copies| copies.mean)),
            match found.alternative {
                Alternative::TwoSided => "either side",
                Alternative::Greater => "larger",
                Alternative::Less => "smaller",
            }
            .to_owned(),
        ]);
    }
    rows
}

/// One row a unit.
pub(crate) fn csv(found: &Findings) -> String {
    let mut text =
        "id,x,y,outcome,sensitive,outcome_spatial,outcome_rest,sensitive_spatial,sensitive_rest\n".to_owned();
    let units = &found.units;
    for (i, (id, point)) in units.ids.iter().zip(&units.points).enumerate() {
        let [outcome, sensitive] = &found.variables;
        let _ = write!(
            text,
            "{},{},{},{},{}",
            quoted(id),
            point.x,
            point.y,
            outcome.values[i],
            sensitive.values[i]
        );
        match &found.filtered {
            Some(both) => {
                for filter in both {
                    let _ = write!(text, ",{},{}", filter.spatial[i], filter.rest[i]);
                }
            }
            None => text.push_str(",,,,"),
        }
        text.push('\n');
    }
    text
}
