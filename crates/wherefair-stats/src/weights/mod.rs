//! Sparse spatial weights.

mod components;
mod contiguity;
mod dense;
mod distance;
mod edges;
mod gal;
mod graph;
mod gwt;
mod isolates;
mod kd_tree;
mod kernel;
mod metric;
mod moments;
mod pair_kernel;
#[cfg(feature = "parquet")]
mod parquet_file;
mod raster;
mod spectral;
mod symmetry;
mod text;
mod transform;
mod weights_ref;

pub use components::Components;
pub use contiguity::Contiguity;
pub use dense::DenseWeights;
pub use gal::{read_gal, write_gal};
pub use graph::HopRule;
pub use gwt::{read_gwt, write_gwt};
pub use isolates::Isolates;
pub use kernel::{Bandwidth, Kernel};
pub use metric::Metric;
pub use moments::WeightMoments;
pub use pair_kernel::PairKernel;
pub(crate) use pair_kernel::PairWeights;
#[cfg(feature = "parquet")]
pub use parquet_file::{read_parquet, write_parquet};
pub use spectral::{PowerIteration, SpectralRadius};
pub use symmetry::Symmetrization;
pub(crate) use symmetry::merge;
pub use text::LabelledWeights;
pub use transform::Transform;
pub use weights_ref::WeightsRef;

use wherefair_core::ParamError;

use crate::StatsError;

/// Spatial weights in compressed sparse row form.
///
/// Row `i` holds the neighbours `j` of unit `i`, ascending, with their weights `w[i, j]`. The diagonal is always
/// zero and stored weights never are. A unit without neighbours is an *isolate*: its row is empty.
///
/// # Shapes
/// `(n, n)`, with `n_nonzero` stored weights.
///
/// # Examples
/// ```
/// use wherefair_core::Point;
/// use wherefair_stats::{Metric, SpatialWeights, Transform};
///
/// let points: Vec<Point> = (0..5).map(|i| Point::new(f64::from(i), 0.0)).collect();
/// let w = SpatialWeights::distance_band(&points, 1.0, Metric::Planar)?;
/// assert_eq!(w.row(2).0, [1, 3]);
/// let row_standardised = w.transform(Transform::Row)?;
/// assert_eq!(row_standardised.row(2).1, [0.5, 0.5]);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SpatialWeights {
    offsets: Vec<usize>,
    neighbours: Vec<u32>,
    values: Vec<f64>,
}

impl SpatialWeights {
    /// Weights from compressed rows: row `i` is `offsets[i]..offsets[i + 1]` of `neighbours` and `values`.
    ///
    /// Links of weight 0, on the diagonal too, are dropped.
    ///
    /// # Errors
    /// [`StatsError`] when the parts do not fit together, a row is not strictly ascending, a neighbour does not
    /// exist or is the unit itself, or a weight is not finite.
    ///
    /// # Examples
    /// ```
    /// use wherefair_stats::SpatialWeights;
    ///
    /// let w = SpatialWeights::from_rows(vec![0, 1, 2], vec![1, 0], vec![2.0, 0.5])?;
    /// assert_eq!((w.n(), w.n_nonzero()), (2, 2));
    /// let error = SpatialWeights::from_rows(vec![0, 1, 1], vec![0], vec![2.0]).unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "unit 0 is its own neighbour with weight 2 (accepted: a zero diagonal)"
    /// );
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn from_rows(
        offsets: Vec<usize>,
        neighbours: Vec<u32>,
        values: Vec<f64>,
    ) -> Result<Self, StatsError> {
        check_layout(&offsets, neighbours.len(), values.len())?;
        let n = offsets.len() - 1;
        for (row, ends) in offsets.windows(2).enumerate() {
            let entries = ends[0]..ends[1];
            check_row(
                row,
                n,
                &neighbours[entries.clone()],
                &values[entries.clone()],
                entries.start,
            )?;
        }
        let weights = Self {
            offsets,
            neighbours,
            values,
        };
        Ok(weights.without_zeros())
    }

    /// The number of units.
    pub fn n(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The number of stored weights.
    pub fn n_nonzero(&self) -> usize {
        self.neighbours.len()
    }

    /// Where each row starts, with one entry more than there are units.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// The neighbours of all rows.
    pub fn neighbours(&self) -> &[u32] {
        &self.neighbours
    }

    /// The weights of all rows.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The neighbours of unit `i` and their weights.
    ///
    /// # Panics
    /// When `i` is not below [`n`](Self::n).
    pub fn row(&self, i: usize) -> (&[u32], &[f64]) {
        let range = self.offsets[i]..self.offsets[i + 1];
        (&self.neighbours[range.clone()], &self.values[range])
    }

    /// The weight from unit `i` to unit `j`, 0 where they are not linked.
    ///
    /// # Panics
    /// When `i` is not below [`n`](Self::n).
    pub fn weight(&self, i: usize, j: usize) -> f64 {
        let (neighbours, values) = self.row(i);
        u32::try_from(j)
            .ok()
            .and_then(|j| neighbours.binary_search(&j).ok())
            .map_or(0.0, |at| values[at])
    }

    /// The same weights without stored zeros.
    fn without_zeros(self) -> Self {
        if self.values.iter().all(|&value| value != 0.0) {
            return self;
        }
        let mut kept = Self {
            offsets: vec![0],
            neighbours: vec![],
            values: vec![],
        };
        for row in 0..self.n() {
            let (neighbours, values) = self.row(row);
            for (&neighbour, &value) in neighbours.iter().zip(values).filter(|&(_, &value)| value != 0.0) {
                kept.neighbours.push(neighbour);
                kept.values.push(value);
            }
            kept.offsets.push(kept.neighbours.len());
        }
        kept
    }

    /// The same links with other weights, which must be finite.
    fn with_values(&self, values: Vec<f64>) -> Self {
        debug_assert_eq!(values.len(), self.neighbours.len());
        let weights = Self {
            offsets: self.offsets.clone(),
            neighbours: self.neighbours.clone(),
            values,
        };
        weights.without_zeros()
    }
}

fn check_layout(offsets: &[usize], n_neighbours: usize, n_values: usize) -> Result<(), StatsError> {
    if n_values != n_neighbours {
        let given = format!("shape ({n_values},)");
        let accepted = format!("shape ({n_neighbours},), as neighbours");
        return Err(ParamError::new("values", given, accepted).into());
    }
    let fits = offsets.first() == Some(&0)
        && offsets.last() == Some(&n_neighbours)
        && offsets.is_sorted()
        && u32::try_from(offsets.len() - 1).is_ok();
    if !fits {
        let given = match offsets {
            [] => "none".to_owned(),
            [first, .., last] => format!("{} from {first} to {last}", offsets.len()),
            [only] => format!("[{only}]"),
        };
        let accepted = format!(
            "n + 1 numbers that ascend from 0 to {n_neighbours}, the number of neighbours, for at most {} units",
            u32::MAX
        );
        return Err(ParamError::new("offsets", given, accepted).into());
    }
    Ok(())
}

fn check_row(
    row: usize,
    n: usize,
    neighbours: &[u32],
    values: &[f64],
    start: usize,
) -> Result<(), StatsError> {
    if let Some(pair) = neighbours.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Err(StatsError::RowOrder {
            row,
            previous: pair[0],
            next: pair[1],
        });
    }
    for (at, (&neighbour, &value)) in neighbours.iter().zip(values).enumerate() {
        if neighbour as usize >= n {
            return Err(StatsError::UnknownNeighbour {
                unit: row,
                neighbour: neighbour as usize,
                n,
            });
        }
        if !value.is_finite() {
            return Err(StatsError::NotFinite {
                name: "weights",
                index: start + at,
                value,
            });
        }
        if neighbour as usize == row && value != 0.0 {
            return Err(StatsError::SelfNeighbour {
                unit: row,
                weight: value,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_do_not_fit_are_rejected() {
        for (offsets, neighbours, values) in [
            (vec![], vec![], vec![]),
            (vec![1, 1], vec![0], vec![1.0]),
            (vec![0, 2, 1], vec![1], vec![1.0]),
            (vec![0, 1], vec![0, 1], vec![1.0, 1.0]),
            (vec![0, 1, 2], vec![1, 0], vec![1.0]),
        ] {
            let error = SpatialWeights::from_rows(offsets, neighbours, values).unwrap_err();
            assert!(matches!(error, StatsError::Param(_)), "{error}");
        }
    }

    #[test]
    fn rows_out_of_order_or_with_repeats_are_rejected() {
        for neighbours in [vec![2, 1], vec![1, 1]] {
            let error = SpatialWeights::from_rows(vec![0, 2, 2, 2], neighbours, vec![1.0; 2]).unwrap_err();
            assert!(matches!(error, StatsError::RowOrder { row: 0, .. }), "{error}");
        }
    }

    #[test]
    fn a_neighbour_that_does_not_exist_is_named() {
        let error = SpatialWeights::from_rows(vec![0, 0, 1], vec![2], vec![1.0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unit 1 names neighbour 2 (accepted: units below 2)"
        );
    }

    #[test]
    fn a_weight_that_is_not_finite_is_named() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = SpatialWeights::from_rows(vec![0, 1, 2], vec![1, 0], vec![1.0, bad]).unwrap_err();
            assert!(matches!(error, StatsError::NotFinite { index: 1, .. }), "{error}");
        }
    }

    #[test]
    fn links_of_weight_zero_are_dropped() {
        let w = SpatialWeights::from_rows(vec![0, 3, 4], vec![0, 1, 1, 0], vec![0.0; 4]);
        assert!(matches!(w, Err(StatsError::RowOrder { .. })));
        let w = SpatialWeights::from_rows(vec![0, 2, 3], vec![0, 1, 0], vec![0.0, -0.0, 2.0]).unwrap();
        assert_eq!(w.offsets(), [0, 0, 1]);
        assert_eq!(w.row(1), ([0].as_slice(), [2.0].as_slice()));
        assert_eq!(w.weight(1, 0).to_bits(), 2.0_f64.to_bits());
        assert_eq!(w.weight(0, usize::MAX).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn no_units_are_no_error() {
        let w = SpatialWeights::from_rows(vec![0], vec![], vec![]).unwrap();
        assert_eq!((w.n(), w.n_nonzero()), (0, 0));
    }
}
