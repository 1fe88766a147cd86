//! What the paper says of its figures, held against ours. It prints no numbers of the curves.

use super::super::comparison::{Comparison, Verdict};
use super::super::rate::Rate;
use super::super::report::Report;
use super::design::Design;
use super::filtering::{FilterPoint, Panel, UNADJUSTED, variants};
use super::power::{PowerPoint, Test};

/// The confidence with which a rate is called above the level or off it.
const CONFIDENCE: f64 = 0.99;

/// From this ρ on the paper speaks of moderate to high autocorrelation.
const MODERATE: f64 = 0.5;

/// One curve in words: its rates at the ends.
fn ends(rates: &[Rate]) -> String {
    match (rates.first(), rates.last()) {
        (Some(first), Some(last)) => format!("{:.3} to {:.3}", first.share(), last.share()),
        _ => "no points".to_owned(),
    }
}

fn rises(rates: &[Rate]) -> bool {
    match (rates.first(), rates.last()) {
        (Some(first), Some(last)) => last.interval().0 > first.interval().1,
        _ => false,
    }
}

/// Whether no more rates are off the level than one would be by chance in a curve of ten points.
fn nominal(rates: &[Rate]) -> bool {
    let off = rates.iter().filter(|rate| !rate.is_nominal(CONFIDENCE)).count();
    !rates.is_empty() && off <= 1
}

/// Statements on Figs. 3 and 4, for each places and number of them.
pub(super) fn of_power(points: &[PowerPoint], report: &mut Report) {
    let mut curves: Vec<(&str, &str, usize)> = Vec::new();
    for point in points {
        let curve = (point.scene.as_str(), point.scaling, point.n);
        if !curves.contains(&curve) {
            curves.push(curve);
        }
    }
    for (scene, scaling, n) in curves {
        let rates = |design: Design, test: Test, least: f64| -> Vec<Rate> {
            points
                .iter()
                .filter(|point| (point.scene.as_str(), point.scaling, point.n) == (scene, scaling, n))
                .filter(|point| point.design == design && point.rho >= least - 1e-9)
                .map(|point| point.rate(test))
                .collect()
        };
        let mut say = |place, what: &str, paper, found: &[Rate], holds| {
            report.comparisons.push(Comparison::statement(
                place,
                format!("{what}; {scene}, {scaling}, n = {n}"),
                paper,
                ends(found),
                Verdict::of(holds),
            ));
        };
        let t1 = rates(Design::ByAutocorrelation, Test::T1, 0.0);
        say("Fig. 3", "T1 by ρ", "power grows", &t1, rises(&t1));
        say(
            "Fig. 3",
            "T1 at ρ = 0",
            "exactly 0.05",
            &t1[..1],
            t1[0].is_nominal(CONFIDENCE),
        );
        for (test, tail) in [
            (Test::T2Small, "T2 (small tail) by ρ"),
            (Test::T2Large, "T2 (large tail) by ρ"),
        ] {
            let t2 = rates(Design::ByAutocorrelation, test, 0.0);
            say("Fig. 3", tail, "power grows", &t2, rises(&t2));
            let above = t2.iter().all(|rate| rate.interval().1 >= 0.05);
            say("Fig. 3", tail, "at least 0.05 for all ρ", &t2, above);
        }
        let t1 = rates(Design::SensitiveAlone, Test::T1, 0.0);
        say("Fig. 4 (2)", "T1 by ρ", "nominal for all ρ", &t1, nominal(&t1));
        for (test, tail) in [
            (Test::T2Small, "T2 (small tail), ρ ≥ 0.5"),
            (Test::T2Large, "T2 (large tail), ρ ≥ 0.5"),
        ] {
            let t2 = rates(Design::SensitiveAlone, test, MODERATE);
            let at_most = t2.iter().all(|rate| !rate.is_above(CONFIDENCE));
            say("Fig. 4 (2)", tail, "nominal", &t2, at_most);
        }
        let t1 = rates(Design::Inherited, Test::T1, 0.0);
        say("Fig. 4 (3)", "T1 by ρ", "power grows", &t1, rises(&t1));
        for (test, tail) in [
            (Test::T2Small, "T2 (small tail)"),
            (Test::T2Large, "T2 (large tail)"),
        ] {
            let inherited = rates(Design::Inherited, test, MODERATE);
            let alone = rates(Design::SensitiveAlone, test, MODERATE);
            let higher = inherited.iter().zip(&alone).all(|(a, b)| a.share() > b.share());
            say(
                "Fig. 4 (3)",
                tail,
                "higher than in (2), ρ ≥ 0.5",
                &inherited,
                higher,
            );
        }
        let t1 = rates(Design::Proxy, Test::T1, 0.0);
        if !t1.is_empty() {
            say(
                "section 3.1",
                "proxy: T1 by ρ",
                "power grows, as in Fig. 3",
                &t1,
                rises(&t1),
            );
        }
    }
}

/// Statements on Fig. 5.
pub(super) fn of_filtering(points: &[FilterPoint], report: &mut Report) {
    for panel in Panel::ALL {
        let own: Vec<&FilterPoint> = points.iter().filter(|point| point.panel == panel).collect();
        let rates = |name: &str| -> Vec<Rate> { own.iter().map(|point| point.rate(name)).collect() };
        let before = rates(UNADJUSTED);
        if before.is_empty() {
            continue;
        }
        let is_association = matches!(panel, Panel::BeforeLag | Panel::AfterLag);
        if !is_association {
            let n_above = before.iter().filter(|rate| rate.is_above(CONFIDENCE)).count();
            report.comparisons.push(Comparison::statement(
                "Fig. 5 (a)",
                format!("{}: no filter", panel.name()),
                "above 0.05 for all ρ₂",
                format!(
                    "above 0.05 at {n_above} of {} points, {}",
                    before.len(),
                    range(&before)
                ),
                Verdict::of(n_above == before.len()),
            ));
        }
        for variant in variants() {
            let after = rates(variant.name);
            let what = format!("{}: {}", panel.name(), variant.name);
            let comparison = if is_association {
                // The same where the intervals of both rates overlap.
                let same = before.iter().zip(&after).filter(|(before, after)| {
                    let ((low, high), (from, to)) = (before.interval(), after.interval());
                    low <= to && from <= high
                });
                let n_same = same.count();
                Comparison::statement(
                    "Fig. 5 (b)",
                    what,
                    "the same before and after",
                    format!(
                        "alike at {n_same} of {} points; before {}, after {}",
                        before.len(),
                        range(&before),
                        range(&after)
                    ),
                    Verdict::of(n_same == before.len()),
                )
            } else {
                let n_above = after.iter().filter(|rate| rate.is_above(CONFIDENCE)).count();
                Comparison::statement(
                    "Fig. 5 (a)",
                    what,
                    "below 0.05 for all ρ₂",
                    format!(
                        "above 0.05 at {n_above} of {} points, {}",
                        after.len(),
                        range(&after)
                    ),
                    Verdict::of(n_above == 0),
                )
            };
            report.comparisons.push(comparison);
        }
    }
}

/// The smallest and the largest rate.
fn range(rates: &[Rate]) -> String {
    let shares = || rates.iter().map(|rate| rate.share());
    let (low, high) = (shares().fold(1.0, f64::min), shares().fold(0.0, f64::max));
    format!("{low:.3} to {high:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(n_rejected: u32) -> Rate {
        Rate { n_rejected, n: 200 }
    }

    #[test]
    fn a_curve_rises_only_beyond_chance() {
        assert!(rises(&[rate(10), rate(12), rate(100)]));
        assert!(!rises(&[rate(10), rate(12)]) && !rises(&[]));
    }

    #[test]
    fn one_point_off_the_level_is_chance_and_two_are_not() {
        assert!(nominal(&[rate(10), rate(60), rate(11)]));
        assert!(!nominal(&[rate(10), rate(60), rate(61)]) && !nominal(&[]));
    }

    #[test]
    fn ranges_and_ends_are_in_words() {
        let rates = [rate(10), rate(0), rate(20)];
        assert_eq!(
            (range(&rates), ends(&rates)),
            ("0.000 to 0.100".to_owned(), "0.050 to 0.100".to_owned())
        );
    }
}
