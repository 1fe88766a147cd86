//! The page on bias under spatial autocorrelation.

use proptest::prelude::*;
use wherefair_core::{Extent, Point};
use wherefair_partition::Shape;
use wherefair_report::{BiasPage, BiasTable, BiasTest, BiasVariableColumns, Context, bias_html};

use crate::hostile::{TEXTS, assert_shows_only_numbers, elements, figures};
use crate::reading::{Page, read};

/// Rows of p-values; the last dot of each has a tooltip.
const N_TESTS: usize = 3;

fn page(n: usize) -> BiasPage {
    let column = |name: &str, step: f64| {
        let values: Vec<f64> = (0..n).map(|i| (i as f64 * step).sin()).collect();
        BiasVariableColumns {
            name: name.into(),
            rest: values.iter().map(|value| value / 3.0).collect(),
            values,
        }
    };
    let test = |metric: &str, p_value, adjusted| BiasTest {
        metric: metric.into(),
        statistic: 0.4,
        adjusted_statistic: Some(0.1),
        p_value,
        adjusted_p_value: adjusted,
    };
    BiasPage {
        outcome: column("stations", 0.7),
        sensitive: column("share", 0.9),
        weights: "8 nearest neighbours".into(),
        adjustment: "L1 path".into(),
        measures: vec![("correlation".into(), "0.40".into())],
        tests: vec![
            test("correlation", 1e-9, Some(0.3)),
            test("Kendall's tau-b", 0.001, Some(0.02)),
            test("Spearman's rho", 0.2, None),
        ],
        level: 0.05,
        metric: "correlation".into(),
        statistic: 0.4,
        draws: (0..99).map(|i| f64::from(i % 10) / 50.0 - 0.1).collect(),
        tables: vec![BiasTable {
            heading: "Autocorrelation".into(),
            text: "Of both variables".into(),
            head: vec!["variable".into(), "I".into()],
            rows: vec![vec!["stations".into(), "0.8".into()]],
        }],
        labels: (0..n).map(|i| format!("tract {i}")).collect(),
        points: (0..n)
            .map(|i| Point::new((i % 50) as f64, (i / 50) as f64))
            .collect(),
        shapes: Vec::new(),
        notes: vec!["A note".into()],
    }
}

fn read_page(page: &BiasPage) -> Page {
    read(&bias_html(page, &Context::default()))
}

/// Marks with a tooltip.
fn n_titled(page: &Page, element: &str) -> usize {
    let pairs = page.elements.windows(2);
    pairs
        .filter(|pair| pair[0] == element && pair[1] == "title")
        .count()
}

#[test]
fn every_number_of_places_gives_a_page() {
    for n in [0, 1, 2, 300, 20_001] {
        let read = read_page(&page(n));
        // Two scatterplots and four maps.
        let wanted = N_TESTS + if n > 5_000 { 0 } else { 6 * n };
        assert_eq!(n_titled(&read, "circle"), wanted, "{n}");
        assert_eq!(read.text.contains("Spatial patterns taken out"), n > 0);
        assert!(read.text.contains("Before and after") && read.text.contains("A note"));
    }
}

#[test]
fn what_is_not_there_is_not_shown() {
    let mut page = page(30);
    (page.outcome.rest, page.sensitive.rest) = (Vec::new(), Vec::new());
    page.draws.clear();
    let read = read_page(&page);
    assert!(!read.text.contains("What chance alone gives"));
    // One scatterplot and two maps.
    assert_eq!(n_titled(&read, "circle"), N_TESTS + 3 * 30);
    page.points.clear();
    assert!(!read_page(&page).text.contains("Blue places"));
    page.tests.clear();
    assert!(read_page(&page).text.contains("Before and after"));
}

#[test]
fn p_values_lie_in_their_order_on_the_scale() {
    let html = bias_html(&page(3), &Context::default());
    let chart = &html[html.find("p-values before and after").unwrap()..];
    let chart = &chart[..chart.find("</svg>").unwrap()];
    let at = |metric: &str| -> Vec<f64> {
        let row = chart
            .split("<g>")
            .find(|row| row.contains(&format!("<title>{metric}")))
            .unwrap();
        row.split("cx=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
            .collect()
    };
    let (first, second, third) = (at("correlation"), at("Kendall"), at("Spearman"));
    assert_eq!((first.len(), second.len(), third.len()), (2, 2, 1));
    // 1e-9 lies at the end of the scale, left of 0.001, 0.02, 0.2 and 0.3.
    let order = [first[0], second[0], second[1], third[0], first[1]];
    assert!(order.is_sorted() && order[0] < order[1], "{order:?}");
}

#[test]
fn places_with_a_shape_are_areas() {
    let mut page = page(4);
    page.shapes = (0..3)
        .map(|i| {
            Some(Shape::rectangle(
                &Extent::new(f64::from(i), 0.0, f64::from(i) + 1.0, 1.0).unwrap(),
            ))
        })
        .chain([None])
        .collect();
    let read = read_page(&page);
    assert_eq!(
        (n_titled(&read, "path"), n_titled(&read, "circle")),
        (4 * 3, N_TESTS + 2 * 4 + 4)
    );
}

fn with_text(text: &str) -> (BiasPage, Context) {
    let mut page = page(6);
    let own = || text.to_owned();
    (page.outcome.name, page.sensitive.name) = (own(), own());
    (page.weights, page.adjustment, page.metric) = (own(), own(), own());
    page.measures = vec![(own(), own())];
    page.notes = vec![own()];
    page.labels = vec![own(); 6];
    for test in &mut page.tests {
        test.metric = own();
    }
    page.tables[0] = BiasTable {
        heading: own(),
        text: own(),
        head: vec![own(); 2],
        rows: vec![vec![own(); 2]],
    };
    let context = Context {
        title: own(),
        sentence: own(),
        facts: vec![(own(), own())],
        unit: Some(own()),
        geographic: true,
    };
    (page, context)
}

#[test]
fn hostile_text_stays_text() {
    let (plain, context) = with_text("plain");
    let plain = read(&bias_html(&plain, &context));
    for text in TEXTS.iter().filter(|text| !text.is_empty()) {
        let (page, context) = with_text(text);
        let read = read(&bias_html(&page, &context));
        assert_eq!(elements(&read), elements(&plain), "{text:?}");
        assert_eq!(read.count("script"), 0);
    }
    let (page, context) = with_text("");
    assert!(
        read(&bias_html(&page, &context))
            .text
            .contains("Bias under spatial autocorrelation")
    );
}

fn with_figures(figures: &[f64]) -> BiasPage {
    let mut next = figures.iter().copied().cycle();
    let mut take = || next.next().unwrap();
    let mut page = page(7);
    for column in [&mut page.outcome, &mut page.sensitive] {
        for value in column.values.iter_mut().chain(&mut column.rest) {
            *value = take();
        }
    }
    for point in &mut page.points {
        *point = Point::new(take(), take());
    }
    for draw in &mut page.draws {
        *draw = take();
    }
    for test in &mut page.tests {
        (test.statistic, test.p_value) = (take(), take());
        (test.adjusted_statistic, test.adjusted_p_value) = (Some(take()), Some(take()));
    }
    (page.level, page.statistic) = (take(), take());
    let ring = vec![
        Point::new(take(), take()),
        Point::new(take(), take()),
        Point::new(take(), take()),
    ];
    page.shapes = vec![Some(Shape {
        polygons: vec![vec![ring]],
    })];
    // Columns of different length are drawn as far as both reach.
    page.sensitive.values.truncate(5);
    page
}

#[test]
fn figures_that_are_not_finite_are_not_shown() {
    for figures in figures() {
        assert_shows_only_numbers(&bias_html(&with_figures(&figures), &Context::default()), &figures);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_figure_gives_a_page(figures in prop::collection::vec(any::<f64>(), 1..40)) {
        assert_shows_only_numbers(&bias_html(&with_figures(&figures), &Context::default()), &figures);
    }
}
