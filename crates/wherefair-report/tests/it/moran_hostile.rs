//! Text and figures that the pages on spatial autocorrelation must survive.

use proptest::prelude::*;
use wherefair_core::Point;
use wherefair_partition::Shape;
use wherefair_report::{Context, LocalMoranPage, MoranPage, local_moran_html, moran_html};

use crate::hostile::{TEXTS, assert_shows_only_numbers, elements, figures};
use crate::moran_fixtures::{global, local};
use crate::reading::read;

fn with_text(text: &str) -> (MoranPage, LocalMoranPage, Context) {
    let (mut global, mut local) = (global(12), local(12));
    for (variable, weights, measures, notes) in [
        (
            &mut global.variable,
            &mut global.weights,
            &mut global.measures,
            &mut global.notes,
        ),
        (
            &mut local.variable,
            &mut local.weights,
            &mut local.measures,
            &mut local.notes,
        ),
    ] {
        text.clone_into(variable);
        text.clone_into(weights);
        *measures = vec![(text.to_owned(), text.to_owned())];
        *notes = vec![text.to_owned()];
    }
    text.clone_into(&mut local.significance);
    local.method = vec![(text.to_owned(), text.to_owned())];
    for place in &mut local.places {
        text.clone_into(&mut place.label);
    }
    let context = Context {
        title: text.to_owned(),
        sentence: text.to_owned(),
        facts: vec![(text.to_owned(), text.to_owned())],
        unit: Some(text.to_owned()),
        geographic: true,
    };
    (global, local, context)
}

#[test]
fn hostile_text_stays_text_on_both_pages() {
    let (global, local, context) = with_text("plain");
    let plain = [
        read(&moran_html(&global, &context)),
        read(&local_moran_html(&local, &context)),
    ];
    for text in TEXTS.iter().filter(|text| !text.is_empty()) {
        let (global, local, context) = with_text(text);
        let pages = [
            read(&moran_html(&global, &context)),
            read(&local_moran_html(&local, &context)),
        ];
        for (page, plain) in pages.iter().zip(&plain) {
            assert_eq!(elements(page), elements(plain), "{text:?}");
            assert_eq!(page.count("script"), 0);
        }
    }
    let (global, local, context) = with_text("");
    assert!(
        read(&moran_html(&global, &context))
            .text
            .contains("Spatial autocorrelation")
    );
    assert!(
        read(&local_moran_html(&local, &context))
            .text
            .contains("Local spatial autocorrelation")
    );
}

#[test]
fn very_long_text_swells_neither_page() {
    let long = "x".repeat(50_000);
    let (global, local, context) = with_text(&long);
    for page in [moran_html(&global, &context), local_moran_html(&local, &context)] {
        read(&page);
        let n_whole = page.matches(&long).count();
        assert!(n_whole < 10, "{n_whole} copies");
    }
}

/// Both pages with `figures` in turn wherever they hold a figure.
fn with_figures(figures: &[f64]) -> (MoranPage, LocalMoranPage) {
    let mut next = figures.iter().copied().cycle();
    let mut take = || next.next().unwrap();
    let (mut global, mut local) = (global(7), local(9));
    for value in global
        .standardised
        .iter_mut()
        .chain(&mut global.lag)
        .chain(&mut global.draws)
        .chain(&mut local.standardised)
        .chain(&mut local.lag)
    {
        *value = take();
    }
    // Columns of different length are drawn as far as both reach.
    global.lag.truncate(5);
    local.places.truncate(6);
    (global.statistic, global.expectation) = (take(), take());
    for place in &mut local.places {
        place.point = Point::new(take(), take());
        (place.value, place.statistic) = (take(), take());
        (place.p_value, place.q_value) = (Some(take()), Some(take()));
    }
    let corner = |x, y| Point::new(x, y);
    let ring = vec![
        corner(take(), take()),
        corner(take(), take()),
        corner(take(), take()),
    ];
    local.places[0].shape = Some(Shape {
        polygons: vec![vec![ring]],
    });
    (global, local)
}

#[test]
fn figures_that_are_not_finite_are_shown_on_neither_page() {
    for figures in figures() {
        let (global, local) = with_figures(&figures);
        assert_shows_only_numbers(&moran_html(&global, &Context::default()), &figures);
        assert_shows_only_numbers(&local_moran_html(&local, &Context::default()), &figures);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_figure_gives_both_pages(figures in prop::collection::vec(any::<f64>(), 1..40)) {
        let (global, local) = with_figures(&figures);
        assert_shows_only_numbers(&moran_html(&global, &Context::default()), &figures);
        assert_shows_only_numbers(&local_moran_html(&local, &Context::default()), &figures);
    }

    #[test]
    fn the_same_page_gives_the_same_bytes(n in 0_usize..40) {
        let context = Context::default();
        prop_assert_eq!(local_moran_html(&local(n), &context), local_moran_html(&local(n), &context));
    }
}
