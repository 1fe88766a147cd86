//! Text and figures that a page must survive.

use proptest::prelude::*;
use wherefair_audit::{Audit, Measure, NullSummary};
use wherefair_report::{Context, html};

use crate::fixtures::{audit, grid, grids, groups};
use crate::reading::{Page, read};

pub(crate) const TEXTS: [&str; 8] = [
    "",
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</title></svg></style>&amp;",
    "Łódź · 東京 · القاهرة · 🗺",
    "\u{202E}reversed\u{0}\u{1B}\u{FFFE}",
    "a\nb\tc\rd",
    "]]><!--",
];

/// Checks a page that shows `figures`.
pub(crate) fn assert_shows_only_numbers(page: &str, figures: &[f64]) {
    read(page);
    for word in ["NaN", "inf ", "inf\"", "inf<", "infinity"] {
        assert!(!page.contains(word), "{figures:?} show {word:?}");
    }
}

/// Figures that are hard to draw.
pub(crate) fn figures() -> Vec<Vec<f64>> {
    vec![
        vec![f64::NAN],
        vec![f64::INFINITY],
        vec![f64::NEG_INFINITY, 1.0],
        vec![f64::MAX, f64::MIN],
        vec![f64::MIN_POSITIVE, -0.0, 5e-324],
        vec![f64::NAN, 1.0, f64::INFINITY],
        vec![0.0],
    ]
}

/// All elements but those of axes, which have as many ticks as the labels leave room for.
pub(crate) fn elements(page: &Page) -> Vec<&str> {
    let names = page.elements.iter().map(String::as_str);
    names
        .filter(|name| !matches!(*name, "g" | "line" | "text"))
        .collect()
}

/// Puts `text` wherever an audit and a context hold text.
fn with_text(text: &str) -> (Audit, Context) {
    let mut audit = audit(vec![grid(2, 3), groups(&[text, "other"])]);
    text.clone_into(&mut audit.score);
    audit.notes = vec![text.to_owned()];
    for partitioning in &mut audit.partitionings {
        text.clone_into(&mut partitioning.name);
        for partition in &mut partitioning.partitions {
            text.clone_into(&mut partition.label);
        }
    }
    for place in &mut audit.worst_places {
        text.clone_into(&mut place.label);
        text.clone_into(&mut place.partitioning);
    }
    let context = Context {
        title: text.to_owned(),
        sentence: text.to_owned(),
        facts: vec![(text.to_owned(), text.to_owned())],
        unit: Some(text.to_owned()),
        geographic: false,
    };
    (audit, context)
}

#[test]
fn hostile_text_stays_text() {
    let (audit, context) = with_text("plain");
    let plain = read(&html(&audit, &context));
    for text in TEXTS.iter().filter(|text| !text.is_empty()) {
        let (audit, context) = with_text(text);
        let page = read(&html(&audit, &context));
        assert_eq!(elements(&page), elements(&plain), "{text:?}");
        assert_eq!(page.count("script"), 1);
    }
    let (audit, context) = with_text("");
    assert!(read(&html(&audit, &context)).text.contains("Audit across space"));
}

#[test]
fn very_long_text_does_not_swell_the_charts() {
    let long = "x".repeat(50_000);
    let (audit, context) = with_text(&long);
    let page = html(&audit, &context);
    read(&page);
    let n_whole = page.matches(&long).count();
    assert!(n_whole < 40, "{n_whole} copies");
}

/// Puts `figures` in turn wherever an audit holds a figure.
fn with_figures(figures: &[f64]) -> Audit {
    let mut next = figures.iter().copied().cycle();
    let mut take = || next.next().unwrap();
    let mut audit = grids(2, 3);
    audit.partitionings.push(groups(&["a", "b", "c"]));
    audit.global = Some(take());
    audit.base_global = Some(take());
    let mut measure = || Measure {
        observed: take(),
        null: Some(NullSummary {
            mean: take(),
            quantile_95: take(),
            p_value: take(),
        }),
    };
    for partitioning in &mut audit.partitionings {
        partitioning.mean_deviation = Some(measure());
        partitioning.max_deviation = Some(measure());
    }
    audit.spad.expectation = measure();
    audit.spad.sum_of_means = measure();
    audit.spad.sum_of_maxima = measure();
    for partitioning in &mut audit.partitionings {
        partitioning.reference = Some(take());
        for partition in &mut partitioning.partitions {
            partition.score = Some(take());
            partition.deviation = Some(take());
            partition.shortfall = Some(take());
            partition.p_value = Some(take());
            partition.q_value = Some(take());
        }
    }
    for place in &mut audit.worst_places {
        (place.score, place.reference, place.shortfall) = (take(), take(), take());
        place.interval = Some([take(), take()]);
    }
    (audit.spad.sd, audit.spad.min, audit.spad.median, audit.spad.max) = (take(), take(), take(), take());
    let stability = audit.stability.as_mut().unwrap();
    (stability.share_above, stability.agreement) = (take(), take());
    audit
}

#[test]
fn figures_that_are_not_finite_are_never_shown() {
    for figures in figures() {
        let page = html(&with_figures(&figures), &Context::default());
        assert_shows_only_numbers(&page, &figures);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_figure_gives_a_page(figures in prop::collection::vec(any::<f64>(), 1..40)) {
        let page = html(&with_figures(&figures), &Context::default());
        read(&page);
        prop_assert!(!page.contains("NaN"));
    }

    #[test]
    fn every_text_gives_a_page(text in any::<String>()) {
        let (audit, context) = with_text(&text);
        prop_assert_eq!(read(&html(&audit, &context)).count("script"), 1);
    }
}
