//! Plants, and what lies below them.

use super::wave::Polarized;
use crate::number::{Real, inlined};

/// What lies below a layer: it reflects and emits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Below<T> {
    pub(super) reflectivity: Polarized<T>,
    pub(super) emission_k: Polarized<T>,
}

/// Plants as a layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer<T> {
    pub(super) transmissivity: Polarized<T>,
    pub(super) emission_k: Polarized<T>,
}

/// What leaves a surface, with the sky it reflects.
#[inline(always)]
pub(super) fn with_sky<T: Real>(surface: Below<T>, sky_k: T) -> Polarized<T> {
    surface.emission_k.zip(
        surface.reflectivity,
        #[inline(always)]
        |emitted, reflected| emitted + reflected * sky_k,
    )
}

/// What leaves plants over a surface.
///
/// # Formula
/// `TB = TB_s e^(−τ) + TB_ad r e^(−2τ) + TB_v (1 + r e^(−τ))`
#[inline(always)]
pub(super) fn under<T: Real>(plants: Layer<T>, surface: Below<T>, sky_k: T) -> Polarized<T> {
    let combine = inlined!(|passed: T, plants: T, emitted: T, reflected: T| {
        (emitted + reflected * (sky_k * passed + plants)) * passed + plants
    });
    let (passed, of_plants) = (plants.transmissivity, plants.emission_k);
    Polarized {
        h: combine(
            passed.h,
            of_plants.h,
            surface.emission_k.h,
            surface.reflectivity.h,
        ),
        v: combine(
            passed.v,
            of_plants.v,
            surface.emission_k.v,
            surface.reflectivity.v,
        ),
    }
}

/// Plants over a surface as one that reflects and emits.
#[inline(always)]
pub(super) fn seen_from_above<T: Real>(plants: Layer<T>, surface: Below<T>) -> Below<T> {
    Below {
        reflectivity: plants.transmissivity.zip(
            surface.reflectivity,
            #[inline(always)]
            |passed, reflected| reflected * passed.square(),
        ),
        emission_k: under(plants, surface, surface.emission_k.h.constant(0.0)),
    }
}
