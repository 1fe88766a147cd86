//! Conversions of floating-point numbers.

/// The nearest number in 32 bits.
///
/// # Examples
/// ```
/// assert_eq!(wherefair_core::narrowed(0.1), 0.1_f32);
/// ```
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "to the nearest number of the type"
)]
pub fn narrowed(value: f64) -> f32 {
    value as f32
}
