//! The Moran scatterplot: values against the mean of their neighbours.

use super::bins::Bins;
use super::choropleth::BORDER;
use super::cluster_map::{cluster_colour, describe};
use crate::autocorrelation::{Cluster, LocalMoranPage, LocalPlace, MoranPage};
use crate::markup::{Element, shortened};
use crate::neighbours::ErrorsPage;
use crate::number::{number, percent};
use crate::svg::{
    Anchor, CALM, CHANCE_AREA, Diverging, FAINT_INK, GATE, Key, Linear, Mark, bar, dot, horizontal_axis,
    key_row, label, line, picture, tooltip, vertical_axis,
};

const WIDTH: f64 = 560.0;
const PLOT_HEIGHT: f64 = 400.0;
/// Up to this many places each is a dot; beyond, squares tell how many lie where.
pub(crate) const MAX_DOTS: usize = 5_000;
/// Sides of the squares, in pixels.
const SQUARE: f64 = 8.0;
/// Each side of zero takes at least this share of the other's length.
const MIN_SIDE: f64 = 0.3;
/// A line and a statistic nearer than this, relative to the statistic, are the same: the rest is rounding.
const ROUNDING: f64 = 1e-6;

/// What a Moran scatterplot is drawn from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scatter<'a> {
    variable: &'a str,
    standardised: &'a [f64],
    lag: &'a [f64],
    places: &'a [LocalPlace],
    statistic: Option<f64>,
}

impl<'a> From<&'a MoranPage> for Scatter<'a> {
    fn from(page: &'a MoranPage) -> Self {
        Self {
            variable: &page.variable,
            standardised: &page.standardised,
            lag: &page.lag,
            places: &[],
            statistic: Some(page.statistic),
        }
    }
}

impl<'a> From<&'a LocalMoranPage> for Scatter<'a> {
    fn from(page: &'a LocalMoranPage) -> Self {
        Self {
            variable: &page.variable,
            standardised: &page.standardised,
            lag: &page.lag,
            places: &page.places,
            statistic: None,
        }
    }
}

impl<'a> From<&'a ErrorsPage<'_>> for Scatter<'a> {
    fn from(page: &'a ErrorsPage<'_>) -> Self {
        Self {
            variable: &page.found.error,
            standardised: &page.standardised,
            lag: &page.lag,
            places: &page.places,
            statistic: None,
        }
    }
}

impl Scatter<'_> {
    /// The value and the lag of every sample that has both, with its index.
    pub(crate) fn pairs(&self) -> Vec<(usize, f64, f64)> {
        let pairs = self.standardised.iter().zip(self.lag).enumerate();
        pairs
            .filter(|(_, (z, lag))| z.is_finite() && lag.is_finite())
            .map(|(i, (&z, &lag))| (i, z, lag))
            .collect()
    }

    /// Whether dots have the colours of clusters.
    pub(crate) fn is_local(&self) -> bool {
        !self.places.is_empty()
    }

    fn cluster(&self, i: usize) -> Cluster {
        self.places
            .get(i)
            .map_or(Cluster::NotSignificant, |place| place.cluster)
    }

    fn describe(&self, (i, z, lag): (usize, f64, f64)) -> String {
        let own = format!("standardised {}, lag {}", number(z), number(lag));
        self.places
            .get(i)
            .map_or(own.clone(), |place| format!("{}\n{own}", describe(place)))
    }
}

/// The slope of the least-squares line through the origin; `None` where there is none.
///
/// # Formula
/// `Σ z·lag / Σ z²`, which is Moran's I when the weights sum to the number of samples.
fn slope(pairs: &[(usize, f64, f64)]) -> Option<f64> {
    let cross: f64 = pairs.iter().map(|(_, z, lag)| z * lag).sum();
    let square: f64 = pairs.iter().map(|(_, z, _)| z * z).sum();
    Some(cross / square).filter(|slope| slope.is_finite())
}

/// The number of places in each quadrant: high–high, low–low, high–low, low–high. Places on an axis lie in none.
pub(crate) fn quadrants(pairs: &[(usize, f64, f64)]) -> [usize; 4] {
    let n = |is: fn(f64, f64) -> bool| pairs.iter().filter(|&&(_, z, lag)| is(z, lag)).count();
    [
        n(|z, lag| z > 0.0 && lag > 0.0),
        n(|z, lag| z < 0.0 && lag < 0.0),
        n(|z, lag| z > 0.0 && lag < 0.0),
        n(|z, lag| z < 0.0 && lag > 0.0),
    ]
}

/// Values against their spatial lag, with quadrants and the line through the origin.
pub(crate) fn moran_scatter(scatter: &Scatter<'_>) -> Element {
    let pairs = scatter.pairs();
    let slope = slope(&pairs);
    let (left, right) = (52.0, WIDTH - 10.0);
    let (key, key_height) = key_row(&keys(scatter, &pairs, slope), 0.0, 0.0, WIDTH);
    let top = key_height + 26.0;
    let bottom = top + PLOT_HEIGHT;
    let x = Linear::new(around_zero(pairs.iter().map(|pair| pair.1)), (left, right));
    let y = Linear::new(around_zero(pairs.iter().map(|pair| pair.2)), (bottom, top));
    let (zero_x, zero_y) = (x.at(0.0), y.at(0.0));
    let title = format!("{}, standardised", shortened(scatter.variable, 60));
    let mut chart = picture(WIDTH, bottom + 44.0, "Moran scatterplot")
        .child(key)
        .child(bar((zero_x, zero_y), (right, top), CHANCE_AREA).num("opacity", 0.6))
        .child(bar((left, bottom), (zero_x, zero_y), CHANCE_AREA).num("opacity", 0.6))
        .child(horizontal_axis(&x, top, bottom, &title))
        .child(vertical_axis(&y, left))
        .child(label(
            (0.0, top - 9.0),
            "spatial lag: the same, of the neighbours",
            12.0,
            FAINT_INK,
            Anchor::Start,
        ))
        .child(line((left, zero_y), (right, zero_y), FAINT_INK, 1.0))
        .child(line((zero_x, top), (zero_x, bottom), FAINT_INK, 1.0));
    chart = if pairs.len() <= MAX_DOTS {
        chart.children(dots(scatter, &pairs, &x, &y))
    } else {
        chart.child(squares(scatter, &pairs, &x, &y))
    };
    if let Some([from, to]) = slope.and_then(|slope| clipped(slope, x.domain(), y.domain())) {
        let pixel = |(along, up): (f64, f64)| (x.at(along), y.at(up));
        chart = chart.child(line(pixel(from), pixel(to), GATE, 2.0));
    }
    chart.children(quadrant_labels(&pairs, (left, right), (top, bottom)))
}

/// A domain around `values` and zero that gives both sides of zero room.
fn around_zero(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let (low, high) = (low.min(-MIN_SIDE * high), high.max(-MIN_SIDE * low));
    let margin = (high - low) * 0.04;
    (low - margin, high + margin)
}

/// The ends of the line through the origin within both domains, which hold zero.
fn clipped(slope: f64, along: (f64, f64), up: (f64, f64)) -> Option<[(f64, f64); 2]> {
    let bound = |x: f64| {
        let y = slope * x;
        if (up.0..=up.1).contains(&y) {
            return (x, y);
        }
        let y = if y > up.1 { up.1 } else { up.0 };
        (y / slope, y)
    };
    let ends = [bound(along.0), bound(along.1)];
    let finite = ends.iter().all(|(x, y)| x.is_finite() && y.is_finite());
    finite.then_some(ends)
}

fn keys(scatter: &Scatter<'_>, pairs: &[(usize, f64, f64)], slope: Option<f64>) -> Vec<Key> {
    let mut keys = Vec::new();
    if scatter.is_local() {
        for cluster in Cluster::ALL {
            if pairs.iter().any(|&(i, ..)| scatter.cluster(i) == cluster) {
                let mark = match cluster {
                    Cluster::Isolate => Mark::Ring(BORDER),
                    _ => Mark::Dot(cluster_colour(cluster)),
                };
                keys.push(Key::new(mark, cluster.name()));
            }
        }
    } else if pairs.len() <= MAX_DOTS {
        keys.push(Key::new(Mark::Dot(CALM), "place"));
    } else {
        keys.push(Key::new(Mark::Bar(CALM), "places, the darker the more"));
    }
    if let Some(slope) = slope {
        let is_statistic = |statistic: &f64| (slope - statistic).abs() <= ROUNDING * statistic.abs().max(1.0);
        let statistic = if scatter.statistic.as_ref().is_some_and(is_statistic) {
            " = Moran’s I"
        } else {
            ""
        };
        let meaning = format!("line through the origin, slope {}{statistic}", number(slope));
        keys.push(Key::new(Mark::Line(GATE), meaning));
    }
    keys
}

/// One dot a place, the significant ones on top.
fn dots(scatter: &Scatter<'_>, pairs: &[(usize, f64, f64)], x: &Linear, y: &Linear) -> Vec<Element> {
    let radius = (70.0 / (pairs.len().max(1) as f64).sqrt()).clamp(2.2, 4.5);
    let drawn = |cluster: Cluster| {
        let members = pairs
            .iter()
            .filter(move |pair| scatter.cluster(pair.0) == cluster);
        let colour = if scatter.is_local() {
            cluster_colour(cluster)
        } else {
            CALM
        };
        // Pale dots have a border, so that they are seen on white.
        let border = if scatter.is_local() && !cluster.is_significant() {
            0.6
        } else {
            0.0
        };
        Element::new("g")
            .attr("stroke", BORDER)
            .num("stroke-width", border)
            .num(
                "opacity",
                if cluster.is_significant() || pairs.len() < 200 {
                    0.9
                } else {
                    0.6
                },
            )
            .children(members.map(|&pair| {
                dot((x.at(pair.1), y.at(pair.2)), radius, colour).child(tooltip(&scatter.describe(pair)))
            }))
    };
    if pairs.is_empty() {
        let middle = |scale: &Linear| f64::midpoint(scale.range().0, scale.range().1);
        let text = "no place has both a value and neighbours";
        return vec![label(
            (middle(x), middle(y) - 10.0),
            text,
            13.0,
            FAINT_INK,
            Anchor::Middle,
        )];
    }
    Cluster::ALL.into_iter().rev().map(drawn).collect()
}

/// Squares, the darker the more places they hold.
fn squares(scatter: &Scatter<'_>, pairs: &[(usize, f64, f64)], x: &Linear, y: &Linear) -> Element {
    let mut bins = Bins::new((x.range().0, y.range().1), (x.range().1, y.range().0), SQUARE);
    for &(i, z, lag) in pairs {
        bins.add((x.at(z), y.at(lag)), scatter.cluster(i));
    }
    let fullest = bins.fullest().max(1) as f64;
    // Areas of few places would not be seen on a linear scale.
    let depth = |n: usize| 0.2 + 0.8 * (n as f64 / fullest).sqrt();
    let [top, right] = [y.range().1, x.range().1];
    Element::new("g")
        .attr("shape-rendering", "crispEdges")
        .children(bins.filled().map(|bin| {
            let [from, to] = bin.corners;
            let to = (to.0.min(right), to.1.min(top + PLOT_HEIGHT));
            if scatter.is_local() {
                bar(from, to, cluster_colour(bin.majority()))
                    .num("fill-opacity", 0.3 + 0.7 * depth(bin.n()))
                    .child(tooltip(&bin.describe()))
            } else {
                let colour = Diverging::new(1.0).at(-depth(bin.n())).hex();
                bar(from, to, &colour).child(tooltip(&bin.describe_n()))
            }
        }))
}

/// The name of each quadrant and its share of the places, in the corners.
fn quadrant_labels(
    pairs: &[(usize, f64, f64)],
    (left, right): (f64, f64),
    (top, bottom): (f64, f64),
) -> Vec<Element> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let corners = [
        (right - 6.0, top + 16.0, Anchor::End),
        (left + 6.0, bottom - 8.0, Anchor::Start),
        (right - 6.0, bottom - 8.0, Anchor::End),
        (left + 6.0, top + 16.0, Anchor::Start),
    ];
    let named = Cluster::ALL.into_iter().zip(quadrants(pairs)).zip(corners);
    named
        .map(|((cluster, n), (x, y, anchor))| {
            let share = n as f64 / pairs.len() as f64;
            let text = format!("{} {}", cluster.name(), percent(share));
            label((x, y), &text, 12.5, FAINT_INK, anchor)
                .attr("paint-order", "stroke")
                .attr("stroke", "#ffffff")
                .num("stroke-width", 3.0)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What sums and products of a few numbers lose.
    const TOLERANCE: f64 = 1e-9;

    #[test]
    fn the_slope_is_that_of_least_squares() {
        let pairs = [(0, -1.0, -0.5), (1, 0.0, 7.0), (2, 2.0, 1.0)];
        assert!((slope(&pairs).unwrap() - 0.5).abs() < TOLERANCE);
        assert_eq!(slope(&[(0, 0.0, 1.0)]), None);
        assert_eq!(slope(&[]), None);
    }

    #[test]
    fn places_on_an_axis_lie_in_no_quadrant() {
        let pairs = [(0, 1.0, 1.0), (1, -1.0, 1.0), (2, 0.0, 1.0), (3, 0.0, 0.0)];
        assert_eq!(quadrants(&pairs), [1, 0, 0, 1]);
        assert_eq!(quadrants(&[]), [0; 4]);
    }

    proptest! {
        #[test]
        fn lines_stay_within_both_domains(
            slope in any::<f64>(),
            values in prop::collection::vec(-1e6..1e6_f64, 0..9),
        ) {
            let along = Linear::new(around_zero(values.iter().copied()), (0.0, 1.0)).domain();
            let up = (-1.0, 3.0);
            for (x, y) in clipped(slope, along, up).into_iter().flatten() {
                let room = TOLERANCE * (along.1 - along.0);
                prop_assert!((along.0 - room..=along.1 + room).contains(&x));
                prop_assert!((up.0..=up.1).contains(&y));
            }
        }

        #[test]
        fn both_sides_of_zero_have_room(values in prop::collection::vec(-1e6..1e6_f64, 1..9)) {
            let (low, high) = around_zero(values.iter().copied());
            prop_assert!(values.iter().all(|value| (low..=high).contains(value)));
            prop_assert!(-low >= high * MIN_SIDE * 0.9 && high >= -low * MIN_SIDE * 0.9);
        }
    }
}
