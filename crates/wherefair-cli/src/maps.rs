//! From the flags of the maps to a distribution of partitionings.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use wherefair_core::{Extent, Seed, Sites};
use wherefair_data::{ColumnRequest, Crs, PolygonLayer, PolygonRings, ReadRequest, Table};
use wherefair_partition::{
    Groups, Partitioning, PartitioningDistribution, Polygons, Quadtree, Shape, SpaceTime, UnequalGrid,
    Voronoi,
};

use crate::args::MapArgs;
use crate::scan::{Places, points};

/// Depth at which a quadtree stops dividing.
const MAX_QUADTREE_DEPTH: usize = 20;

/// A distribution and what the reader should know about it.
#[derive(Debug)]
pub(crate) struct Maps {
    pub(crate) distribution: PartitioningDistribution,
    pub(crate) notes: Vec<String>,
}

/// Reads `RxC`.
pub(crate) fn rows_by_columns(flag: &str, text: &str) -> Result<(usize, usize)> {
    let parsed = text
        .split_once(['x', 'X', '×'])
        .and_then(|(rows, columns)| Some((rows.trim().parse().ok()?, columns.trim().parse().ok()?)));
    match parsed {
        Some((rows, columns)) if rows > 0 && columns > 0 && (rows, columns) != (1, 1) => Ok((rows, columns)),
        _ => bail!(
            "{flag} {text}: accepted is ROWSxCOLUMNS with whole numbers of at least 1, such as 5x5, but not 1x1"
        ),
    }
}

impl MapArgs {
    /// Whether any map other than a group needs coordinates.
    pub(crate) fn needs_coordinates(&self) -> bool {
        self.group.is_none()
            || self.max_grid.is_some()
            || !self.polygons.is_empty()
            || !self.quadtree.is_empty()
            || !self.quantile_grid.is_empty()
            || self.random_grids.is_some()
            || !self.voronoi.is_empty()
    }

    /// Checks what can be checked before the input is read.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(text) = &self.max_grid {
            rows_by_columns("--max-grid", text)?;
        }
        for text in &self.quantile_grid {
            rows_by_columns("--quantile-grid", text)?;
        }
        if self.quadtree.contains(&0) {
            bail!("--quadtree 0: accepted is a whole number of at least 1");
        }
        for (flag, value) in [
            ("--random-grids", self.random_grids),
            ("--time-blocks", self.time_blocks),
        ] {
            if value == Some(0) {
                bail!("{flag} 0: accepted is a whole number of at least 1");
            }
        }
        Ok(())
    }
}

/// Makes all maps that the flags name.
pub(crate) fn maps(args: &MapArgs, places: &Places, crs: &Crs, seed: Seed) -> Result<Maps> {
    let mut notes = Vec::new();
    let mut candidates: Vec<(Arc<dyn Partitioning>, f64)> = Vec::new();
    let only_other_maps = args.max_grid.is_none()
        && (args.group.is_some()
            || !args.polygons.is_empty()
            || !args.quadtree.is_empty()
            || !args.quantile_grid.is_empty()
            || args.random_grids.is_some()
            || !args.voronoi.is_empty());
    let (rows, columns) = rows_by_columns("--max-grid", args.max_grid.as_deref().unwrap_or("5x5"))?;
    if !only_other_maps {
        let grids =
            PartitioningDistribution::equal_grids(spread_extent(places, rows, columns)?, rows, columns)?;
        candidates.extend(grids.candidates().iter().map(|grid| (Arc::clone(grid), 1.0)));
    }
    for text in &args.quantile_grid {
        let (rows, columns) = rows_by_columns("--quantile-grid", text)?;
        spread_extent(places, rows, columns)?;
        let grid = UnequalGrid::quantiles(Sites::new(&places.sites.x, &places.sites.y)?, rows, columns)
            .with_context(|| format!("--quantile-grid {text}"))?;
        candidates.push((Arc::new(grid), 1.0));
    }
    if let Some(n) = args.random_grids {
        let extent = spread_extent(places, rows, columns)?;
        let grids = PartitioningDistribution::random_unequal_grids(extent, n, rows, columns, seed)?;
        candidates.extend(grids.candidates().iter().map(|grid| (Arc::clone(grid), 1.0)));
    }
    for &n in &args.quadtree {
        let leaf = usize::try_from((n / places.sites.stride.max(1)).max(1)).unwrap_or(usize::MAX);
        if places.sites.stride > 1 {
            notes.push(format!(
                "The quadtree of at most {n} samples a leaf was made from every {}th sample.",
                places.sites.stride
            ));
        }
        let tree = Quadtree::by_count(
            Sites::new(&places.sites.x, &places.sites.y)?,
            spread_extent(places, 2, 2)?,
            leaf,
            MAX_QUADTREE_DEPTH,
        )
        .with_context(|| format!("--quadtree {n}"))?
        .with_name(format!("quadtree {n}"));
        candidates.push((Arc::new(tree), 1.0));
    }
    for path in &args.polygons {
        candidates.push((
            polygons(path, args.polygon_label.as_deref(), places, crs, &mut notes)?,
            1.0,
        ));
    }
    for path in &args.voronoi {
        candidates.push((voronoi(path, places, crs, &mut notes)?, 1.0));
    }
    if let Some(column) = &args.group {
        let groups = Groups::new(column.clone(), places.groups.clone())?;
        candidates.push((Arc::new(groups), 1.0));
    }
    if let (Some(n), Some((first, last))) = (args.time_blocks, places.time_range) {
        candidates = in_time_blocks(candidates, n, first, last)?;
    }
    Ok(Maps {
        distribution: PartitioningDistribution::new(candidates)?,
        notes,
    })
}

/// The extent of the samples, which must have room for the cuts.
fn spread_extent(places: &Places, rows: usize, columns: usize) -> Result<Extent> {
    let extent = places.extent.context("maps need coordinates: give --x and --y")?;
    let file = places.file.display();
    let flat = |size: f64| size <= 0.0;
    if flat(extent.width()) && flat(extent.height()) {
        bail!(
            "{file}: all {} samples lie at one place ({}, {}): there is no space to divide",
            places.n_rows,
            extent.min_x,
            extent.min_y
        );
    }
    if flat(extent.width()) && columns > 1 {
        bail!(
            "{file}: all samples have x = {}: use --max-grid Rx1",
            extent.min_x
        );
    }
    if flat(extent.height()) && rows > 1 {
        bail!(
            "{file}: all samples have y = {}: use --max-grid 1xC",
            extent.min_y
        );
    }
    Ok(extent)
}

fn polygons(
    path: &Path,
    label: Option<&str>,
    places: &Places,
    crs: &Crs,
    notes: &mut Vec<String>,
) -> Result<Arc<dyn Partitioning>> {
    let layer = PolygonLayer::open(path, label)?;
    let n_features = layer.polygons.len();
    let shapes = merged(layer.polygons);
    if shapes.len() < n_features {
        notes.push(format!(
            "{}: {n_features} features make {} places, for features of one name are one place.",
            path.display(),
            shapes.len()
        ));
    }
    let polygons = Polygons::new(file_stem(path, "polygons"), shapes)
        .with_context(|| format!("--polygons {}", path.display()))?;
    same_crs(
        "--polygons",
        path,
        &layer.crs,
        polygons.extent(),
        places,
        crs,
        notes,
    )?;
    Ok(Arc::new(polygons))
}

fn file_stem(path: &Path, otherwise: &str) -> String {
    path.file_stem().map_or_else(
        || otherwise.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}

/// One shape a label, in the order of first appearance.
fn merged(features: Vec<(String, PolygonRings)>) -> Vec<(String, Shape)> {
    let mut index: HashMap<String, usize> = HashMap::new();
    let mut shapes: Vec<(String, Shape)> = Vec::new();
    for (label, polygons) in features {
        if let Some(&i) = index.get(&label) {
            shapes[i].1.polygons.extend(polygons);
        } else {
            index.insert(label.clone(), shapes.len());
            shapes.push((label, Shape { polygons }));
        }
    }
    shapes
}

fn voronoi(
    path: &Path,
    places: &Places,
    crs: &Crs,
    notes: &mut Vec<String>,
) -> Result<Arc<dyn Partitioning>> {
    let table = Table::open(path)?;
    let (x, y) = table.coordinates().with_context(|| {
        format!(
            "--voronoi {}: no coordinates found (accepted are columns x and y, or lon and lat)",
            path.display()
        )
    })?;
    let request = ReadRequest::new(vec![ColumnRequest::number(x), ColumnRequest::number(y)]);
    let mut seeds = Vec::new();
    for batch in table.read(&request)? {
        let columns = crate::source::Columns::from_batch(batch?);
        let (Some(x), Some(y)) = (columns.numbers(Some(0)), columns.numbers(Some(1))) else {
            continue;
        };
        seeds.extend(points(x, y));
    }
    let extent = spread_extent(places, 1, 1)?;
    let cells = Voronoi::new(seeds, extent, None)
        .with_context(|| format!("--voronoi {}", path.display()))?
        .with_name(file_stem(path, "voronoi"));
    same_crs("--voronoi", path, table.crs(), None, places, crs, notes)?;
    Ok(Arc::new(cells))
}

/// Refuses maps in another coordinate reference system than the samples.
fn same_crs(
    flag: &str,
    path: &Path,
    theirs: &Crs,
    map_extent: Option<Extent>,
    places: &Places,
    ours: &Crs,
    notes: &mut Vec<String>,
) -> Result<()> {
    let shown = path.display();
    let input = places.file.display();
    if *ours != Crs::Unknown && *theirs != Crs::Unknown {
        if ours != theirs {
            bail!(
                "{flag} {shown}: is in {}, but {input} is in {}; bring both into one coordinate reference system",
                theirs.describe(),
                ours.describe()
            );
        }
        return Ok(());
    }
    if let (Some(samples), Some(map)) = (places.extent, map_extent) {
        let (in_degrees, map_in_degrees) = (
            ours.is_geographic().unwrap_or_else(|| may_be_degrees(&samples)),
            theirs.is_geographic().unwrap_or_else(|| may_be_degrees(&map)),
        );
        if in_degrees != map_in_degrees {
            bail!(
                "{flag} {shown}: its coordinates look like {} (x {} to {}), those of {input} like {} (x {} to {}); bring both into one coordinate reference system",
                unit(map_in_degrees),
                map.min_x,
                map.max_x,
                unit(in_degrees),
                samples.min_x,
                samples.max_x
            );
        }
    }
    notes.push(format!(
        "The coordinate reference system of {} is unknown: it was taken to be that of {}.",
        if *ours == Crs::Unknown {
            input.to_string()
        } else {
            shown.to_string()
        },
        if *ours == Crs::Unknown {
            shown.to_string()
        } else {
            input.to_string()
        },
    ));
    Ok(())
}

/// What to say of coordinates whose reference system nobody names.
pub(crate) fn crs_note(crs: &Crs, geographic: bool) -> Option<String> {
    (*crs == Crs::Unknown).then(|| {
        format!(
            "The input names no coordinate reference system; its coordinates look like {} (say which with --crs EPSG:CODE).",
            unit(geographic)
        )
    })
}

/// Whether coordinates could be longitudes and latitudes.
pub(crate) fn may_be_degrees(extent: &Extent) -> bool {
    extent.min_x >= -180.0 && extent.max_x <= 360.0 && extent.min_y >= -90.0 && extent.max_y <= 90.0
}

fn unit(degrees: bool) -> &'static str {
    if degrees { "degrees" } else { "metres or feet" }
}

fn in_time_blocks(
    candidates: Vec<(Arc<dyn Partitioning>, f64)>,
    n: usize,
    first: f64,
    last: f64,
) -> Result<Vec<(Arc<dyn Partitioning>, f64)>> {
    if first >= last {
        bail!("--time-blocks {n}: all samples have the same time, {first}");
    }
    let edges: Vec<f64> = (0..=n)
        .map(|i| {
            if i == n {
                last
            } else {
                first + (last - first) * (i as f64 / n as f64)
            }
        })
        .collect();
    candidates
        .into_iter()
        .map(|(space, weight)| {
            let blocks: Arc<dyn Partitioning> = Arc::new(SpaceTime::new(space, edges.clone())?);
            Ok((blocks, weight))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_columns_are_read() {
        assert_eq!(rows_by_columns("--max-grid", "5x3").unwrap(), (5, 3));
        assert_eq!(rows_by_columns("--max-grid", "1X2").unwrap(), (1, 2));
        for bad in ["0x5", "1x1", "5", "x", "-1x2", "ax2", ""] {
            assert!(rows_by_columns("--max-grid", bad).is_err(), "{bad}");
        }
    }
}
