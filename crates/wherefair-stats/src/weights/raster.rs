//! Contiguity of the cells of a raster.

use wherefair_core::ParamError;

use super::SpatialWeights;
use super::contiguity::Contiguity;
use super::metric::check_n_links;
use crate::StatsError;

/// Row and column steps to the cells around, in the order of cells; rook uses those along one axis.
const STEPS: [(isize, isize); 8] = [
    (-1, -1),
    (-1, 0),
    (-1, 1),
    (0, -1),
    (0, 1),
    (1, -1),
    (1, 0),
    (1, 1),
];

/// The number of no unit.
const MASKED: u32 = u32::MAX;

impl SpatialWeights {
    /// Contiguity of the cells of a raster, each with weight 1.
    ///
    /// Units are the cells, row by row; with a `mask` of shape `(n_rows * n_columns,)`, only those where it is
    /// `true`, numbered without gaps in the same order.
    ///
    /// # Errors
    /// [`StatsError`] when the mask has another shape or there are too many cells.
    ///
    /// # Examples
    /// ```
    /// use wherefair_stats::{Contiguity, SpatialWeights};
    ///
    /// let w = SpatialWeights::from_raster(2, 3, None, Contiguity::Rook)?;
    /// assert_eq!(w.row(1).0, [0, 2, 4]);
    /// let mask = [true, false, true, true, true, true];
    /// let w = SpatialWeights::from_raster(2, 3, Some(&mask), Contiguity::Rook)?;
    /// assert_eq!((w.n(), w.row(0).0), (5, [2].as_slice()));
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn from_raster(
        n_rows: usize,
        n_columns: usize,
        mask: Option<&[bool]>,
        contiguity: Contiguity,
    ) -> Result<Self, StatsError> {
        let n_cells = n_rows
            .checked_mul(n_columns)
            .filter(|&n_cells| n_cells < MASKED as usize)
            .ok_or_else(|| StatsError::TooManyLinks {
                n_links: n_rows.saturating_mul(n_columns),
            })?;
        check_n_links(n_cells.saturating_mul(8))?;
        let is_unit = match mask {
            Some(mask) if mask.len() != n_cells => {
                let accepted = format!("shape ({n_rows} * {n_columns},)");
                return Err(ParamError::new("mask", format!("shape ({},)", mask.len()), accepted).into());
            }
            Some(mask) => mask.to_vec(),
            None => vec![true; n_cells],
        };
        let mut next = 0;
        let units: Vec<u32> = is_unit
            .iter()
            .map(|&is_unit| {
                if is_unit {
                    next += 1;
                    next - 1
                } else {
                    MASKED
                }
            })
            .collect();
        let mut offsets = vec![0];
        let mut neighbours = vec![];
        for cell in (0..n_cells).filter(|&cell| is_unit[cell]) {
            let (row, column) = (cell / n_columns, cell % n_columns);
            for (down, right) in STEPS {
                if contiguity == Contiguity::Rook && down != 0 && right != 0 {
                    continue;
                }
                let row = row.checked_add_signed(down).filter(|&row| row < n_rows);
                let column = column
                    .checked_add_signed(right)
                    .filter(|&column| column < n_columns);
                if let (Some(row), Some(column)) = (row, column) {
                    neighbours.extend(Some(units[row * n_columns + column]).filter(|&unit| unit != MASKED));
                }
            }
            offsets.push(neighbours.len());
        }
        Ok(Self {
            offsets,
            values: vec![1.0; neighbours.len()],
            neighbours,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_links_of_a_lattice_is_known() {
        for (rows, columns) in [(1, 1), (1, 7), (3, 2), (5, 8)] {
            let rook = SpatialWeights::from_raster(rows, columns, None, Contiguity::Rook).unwrap();
            let along = rows * (columns - 1) + (rows - 1) * columns;
            assert_eq!(rook.n_nonzero(), 2 * along);
            let queen = SpatialWeights::from_raster(rows, columns, None, Contiguity::Queen).unwrap();
            assert_eq!(queen.n_nonzero(), 2 * along + 4 * (rows - 1) * (columns - 1));
            assert!(rook.is_symmetric() && queen.is_symmetric());
        }
    }

    #[test]
    fn masked_cells_are_no_units() {
        let mask = [true, false, true, false, true, false];
        let w = SpatialWeights::from_raster(2, 3, Some(&mask), Contiguity::Queen).unwrap();
        assert_eq!(w.row(2).0, [0, 1]);
        let rook = SpatialWeights::from_raster(2, 3, Some(&mask), Contiguity::Rook).unwrap();
        assert_eq!(rook.isolates(), [0, 1, 2]);
    }

    #[test]
    fn empty_and_oversized_rasters_are_handled() {
        assert_eq!(
            SpatialWeights::from_raster(0, 5, None, Contiguity::Rook)
                .unwrap()
                .n(),
            0
        );
        assert_eq!(
            SpatialWeights::from_raster(5, 0, None, Contiguity::Rook)
                .unwrap()
                .n(),
            0
        );
        assert!(SpatialWeights::from_raster(usize::MAX, 2, None, Contiguity::Rook).is_err());
        assert!(SpatialWeights::from_raster(1 << 20, 1 << 20, None, Contiguity::Rook).is_err());
        assert!(SpatialWeights::from_raster(2, 2, Some(&[true; 3]), Contiguity::Rook).is_err());
    }
}
