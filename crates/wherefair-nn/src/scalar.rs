//! The floating-point types of engines.

use candle_core::WithDType;

use crate::fused::Lanes;

/// A floating-point number that engines compute with: `f32`, in which models are trained, or `f64`.
///
/// Nothing else can implement it.
pub trait Scalar: Lanes + WithDType {}

impl Scalar for f32 {}

impl Scalar for f64 {}
