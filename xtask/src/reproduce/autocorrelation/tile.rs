//! The tile example of section 1: exact, by enumeration and by formula.

use wherefair::metrics::{MetricError, disparate_impact};

use super::super::comparison::{Comparison, Verdict};
use super::super::report::Report;
use super::super::table::Table;

/// Rows and columns of tiles.
const SIDE: usize = 4;
/// Tiles that are selected.
const N_SELECTED: u32 = 6;
/// Above this disparate impact the paper calls a selection biased.
const THRESHOLD: f64 = 1.2;
/// What the paper prints.
const PUBLISHED: f64 = 0.6084;
/// Rounding of a few products.
const ROUNDING: f64 = 1e-12;

/// Enumerates all selections of six tiles and all rectangles of two rows and three columns.
pub(super) fn run(report: &mut Report) -> anyhow::Result<()> {
    let (mut n_selections, mut n_biased) = (0_u32, 0_u32);
    for bits in 0..1_u32 << (SIDE * SIDE) {
        if bits.count_ones() == N_SELECTED {
            n_selections += 1;
            n_biased += u32::from(impact(bits)? > THRESHOLD);
        }
    }
    let enumerated = f64::from(n_biased) / f64::from(n_selections);
    let rectangles = rectangles()
        .into_iter()
        .map(impact)
        .collect::<Result<Vec<_>, _>>()?;
    let formula = by_formula();

    report.check(
        "tile example, share of selections with DI > 1.2",
        format!("{PUBLISHED} (four digits)"),
        format!("{enumerated:.6} by enumeration of {n_selections} selections"),
        (enumerated - PUBLISHED).abs() < 0.5e-4,
    );
    report.check(
        "tile example, enumeration and 1 − C(8,3)²/C(16,6)",
        format!("{formula:.12}"),
        format!("{enumerated:.12}"),
        (enumerated - formula).abs() < ROUNDING,
    );
    let twofold = rectangles.iter().all(|impact| (impact - 2.0).abs() < ROUNDING);
    report.check(
        "tile example, DI of every 2 × 3 rectangle",
        "6 rectangles, 2 each",
        format!("{} rectangles, {rectangles:?}", rectangles.len()),
        twofold && rectangles.len() == 6,
    );
    report.comparisons.push(Comparison::number(
        "section 1",
        "probability that six random tiles have DI > 1.2",
        PUBLISHED,
        Some(enumerated),
        Verdict::of((enumerated - PUBLISHED).abs() < 0.5e-4),
    ));
    report.comparisons.push(Comparison::statement(
        "section 1",
        "DI of 2 × 3 rectangles",
        "2 always",
        if twofold { "2 always" } else { "other values too" },
        Verdict::of(twofold),
    ));
    let mut table = Table::new(
        "tile",
        "Tile example (Fig. 1)",
        &["selection", "count", "DI > 1.2"],
    );
    table.push(["six random tiles".into(), n_selections.into(), enumerated.into()]);
    let biased = rectangles.iter().filter(|&&impact| impact > THRESHOLD).count();
    table.push([
        "2 × 3 rectangles".into(),
        rectangles.len().into(),
        (biased as f64 / rectangles.len() as f64).into(),
    ]);
    report.tables.push(table);
    Ok(())
}

/// The paper's disparate impact of a selection of tiles: the rate of one group over that of the other, or its
/// inverse where that is larger. The two left columns are High, the two right ones Low.
fn impact(selection: u32) -> anyhow::Result<f64> {
    let selected: Vec<bool> = (0..SIDE * SIDE).map(|tile| selection >> tile & 1 == 1).collect();
    let group: Vec<u32> = (0..SIDE * SIDE)
        .map(|tile| u32::from(tile % SIDE < SIDE / 2))
        .collect();
    match disparate_impact(&selected, &group, 1, 0) {
        Ok(f) => Ok(f.max(1.0 / f)),
        Err(MetricError::ZeroRate { .. }) => Ok(f64::INFINITY),
        Err(error) => Err(error.into()),
    }
}

/// Two rows and three columns of adjacent tiles, as selections.
fn rectangles() -> Vec<u32> {
    let mut rectangles = Vec::new();
    for top in 0..=SIDE - 2 {
        for left in 0..=SIDE - 3 {
            let tiles =
                (top..top + 2).flat_map(|row| (left..left + 3).map(move |column| row * SIDE + column));
            rectangles.push(tiles.fold(0, |bits, tile| bits | 1 << tile));
        }
    }
    rectangles
}

/// 1 − C(8,3)²/C(16,6): DI is at most 1.2 only where as many High as Low tiles are selected.
fn by_formula() -> f64 {
    let choose = |n: u32, k: u32| (0..k).fold(1.0, |c, i| c * f64::from(n - i) / f64::from(i + 1));
    1.0 - choose(8, 3) * choose(8, 3) / choose(16, 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_gives_the_papers_number() {
        assert!((by_formula() - (1.0 - 3136.0 / 8008.0)).abs() < ROUNDING);
    }

    #[test]
    fn a_selection_of_one_kind_has_no_bounds_and_an_even_one_is_fair() {
        assert!(impact(0b0011_0011_0011).unwrap().is_infinite());
        assert!(impact(0b1100_1100_1100).unwrap().is_infinite());
        assert!((impact(0b0110_0110_0110).unwrap() - 1.0).abs() < ROUNDING);
    }

    #[test]
    fn there_are_six_rectangles_of_six_tiles() {
        let rectangles = rectangles();
        assert_eq!(rectangles.len(), 6);
        assert!(rectangles.iter().all(|bits| bits.count_ones() == 6));
    }
}
