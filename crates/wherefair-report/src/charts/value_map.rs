//! The values of a variable on a map.

use std::collections::BTreeMap;

use wherefair_core::Point;
use wherefair_partition::Shape;

use super::choropleth::{BORDER, MAX_TOOLTIPS};
use super::projection::{Projection, bounds_of, corners, is_finite};
use crate::markup::{Element, shortened};
use crate::number::{counted, number};
use crate::svg::{
    Anchor, Diverging, FAINT_INK, bar, bottom_axis, dot, label, picture, tooltip, vertical_axis,
};

const WIDTH: f64 = 460.0;
/// Up to this many places each is drawn; beyond, squares have the colour of the mean within.
const MAX_PLACES: usize = 20_000;
/// Sides of the squares, in pixels.
const SQUARE: f64 = 4.0;
/// The colours end at this many standard deviations from the mean.
const LIMIT: f64 = 2.0;
const N_STEPS: u32 = 40;
const LEFT: f64 = 66.0;
const TOP: f64 = 10.0;
const MARGIN: f64 = 10.0;
const GAP: f64 = 6.0;

/// Where the units are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    pub(crate) labels: &'a [String],
    pub(crate) points: &'a [Point],
    pub(crate) shapes: &'a [Option<Shape>],
    pub(crate) geographic: bool,
}

impl Places<'_> {
    fn shape(&self, i: usize) -> Option<&Shape> {
        let shape = self.shapes.get(i)?.as_ref()?;
        corners(shape).any(is_finite).then_some(shape)
    }
}

/// A map of `values` by colour about their mean; `None` where no place has coordinates and a value.
pub(crate) fn value_map(places: Places<'_>, name: &str, values: &[f64]) -> Option<Element> {
    let drawn: Vec<usize> = (0..places.points.len().min(values.len()))
        .filter(|&i| values[i].is_finite() && (is_finite(&places.points[i]) || places.shape(i).is_some()))
        .collect();
    let (mean, deviation) = moments(&drawn, values)?;
    let points = drawn.iter().flat_map(|&i| {
        let corners = places.shape(i).into_iter().flat_map(corners);
        let point = places.shape(i).is_none().then_some(&places.points[i]);
        corners.chain(point)
    });
    let extent = bounds_of(points)?;
    let available = WIDTH - LEFT - MARGIN;
    let projection = Projection::fit(
        &extent,
        places.geographic,
        (LEFT, TOP),
        (available, available * 0.95),
    );
    let (right, bottom) = (projection.x.range().1, projection.y.range().0);
    let colours = Diverging::new(LIMIT);
    let colour = |value: f64| colours.at((value - mean) / deviation).hex();

    let name = shortened(name, 60);
    let mut chart = picture(WIDTH, bottom + 78.0, &format!("Map of {name}"));
    chart = if drawn.len() > MAX_PLACES {
        chart.child(squares(places, &projection, &drawn, values, &colour))
    } else {
        chart.child(one_by_one(
            places,
            &projection,
            (right, bottom),
            &drawn,
            values,
            &colour,
        ))
    };
    let low = mean - LIMIT * deviation;
    let high = mean + LIMIT * deviation;
    Some(
        chart
            .child(vertical_axis(&projection.y, LEFT - GAP))
            .child(bottom_axis(&projection.x, bottom + GAP))
            .child(scale(bottom + 40.0, [low, mean, high], colours)),
    )
}

/// Mean and standard deviation, the latter 1 where all values are the same; `None` where they are not finite.
fn moments(drawn: &[usize], values: &[f64]) -> Option<(f64, f64)> {
    let n = drawn.len() as f64;
    let mean = drawn.iter().map(|&i| values[i] / n).sum::<f64>();
    let variance = drawn
        .iter()
        .map(|&i| (values[i] - mean) * ((values[i] - mean) / n))
        .sum::<f64>();
    let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    // What is left by a filter has a mean of 0 but for rounding.
    let mean = if mean.abs() < 1e-9 * deviation { 0.0 } else { mean };
    (n > 0.0 && mean.is_finite() && (LIMIT * deviation).is_finite()).then_some((mean, deviation))
}

fn one_by_one(
    places: Places<'_>,
    projection: &Projection,
    (right, bottom): (f64, f64),
    drawn: &[usize],
    values: &[f64],
    colour: &dyn Fn(f64) -> String,
) -> Element {
    let size = (right - LEFT) * (bottom - TOP) / drawn.len() as f64;
    let radius = (0.42 * size.sqrt()).clamp(1.2, 6.0);
    let border = if drawn.len() > 2_000 { 0.15 } else { 0.5 };
    let marks = drawn.iter().filter_map(|&i| {
        let mark = match places.shape(i).map(|shape| projection.path(shape)) {
            Some(path) if path.is_empty() => return None,
            Some(path) => Element::new("path")
                .attr("d", path)
                .attr("fill", colour(values[i])),
            None => dot(projection.at(&places.points[i]), radius, &colour(values[i])),
        };
        let name = places
            .labels
            .get(i)
            .map_or_else(String::new, |name| shortened(name, 120) + "\n");
        let tip = (drawn.len() <= MAX_TOOLTIPS).then(|| tooltip(&(name + &number(values[i]))));
        Some(mark.children(tip))
    });
    Element::new("g")
        .attr("stroke", BORDER)
        .num("stroke-width", border)
        .attr("stroke-linejoin", "round")
        .attr("fill-rule", "evenodd")
        .children(marks)
}

/// Squares in the colour of the mean of the places within.
fn squares(
    places: Places<'_>,
    projection: &Projection,
    drawn: &[usize],
    values: &[f64],
    colour: &dyn Fn(f64) -> String,
) -> Element {
    #[expect(clippy::cast_possible_truncation, reason = "pixels over the side of a square")]
    let index = |pixel: f64| (pixel / SQUARE).floor() as i32;
    let mut cells: BTreeMap<(i32, i32), (usize, f64)> = BTreeMap::new();
    for &i in drawn.iter().filter(|&&i| is_finite(&places.points[i])) {
        let (x, y) = projection.at(&places.points[i]);
        let (n, sum) = cells.entry((index(y), index(x))).or_default();
        *n += 1;
        *sum += values[i];
    }
    let marks = cells.into_iter().map(|((row, column), (n, sum))| {
        let corner = (f64::from(column) * SQUARE, f64::from(row) * SQUARE);
        let mean = sum / n as f64;
        let text = format!("{}\nmean {}", counted(n, "place", "places"), number(mean));
        bar(corner, (corner.0 + SQUARE, corner.1 + SQUARE), &colour(mean)).child(tooltip(&text))
    });
    Element::new("g")
        .attr("shape-rendering", "crispEdges")
        .children(marks)
}

/// What the colours mean.
fn scale(top: f64, [low, mean, high]: [f64; 3], colours: Diverging) -> Element {
    let (left, right) = (LEFT, WIDTH - MARGIN);
    let step = (right - left) / f64::from(N_STEPS);
    let mut scale = Element::new("g");
    for i in 0..N_STEPS {
        let t = (f64::from(i) + 0.5) / f64::from(N_STEPS) * 2.0 - 1.0;
        let x = left + step * f64::from(i);
        let part = bar(
            (x, top),
            ((x + step + 0.4).min(right), top + 12.0),
            &colours.at(t * LIMIT).hex(),
        );
        scale = scale.child(part.attr("shape-rendering", "crispEdges"));
    }
    for (x, text, anchor) in [
        (left, format!("≤ {}", number(low)), Anchor::Start),
        (
            f64::midpoint(left, right),
            format!("mean {}", number(mean)),
            Anchor::Middle,
        ),
        (right, format!("≥ {}", number(high)), Anchor::End),
    ] {
        scale = scale.child(label((x, top + 26.0), &text, 11.5, FAINT_INK, anchor));
    }
    scale
}
