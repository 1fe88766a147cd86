//! Polygons, such as districts from a file.

use wherefair_core::{Extent, PartitionId, Point, Site};

use crate::edge::Edge;
use crate::edge_bands::{EdgeBands, Place, bin};
use crate::partition_labels::check_distinct;
use crate::polygon_check::{check_overlaps, checked_shape};
use crate::{PartitionError, Partitioning, Shape};

/// Most rows, and columns, of the grid of buckets.
const MAX_BUCKETS_PER_AXIS: usize = 256;

/// Labelled polygons, each of one or more parts with or without holes, that overlap nowhere.
///
/// A point belongs to the polygon whose borders a ray from it crosses an odd number of times, where an edge holds
/// its lower end but not its upper one and a point on an edge counts as beyond it. Of the polygons around a
/// shared edge or corner exactly one gets a point on it. A point that this rule gives to none, but that lies
/// on a border (the right or upper side of the outermost polygons, or of a gap), goes to the polygon with the
/// lowest index whose border holds it. The signs that decide are exact, so rounding opens no gaps.
///
/// # Examples
/// ```
/// use wherefair_core::{Extent, PartitionId, Site};
/// use wherefair_partition::{Partitioning, Polygons, Shape};
///
/// let west = Shape::rectangle(&Extent::new(0.0, 0.0, 1.0, 1.0)?);
/// let east = Shape::rectangle(&Extent::new(1.0, 0.0, 2.0, 1.0)?);
/// let districts = Polygons::new("districts", vec![("west".into(), west.clone()), ("east".into(), east)])?;
/// assert_eq!(districts.locate(&Site::at(1.0, 0.5)), Some(PartitionId(1)));
/// assert_eq!(districts.locate(&Site::at(2.0, 1.0)), Some(PartitionId(1)));
/// assert!(Polygons::new("twice", vec![("a".into(), west.clone()), ("b".into(), west)]).is_err());
/// # Ok::<(), wherefair_partition::PartitionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Polygons {
    name: String,
    labels: Vec<String>,
    shapes: Vec<Shape>,
    areas: Vec<f64>,
    bounds: Vec<Extent>,
    bands: Vec<EdgeBands>,
    extent: Extent,
    buckets: Buckets,
}

impl Polygons {
    /// The partitioning called `name` whose partitions are `polygons`, pairs of a label and a shape.
    ///
    /// Rings may turn either way and may repeat their first point at the end. They may touch in points; a
    /// polygon's parts may share edges. Polygons may share up to a millionth of the smaller one's area, the
    /// slivers that rounded coordinates leave; points there go to the lower index.
    ///
    /// # Errors
    /// - [`PartitionError::Empty`] without polygons; [`PartitionError::Param`] for one without rings;
    /// - [`PartitionError::DuplicateLabel`] when two have the same label;
    /// - [`PartitionError::InvalidRing`] when a ring has fewer than 3 distinct points, no area, or a coordinate
    ///   that is not finite or beyond 10⁷⁵, when it crosses itself or another ring of its polygon, or when it
    ///   folds back on itself;
    /// - [`PartitionError::InvalidNesting`] when a hole reaches beyond its part, or parts overlap;
    /// - [`PartitionError::OverlappingPolygons`] when two polygons overlap.
    pub fn new(name: impl Into<String>, polygons: Vec<(String, Shape)>) -> Result<Self, PartitionError> {
        let (labels, shapes): (Vec<_>, Vec<_>) = polygons.into_iter().unzip();
        check_distinct("polygon", labels.iter().map(String::as_str))?;
        let mut checked = Vec::with_capacity(shapes.len());
        for (i, shape) in shapes.iter().enumerate() {
            checked.push(checked_shape(i, &labels[i], shape)?);
        }
        let bounds: Vec<Extent> = checked.iter().filter_map(Shape::bounds).collect();
        let areas: Vec<f64> = checked.iter().map(Shape::area).collect();
        let edges: Vec<Vec<Edge>> = checked.iter().map(Edge::of_shape).collect();
        check_overlaps(&labels, &areas, &edges, &bounds)?;
        let bands = edges
            .iter()
            .zip(&bounds)
            .map(|(edges, bounds)| EdgeBands::new(edges, bounds));
        let bands = bands.collect();
        let Some(extent) = bounds.iter().copied().reduce(|a, b| a.union(&b)) else {
            return Err(PartitionError::Empty { what: "polygon" });
        };
        Ok(Self {
            name: name.into(),
            labels,
            shapes: checked,
            areas,
            buckets: Buckets::new(&bounds, &extent),
            bounds,
            bands,
            extent,
        })
    }
}

/// Polygons by the buckets of a grid that their bounds reach into.
#[derive(Debug, Clone, PartialEq)]
struct Buckets {
    n: usize,
    min: Point,
    scale: Point,
    /// Polygons of bucket b are `members[starts[b]..starts[b + 1]]`, ascending.
    starts: Vec<usize>,
    members: Vec<usize>,
}

impl Buckets {
    fn new(bounds: &[Extent], extent: &Extent) -> Self {
        let wanted = (1..MAX_BUCKETS_PER_AXIS).find(|n| n * n >= bounds.len());
        let mut buckets = Self::empty(wanted.unwrap_or(MAX_BUCKETS_PER_AXIS), extent);
        // Polygons around each other fill many buckets each; fewer buckets then do as well.
        let n_members = |buckets: &Self| bounds.iter().map(|b| buckets.reached(b).count()).sum::<usize>();
        while buckets.n > 1 && n_members(&buckets) > 32 * bounds.len() {
            buckets = Self::empty(buckets.n / 2, extent);
        }
        for bounds in bounds {
            for b in buckets.reached(bounds) {
                buckets.starts[b + 1] += 1;
            }
        }
        for b in 0..buckets.n * buckets.n {
            buckets.starts[b + 1] += buckets.starts[b];
        }
        let mut next = buckets.starts.clone();
        buckets.members = vec![0; next[buckets.n * buckets.n]];
        for (i, bounds) in bounds.iter().enumerate() {
            for b in buckets.reached(bounds) {
                buckets.members[next[b]] = i;
                next[b] += 1;
            }
        }
        buckets
    }

    fn empty(n: usize, extent: &Extent) -> Self {
        Self {
            n,
            min: Point::new(extent.min_x, extent.min_y),
            scale: Point::new(n as f64 / extent.width(), n as f64 / extent.height()),
            starts: vec![0; n * n + 1],
            members: Vec::new(),
        }
    }

    fn column_row(&self, x: f64, y: f64) -> (usize, usize) {
        (
            bin(x, self.min.x, self.scale.x, self.n),
            bin(y, self.min.y, self.scale.y, self.n),
        )
    }

    fn reached(&self, bounds: &Extent) -> impl Iterator<Item = usize> + use<> {
        let n = self.n;
        let (first_column, first_row) = self.column_row(bounds.min_x, bounds.min_y);
        let (last_column, last_row) = self.column_row(bounds.max_x, bounds.max_y);
        (first_row..=last_row)
            .flat_map(move |row| (first_column..=last_column).map(move |column| row * n + column))
    }

    fn at(&self, p: Point) -> &[usize] {
        let (column, row) = self.column_row(p.x, p.y);
        let b = row * self.n + column;
        &self.members[self.starts[b]..self.starts[b + 1]]
    }
}

impl Partitioning for Polygons {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn n_partitions(&self) -> usize {
        self.shapes.len()
    }

    fn locate(&self, site: &Site) -> Option<PartitionId> {
        let p = site.point;
        if !self.extent.contains(p) {
            return None;
        }
        let mut on_border = None;
        for &i in self.buckets.at(p) {
            if !self.bounds[i].contains(p) {
                continue;
            }
            match self.bands[i].place(p) {
                Place::Inside => return PartitionId::from_index(i).ok(),
                Place::Border => on_border = on_border.or(Some(i)),
                Place::Outside => {}
            }
        }
        on_border.and_then(|i| PartitionId::from_index(i).ok())
    }

    fn label(&self, id: PartitionId) -> String {
        let label = self.labels.get(id.index());
        label.cloned().unwrap_or_else(|| format!("partition {id}"))
    }

    fn area(&self, id: PartitionId) -> Option<f64> {
        self.areas.get(id.index()).copied()
    }

    fn shape(&self, id: PartitionId) -> Option<Shape> {
        self.shapes.get(id.index()).cloned()
    }

    fn extent(&self) -> Option<Extent> {
        Some(self.extent)
    }
}

#[cfg(test)]
mod tests;
