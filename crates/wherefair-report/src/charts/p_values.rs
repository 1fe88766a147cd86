//! The p-values of bias metrics before and after spatial patterns are taken out.

use crate::association::{BiasPage, BiasTest};
use crate::markup::{Element, shortened};
use crate::number::probability;
use crate::svg::{
    Anchor, CALM, FAINT_INK, GATE, GRID, INK, Key, Linear, Mark, WORSE, dashed, dot, key_row, label, line,
    picture, ring, text_width, tooltip,
};

const WIDTH: f64 = 640.0;
const ROW: f64 = 34.0;
/// More metrics than this are in the table alone.
const MAX_ROWS: usize = 30;
const MAX_NAME: usize = 34;
/// Smaller p-values lie at the end of the scale.
const SMALLEST_EXPONENT: i32 = -6;

/// One row a metric, on a logarithmic scale: from the p-value before to the one after; `None` without any.
pub(crate) fn p_values(page: &BiasPage) -> Option<Element> {
    let tests: Vec<&BiasTest> = page
        .tests
        .iter()
        .filter(|test| is_probability(test.p_value))
        .take(MAX_ROWS)
        .collect();
    if tests.is_empty() {
        return None;
    }
    let names: Vec<String> = tests
        .iter()
        .map(|test| shortened(&test.metric, MAX_NAME))
        .collect();
    let name_width = names
        .iter()
        .map(|name| text_width(name, 13.0))
        .fold(40.0, f64::max);
    let (left, right) = ((name_width + 16.0).min(WIDTH / 2.0), WIDTH - 18.0);
    let after = || tests.iter().filter_map(|test| adjusted(test));
    let smallest = tests
        .iter()
        .map(|test| test.p_value)
        .chain(after())
        .fold(1.0, f64::min);
    let end = exponent(smallest);
    let scale = Linear::new((f64::from(end), 0.0), (left, right));
    let at = |p: f64| scale.at(p.max(f64::MIN_POSITIVE).log10());

    let is_level = is_probability(page.level) && page.level > 0.0;
    let mut keys = vec![Key::new(Mark::Ring(CALM), "before")];
    if after().next().is_some() {
        keys.push(Key::new(Mark::Dot(WORSE), "spatial patterns taken out"));
    }
    if is_level {
        keys.push(Key::new(
            Mark::Dashed(GATE),
            format!("level {}", probability(page.level)),
        ));
    }
    let (key, key_height) = key_row(&keys, left, 0.0, right - left);
    let top = key_height + 6.0;
    let bottom = top + ROW * tests.len() as f64 + 4.0;
    let title = "p-value, smaller to the left";
    let mut chart = picture(WIDTH, bottom + 44.0, "p-values before and after").child(key);
    for power in end..=0 {
        let x = scale.at(f64::from(power));
        let text = if power >= -3 {
            format!("{}", 10_f64.powi(power))
        } else {
            probability(10_f64.powi(power))
        };
        let text = if power == end && smallest < 10_f64.powi(end) {
            format!("≤ {text}")
        } else {
            text
        };
        chart = chart.child(line((x, top), (x, bottom), GRID, 1.0)).child(label(
            (x, bottom + 16.0),
            &text,
            12.0,
            FAINT_INK,
            Anchor::Middle,
        ));
    }
    let middle = f64::midpoint(left, right);
    chart = chart.child(label(
        (middle, bottom + 34.0),
        title,
        12.0,
        FAINT_INK,
        Anchor::Middle,
    ));
    if is_level {
        let x = at(page.level);
        chart = chart.child(dashed(line((x, top), (x, bottom), GATE, 2.0)));
    }
    for (i, (test, name)) in tests.iter().zip(&names).enumerate() {
        let y = top + ROW * (i as f64 + 0.5) + 2.0;
        let before = at(test.p_value);
        let mut row = Element::new("g").child(label((left - 10.0, y + 4.5), name, 13.0, INK, Anchor::End));
        if let Some(p) = adjusted(test) {
            row = row
                .child(line((before, y), (at(p), y), FAINT_INK, 1.5))
                .child(ring((before, y), 5.0, CALM))
                .child(dot((at(p), y), 5.5, WORSE));
        } else {
            row = row.child(ring((before, y), 5.0, CALM));
        }
        chart = chart.child(row.child(tooltip(&describe(test))));
    }
    Some(chart)
}

fn describe(test: &BiasTest) -> String {
    let before = format!(
        "{}\nbefore: p {}",
        shortened(&test.metric, 120),
        probability(test.p_value)
    );
    match adjusted(test) {
        Some(p) => format!("{before}\nspatial patterns taken out: p {}", probability(p)),
        None => before,
    }
}

fn adjusted(test: &BiasTest) -> Option<f64> {
    test.adjusted_p_value.filter(|&p| is_probability(p))
}

fn is_probability(p: f64) -> bool {
    (0.0..=1.0).contains(&p)
}

/// The power of ten at the end of a scale that reaches to `smallest`.
fn exponent(smallest: f64) -> i32 {
    let powers = SMALLEST_EXPONENT..=-2;
    let mut below = powers.rev().filter(|&power| 10_f64.powi(power) <= smallest);
    below.next().unwrap_or(SMALLEST_EXPONENT)
}
