//! Two variables against each other.

use super::bins::Bins;
use crate::autocorrelation::Cluster;
use crate::markup::{Element, shortened};
use crate::number::number;
use crate::svg::{
    Anchor, CALM, Diverging, FAINT_INK, GATE, Linear, bar, dot, horizontal_axis, label, line, picture,
    tooltip, vertical_axis,
};

const WIDTH: f64 = 460.0;
const PLOT_HEIGHT: f64 = 320.0;
/// Up to this many places each is a dot; beyond, squares tell how many lie where.
const MAX_DOTS: usize = 5_000;
/// Sides of the squares, in pixels.
const SQUARE: f64 = 7.0;
/// The golden ratio: its multiples spread evenly.
const SPREAD: f64 = 0.618_033_988_749_895;

/// `across` against `up`, with the least-squares line; `None` without a place that has both.
///
/// Values of two levels are spread a little, so that places do not hide one another.
pub(crate) fn pair_scatter(
    (name_across, across): (&str, &[f64]),
    (name_up, up): (&str, &[f64]),
    labels: &[String],
) -> Option<Element> {
    let pairs: Vec<(usize, f64, f64)> = across
        .iter()
        .zip(up)
        .enumerate()
        .filter(|(_, (x, y))| x.is_finite() && y.is_finite())
        .map(|(i, (&x, &y))| (i, x, y))
        .collect();
    if pairs.is_empty() {
        return None;
    }
    let (left, right, top) = (58.0, WIDTH - 10.0, 24.0);
    let bottom = top + PLOT_HEIGHT;
    let (levels_x, levels_y) = (
        levels(pairs.iter().map(|pair| pair.1)),
        levels(pairs.iter().map(|pair| pair.2)),
    );
    let x = scale(pairs.iter().map(|pair| pair.1), levels_x, (left, right));
    let y = scale(pairs.iter().map(|pair| pair.2), levels_y, (bottom, top));
    let place = |&(i, across, up): &(usize, f64, f64)| {
        let shift = |step: f64, width: Option<f64>| {
            width.map_or(0.0, |width| 0.3 * width * ((i as f64 * step).fract() - 0.5))
        };
        (
            x.at(across + shift(SPREAD, levels_x)),
            y.at(up + shift(SPREAD * SPREAD, levels_y)),
        )
    };
    let name = format!(
        "{} against {}",
        shortened(name_up, 60),
        shortened(name_across, 60)
    );
    let mut chart = picture(WIDTH, bottom + 44.0, &name)
        .child(horizontal_axis(&x, top, bottom, &shortened(name_across, 50)))
        .child(vertical_axis(&y, left))
        .child(label(
            (0.0, 13.0),
            &shortened(name_up, 50),
            12.0,
            FAINT_INK,
            Anchor::Start,
        ));
    if pairs.len() <= MAX_DOTS {
        let radius = (70.0 / (pairs.len() as f64).sqrt()).clamp(2.0, 4.5);
        let dots = pairs.iter().map(|pair| {
            let mut text = format!("{}, {}", number(pair.1), number(pair.2));
            if let Some(label) = labels.get(pair.0) {
                text = format!("{}\n{text}", shortened(label, 120));
            }
            dot(place(pair), radius, CALM).child(tooltip(&text))
        });
        let opacity = if pairs.len() < 200 { 0.9 } else { 0.5 };
        chart = chart.child(Element::new("g").num("opacity", opacity).children(dots));
    } else {
        let mut bins = Bins::new((left, top), (right, bottom), SQUARE);
        for pair in &pairs {
            bins.add(place(pair), Cluster::NotSignificant);
        }
        let fullest = bins.fullest().max(1) as f64;
        let squares = bins.filled().map(|bin| {
            let [from, to] = bin.corners;
            let depth = 0.2 + 0.8 * (bin.n() as f64 / fullest).sqrt();
            let colour = Diverging::new(1.0).at(-depth).hex();
            bar(from, (to.0.min(right), to.1.min(bottom)), &colour).child(tooltip(&bin.describe_n()))
        });
        chart = chart.child(
            Element::new("g")
                .attr("shape-rendering", "crispEdges")
                .children(squares),
        );
    }
    let ends = least_squares(&pairs).and_then(|fit| clipped(fit, x.domain(), y.domain()));
    Some(chart.children(ends.map(|[from, to]| {
        let pixel = |(across, up): (f64, f64)| (x.at(across), y.at(up));
        line(pixel(from), pixel(to), GATE, 2.0)
    })))
}

/// The distance of the levels where there are exactly two.
fn levels(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let (low, high) = values
        .clone()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
    let is_level = |value: f64| value <= low || value >= high;
    (low < high && (high - low).is_finite() && values.into_iter().all(is_level)).then_some(high - low)
}

fn scale(values: impl Iterator<Item = f64>, levels: Option<f64>, range: (f64, f64)) -> Linear {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let margin = levels.map_or((high - low) * 0.04, |width| 0.25 * width);
    Linear::new((low - margin, high + margin), range)
}

/// Intercept and slope.
fn least_squares(pairs: &[(usize, f64, f64)]) -> Option<(f64, f64)> {
    let n = pairs.len() as f64;
    let mean = |of: fn(&(usize, f64, f64)) -> f64| pairs.iter().map(|pair| of(pair) / n).sum::<f64>();
    let (mean_x, mean_y) = (mean(|pair| pair.1), mean(|pair| pair.2));
    let cross: f64 = pairs.iter().map(|(_, x, y)| (x - mean_x) * (y - mean_y)).sum();
    let square: f64 = pairs.iter().map(|(_, x, _)| (x - mean_x) * (x - mean_x)).sum();
    let slope = cross / square;
    let intercept = mean_y - slope * mean_x;
    (slope.is_finite() && intercept.is_finite()).then_some((intercept, slope))
}

/// The ends of a line within both domains; `None` where it does not cross them.
fn clipped(
    (intercept, slope): (f64, f64),
    (left, right): (f64, f64),
    (low, high): (f64, f64),
) -> Option<[(f64, f64); 2]> {
    let (mut from, mut to) = (left, right);
    if slope != 0.0 {
        let ends = [(low - intercept) / slope, (high - intercept) / slope];
        from = from.max(ends[0].min(ends[1]));
        to = to.min(ends[0].max(ends[1]));
    }
    let ends = [from, to].map(|x| (x, intercept + slope * x));
    let finite = ends.iter().all(|(x, y)| x.is_finite() && y.is_finite());
    (from < to && finite).then_some(ends)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_line_is_that_of_least_squares() {
        let (intercept, slope) = least_squares(&[(0, 0.0, 1.0), (1, 1.0, 3.0), (2, 2.0, 5.0)]).unwrap();
        assert!((intercept - 1.0).abs() < 1e-12 && (slope - 2.0).abs() < 1e-12);
        assert_eq!(least_squares(&[(0, 1.0, 1.0), (1, 1.0, 2.0)]), None);
    }

    #[test]
    fn two_levels_are_told_from_numbers() {
        assert_eq!(levels([0.0, 1.0, 1.0].into_iter()), Some(1.0));
        assert_eq!(levels([0.0, 0.5, 1.0].into_iter()), None);
        assert_eq!(levels([2.0, 2.0].into_iter()), None);
    }

    proptest! {
        #[test]
        fn lines_stay_within_both_domains(intercept in -1e6..1e6_f64, slope in -1e6..1e6_f64) {
            for (x, y) in clipped((intercept, slope), (-1.0, 2.0), (-3.0, 1.0)).into_iter().flatten() {
                prop_assert!((-1.0..=2.0).contains(&x));
                // Rounding of products of this size.
                prop_assert!((-3.001..=1.001).contains(&y), "{}", y);
            }
        }
    }
}
