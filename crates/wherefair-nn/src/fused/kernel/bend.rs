//! Derivatives by the values of tanh, taken to those by its arguments.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};

use super::lanes::Lanes;

/// δ = (1 − a²) g with the values a of tanh; `g` becomes δ.
pub(super) struct Bend<'a, T>(pub(super) &'a [T], pub(super) &'a mut [T]);

impl<T: Lanes> WithSimd for Bend<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (g, &a) in T::vectors_mut::<S>(self.1)
            .iter_mut()
            .zip(T::vectors::<S>(self.0))
        {
            *g = T::v_mul(simd, slope::<T, S>(simd, a), *g);
        }
    }
}

/// The same with tangents: δ′ = (1 − a²) g′ − 2 a a′ g, of (a, a′), g and g′.
pub(super) struct BendAlong<'a, T>(
    pub(super) (&'a [T], &'a [T]),
    pub(super) &'a mut [T],
    pub(super) &'a mut [T],
);

impl<T: Lanes> WithSimd for BendAlong<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self((a, a_along), g, g_along) = self;
        let values = T::vectors::<S>(a).iter().zip(T::vectors::<S>(a_along));
        let derivatives = T::vectors_mut::<S>(g)
            .iter_mut()
            .zip(T::vectors_mut::<S>(g_along));
        for ((&a, &a_along), (g, g_along)) in values.zip(derivatives) {
            let slope = slope::<T, S>(simd, a);
            let curved = T::v_mul(simd, T::v_mul(simd, T::v_add(simd, a, a), a_along), *g);
            *g_along = T::v_sub(simd, T::v_mul(simd, slope, *g_along), curved);
            *g = T::v_mul(simd, slope, *g);
        }
    }
}

/// 1 − a², the slope of tanh where it has the value a.
#[inline(always)]
fn slope<T: Lanes, S: Simd>(simd: S, a: T::Vector<S>) -> T::Vector<S> {
    T::v_sub(simd, T::v_splat(simd, T::narrowed(1.0)), T::v_mul(simd, a, a))
}
