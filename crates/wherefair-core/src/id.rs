//! Typed indices.

use serde::{Deserialize, Serialize};

/// The index of a partition within its partitioning, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartitionId(pub u32);

impl PartitionId {
    /// The id as a slice index.
    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// The id of slice index `index`.
    ///
    /// # Errors
    /// [`ParamError`](crate::ParamError) when `index` needs more than 32 bits or equals `u32::MAX`, which
    /// stands for "no partition" in packed arrays.
    pub fn from_index(index: usize) -> Result<Self, crate::ParamError> {
        match u32::try_from(index) {
            Ok(id) if id != u32::MAX => Ok(Self(id)),
            _ => Err(crate::ParamError::new(
                "partition index",
                index,
                "an index below 4294967295",
            )),
        }
    }
}

impl std::fmt::Display for PartitionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_index_is_rejected() {
        assert_eq!(PartitionId::from_index(7), Ok(PartitionId(7)));
        assert!(PartitionId::from_index(u32::MAX as usize).is_err());
    }
}
