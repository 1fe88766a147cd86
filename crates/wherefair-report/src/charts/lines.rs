//! Lines over a common axis, in one panel or several.

use std::fmt::Write as _;

use crate::markup::{Element, px, shortened};
use crate::number::{count, number};
use crate::svg::{
    Anchor, FAINT_INK, GRID, INK, Linear, dashed, dot, label, line, picture, text_width, tooltip,
};

/// A chart of lines in panels; lines of the same name look the same in all of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LineChart {
    /// Stands above the panels.
    pub title: String,
    /// Row by row.
    pub panels: Vec<LinePanel>,
    /// How many panels stand side by side; 1 where it is 0.
    pub n_columns: usize,
}

/// One panel of a [`LineChart`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinePanel {
    /// Stands above the panel.
    pub title: String,
    /// What runs from left to right, with its unit.
    pub x_title: String,
    /// What runs upwards, with its unit.
    pub y_title: String,
    /// The ends of the vertical axis; those of the finite numbers where there are none.
    pub y_range: Option<(f64, f64)>,
    /// The lines.
    pub lines: Vec<Line>,
    /// Dashed levels across the panel.
    pub levels: Vec<Level>,
}

/// One line of a [`LinePanel`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// What it shows.
    pub name: String,
    /// Its points from left to right; where one is not finite the line is broken.
    pub points: Vec<LinePoint>,
}

/// One point of a [`Line`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinePoint {
    /// Where it lies from left to right.
    pub x: f64,
    /// Where it lies upwards.
    pub y: f64,
    /// The ends of its interval, drawn as a thin bar.
    pub interval: Option<(f64, f64)>,
}

/// A dashed level of a [`LinePanel`].
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// What it means.
    pub name: String,
    /// Where it lies.
    pub y: f64,
}

/// Colours that stay apart for colour-blind readers (Okabe and Ito).
const COLOURS: [&str; 8] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#8c6d31",
];

/// The most panels that are drawn.
const MAX_PANELS: usize = 64;

/// Colour of levels.
const LEVEL: &str = "#7a2048";

const PLOT_HEIGHT: f64 = 190.0;
const LEFT: f64 = 56.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 46.0;
const GAP: f64 = 14.0;
const TEXT: f64 = 12.5;
/// About how many ticks an axis has.
const N_TICKS: usize = 5;
const KEY_ROW: f64 = 20.0;

/// Draws `chart` as an SVG document, `width` pixels wide (240 to 4,000).
///
/// Each line has its own colour and shape of marker; points beyond the axis lie on its border, numbers that are
/// not finite are not drawn. The same chart gives the same bytes, and all text is escaped.
///
/// # Examples
/// ```
/// use wherefair_report::{Level, Line, LineChart, LinePanel, LinePoint, line_chart_svg};
///
/// let points = |n: f64| {
///     (0..10_u8)
///         .map(|i| f64::from(i) / 10.0)
///         .map(|x| LinePoint { x, y: 1.0 - (-n * x).exp(), interval: None })
///         .collect()
/// };
/// let panel = LinePanel {
///     title: "Power".into(),
///     x_title: "effect".into(),
///     y_title: "share of tests that reject".into(),
///     y_range: Some((0.0, 1.0)),
///     lines: vec![
///         Line { name: "n = 10".into(), points: points(1.0) },
///         Line { name: "n = 100".into(), points: points(5.0) },
///     ],
///     levels: vec![Level { name: "level 0.05".into(), y: 0.05 }],
/// };
/// let chart = LineChart { title: "A test".into(), panels: vec![panel], n_columns: 1 };
/// let svg = line_chart_svg(&chart, 480.0);
/// assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.contains("n = 100"));
/// ```
pub fn line_chart_svg(chart: &LineChart, width: f64) -> String {
    line_chart(chart, width).to_markup()
}

/// The same as an element of a page.
pub(crate) fn line_chart(chart: &LineChart, width: f64) -> Element {
    let width = if width.is_finite() {
        width.clamp(240.0, 4_000.0)
    } else {
        640.0
    };
    let panels = &chart.panels[..chart.panels.len().min(MAX_PANELS)];
    let n_columns = chart.n_columns.clamp(1, panels.len().max(1));
    let names = names(panels);
    let (keys, keys_height) = key(&names, panels, width);
    let title_height = 26.0;
    let top = title_height + keys_height + 8.0;
    let cell_width = (width - GAP * (n_columns - 1) as f64) / n_columns as f64;
    let cell_height = TOP + PLOT_HEIGHT + BOTTOM + GAP;
    let n_rows = panels.len().div_ceil(n_columns);
    let height = top + cell_height * n_rows as f64;
    let drawn = panels.iter().enumerate().map(|(i, panel)| {
        let x = (cell_width + GAP) * (i % n_columns) as f64;
        let y = top + cell_height * (i / n_columns) as f64;
        Element::new("g")
            .attr("transform", format!("translate({} {})", px(x), px(y)))
            .child(draw_panel(panel, cell_width, &names))
    });
    picture(width, height, &shortened(&chart.title, 200))
        .child(
            Element::new("rect")
                .num("width", width)
                .num("height", height)
                .attr("fill", "#ffffff"),
        )
        .child(label(
            (4.0, 18.0),
            &shortened(&chart.title, 160),
            15.0,
            INK,
            Anchor::Start,
        ))
        .child(
            Element::new("g")
                .attr("transform", format!("translate(0 {})", px(title_height)))
                .child(keys),
        )
        .children(drawn)
}

/// The names of all lines, in the order in which they come first.
fn names(panels: &[LinePanel]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for line in panels.iter().flat_map(|panel| &panel.lines) {
        if !names.contains(&line.name.as_str()) {
            names.push(&line.name);
        }
    }
    names
}

/// What the lines mean, in rows of at most `width` pixels, and the height that they take.
fn key(names: &[&str], panels: &[LinePanel], width: f64) -> (Element, f64) {
    let mut levels: Vec<&str> = Vec::new();
    for level in panels.iter().flat_map(|panel| &panel.levels) {
        if !levels.contains(&level.name.as_str()) {
            levels.push(&level.name);
        }
    }
    let (mut x, mut y) = (4.0, KEY_ROW / 2.0);
    let mut group = Element::new("g");
    let lines = names.iter().enumerate().map(|(i, name)| (Some(i), *name));
    for (style, name) in lines.chain(levels.into_iter().map(|name| (None, name))) {
        let name = shortened(name, 80);
        let needed = 34.0 + text_width(&name, TEXT) + 16.0;
        if x > 4.0 && x + needed > width {
            x = 4.0;
            y += KEY_ROW;
        }
        let sample = match style {
            Some(i) => Element::new("g")
                .child(line((x, y), (x + 28.0, y), colour(i), 2.0))
                .child(marker(i, (x + 14.0, y))),
            None => dashed(line((x, y), (x + 28.0, y), LEVEL, 1.5)),
        };
        group = group
            .child(sample)
            .child(label((x + 34.0, y + 4.5), &name, TEXT, INK, Anchor::Start));
        x += needed;
    }
    (group, y + KEY_ROW / 2.0)
}

fn draw_panel(panel: &LinePanel, width: f64, names: &[&str]) -> Element {
    let (top, bottom) = (TOP, TOP + PLOT_HEIGHT);
    let points = || panel.lines.iter().flat_map(|line| &line.points);
    let x = Linear::new(ends(points().map(|point| point.x)), (LEFT, width - 10.0));
    let heights = points().flat_map(|point| {
        let (low, high) = point.interval.unwrap_or((point.y, point.y));
        [point.y, low, high]
    });
    let levels = panel.levels.iter().map(|level| level.y);
    let y = Linear::new(
        panel.y_range.unwrap_or_else(|| ends(heights.chain(levels))),
        (bottom, top),
    );
    let mut group = Element::new("g")
        .child(label(
            (LEFT, top - 9.0),
            &shortened(&panel.title, 80),
            TEXT,
            INK,
            Anchor::Start,
        ))
        .child(axes(&x, &y, &shortened(&panel.x_title, 80)))
        .child(
            label(
                (0.0, 0.0),
                &shortened(&panel.y_title, 60),
                12.0,
                FAINT_INK,
                Anchor::Middle,
            )
            .attr(
                "transform",
                format!("translate(12 {}) rotate(-90)", px(f64::midpoint(top, bottom))),
            ),
        );
    for level in panel.levels.iter().filter(|level| level.y.is_finite()) {
        let at = y.at(level.y);
        group =
            group.child(dashed(line((LEFT, at), (width - 10.0, at), LEVEL, 1.5)).child(tooltip(&level.name)));
    }
    for drawn in &panel.lines {
        let style = names.iter().position(|name| *name == drawn.name).unwrap_or(0);
        group = group.child(draw_line(drawn, style, &x, &y));
    }
    group
}

/// Both axes with grid lines and the title of the lower one.
fn axes(x: &Linear, y: &Linear, x_title: &str) -> Element {
    let ((left, right), (bottom, top)) = (x.range(), y.range());
    let mut axes = Element::new("g");
    let ticks = y.ticks(N_TICKS);
    for &value in &ticks.values {
        let at = y.at(value);
        let text = label(
            (left - 7.0, at + 4.0),
            &ticks.label(value),
            11.0,
            FAINT_INK,
            Anchor::End,
        );
        axes = axes.child(line((left, at), (right, at), GRID, 1.0)).child(text);
    }
    let ticks = x.ticks(N_TICKS);
    for &value in &ticks.values {
        let at = x.at(value);
        let text = label(
            (at, bottom + 15.0),
            &ticks.label(value),
            11.0,
            FAINT_INK,
            Anchor::Middle,
        );
        axes = axes.child(line((at, top), (at, bottom), GRID, 1.0)).child(text);
    }
    let middle = (f64::midpoint(left, right), bottom + 33.0);
    axes.child(line((left, bottom), (right, bottom), "#9aa5b1", 1.0))
        .child(label(middle, x_title, 12.0, FAINT_INK, Anchor::Middle))
}

fn draw_line(drawn: &Line, style: usize, x: &Linear, y: &Linear) -> Element {
    let mut path = String::new();
    let mut pen_is_down = false;
    let mut marks = Element::new("g");
    for point in &drawn.points {
        if !(point.x.is_finite() && point.y.is_finite()) {
            pen_is_down = false;
            continue;
        }
        let at = (x.at(point.x), y.at(point.y));
        path.push_str(if pen_is_down { "L" } else { "M" });
        let _ = write!(path, "{} {}", px(at.0), px(at.1));
        pen_is_down = true;
        let mut text = format!("{}: {} at {}", drawn.name, number(point.y), number(point.x));
        if let Some((low, high)) = point
            .interval
            .filter(|(low, high)| low.is_finite() && high.is_finite())
        {
            let _ = write!(text, " ({} to {})", number(low), number(high));
            let stroke = line((at.0, y.at(low)), (at.0, y.at(high)), colour(style), 1.0);
            marks = marks.child(stroke.attr("stroke-opacity", "0.55"));
        }
        marks = marks.child(marker(style, at).child(tooltip(&text)));
    }
    let path = Element::new("path")
        .attr("d", path)
        .attr("fill", "none")
        .attr("stroke", colour(style))
        .num("stroke-width", 2.0);
    let summary = format!("{}, {} points", drawn.name, count(drawn.points.len() as u64));
    Element::new("g")
        .attr("aria-label", summary)
        .child(path)
        .child(marks)
}

fn colour(style: usize) -> &'static str {
    COLOURS[style % COLOURS.len()]
}

/// A dot, a square, a diamond or a triangle, by number.
fn marker(style: usize, (x, y): (f64, f64)) -> Element {
    let shape = |corners: &[(f64, f64)]| {
        let mut path = String::new();
        for (i, (dx, dy)) in corners.iter().enumerate() {
            path.push_str(if i == 0 { "M" } else { "L" });
            let _ = write!(path, "{} {}", px(x + dx), px(y + dy));
        }
        path.push('Z');
        Element::new("path").attr("d", path).attr("fill", colour(style))
    };
    match style % 4 {
        0 => dot((x, y), 3.4, colour(style)),
        1 => shape(&[(-3.1, -3.1), (3.1, -3.1), (3.1, 3.1), (-3.1, 3.1)]),
        2 => shape(&[(0.0, -4.6), (4.6, 0.0), (0.0, 4.6), (-4.6, 0.0)]),
        _ => shape(&[(0.0, -4.4), (4.1, 3.2), (-4.1, 3.2)]),
    }
}

/// The smallest and the largest of the finite numbers; 0 and 1 where there is none.
fn ends(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = numbers
        .filter(|number| number.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
            (low.min(number), high.max(number))
        });
    if low <= high { (low, high) } else { (0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chart(title: &str, names: &[&str], points: &[(f64, f64)]) -> LineChart {
        let lines = names.iter().map(|name| Line {
            name: (*name).to_owned(),
            points: points
                .iter()
                .map(|&(x, y)| LinePoint {
                    x,
                    y,
                    interval: Some((y - 0.1, y + 0.1)),
                })
                .collect(),
        });
        let panel = LinePanel {
            title: title.to_owned(),
            lines: lines.collect(),
            levels: vec![Level {
                name: "level".to_owned(),
                y: 0.05,
            }],
            ..LinePanel::default()
        };
        LineChart {
            title: title.to_owned(),
            panels: vec![panel.clone(), panel],
            n_columns: 2,
        }
    }

    #[test]
    fn a_point_that_is_not_finite_breaks_its_line() {
        let svg = line_chart_svg(
            &chart(
                "x",
                &["a"],
                &[(0.0, 0.0), (1.0, f64::NAN), (2.0, 1.0), (3.0, 0.5)],
            ),
            500.0,
        );
        let path = svg.split("fill=\"none\"").next().unwrap();
        let path = path.rsplit("d=\"").next().unwrap();
        assert_eq!((path.matches('M').count(), path.matches('L').count()), (2, 1));
    }

    #[test]
    fn a_name_has_one_entry_in_the_key_and_one_colour_in_all_panels() {
        let svg = line_chart_svg(
            &chart("x", &["first", "second"], &[(0.0, 0.0), (1.0, 1.0)]),
            500.0,
        );
        assert_eq!(svg.matches(">second<").count(), 1);
        let lines = svg.matches("stroke=\"#d55e00\" stroke-width=\"2\"").count();
        // The key and one line in each of two panels.
        assert_eq!(lines, 3);
    }

    #[test]
    fn a_chart_without_panels_or_points_is_a_document() {
        for chart in [
            LineChart::default(),
            chart("x", &[], &[]),
            chart("x", &["a"], &[]),
        ] {
            let svg = line_chart_svg(&chart, f64::NAN);
            assert!(svg.ends_with("</svg>") && !svg.contains("NaN"));
        }
    }

    proptest! {
        #[test]
        fn every_chart_is_well_formed(
            title in any::<String>(),
            name in any::<String>(),
            points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..6),
            width in any::<f64>(),
        ) {
            let svg = line_chart_svg(&chart(&title, &[&name], &points), width);
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf\""));
            let mut reader = quick_xml::Reader::from_str(&svg);
            loop {
                match reader.read_event() {
                    Ok(quick_xml::events::Event::Eof) => break,
                    Ok(_) => {}
                    Err(error) => prop_assert!(false, "{error}"),
                }
            }
        }
    }
}
