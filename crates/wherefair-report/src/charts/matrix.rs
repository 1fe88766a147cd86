//! Equal grids as a table of rows × columns.

use wherefair_audit::Audit;

use super::deviations::describe;
use crate::markup::Element;
use crate::number::Digits;
use crate::svg::sequential;
use crate::verdict::{Side, mean_deviation, side_of_floor};

/// Fewer grids than this need no table.
const MIN_GRIDS: usize = 4;
/// Wider tables show colours without figures.
const MAX_WITH_FIGURES: usize = 14;
/// Larger tables would be mostly empty.
const MAX_SIDE: usize = 64;

/// A table of mean deviations by rows and columns of the grid; `None` unless there are several grids of
/// distinct sizes along both axes.
pub(crate) fn matrix(audit: &Audit) -> Option<Element> {
    let mut grids: Vec<((usize, usize), usize)> = audit
        .partitionings
        .iter()
        .enumerate()
        .filter_map(|(i, partitioning)| Some((grid_size(&partitioning.name)?, i)))
        .collect();
    grids.sort_unstable();
    let n_grids = grids.len();
    grids.dedup_by_key(|(size, _)| *size);
    let sorted = |side: fn(&(usize, usize)) -> usize| {
        let mut sides: Vec<usize> = grids.iter().map(|(size, _)| side(size)).collect();
        sides.sort_unstable();
        sides.dedup();
        sides
    };
    let (rows, columns) = (sorted(|size| size.0), sorted(|size| size.1));
    if n_grids < MIN_GRIDS || grids.len() < n_grids || rows.len() < 2 || columns.len() < 2 {
        return None;
    }
    if rows.len() > MAX_SIDE || columns.len() > MAX_SIDE {
        return None;
    }
    let means = || {
        grids
            .iter()
            .filter_map(|&(_, i)| Some(mean_deviation(&audit.partitionings[i])?.observed))
    };
    let style = Style {
        max: means().fold(0.0, f64::max),
        digits: Digits::of(means()),
        with_figures: columns.len() <= MAX_WITH_FIGURES,
    };
    let head = Element::new("tr")
        .child(Element::new("th").class("corner").text("rows \\ columns"))
        .children(columns.iter().map(|column| header(*column, "col")));
    let body = rows.iter().map(|&row| {
        Element::new("tr")
            .child(header(row, "row"))
            .children(columns.iter().map(|&column| {
                let grid = grids.binary_search_by_key(&(row, column), |(size, _)| *size);
                match grid.ok().and_then(|grid| grids.get(grid)) {
                    Some(&(_, i)) => cell(audit, i, style),
                    None => Element::of_text("td", ""),
                }
            }))
    });
    Some(
        Element::new("div").class("scroll").child(
            Element::new("table")
                .class(if style.with_figures {
                    "matrix"
                } else {
                    "matrix dense"
                })
                .child(Element::of_text(
                    "caption",
                    "Mean deviation by rows and columns of the grid",
                ))
                .child(Element::new("thead").child(head))
                .child(Element::new("tbody").children(body)),
        ),
    )
}

#[derive(Debug, Clone, Copy)]
struct Style {
    max: f64,
    digits: Digits,
    with_figures: bool,
}

fn header(n: usize, scope: &str) -> Element {
    Element::of_text("th", n.to_string()).attr("scope", scope)
}

fn cell(audit: &Audit, i: usize, style: Style) -> Element {
    let partitioning = &audit.partitionings[i];
    let cell = Element::new("td").attr("title", describe(partitioning));
    let Some(measure) = mean_deviation(partitioning) else {
        return cell.text(crate::number::MISSING);
    };
    let colour = sequential(measure.observed, style.max);
    let cell = cell.attr(
        "style",
        format!("background:{};color:{}", colour.hex(), colour.ink()),
    );
    let above = side_of_floor(partitioning) == Side::Above;
    let cell = if above { cell.class("above") } else { cell };
    if style.with_figures {
        cell.text(style.digits.show(measure.observed))
    } else {
        cell
    }
}

/// The rows and columns in a name such as `3x4`.
fn grid_size(name: &str) -> Option<(usize, usize)> {
    let (rows, columns) = name.split_once('x')?;
    let side = |text: &str| -> Option<usize> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|&n: &usize| digits && n > 0)
    };
    Some((side(rows)?, side(columns)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_equal_grids_have_a_size() {
        assert_eq!(grid_size("3x4"), Some((3, 4)));
        for name in [
            "",
            "x",
            "3x",
            "x4",
            "3x4x5",
            "+3x4",
            "0x4",
            "3X4",
            "quad 3x4",
            "99999999999999999999999x1",
        ] {
            assert_eq!(grid_size(name), None, "{name}");
        }
    }
}
