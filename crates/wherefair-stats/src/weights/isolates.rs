//! What becomes of units without neighbours.

use wherefair_core::{ParamError, Point};

use super::SpatialWeights;
use super::metric::{Metric, Places};
use crate::StatsError;

/// What becomes of units without neighbours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Isolates<'a> {
    /// They are an error.
    Error,
    /// They stay: their rows are empty.
    Keep,
    /// Each is linked with the unit nearest to it, in both directions.
    AttachNearest {
        /// The points of all units.
        points: &'a [Point],
        /// How distances are measured.
        metric: Metric,
        /// The weight of the new links.
        weight: f64,
    },
}

impl SpatialWeights {
    /// The weights with isolates treated as `policy` says.
    ///
    /// A link that an isolate's nearest unit already has to it keeps its weight.
    ///
    /// # Errors
    /// [`StatsError::Isolates`] under [`Isolates::Error`]; otherwise when there is not one point a unit, no other
    /// unit to attach to, or a coordinate or the weight is not acceptable.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::Point;
    /// use wherefair_stats::{Isolates, Metric, SpatialWeights};
    ///
    /// let points: Vec<Point> = [0.0, 1.0, 5.0].map(|x| Point::new(x, 0.0)).to_vec();
    /// let w = SpatialWeights::distance_band(&points, 1.0, Metric::Planar)?;
    /// assert_eq!(
    ///     w.clone().with_isolates(Isolates::Error).unwrap_err().to_string(),
    ///     "1 units have no neighbours, the first is 2 (accepted: none)"
    /// );
    /// let attached =
    ///     w.with_isolates(Isolates::AttachNearest { points: &points, metric: Metric::Planar, weight: 1.0 })?;
    /// assert_eq!(attached.row(1).0, [0, 2]);
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn with_isolates(self, policy: Isolates<'_>) -> Result<Self, StatsError> {
        let isolates = self.isolates();
        let Some(&first) = isolates.first() else {
            return Ok(self);
        };
        match policy {
            Isolates::Keep => Ok(self),
            Isolates::Error => Err(StatsError::Isolates {
                n_isolates: isolates.len(),
                first,
            }),
            Isolates::AttachNearest {
                points,
                metric,
                weight,
            } => self.attach(&isolates, points, metric, weight),
        }
    }

    fn attach(
        &self,
        isolates: &[usize],
        points: &[Point],
        metric: Metric,
        weight: f64,
    ) -> Result<Self, StatsError> {
        if points.len() != self.n() {
            return Err(StatsError::Shape {
                name: "points",
                given: points.len(),
                expected: self.n(),
            });
        }
        if !weight.is_finite() || weight == 0.0 {
            return Err(ParamError::new("weight", weight, "a finite number other than 0").into());
        }
        let places = Places::new(points, metric)?;
        let mut links: Vec<(usize, usize, f64)> = vec![];
        for &isolate in isolates {
            let nearest = u32::try_from(isolate)
                .ok()
                .and_then(|isolate| places.nearest_of(isolate))
                .ok_or(StatsError::TooFew {
                    n: self.n(),
                    at_least: 2,
                })? as usize;
            links.push((isolate, nearest, weight));
            if self.weight(nearest, isolate) == 0.0 {
                links.push((nearest, isolate, weight));
            }
        }
        links.sort_by_key(|&(from, to, _)| (from, to));
        links.dedup_by_key(|&mut (from, to, _)| (from, to));
        let old = (0..self.n()).flat_map(|i| {
            let (neighbours, values) = self.row(i);
            neighbours
                .iter()
                .zip(values)
                .map(move |(&neighbour, &value)| (i, neighbour as usize, value))
        });
        Self::from_edges(self.n(), old.chain(links))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(xs: &[f64]) -> Vec<Point> {
        xs.iter().map(|&x| Point::new(x, 0.0)).collect()
    }

    fn attach(w: &SpatialWeights, points: &[Point], weight: f64) -> Result<SpatialWeights, StatsError> {
        let metric = Metric::Planar;
        w.clone().with_isolates(Isolates::AttachNearest {
            points,
            metric,
            weight,
        })
    }

    #[test]
    fn isolates_that_are_nearest_to_each_other_are_linked_once() {
        let points = line(&[0.0, 1.0, 50.0, 53.0]);
        let w = SpatialWeights::distance_band(&points, 1.0, Metric::Planar).unwrap();
        let attached = attach(&w, &points, 0.5).unwrap();
        assert!(attached.isolates().is_empty() && attached.is_symmetric());
        assert_eq!(attached.row(2), ([3].as_slice(), [0.5].as_slice()));
        assert_eq!(attached.n_nonzero(), 4);
    }

    #[test]
    fn a_link_towards_the_isolate_keeps_its_weight() {
        let w = SpatialWeights::from_edges(2, [(0, 1, 7.0)]).unwrap();
        let attached = attach(&w, &line(&[0.0, 1.0]), 1.0).unwrap();
        assert_eq!(
            (attached.row(0).1, attached.row(1).1),
            ([7.0].as_slice(), [1.0].as_slice())
        );
    }

    #[test]
    fn policies_leave_weights_without_isolates_alone() {
        let w = SpatialWeights::from_edges(2, [(0, 1, 1.0), (1, 0, 1.0)]).unwrap();
        assert_eq!(w.clone().with_isolates(Isolates::Error).unwrap(), w);
        assert_eq!(attach(&w, &[], f64::NAN).unwrap(), w);
    }

    #[test]
    fn attaching_needs_points_a_weight_and_another_unit() {
        let w = SpatialWeights::from_edges(2, []).unwrap();
        assert_eq!(w.clone().with_isolates(Isolates::Keep).unwrap(), w);
        assert!(matches!(
            attach(&w, &line(&[0.0]), 1.0),
            Err(StatsError::Shape { .. })
        ));
        for weight in [0.0, f64::NAN, f64::INFINITY] {
            assert!(matches!(
                attach(&w, &line(&[0.0, 1.0]), weight),
                Err(StatsError::Param(_))
            ));
        }
        let single = SpatialWeights::from_edges(1, []).unwrap();
        assert!(matches!(
            attach(&single, &line(&[0.0]), 1.0),
            Err(StatsError::TooFew { .. })
        ));
    }
}
