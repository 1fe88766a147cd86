//! Complex numbers over any kind of real number.

use std::ops::{Add, Div, Mul, Sub};

use crate::number::{Blend, Real, choose};

/// A complex number `re + i im`.
///
/// Dielectric constants have `im ≥ 0`: `ε = ε′ + iε″`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Complex<T> {
    /// The real part.
    pub re: T,
    /// The imaginary part.
    pub im: T,
}

impl<T: Real> Complex<T> {
    /// `re + i im`.
    #[inline(always)]
    pub fn new(re: T, im: T) -> Self {
        Self { re, im }
    }

    /// The square of the modulus.
    #[inline(always)]
    pub fn norm_squared(self) -> T {
        self.re.square() + self.im.square()
    }

    /// The modulus.
    #[inline(always)]
    pub fn norm(self) -> T {
        self.norm_squared().sqrt()
    }

    /// The principal square root, by its larger part, so that no digits cancel.
    #[inline(always)]
    #[must_use]
    pub fn sqrt(self) -> Self {
        let larger = ((self.norm() + self.re.abs()) * 0.5).sqrt();
        let smaller = self.im * 0.5 / larger;
        let is_below = self.im.is_below(0.0);
        choose!(
            self.re.is_below(0.0),
            choose!(is_below, Self::new(-smaller, -larger), Self::new(smaller, larger)),
            Self::new(larger, smaller)
        )
    }

    /// Times a real number.
    #[inline(always)]
    #[must_use]
    pub fn scale(self, factor: T) -> Self {
        Self::new(self.re * factor, self.im * factor)
    }

    /// 1 over this.
    #[inline(always)]
    #[must_use]
    pub fn recip(self) -> Self {
        let share = self.norm_squared().recip();
        Self::new(self.re * share, -(self.im * share))
    }
}

impl Complex<f64> {
    /// The same number of the kind of `like`; it depends on no input.
    #[inline(always)]
    #[must_use]
    pub fn lift<T: Real>(self, like: T) -> Complex<T> {
        Complex::new(like.constant(self.re), like.constant(self.im))
    }
}

impl<T: Real> Blend<T::Mask> for Complex<T> {
    #[inline(always)]
    fn blend(mask: T::Mask, yes: Self, no: Self) -> Self {
        Self::new(T::blend(mask, yes.re, no.re), T::blend(mask, yes.im, no.im))
    }
}

impl<T: Real> Add for Complex<T> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl<T: Real> Sub for Complex<T> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

impl<T: Real> Mul for Complex<T> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::new(
            self.re * other.re - self.im * other.im,
            self.re * other.im + self.im * other.re,
        )
    }
}

impl<T: Real> Div for Complex<T> {
    type Output = Self;

    #[inline(always)]
    #[expect(
        clippy::suspicious_arithmetic_impl,
        reason = "a quotient is a product with the reciprocal"
    )]
    fn div(self, other: Self) -> Self {
        self * other.recip()
    }
}

impl<T: Real> Add<T> for Complex<T> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: T) -> Self {
        Self::new(self.re + other, self.im)
    }
}

impl<T: Real> Sub<T> for Complex<T> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: T) -> Self {
        Self::new(self.re - other, self.im)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_of_the_square_root_is_the_number_in_every_quadrant() {
        for (re, im) in [
            (3.0, 4.0),
            (3.0, -4.0),
            (-3.0, 4.0),
            (-3.0, -4.0),
            (-9.0, 1e-9),
            (2.0, 0.0),
        ] {
            let root = Complex::<f64>::new(re, im).sqrt();
            let square = root * root;
            assert!(root.re >= 0.0);
            assert!(
                (square.re - re).abs() < 1e-14 * 9.0 && (square.im - im).abs() < 1e-14 * 9.0,
                "{re} {im}"
            );
        }
    }

    #[test]
    fn a_quotient_times_the_divisor_is_the_dividend() {
        let (a, b) = (Complex::<f64>::new(1.5, -2.0), Complex::new(-0.3, 0.7));
        let back = a / b * b;
        assert!((back.re - a.re).abs() < 1e-15 && (back.im - a.im).abs() < 1e-15);
    }
}
