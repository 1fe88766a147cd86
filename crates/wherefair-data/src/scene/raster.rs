//! What rasters of square pixels have in common: where pixels lie, and how their values spread.

use wherefair_core::{Extent, ParamError, Point};

/// Square pixels, row by row from north to south, within a row from west to east.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raster {
    pub(super) rows: usize,
    pub(super) cols: usize,
    /// The side of a pixel, in metres.
    pub(super) pixel_m: f64,
}

impl Raster {
    /// The extent in metres from the south-western corner.
    pub(super) fn extent(self) -> Extent {
        Extent {
            min_x: 0.0,
            min_y: 0.0,
            max_x: self.cols as f64 * self.pixel_m,
            max_y: self.rows as f64 * self.pixel_m,
        }
    }

    /// The centre of a pixel, in metres from the south-western corner.
    pub(super) fn point(self, pixel: usize) -> Point {
        let (row, col) = (pixel / self.cols, pixel % self.cols);
        Point::new(
            (col as f64 + 0.5) * self.pixel_m,
            (self.rows as f64 - row as f64 - 0.5) * self.pixel_m,
        )
    }

    /// Refuses pixels that there are not.
    pub(super) fn check(self, pixels: &[u32]) -> Result<(), ParamError> {
        let n_pixels = self.rows * self.cols;
        match pixels.iter().find(|&&pixel| pixel as usize >= n_pixels) {
            Some(pixel) => {
                let accepted = format!("below {n_pixels}, the number of pixels");
                Err(ParamError::new("pixel", pixel, accepted))
            }
            None => Ok(()),
        }
    }
}

/// Mean and standard deviation of each of N bands over `n` rows of values, both 0 where there is none; the rows are gone
/// through twice, in one order.
pub(super) fn moments<'a, const N: usize, I>(n: usize, rows: impl Fn() -> I) -> Vec<(f64, f64)>
where
    I: Iterator<Item = &'a [f32]>,
{
    let n = n.max(1) as f64;
    let mut means = [0.0; N];
    for values in rows() {
        for (mean, value) in means.iter_mut().zip(values) {
            *mean += f64::from(*value) / n;
        }
    }
    let mut squares = [0.0; N];
    for values in rows() {
        for ((square, mean), value) in squares.iter_mut().zip(means).zip(values) {
            *square += (f64::from(*value) - mean).powi(2);
        }
    }
    let sds = squares.map(|square| (square / n).sqrt());
    means.into_iter().zip(sds).collect()
}
