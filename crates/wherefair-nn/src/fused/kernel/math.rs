//! The exponential function of a vector.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::Simd;

/// Arguments below are taken for this one: its exponential is the smallest that is still a normal number.
const SMALLEST: f32 = -87.0;

/// 1.5 × 2²³: added to a small number, it leaves the nearest whole number in the lowest bits.
const ROUND: f32 = 12_582_912.0;

/// ln 2 in two parts; products of the first with whole numbers are exact.
const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];

/// Coefficients of (eʳ − 1 − r) / r² on |r| ≤ ln 2 / 2, highest power first: the Taylor series with its last terms bent
/// to the interval.
const SERIES: [f32; 6] = [
    1.987_569_1e-4,
    1.398_2e-3,
    8.333_452e-3,
    4.166_579_6e-2,
    1.666_666_5e-1,
    0.5,
];

/// eˣ for x ≤ 0, to 2 units in the last place.
#[inline(always)]
pub(super) fn exp_of_nonpositive<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let splat = |value| simd.splat_f32s(value);
    let x = simd.max_f32s(splat(SMALLEST), x);
    let shifted = simd.mul_add_e_f32s(x, splat(std::f32::consts::LOG2_E), splat(ROUND));
    let whole = simd.sub_f32s(shifted, splat(ROUND));
    let r = simd.mul_add_e_f32s(whole, splat(-LN_2[0]), x);
    let r = simd.mul_add_e_f32s(whole, splat(-LN_2[1]), r);
    let mut sum = splat(SERIES[0]);
    for coefficient in &SERIES[1..] {
        sum = simd.mul_add_e_f32s(sum, r, splat(*coefficient));
    }
    let sum = simd.mul_add_e_f32s(sum, simd.mul_f32s(r, r), r);
    let sum = simd.add_f32s(sum, splat(1.0));
    // The whole power of two goes straight into the exponent bits.
    let power = simd.wrapping_dyn_shl_u32s(simd.transmute_u32s_f32s(shifted), simd.splat_u32s(23));
    simd.transmute_f32s_u32s(simd.add_u32s(simd.transmute_u32s_f32s(sum), power))
}
