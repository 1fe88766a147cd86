//! Numbers as their bits: JSON that gives them back exactly, NaN and infinities too.
//!
//! For `#[serde(with = "wherefair_nn::bits")]` on arrays of parameters.

use serde::{Deserialize as _, Deserializer, Serializer};

/// Writes the bits of each number as a whole number.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(values: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(|value| value.to_bits()))
}

/// Reads what [`serialize`] wrote.
///
/// # Errors
/// Those of the deserializer; where something is not the bits of a number.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
    let bits = Vec::<u32>::deserialize(deserializer)?;
    Ok(bits.into_iter().map(f32::from_bits).collect())
}
