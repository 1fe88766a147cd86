//! Groups that the data assign to samples.

use wherefair_core::{Extent, PartitionId, Site};

use crate::partition_labels::check_distinct;
use crate::{PartitionError, Partitioning, Shape};

/// Partitions that are not places: the group index that each site carries. Groups have no area and no shape.
///
/// # Examples
/// ```
/// use wherefair_core::{PartitionId, Site};
/// use wherefair_partition::{Groups, Partitioning};
///
/// let groups = Groups::new("land use", vec!["forest".into(), "field".into()])?;
/// let site = Site { group: Some(1), ..Site::at(0.0, 0.0) };
/// assert_eq!(groups.locate(&site), Some(PartitionId(1)));
/// assert_eq!(groups.locate(&Site::at(0.0, 0.0)), None);
/// # Ok::<(), wherefair_partition::PartitionError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Groups {
    name: String,
    labels: Vec<String>,
}

impl Groups {
    /// Groups 0 to `labels.len() − 1`, called `labels`.
    ///
    /// # Errors
    /// [`PartitionError::Empty`] without labels; [`PartitionError::DuplicateLabel`] when two are the same.
    pub fn new(name: impl Into<String>, labels: Vec<String>) -> Result<Self, PartitionError> {
        check_distinct("group", labels.iter().map(String::as_str))?;
        Ok(Self {
            name: name.into(),
            labels,
        })
    }
}

impl Partitioning for Groups {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn n_partitions(&self) -> usize {
        self.labels.len()
    }

    fn locate(&self, site: &Site) -> Option<PartitionId> {
        site.group
            .map(PartitionId)
            .filter(|id| id.index() < self.labels.len())
    }

    fn label(&self, id: PartitionId) -> String {
        let label = self.labels.get(id.index());
        label.map_or_else(|| format!("group {id}"), Clone::clone)
    }

    fn area(&self, _: PartitionId) -> Option<f64> {
        None
    }

    fn shape(&self, _: PartitionId) -> Option<Shape> {
        None
    }

    fn extent(&self) -> Option<Extent> {
        None
    }

    fn is_planar(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_out_of_range_are_in_no_partition() {
        let groups = Groups::new("g", vec!["a".into()]).unwrap();
        for (group, expected) in [
            (None, None),
            (Some(0), Some(PartitionId(0))),
            (Some(1), None),
            (Some(u32::MAX), None),
        ] {
            let site = Site {
                group,
                ..Site::default()
            };
            assert_eq!(groups.locate(&site), expected);
        }
        assert_eq!(groups.label(PartitionId(9)), "group 9");
        assert_eq!(groups.area(PartitionId(0)), None);
    }

    #[test]
    fn no_groups_and_groups_of_one_name_are_rejected() {
        assert_eq!(
            Groups::new("g", vec![]),
            Err(PartitionError::Empty { what: "group" })
        );
        let error = Groups::new("g", vec!["a".into(), "b".into(), "a".into()]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "partitions 0 and 2 are both labelled \"a\" (accepted: distinct labels)"
        );
    }
}
