//! The exponential function and the hyperbolic tangent of a vector.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};

use super::lanes::Lanes;

/// eˣ for x ≤ 0, to 2 units in the last place.
#[inline(always)]
pub(super) fn exp_of_nonpositive<T: Lanes, S: Simd>(simd: S, x: T::Vector<S>) -> T::Vector<S> {
    let (shifted, rest) = reduced::<T, S>(simd, x);
    T::v_times_power(
        simd,
        T::v_add(simd, rest, T::v_splat(simd, T::narrowed(1.0))),
        shifted,
    )
}

/// k + [`ROUND`](Lanes::ROUND) and eʳ − 1, where x = k ln 2 + r with whole k and |r| ≤ ln 2 / 2.
#[inline(always)]
fn reduced<T: Lanes, S: Simd>(simd: S, x: T::Vector<S>) -> (T::Vector<S>, T::Vector<S>) {
    let splat = |value| T::v_splat(simd, value);
    let x = T::v_max(simd, splat(T::SMALLEST), x);
    let shifted = T::v_mul_add(
        simd,
        x,
        splat(T::narrowed(std::f64::consts::LOG2_E)),
        splat(T::ROUND),
    );
    let whole = T::v_sub(simd, shifted, splat(T::ROUND));
    let r = T::v_mul_add(simd, whole, splat(-T::LN_2[0]), x);
    let r = T::v_mul_add(simd, whole, splat(-T::LN_2[1]), r);
    let mut sum = splat(T::SERIES[0]);
    for coefficient in &T::SERIES[1..] {
        sum = T::v_mul_add(simd, sum, r, splat(*coefficient));
    }
    (shifted, T::v_mul_add(simd, sum, T::v_mul(simd, r, r), r))
}

/// Turns numbers to their hyperbolic tangents.
pub(super) struct Tanh<'a, T>(pub(super) &'a mut [T]);

impl<T: Lanes> WithSimd for Tanh<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for value in T::vectors_mut::<S>(self.0) {
            *value = tanh::<T, S>(simd, *value);
        }
    }
}

/// tanh x, to 4 units in the last place; NaN stays NaN.
///
/// # Formula
/// With m = e^(−2|x|) − 1, which keeps its digits near 0: ±m / (2 + m).
#[inline(always)]
pub(super) fn tanh<T: Lanes, S: Simd>(simd: S, x: T::Vector<S>) -> T::Vector<S> {
    let (zero, one) = (T::v_zero(simd), T::v_splat(simd, T::narrowed(1.0)));
    let size = T::v_max(simd, T::v_sub(simd, zero, x), x);
    let (shifted, rest) = reduced::<T, S>(simd, T::v_sub(simd, zero, T::v_add(simd, size, size)));
    let power = T::v_times_power(simd, one, shifted);
    let m = T::v_mul_add(simd, power, rest, T::v_sub(simd, power, one));
    let negative = T::v_div(simd, m, T::v_add(simd, one, T::v_add(simd, one, m)));
    let positive = T::v_sub(simd, zero, negative);
    let value = T::v_select(simd, T::v_less(simd, x, zero), negative, positive);
    T::v_select(simd, T::v_equal(simd, x, x), value, x)
}

#[cfg(test)]
mod tests {
    use super::super::level::Level;
    use super::*;

    struct Exp<'a, T>(&'a mut [T]);

    impl<T: Lanes> WithSimd for Exp<'_, T> {
        type Output = ();

        fn with_simd<S: Simd>(self, simd: S) {
            for value in T::vectors_mut::<S>(self.0) {
                *value = exp_of_nonpositive::<T, S>(simd, *value);
            }
        }
    }

    /// Largest error in units of the last place.
    fn error<T: Lanes>(ours: &[T], theirs: impl Fn(f64) -> f64, arguments: &[T], unit: f64) -> f64 {
        let pairs = ours.iter().zip(arguments).map(|(ours, argument)| {
            let exact = theirs(argument.widened());
            if exact == 0.0 {
                ours.widened().abs()
            } else {
                ((ours.widened() - exact) / exact).abs() / unit
            }
        });
        pairs.fold(0.0, f64::max)
    }

    fn check<T: Lanes>(epsilon: f64) {
        let sizes = (0..4_096).map(|i| T::narrowed(1.01_f64.powi(i - 3_000)));
        let positive: Vec<T> = sizes.chain([T::default()]).cycle().take(8_192).collect();
        let arguments: Vec<T> = positive
            .iter()
            .enumerate()
            .map(|(i, &x)| if i % 2 == 0 { x } else { -x })
            .collect();
        for level in [Level::Widest, Level::Portable] {
            let mut values = arguments.clone();
            level.dispatch(Tanh(&mut values));
            let of_tanh = error(&values, f64::tanh, &arguments, epsilon);
            assert!(of_tanh <= 4.0, "tanh: {of_tanh} units in the last place");
            let small = |x: &T| x.widened() <= 80.0;
            let arguments: Vec<T> = positive
                .iter()
                .filter(|x| small(x))
                .map(|&x| -x)
                .cycle()
                .take(4_096)
                .collect();
            let mut values = arguments.clone();
            level.dispatch(Exp(&mut values));
            let of_exp = error(&values, f64::exp, &arguments, epsilon);
            assert!(of_exp <= 2.0, "exp: {of_exp} units in the last place");
            let mut values = vec![T::narrowed(f64::NAN); 64];
            values[1] = T::narrowed(f64::INFINITY);
            values[2] = T::narrowed(f64::NEG_INFINITY);
            level.dispatch(Tanh(&mut values));
            assert!(values[0].widened().is_nan() && values[63].widened().is_nan());
            assert_eq!((values[1].widened(), values[2].widened()), (1.0, -1.0));
        }
    }

    #[test]
    fn functions_are_exact_to_a_few_units_in_the_last_place() {
        check::<f32>(f64::from(f32::EPSILON));
        check::<f64>(f64::EPSILON);
    }
}
