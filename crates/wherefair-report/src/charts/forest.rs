//! The worst places with their confidence intervals.

use wherefair_audit::{Audit, Place};

use super::deviations::unit_in_title;
use crate::Context;
use crate::markup::{Element, shortened};
use crate::number::{number, percent};
use crate::svg::{
    Anchor, FAINT_INK, GATE, INK, Key, Linear, Mark, WORSE, dashed, dot, horizontal_axis, key_row, label,
    line, picture, text_width, tooltip,
};
use crate::verdict::score_unit;

const WIDTH: f64 = 960.0;
const ROW: f64 = 26.0;
const MAX_NAME: usize = 40;
/// More places than this are in the table alone.
const MAX_ROWS: usize = 40;

/// One row a place: its score, the interval around it, the reference it is held against.
pub(crate) fn forest(audit: &Audit, context: &Context) -> Option<Element> {
    let finite = |place: &&Place| place.score.is_finite() && place.reference.is_finite();
    let places: Vec<&Place> = audit.worst_places.iter().filter(finite).take(MAX_ROWS).collect();
    if places.is_empty() {
        return None;
    }
    let global = audit.global.filter(|global| global.is_finite());
    let ends = |place: &Place| interval(place).unwrap_or([place.score; 2]);
    let values = || {
        places
            .iter()
            .flat_map(|place| [place.score, place.reference].into_iter().chain(ends(place)))
            .chain(global)
    };
    let (low, high) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(f64::NEG_INFINITY, f64::max),
    );
    let margin = (high - low) * 0.04;
    let names: Vec<String> = places
        .iter()
        .enumerate()
        .map(|(i, place)| {
            let name = format!("{} · {}", shortened(&place.partitioning, 18), place.label);
            format!("{}. {}", i + 1, shortened(&name, MAX_NAME))
        })
        .collect();
    let name_width = names
        .iter()
        .map(|name| text_width(name, 13.0))
        .fold(40.0, f64::max);
    let (left, right) = ((name_width + 18.0).min(WIDTH / 2.0), WIDTH - 20.0);
    let scale = Linear::new((low - margin, high + margin), (left, right));

    let (key, key_height) = key_row(&keys(audit, global), left, 0.0, right - left);
    let top = key_height + 6.0;
    let bottom = top + ROW * places.len() as f64 + 4.0;
    let title = format!(
        "{}{}",
        shortened(&audit.score, 60),
        unit_in_title(&score_unit(context))
    );
    let mut chart = picture(
        WIDTH,
        bottom + 44.0,
        "Scores of the worst places with their confidence intervals",
    )
    .child(key)
    .child(horizontal_axis(&scale, top, bottom, &title));
    if let Some(global) = global {
        let x = scale.at(global);
        chart = chart.child(dashed(line((x, top), (x, bottom), FAINT_INK, 1.5)));
    }
    for (i, (place, name)) in places.iter().zip(&names).enumerate() {
        let y = top + ROW * (i as f64 + 0.5) + 2.0;
        let x = scale.at(place.score);
        let reference = scale.at(place.reference);
        let mut row = Element::new("g").child(label((left - 10.0, y + 4.5), name, 13.0, INK, Anchor::End));
        if let Some([from, to]) = interval(place) {
            let (from, to) = (scale.at(from), scale.at(to));
            row = row.child(line((from, y), (to, y), WORSE, 2.0));
            for end in [from, to] {
                row = row.child(line((end, y - 5.0), (end, y + 5.0), WORSE, 2.0));
            }
        }
        row = row
            .child(line((reference, y - 9.0), (reference, y + 9.0), GATE, 2.0))
            .child(dot((x, y), 5.0, WORSE))
            .child(tooltip(&format!(
                "{}\nscore {}, reference {}",
                shortened(&place.label, 120),
                number(place.score),
                number(place.reference)
            )));
        chart = chart.child(row);
    }
    Some(chart)
}

/// The confidence interval of a place, where it can be drawn.
fn interval(place: &Place) -> Option<[f64; 2]> {
    place
        .interval
        .filter(|ends| ends.iter().all(|end| end.is_finite()))
}

fn keys(audit: &Audit, global: Option<f64>) -> Vec<Key> {
    let mut keys = vec![Key::new(Mark::Dot(WORSE), "score")];
    if audit.worst_places.iter().any(|place| interval(place).is_some()) {
        let level = percent(audit.config.confidence());
        keys[0] = Key::new(
            Mark::Dot(WORSE),
            format!("score with {level} confidence interval"),
        );
    }
    keys.push(Key::new(Mark::Line(GATE), "reference"));
    if let Some(global) = global {
        keys.push(Key::new(
            Mark::Dashed(FAINT_INK),
            format!("all samples: {}", number(global)),
        ));
    }
    keys
}
