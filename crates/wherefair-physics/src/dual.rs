//! Dual numbers: a value with its derivatives to several inputs.

use std::array::from_fn;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::number::Real;
use crate::stage::{Stage, chained};

/// A value and its partial derivatives to `N` inputs.
///
/// Every operation follows the chain rule, so that derivatives are exact up to rounding.
///
/// # Examples
/// ```
/// use wherefair_physics::{Dual, Real};
///
/// // x² y at (3, 2): derivatives 2 x y and x².
/// let (x, y) = (Dual::<2>::variable(3.0, 0), Dual::variable(2.0, 1));
/// let product = x.square() * y;
/// assert_eq!((product.value, product.partials), (18.0, [12.0, 9.0]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dual<const N: usize> {
    /// The value.
    pub value: f64,
    /// Its derivative to each input.
    pub partials: [f64; N],
}

impl<const N: usize> Dual<N> {
    /// Input number `index`: its derivative to itself is 1, to the others 0.
    ///
    /// An `index` of `N` or more gives a number that depends on no input.
    #[inline]
    pub fn variable(value: f64, index: usize) -> Self {
        let partials = from_fn(|i| if i == index { 1.0 } else { 0.0 });
        Self { value, partials }
    }

    /// The result of a function with this `value` and `slope` here.
    #[inline]
    fn chain(self, value: f64, slope: f64) -> Self {
        Self {
            value,
            partials: from_fn(|i| self.partials[i] * slope),
        }
    }

    /// The result of a function of two numbers with this `value` and these slopes here.
    #[inline]
    fn chain2(self, other: Self, value: f64, (slope, other_slope): (f64, f64)) -> Self {
        Self {
            value,
            partials: from_fn(|i| self.partials[i] * slope + other.partials[i] * other_slope),
        }
    }
}

impl<const N: usize> Add for Dual<N> {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            partials: from_fn(|i| self.partials[i] + other.partials[i]),
        }
    }
}

impl<const N: usize> Sub for Dual<N> {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self {
            value: self.value - other.value,
            partials: from_fn(|i| self.partials[i] - other.partials[i]),
        }
    }
}

impl<const N: usize> Mul for Dual<N> {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        self.chain2(other, self.value * other.value, (other.value, self.value))
    }
}

impl<const N: usize> Div for Dual<N> {
    type Output = Self;

    #[inline]
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        let share = other.value.recip();
        self.chain2(other, value, (share, -value * share))
    }
}

impl<const N: usize> Neg for Dual<N> {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        self.chain(-self.value, -1.0)
    }
}

impl<const N: usize> Add<f64> for Dual<N> {
    type Output = Self;

    #[inline]
    fn add(self, other: f64) -> Self {
        Self {
            value: self.value + other,
            ..self
        }
    }
}

impl<const N: usize> Sub<f64> for Dual<N> {
    type Output = Self;

    #[inline]
    fn sub(self, other: f64) -> Self {
        Self {
            value: self.value - other,
            ..self
        }
    }
}

impl<const N: usize> Mul<f64> for Dual<N> {
    type Output = Self;

    #[inline]
    fn mul(self, other: f64) -> Self {
        self.chain(self.value * other, other)
    }
}

impl<const N: usize> Div<f64> for Dual<N> {
    type Output = Self;

    #[inline]
    fn div(self, other: f64) -> Self {
        self.chain(self.value / other, other.recip())
    }
}

impl<const N: usize> Real for Dual<N> {
    const DIFFERENTIATES: bool = true;

    #[inline]
    #[expect(private_bounds, reason = "only the models of this crate have parts")]
    fn stage<const K: usize, const M: usize, S: Stage<K, M>>(part: &S, inputs: [Self; K]) -> [Self; M] {
        chained(part, inputs)
    }

    #[inline]
    fn constant(value: f64) -> Self {
        Self {
            value,
            partials: [0.0; N],
        }
    }

    #[inline]
    fn value(self) -> f64 {
        self.value
    }

    #[inline]
    fn exp(self) -> Self {
        let value = self.value.exp();
        self.chain(value, value)
    }

    #[inline]
    fn exp_m1(self) -> Self {
        let value = self.value.exp_m1();
        self.chain(value, value + 1.0)
    }

    #[inline]
    fn ln(self) -> Self {
        self.chain(self.value.ln(), self.value.recip())
    }

    #[inline]
    fn ln_1p(self) -> Self {
        self.chain(self.value.ln_1p(), (1.0 + self.value).recip())
    }

    #[inline]
    fn sqrt(self) -> Self {
        let value = self.value.sqrt();
        self.chain(value, 0.5 / value)
    }

    #[inline]
    fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = self.value.sin_cos();
        (self.chain(sin, cos), self.chain(cos, -sin))
    }

    #[inline]
    fn powf(self, exponent: f64) -> Self {
        if self.value == 0.0 {
            return Self::constant(0.0_f64.powf(exponent));
        }
        let value = self.value.powf(exponent);
        self.chain(value, exponent * value / self.value)
    }

    #[inline]
    fn recip(self) -> Self {
        let value = self.value.recip();
        self.chain(value, -value * value)
    }
}
