//! The element types of the engine, with the vector operations that its kernels are written in.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use std::fmt::{Debug, Display};
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

use pulp::Simd;
use pulp::bytemuck::cast;

use super::level::Level;
use super::second::Along;
use super::tile::Chunk;

/// A floating-point number and vectors of it, by the names of the operations in [`pulp`].
///
/// Public so that [`Scalar`](crate::Scalar) can build on it, and without a path so that no other crate can implement it.
pub trait Lanes:
    Copy
    + Debug
    + Display
    + Default
    + PartialOrd
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
{
    /// As many numbers as an instruction takes.
    type Vector<S: Simd>: Copy + Debug;
    /// The answers of a comparison.
    type Mask<S: Simd>: Copy;

    /// The smallest argument of the exponential function: its value is still a normal number.
    const SMALLEST: Self;
    /// 1.5 × 2ᵐ with m bits of mantissa: added to a small number, it leaves the nearest whole number in the lowest bits.
    const ROUND: Self;
    /// ln 2 in two parts; products of the first with whole numbers are exact.
    const LN_2: [Self; 2];
    /// Coefficients of (eʳ − 1 − r) / r² on |r| ≤ ln 2 / 2, highest power first.
    const SERIES: &'static [Self];

    /// To the nearest number of the type.
    fn narrowed(value: f64) -> Self;
    /// The same number in 64 bits.
    fn widened(self) -> f64;
    /// Neither NaN nor infinite.
    fn is_number(self) -> bool;

    /// Numbers of a vector.
    fn lanes<S: Simd>() -> usize;
    /// The whole vectors of a slice.
    fn vectors<S: Simd>(values: &[Self]) -> &[Self::Vector<S>];
    /// The same, to be written.
    fn vectors_mut<S: Simd>(values: &mut [Self]) -> &mut [Self::Vector<S>];
    /// `value` in every lane.
    fn v_splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    /// a + b.
    fn v_add<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// a − b.
    fn v_sub<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// a b.
    fn v_mul<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// a / b.
    fn v_div<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// The larger one.
    fn v_max<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// The smaller one.
    fn v_min<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// a b + c, fused where the machine can.
    fn v_mul_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// a < b.
    fn v_less<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Mask<S>;
    /// a = b; not so for NaN.
    fn v_equal<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Mask<S>;
    /// `a` where the mask is set, else `b`.
    fn v_select<S: Simd>(
        simd: S,
        mask: Self::Mask<S>,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
    ) -> Self::Vector<S>;
    /// The sum of the lanes.
    fn v_sum<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;
    /// `value` × 2ᵏ for whole k ≤ 0 with `shifted` = k + [`ROUND`](Self::ROUND); the result must be normal.
    fn v_times_power<S: Simd>(simd: S, value: Self::Vector<S>, shifted: Self::Vector<S>) -> Self::Vector<S>;

    /// Runs a chunk. Compiled with this crate, once for each type, and not again in all that use it.
    fn run(level: Level, chunk: Chunk<'_, Self>) -> f64;
    /// The same with tangents.
    fn run_along(level: Level, chunk: Along<'_, Self>);

    /// 0 in every lane.
    #[inline(always)]
    fn v_zero<S: Simd>(simd: S) -> Self::Vector<S> {
        Self::v_splat(simd, Self::default())
    }
}

macro_rules! operations {
    ($vector:ident, $mask:ident, $lanes:ident, $as:ident, $as_mut:ident, $splat:ident, $mul_add:ident, $less:ident,
     $equal:ident, $select:ident, $sum:ident; $($own:ident: $op:ident),*) => {
        type Vector<S: Simd> = S::$vector;
        type Mask<S: Simd> = S::$mask;

        #[inline(never)]
        fn run(level: Level, chunk: Chunk<'_, Self>) -> f64 {
            level.dispatch(chunk)
        }

        #[inline(never)]
        fn run_along(level: Level, chunk: Along<'_, Self>) {
            level.dispatch(chunk);
        }

        #[inline(always)]
        fn widened(self) -> f64 {
            self.into()
        }

        #[inline(always)]
        fn is_number(self) -> bool {
            self.is_finite()
        }

        #[inline(always)]
        fn lanes<S: Simd>() -> usize {
            S::$lanes
        }

        #[inline(always)]
        fn vectors<S: Simd>(values: &[Self]) -> &[S::$vector] {
            S::$as(values).0
        }

        #[inline(always)]
        fn vectors_mut<S: Simd>(values: &mut [Self]) -> &mut [S::$vector] {
            S::$as_mut(values).0
        }

        #[inline(always)]
        fn v_splat<S: Simd>(simd: S, value: Self) -> S::$vector {
            simd.$splat(value)
        }

        $(#[inline(always)]
        fn $own<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
            simd.$op(a, b)
        })*

        #[inline(always)]
        fn v_mul_add<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
            simd.$mul_add(a, b, c)
        }

        #[inline(always)]
        fn v_less<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$mask {
            simd.$less(a, b)
        }

        #[inline(always)]
        fn v_equal<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$mask {
            simd.$equal(a, b)
        }

        #[inline(always)]
        fn v_select<S: Simd>(simd: S, mask: S::$mask, a: S::$vector, b: S::$vector) -> S::$vector {
            simd.$select(mask, a, b)
        }

        #[inline(always)]
        fn v_sum<S: Simd>(simd: S, a: S::$vector) -> Self {
            simd.$sum(a)
        }
    };
}

impl Lanes for f32 {
    operations! {
        f32s, m32s, F32_LANES, as_simd_f32s, as_mut_simd_f32s, splat_f32s, mul_add_e_f32s, less_than_f32s,
        equal_f32s, select_f32s, reduce_sum_f32s;
        v_add: add_f32s, v_sub: sub_f32s, v_mul: mul_f32s, v_div: div_f32s, v_max: max_f32s, v_min: min_f32s
    }

    #[inline(always)]
    fn narrowed(value: f64) -> Self {
        wherefair_core::narrowed(value)
    }

    const SMALLEST: Self = -87.0;
    const ROUND: Self = 12_582_912.0;
    const LN_2: [Self; 2] = [0.693_359_4, -2.121_944_4e-4];
    // The Taylor series with its last terms bent to the interval.
    const SERIES: &'static [Self] = &[
        1.987_569_1e-4,
        1.398_2e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ];

    #[inline(always)]
    fn v_times_power<S: Simd>(simd: S, value: S::f32s, shifted: S::f32s) -> S::f32s {
        // The whole power of two goes straight into the exponent bits.
        let power = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
        simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(value), power))
    }
}

impl Lanes for f64 {
    operations! {
        f64s, m64s, F64_LANES, as_simd_f64s, as_mut_simd_f64s, splat_f64s, mul_add_e_f64s, less_than_f64s,
        equal_f64s, select_f64s, reduce_sum_f64s;
        v_add: add_f64s, v_sub: sub_f64s, v_mul: mul_f64s, v_div: div_f64s, v_max: max_f64s, v_min: min_f64s
    }

    #[inline(always)]
    fn narrowed(value: f64) -> Self {
        value
    }

    const SMALLEST: Self = -708.0;
    const ROUND: Self = 6_755_399_441_055_744.0;
    const LN_2: [Self; 2] = [0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10];
    // The Taylor series: the first term left out is below 10⁻¹⁷.
    const SERIES: &'static [Self] = &[
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
    ];

    #[inline(always)]
    fn v_times_power<S: Simd>(simd: S, value: S::f64s, shifted: S::f64s) -> S::f64s {
        // There are shifts of 32 bits only: with 1.5 × 2²⁰, k begins at the higher half of the number, whose lower half
        // is 0. All that stands above it leaves the number.
        let whole = simd.sub_f64s(shifted, simd.splat_f64s(Self::ROUND));
        let placed: S::u32s = cast(simd.add_f64s(whole, simd.splat_f64s(1_572_864.0)));
        let power = simd.wrapping_dyn_shl_u32s(placed, simd.splat_u32s(20));
        cast(simd.add_u32s(cast(value), power))
    }
}
