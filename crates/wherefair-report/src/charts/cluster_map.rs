//! The map of clusters and outliers.

use wherefair_core::Point;

use super::bins::Bins;
use super::choropleth::{BORDER, MAX_TOOLTIPS};
use super::projection::{Projection, bounds_of, corners, is_finite};
use crate::autocorrelation::{Cluster, LocalPlace};
use crate::markup::{Element, shortened};
use crate::number::{number, probability};
use crate::svg::{bar, bottom_axis, dot, picture, tooltip, vertical_axis};

/// Up to this many places each is a dot; beyond, squares have the colour of most places within.
const MAX_DOTS: usize = 20_000;
/// With more areas than this, they are drawn like dots.
const MAX_AREAS: usize = 50_000;
/// Sides of the squares, in pixels.
const SQUARE: f64 = 5.0;
/// Room for coordinates left of and below the map, and the margin on the other sides, in pixels.
const LEFT: f64 = 78.0;
const BELOW: f64 = 34.0;
const MARGIN: f64 = 10.0;
/// Between the map and its coordinates, so that no dot lies over them.
const GAP: f64 = 8.0;

/// The colour of a cluster on maps and dots; reds and blues that stay apart for colour-blind readers.
pub(crate) fn cluster_colour(cluster: Cluster) -> &'static str {
    match cluster {
        Cluster::HighHigh => "#a8400a",
        Cluster::LowLow => "#164c82",
        Cluster::HighLow => "#f3a75c",
        Cluster::LowHigh => "#8cbce0",
        Cluster::NotSignificant => "#d9dcdf",
        Cluster::Isolate => "#ffffff",
    }
}

/// How many places are drawn as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    OneByOne,
    Squares,
}

/// A map of the places, `width` pixels wide, and how its marks are to be read; `None` where no place can be drawn.
pub(crate) fn cluster_map(places: &[LocalPlace], geographic: bool, width: f64) -> Option<(Element, Marks)> {
    let extent = bounds_of(places.iter().flat_map(points))?;
    let available = (width - LEFT - MARGIN).max(40.0);
    let projection = Projection::fit(&extent, geographic, (LEFT, MARGIN), (available, available * 0.95));
    let (right, bottom) = (projection.x.range().1, projection.y.range().0);

    let (mut areas, mut dots): (Vec<&LocalPlace>, Vec<&LocalPlace>) =
        places.iter().partition(|place| has_area(place));
    if areas.len() > MAX_AREAS {
        areas.clear();
        dots = places.iter().collect();
    }
    dots.retain(|place| is_finite(&place.point));
    let with_tooltips = areas.len() + dots.len() <= MAX_TOOLTIPS;
    let mut chart = picture(width, bottom + BELOW, "Map of clusters and outliers").child(draw_areas(
        &areas,
        &projection,
        with_tooltips,
    ));
    let marks = if dots.len() > MAX_DOTS {
        let mut bins = Bins::new((LEFT, MARGIN), (right, bottom), SQUARE);
        for place in &dots {
            bins.add(projection.at(&place.point), place.cluster);
        }
        chart = chart.child(squares(&bins));
        Marks::Squares
    } else {
        let size = (right - LEFT) * (bottom - MARGIN) / dots.len().max(1) as f64;
        let radius = (0.4 * size.sqrt()).clamp(1.3, 7.0);
        chart = chart.child(draw_dots(&dots, &projection, radius, with_tooltips));
        Marks::OneByOne
    };
    let chart = chart
        .child(vertical_axis(&projection.y, LEFT - GAP))
        .child(bottom_axis(&projection.x, bottom + GAP));
    Some((chart, marks))
}

/// Whether a place can be drawn at all.
pub(crate) fn is_drawable(place: &LocalPlace) -> bool {
    points(place).next().is_some()
}

fn has_area(place: &LocalPlace) -> bool {
    let shape = place.shape.as_ref();
    shape.is_some_and(|shape| corners(shape).any(is_finite))
}

/// The finite corners of a place, else its finite point.
fn points(place: &LocalPlace) -> impl Iterator<Item = &Point> {
    let corners = place.shape.iter().flat_map(corners);
    let point = (!has_area(place)).then_some(&place.point);
    corners.chain(point).filter(|point| is_finite(point))
}

/// Places in the order in which they are drawn: the significant ones on top.
fn layers<'a>(places: &'a [&'a LocalPlace]) -> impl Iterator<Item = (Cluster, Vec<&'a LocalPlace>)> {
    Cluster::ALL.into_iter().rev().map(|cluster| {
        let members = places.iter().filter(|place| place.cluster == cluster);
        (cluster, members.copied().collect())
    })
}

fn draw_areas(places: &[&LocalPlace], projection: &Projection, with_tooltips: bool) -> Element {
    let group = Element::new("g")
        .attr("stroke", BORDER)
        .num("stroke-width", if places.len() > 2_000 { 0.3 } else { 0.7 })
        .attr("stroke-linejoin", "round")
        .attr("fill-rule", "evenodd");
    group.children(layers(places).map(|(cluster, members)| {
        let areas = members.iter().filter_map(|place| {
            let path = projection.path(place.shape.as_ref()?);
            let area = Element::new("path").attr("d", &path);
            let tip = with_tooltips.then(|| tooltip(&describe(place)));
            (!path.is_empty()).then(|| area.children(tip))
        });
        Element::new("g")
            .attr("fill", cluster_colour(cluster))
            .children(areas)
    }))
}

fn draw_dots(places: &[&LocalPlace], projection: &Projection, radius: f64, with_tooltips: bool) -> Element {
    let group = Element::new("g")
        .attr("stroke", BORDER)
        .num("stroke-width", if radius > 2.5 { 0.6 } else { 0.2 });
    group.children(layers(places).flat_map(|(cluster, members)| {
        let dots = members.into_iter().map(move |place| {
            let tip = with_tooltips.then(|| tooltip(&describe(place)));
            dot(projection.at(&place.point), radius, cluster_colour(cluster)).children(tip)
        });
        dots.collect::<Vec<_>>()
    }))
}

fn squares(bins: &Bins) -> Element {
    Element::new("g")
        .attr("shape-rendering", "crispEdges")
        .children(bins.filled().map(|bin| {
            let [from, to] = bin.corners;
            bar(from, to, cluster_colour(bin.majority())).child(tooltip(&bin.describe()))
        }))
}

/// All figures of a place, for a tooltip.
pub(super) fn describe(place: &LocalPlace) -> String {
    let mut lines = vec![
        shortened(&place.label, 120),
        format!("value {}", number(place.value)),
        format!("local I {}, {}", number(place.statistic), place.cluster.name()),
    ];
    let tests = [("p", place.p_value), ("q", place.q_value)];
    let tests: Vec<String> = tests
        .iter()
        .filter_map(|(name, value)| Some(format!("{name} {}", probability((*value)?))))
        .collect();
    if !tests.is_empty() {
        lines.push(tests.join(", "));
    }
    lines.join("\n")
}
