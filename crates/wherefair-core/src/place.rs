//! Points, sites and extents.

use serde::{Deserialize, Serialize};

use crate::ParamError;

/// A point of the plane, in the units of its coordinate reference system.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Point {
    /// Easting or longitude.
    pub x: f64,
    /// Northing or latitude.
    pub y: f64,
}

impl Point {
    /// The point (`x`, `y`).
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

/// Where a sample is: a point and, where known, a time and a pre-assigned group.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Site {
    /// The point.
    pub point: Point,
    /// The time, in any unit that grows forward.
    pub time: Option<f64>,
    /// The index of the group that the data assign to the sample.
    pub group: Option<u32>,
}

impl Site {
    /// A site that is a point only.
    pub const fn at(x: f64, y: f64) -> Self {
        Self {
            point: Point::new(x, y),
            time: None,
            group: None,
        }
    }
}

/// Sites in column form: coordinates and, where the data have them, times and groups.
///
/// # Shapes
/// All columns are `(n_samples,)`.
#[derive(Debug, Clone, Copy)]
pub struct Sites<'a> {
    x: &'a [f64],
    y: &'a [f64],
    time: Option<&'a [f64]>,
    group: Option<&'a [u32]>,
}

impl<'a> Sites<'a> {
    /// Sites at the points (`x[i]`, `y[i]`).
    ///
    /// # Errors
    /// [`ParamError`] when the columns differ in length.
    pub fn new(x: &'a [f64], y: &'a [f64]) -> Result<Self, ParamError> {
        if x.len() != y.len() {
            return Err(ParamError::new(
                "y",
                format!("shape ({},)", y.len()),
                format!("shape ({},), as x", x.len()),
            ));
        }
        Ok(Self {
            x,
            y,
            time: None,
            group: None,
        })
    }

    /// The same sites with times.
    ///
    /// # Errors
    /// [`ParamError`] when `time` differs in length from the coordinates.
    pub fn with_time(self, time: &'a [f64]) -> Result<Self, ParamError> {
        self.check_length("time", time.len())?;
        Ok(Self {
            time: Some(time),
            ..self
        })
    }

    /// The same sites with pre-assigned groups.
    ///
    /// # Errors
    /// [`ParamError`] when `group` differs in length from the coordinates.
    pub fn with_group(self, group: &'a [u32]) -> Result<Self, ParamError> {
        self.check_length("group", group.len())?;
        Ok(Self {
            group: Some(group),
            ..self
        })
    }

    fn check_length(&self, name: &str, n: usize) -> Result<(), ParamError> {
        if n == self.x.len() {
            return Ok(());
        }
        Err(ParamError::new(
            name,
            format!("shape ({n},)"),
            format!("shape ({},), as x", self.x.len()),
        ))
    }

    /// The number of sites.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is no site.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// The x coordinates, of shape `(n_samples,)`.
    pub fn x(&self) -> &'a [f64] {
        self.x
    }

    /// The y coordinates, of shape `(n_samples,)`.
    pub fn y(&self) -> &'a [f64] {
        self.y
    }

    /// The times, where there are any.
    pub fn time(&self) -> Option<&'a [f64]> {
        self.time
    }

    /// The groups, where there are any.
    pub fn group(&self) -> Option<&'a [u32]> {
        self.group
    }

    /// Site number `i`.
    ///
    /// # Panics
    /// When `i` is not below [`len`](Self::len).
    pub fn get(&self, i: usize) -> Site {
        Site {
            point: Point::new(self.x[i], self.y[i]),
            time: self.time.map(|time| time[i]),
            group: self.group.map(|group| group[i]),
        }
    }

    /// The sites in `range`.
    ///
    /// # Panics
    /// When the range reaches beyond [`len`](Self::len).
    #[must_use]
    pub fn slice(&self, range: std::ops::Range<usize>) -> Self {
        Self {
            x: &self.x[range.clone()],
            y: &self.y[range.clone()],
            time: self.time.map(|time| &time[range.clone()]),
            group: self.group.map(|group| &group[range]),
        }
    }
}

/// An axis-parallel rectangle, closed on all sides; it may have no width or no height.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Extent {
    /// Smallest x.
    pub min_x: f64,
    /// Smallest y.
    pub min_y: f64,
    /// Largest x.
    pub max_x: f64,
    /// Largest y.
    pub max_y: f64,
}

impl Extent {
    /// The rectangle from (`min_x`, `min_y`) to (`max_x`, `max_y`).
    ///
    /// # Errors
    /// [`ParamError`] when a bound is NaN or infinite, a minimum exceeds its maximum, or the width or height
    /// overflows.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::Extent;
    ///
    /// assert!(Extent::new(0.0, 0.0, 4.0, 3.0).is_ok());
    /// assert_eq!(
    ///     Extent::new(0.0, 0.0, f64::NAN, 3.0).unwrap_err().to_string(),
    ///     "invalid extent: x 0 to NaN, y 0 to 3 (accepted: finite bounds, each minimum at most its maximum)"
    /// );
    /// ```
    pub fn new(min_x: f64, min_y: f64, max_x: f64, max_y: f64) -> Result<Self, ParamError> {
        let finite = [min_x, min_y, max_x - min_x, max_y - min_y]
            .into_iter()
            .all(f64::is_finite);
        if !(finite && min_x <= max_x && min_y <= max_y) {
            return Err(ParamError::new(
                "extent",
                format!("x {min_x} to {max_x}, y {min_y} to {max_y}"),
                "finite bounds, each minimum at most its maximum",
            ));
        }
        Ok(Self {
            min_x,
            min_y,
            max_x,
            max_y,
        })
    }

    /// The smallest extent around all points, or `None` when there is no point.
    ///
    /// # Errors
    /// [`ParamError`] when a coordinate is NaN or infinite.
    pub fn of(sites: &Sites<'_>) -> Result<Option<Self>, ParamError> {
        let (Some(&x), Some(&y)) = (sites.x().first(), sites.y().first()) else {
            return Ok(None);
        };
        // Comparisons drop NaN silently, so NaN is carried through a sum instead.
        let mut extent = Self {
            min_x: x,
            min_y: y,
            max_x: x,
            max_y: y,
        };
        let mut probe = 0.0;
        for (&x, &y) in sites.x().iter().zip(sites.y()) {
            extent.min_x = extent.min_x.min(x);
            extent.max_x = extent.max_x.max(x);
            extent.min_y = extent.min_y.min(y);
            extent.max_y = extent.max_y.max(y);
            probe += (x + y) * 0.0;
        }
        if probe.is_nan() {
            let i = (0..sites.len())
                .find(|&i| !(sites.x()[i].is_finite() && sites.y()[i].is_finite()))
                .unwrap_or(0);
            return Err(ParamError::new(
                format!("coordinate of sample {i}"),
                format!("({}, {})", sites.x()[i], sites.y()[i]),
                "finite numbers",
            ));
        }
        Self::new(extent.min_x, extent.min_y, extent.max_x, extent.max_y).map(Some)
    }

    /// The smallest extent that holds `self` and `other`.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            min_x: self.min_x.min(other.min_x),
            min_y: self.min_y.min(other.min_y),
            max_x: self.max_x.max(other.max_x),
            max_y: self.max_y.max(other.max_y),
        }
    }

    /// Width, in coordinate units.
    pub fn width(&self) -> f64 {
        self.max_x - self.min_x
    }

    /// Height, in coordinate units.
    pub fn height(&self) -> f64 {
        self.max_y - self.min_y
    }

    /// Area, in squared coordinate units.
    pub fn area(&self) -> f64 {
        self.width() * self.height()
    }

    /// Whether `point` lies inside or on the boundary.
    pub fn contains(&self, point: Point) -> bool {
        (self.min_x..=self.max_x).contains(&point.x) && (self.min_y..=self.max_y).contains(&point.y)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_different_length_are_rejected() {
        assert!(Sites::new(&[0.0], &[]).is_err());
        let sites = Sites::new(&[0.0], &[1.0]).unwrap();
        assert!(sites.with_time(&[]).is_err());
        assert!(sites.with_group(&[1, 2]).is_err());
    }

    #[test]
    fn extent_of_no_points_is_none() {
        assert_eq!(Extent::of(&Sites::new(&[], &[]).unwrap()), Ok(None));
    }

    #[test]
    fn extent_of_points_is_tight() {
        let sites = Sites::new(&[2.0, -1.0, 0.5], &[0.0, 3.0, 7.0]).unwrap();
        assert_eq!(
            Extent::of(&sites).unwrap(),
            Some(Extent::new(-1.0, 0.0, 2.0, 7.0).unwrap())
        );
    }

    #[test]
    fn a_coordinate_that_is_not_finite_is_named() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let x = [0.0, bad, 1.0];
            let error = Extent::of(&Sites::new(&x, &[0.0; 3]).unwrap()).unwrap_err();
            assert_eq!(error.name(), "coordinate of sample 1");
        }
    }

    #[test]
    fn an_extent_that_overflows_is_rejected() {
        assert!(Extent::new(-f64::MAX, 0.0, f64::MAX, 1.0).is_err());
        assert!(Extent::new(1.0, 0.0, 0.0, 1.0).is_err());
        assert!(Extent::new(0.0, 0.0, 0.0, 0.0).is_ok());
    }
}
