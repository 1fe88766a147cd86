//! The rule that labels obey: at least one, no two the same.

use std::collections::HashMap;

use wherefair_core::PartitionId;

use crate::PartitionError;

/// Checks that there are labels, that they can be numbered and that no two are the same; `what` names what
/// they label.
pub(crate) fn check_distinct<'a>(
    what: &'static str,
    labels: impl Iterator<Item = &'a str>,
) -> Result<(), PartitionError> {
    let mut first_of = HashMap::new();
    for (second, label) in labels.enumerate() {
        PartitionId::from_index(second)?;
        if let Some(first) = first_of.insert(label, second) {
            return Err(PartitionError::DuplicateLabel {
                label: label.to_owned(),
                first,
                second,
            });
        }
    }
    if first_of.is_empty() {
        return Err(PartitionError::Empty { what });
    }
    Ok(())
}
