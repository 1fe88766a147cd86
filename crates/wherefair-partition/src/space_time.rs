//! Blocks of space and time.

use std::sync::Arc;

use wherefair_core::{Extent, ParamError, PartitionId, Site};

use crate::cuts::interval_of;
use crate::{PartitionError, Partitioning, Shape};

/// The product of a partitioning of space and a split of time into periods.
///
/// Block (period t, partition s) is partition `t * space.n_partitions() + s`. Periods hold their start but not
/// their end; the last one holds both. Sites without time lie in no block. Areas and shapes are those of the
/// partition in space.
///
/// # Examples
/// ```
/// use std::sync::Arc;
///
/// use wherefair_core::{Extent, PartitionId, Site};
/// use wherefair_partition::{EqualGrid, Partitioning, SpaceTime};
///
/// let grid = Arc::new(EqualGrid::new(Extent::new(0.0, 0.0, 1.0, 1.0)?, 1, 2)?);
/// let blocks = SpaceTime::new(grid, vec![2000.0, 2010.0, 2020.0])?;
/// let site = Site { time: Some(2010.0), ..Site::at(0.1, 0.1) };
/// assert_eq!(blocks.locate(&site), Some(PartitionId(2)));
/// assert_eq!(blocks.label(PartitionId(2)), "row 1, column 1, time 2010 to 2020");
/// # Ok::<(), wherefair_partition::PartitionError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SpaceTime {
    name: String,
    space: Arc<dyn Partitioning>,
    time_edges: Vec<f64>,
}

impl SpaceTime {
    /// Splits every partition of `space` at `time_edges`, first and last time included; named
    /// `{space}, {n} periods`.
    ///
    /// # Shapes
    /// `time_edges` is `(n_periods + 1,)`.
    ///
    /// # Errors
    /// [`PartitionError::Param`] when there are fewer than 2 edges, when they are not finite and strictly
    /// ascending, or when the blocks cannot be numbered in 32 bits.
    pub fn new(space: Arc<dyn Partitioning>, time_edges: Vec<f64>) -> Result<Self, PartitionError> {
        let ascending = time_edges.windows(2).all(|pair| pair[0] < pair[1]);
        if time_edges.len() < 2 || !ascending || !time_edges.iter().all(|edge| edge.is_finite()) {
            let accepted = "at least 2 finite numbers, strictly ascending";
            return Err(ParamError::new("time edges", format!("{time_edges:?}"), accepted).into());
        }
        let n_periods = time_edges.len() - 1;
        let n_blocks = n_periods.checked_mul(space.n_partitions());
        if n_blocks.is_none_or(|n| PartitionId::from_index(n).is_err()) {
            let value = format!("{} partitions by {n_periods} periods", space.n_partitions());
            return Err(ParamError::new("blocks", value, "fewer than 4294967295 blocks").into());
        }
        Ok(Self {
            name: format!("{}, {n_periods} periods", space.name()),
            space,
            time_edges,
        })
    }

    /// The same blocks called `name`.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// The partitioning of space.
    pub fn space(&self) -> &Arc<dyn Partitioning> {
        &self.space
    }

    /// The times between which the periods lie, of shape `(n_periods + 1,)`.
    pub fn time_edges(&self) -> &[f64] {
        &self.time_edges
    }

    /// Period and partition in space of a block, or `None` when there is no such block.
    fn period_and_place(&self, id: PartitionId) -> Option<(usize, PartitionId)> {
        let n_places = self.space.n_partitions();
        if id.index() >= self.n_partitions() {
            return None;
        }
        let place = PartitionId::from_index(id.index() % n_places).ok()?;
        Some((id.index() / n_places, place))
    }
}

impl Partitioning for SpaceTime {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn n_partitions(&self) -> usize {
        (self.time_edges.len() - 1) * self.space.n_partitions()
    }

    fn locate(&self, site: &Site) -> Option<PartitionId> {
        let period = interval_of(&self.time_edges, site.time?)?;
        let place = self.space.locate(site)?;
        PartitionId::from_index(period * self.space.n_partitions() + place.index()).ok()
    }

    fn label(&self, id: PartitionId) -> String {
        match self.period_and_place(id) {
            Some((period, place)) => format!(
                "{}, time {} to {}",
                self.space.label(place),
                self.time_edges[period],
                self.time_edges[period + 1]
            ),
            None => format!("partition {id}"),
        }
    }

    fn area(&self, id: PartitionId) -> Option<f64> {
        self.space.area(self.period_and_place(id)?.1)
    }

    fn shape(&self, id: PartitionId) -> Option<Shape> {
        self.space.shape(self.period_and_place(id)?.1)
    }

    fn extent(&self) -> Option<Extent> {
        self.space.extent()
    }

    fn is_planar(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EqualGrid;

    fn grid() -> Arc<dyn Partitioning> {
        let extent = Extent::new(0.0, 0.0, 1.0, 1.0).unwrap();
        Arc::new(EqualGrid::new(extent, 2, 2).unwrap())
    }

    #[test]
    fn sites_without_time_are_in_no_block() {
        let blocks = SpaceTime::new(grid(), vec![0.0, 1.0, 3.0]).unwrap();
        assert_eq!(blocks.n_partitions(), 8);
        let expected = [
            (None, None),
            (Some(f64::NAN), None),
            (Some(-0.1), None),
            (Some(0.0), Some(PartitionId(3))),
            (Some(1.0), Some(PartitionId(7))),
            (Some(3.0), Some(PartitionId(7))),
            (Some(3.1), None),
        ];
        for (time, block) in expected {
            let site = Site {
                time,
                ..Site::at(0.9, 0.9)
            };
            assert_eq!(blocks.locate(&site), block, "{time:?}");
        }
        assert_eq!(blocks.shape(PartitionId(7)), grid().shape(PartitionId(3)));
        assert_eq!(blocks.shape(PartitionId(8)), None);
    }

    #[test]
    fn times_that_do_not_ascend_are_rejected() {
        for bad in [
            vec![],
            vec![1.0],
            vec![1.0, 1.0],
            vec![0.0, f64::NAN],
            vec![f64::NEG_INFINITY, 0.0],
        ] {
            assert!(SpaceTime::new(grid(), bad).is_err());
        }
    }
}
