//! A frequency with what follows from it, and an incidence angle with what follows from that.

use std::f64::consts::PI;

use wherefair_core::ParamError;

use super::constants::LIGHT_SPEED;
use crate::number::{Blend, Real, choose};

/// A monochromatic wave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wave {
    frequency_ghz: f64,
}

impl Wave {
    /// A wave of this frequency.
    ///
    /// # Errors
    /// Where the frequency is no finite number above 0.
    pub fn new(frequency_ghz: f64) -> Result<Self, ParamError> {
        if !(f64::MIN_POSITIVE..f64::INFINITY).contains(&frequency_ghz) {
            return Err(ParamError::new(
                "frequency_ghz",
                frequency_ghz,
                "a finite number above 0",
            ));
        }
        Ok(Self { frequency_ghz })
    }

    /// The frequency in GHz.
    #[inline(always)]
    pub fn frequency_ghz(self) -> f64 {
        self.frequency_ghz
    }

    /// The angular frequency in s⁻¹.
    #[inline(always)]
    pub fn angular_frequency(self) -> f64 {
        2.0 * PI * self.frequency_ghz * 1e9
    }

    /// The wave number `k = 2πf/c` in m⁻¹.
    #[inline(always)]
    pub fn wave_number_per_m(self) -> f64 {
        self.angular_frequency() / LIGHT_SPEED
    }

    /// The wavelength in cm.
    #[inline(always)]
    pub fn wavelength_cm(self) -> f64 {
        100.0 * LIGHT_SPEED / (self.frequency_ghz * 1e9)
    }
}

/// An incidence angle θ, measured from the vertical.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Incidence<T> {
    /// The angle in degrees.
    pub angle_deg: T,
    /// cos θ.
    pub cos: T,
    /// sin² θ.
    pub sin_squared: T,
    /// √(0.1 cos θ), an exponent of Wegmüller and Mätzler's roughness.
    pub(super) roughness_exponent: T,
    /// Vertically over horizontally polarised reflectivity of Wegmüller and Mätzler's roughness.
    pub(super) roughness_ratio: T,
}

impl<T: Real> Incidence<T> {
    /// The angle of `angle_deg` degrees, 0 to below 90.
    #[inline(always)]
    pub fn new(angle_deg: T) -> Self {
        let (sin, cos) = (angle_deg * (PI / 180.0)).sin_cos();
        let roughness_ratio = choose!(
            angle_deg.is_above(60.0),
            -((angle_deg - 60.0) * 0.0014 - 0.635),
            cos.powf(0.655)
        );
        Self {
            angle_deg,
            cos,
            sin_squared: sin.square(),
            roughness_exponent: (cos * 0.1).sqrt(),
            roughness_ratio,
        }
    }
}

impl Incidence<f64> {
    /// The same angle for the kind of number of `like`; it depends on no input.
    #[inline(always)]
    pub(super) fn lift<T: Real>(self, like: T) -> Incidence<T> {
        Incidence {
            angle_deg: like.constant(self.angle_deg),
            cos: like.constant(self.cos),
            sin_squared: like.constant(self.sin_squared),
            roughness_exponent: like.constant(self.roughness_exponent),
            roughness_ratio: like.constant(self.roughness_ratio),
        }
    }
}

/// A quantity at horizontal and at vertical polarisation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Polarized<T> {
    /// Horizontal.
    pub h: T,
    /// Vertical.
    pub v: T,
}

impl<M: Copy, T: Blend<M>> Blend<M> for Polarized<T> {
    #[inline(always)]
    fn blend(mask: M, yes: Self, no: Self) -> Self {
        Self {
            h: T::blend(mask, yes.h, no.h),
            v: T::blend(mask, yes.v, no.v),
        }
    }
}

impl<T: Copy> Polarized<T> {
    /// The same at both.
    #[inline(always)]
    pub fn both(value: T) -> Self {
        Self { h: value, v: value }
    }

    /// A function of each.
    #[inline(always)]
    pub fn map<U>(self, of: impl Fn(T) -> U) -> Polarized<U> {
        Polarized {
            h: of(self.h),
            v: of(self.v),
        }
    }

    /// A function of each with its counterpart.
    #[inline(always)]
    pub fn zip<U: Copy, V>(self, other: Polarized<U>, of: impl Fn(T, U) -> V) -> Polarized<V> {
        Polarized {
            h: of(self.h, other.h),
            v: of(self.v, other.v),
        }
    }
}
