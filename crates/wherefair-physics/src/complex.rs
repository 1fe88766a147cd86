//! Complex numbers over any kind of real number.

use std::ops::{Add, Div, Mul, Sub};

use crate::number::Real;

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
    #[inline]
    pub fn new(re: T, im: T) -> Self {
        Self { re, im }
    }

    /// A number that depends on no input.
    #[inline]
    pub fn constant(re: f64, im: f64) -> Self {
        Self::new(T::constant(re), T::constant(im))
    }

    /// The square of the modulus.
    #[inline]
    pub fn norm_squared(self) -> T {
        self.re.square() + self.im.square()
    }

    /// The modulus.
    #[inline]
    pub fn norm(self) -> T {
        self.norm_squared().sqrt()
    }

    /// The principal square root, by its larger part, so that no digits cancel.
    #[inline]
    #[must_use]
    pub fn sqrt(self) -> Self {
        let norm = self.norm();
        if self.re.value() >= 0.0 {
            let re = ((norm + self.re) * 0.5).sqrt();
            return Self::new(re, self.im * 0.5 / re);
        }
        let im = ((norm - self.re) * 0.5).sqrt();
        let im = if self.im.value() < 0.0 { -im } else { im };
        Self::new(self.im * 0.5 / im, im)
    }

    /// Times a real number.
    #[inline]
    #[must_use]
    pub fn scale(self, factor: T) -> Self {
        Self::new(self.re * factor, self.im * factor)
    }

    /// 1 over this.
    #[inline]
    #[must_use]
    pub fn recip(self) -> Self {
        let share = self.norm_squared().recip();
        Self::new(self.re * share, -(self.im * share))
    }
}

impl<T: Real> Add for Complex<T> {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl<T: Real> Sub for Complex<T> {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }
}

impl<T: Real> Mul for Complex<T> {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        Self::new(
            self.re * other.re - self.im * other.im,
            self.re * other.im + self.im * other.re,
        )
    }
}

impl<T: Real> Div for Complex<T> {
    type Output = Self;

    #[inline]
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

    #[inline]
    fn add(self, other: T) -> Self {
        Self::new(self.re + other, self.im)
    }
}

impl<T: Real> Sub<T> for Complex<T> {
    type Output = Self;

    #[inline]
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
            let root = Complex::<f64>::constant(re, im).sqrt();
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
        let (a, b) = (Complex::<f64>::constant(1.5, -2.0), Complex::constant(-0.3, 0.7));
        let back = a / b * b;
        assert!((back.re - a.re).abs() < 1e-15 && (back.im - a.im).abs() < 1e-15);
    }
}
