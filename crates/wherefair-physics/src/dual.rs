//! Dual numbers: a value with its derivatives to several inputs.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::number::{Blend, Real, choose, outlined};
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
pub struct Dual<const N: usize, T = f64> {
    /// The value.
    pub value: T,
    /// Its derivative to each input.
    pub partials: [T; N],
}

impl<const N: usize, T: Real> Dual<N, T> {
    /// Input number `index`: its derivative to itself is 1, to the others 0.
    ///
    /// An `index` of `N` or more gives a number that depends on no input.
    #[inline(always)]
    pub fn variable(value: T, index: usize) -> Self {
        outlined!(value, {
            let mut partials = [value.constant(0.0); N];
            if let Some(own) = partials.get_mut(index) {
                *own = value.constant(1.0);
            }
            Self { value, partials }
        })
    }

    /// The result of a function with this `value` and `slope` here.
    #[inline(always)]
    fn chain(self, value: T, slope: T) -> Self {
        outlined!(slope, {
            let mut partials = self.partials;
            for partial in &mut partials {
                *partial = *partial * slope;
            }
            Self { value, partials }
        })
    }

    /// The result of a function of two numbers with this `value` and these slopes here.
    #[inline(always)]
    fn chain2(self, other: Self, value: T, (slope, other_slope): (T, T)) -> Self {
        outlined!(slope, {
            let mut partials = self.partials;
            for i in 0..N {
                partials[i] = partials[i] * slope + other.partials[i] * other_slope;
            }
            Self { value, partials }
        })
    }
}

impl<const N: usize, T: Real> Add for Dual<N, T> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        outlined!(self.value, {
            let mut partials = self.partials;
            for i in 0..N {
                partials[i] = partials[i] + other.partials[i];
            }
            let value = self.value + other.value;
            Self { value, partials }
        })
    }
}

impl<const N: usize, T: Real> Sub for Dual<N, T> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        outlined!(self.value, {
            let mut partials = self.partials;
            for i in 0..N {
                partials[i] = partials[i] - other.partials[i];
            }
            let value = self.value - other.value;
            Self { value, partials }
        })
    }
}

impl<const N: usize, T: Real> Mul for Dual<N, T> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.chain2(other, self.value * other.value, (other.value, self.value))
    }
}

impl<const N: usize, T: Real> Div for Dual<N, T> {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        let share = other.value.recip();
        self.chain2(other, value, (share, -(value * share)))
    }
}

impl<const N: usize, T: Real> Neg for Dual<N, T> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        outlined!(self.value, {
            let mut partials = self.partials;
            for partial in &mut partials {
                *partial = -*partial;
            }
            let value = -self.value;
            Self { value, partials }
        })
    }
}

impl<const N: usize, T: Real> Add<f64> for Dual<N, T> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: f64) -> Self {
        Self {
            value: self.value + other,
            ..self
        }
    }
}

impl<const N: usize, T: Real> Sub<f64> for Dual<N, T> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: f64) -> Self {
        Self {
            value: self.value - other,
            ..self
        }
    }
}

impl<const N: usize, T: Real> Mul<f64> for Dual<N, T> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: f64) -> Self {
        let slope = self.value.constant(other);
        self.chain(self.value * other, slope)
    }
}

impl<const N: usize, T: Real> Div<f64> for Dual<N, T> {
    type Output = Self;

    #[inline(always)]
    fn div(self, other: f64) -> Self {
        let slope = self.value.constant(1.0 / other);
        self.chain(self.value / other, slope)
    }
}

impl<const N: usize, T: Real> Blend<T::Mask> for Dual<N, T> {
    #[inline(always)]
    fn blend(mask: T::Mask, yes: Self, no: Self) -> Self {
        outlined!(yes.value, {
            Self {
                value: T::blend(mask, yes.value, no.value),
                partials: <[T; N]>::blend(mask, yes.partials, no.partials),
            }
        })
    }
}

impl<const N: usize, T: Real> Real for Dual<N, T> {
    const DIFFERENTIATES: bool = true;

    type Mask = T::Mask;

    #[inline(always)]
    #[expect(private_bounds, reason = "only the models of this crate have parts")]
    fn stage<const K: usize, const M: usize, S: Stage<K, M>>(part: &S, inputs: [Self; K]) -> [Self; M] {
        chained(part, inputs)
    }

    #[inline(always)]
    fn outlined<R>(self, part: impl FnOnce() -> R) -> R {
        self.value.outlined(part)
    }

    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self::variable(self.value.constant(value), N)
    }

    #[inline(always)]
    fn below(self, other: Self) -> T::Mask {
        self.value.below(other.value)
    }

    #[inline(always)]
    fn at_or_below(self, other: Self) -> T::Mask {
        self.value.at_or_below(other.value)
    }

    #[inline(always)]
    fn exp(self) -> Self {
        let value = self.value.exp();
        self.chain(value, value)
    }

    #[inline(always)]
    fn exp_m1(self) -> Self {
        let value = self.value.exp_m1();
        self.chain(value, value + 1.0)
    }

    #[inline(always)]
    fn ln(self) -> Self {
        self.chain(self.value.ln(), self.value.recip())
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        self.chain(self.value.ln_1p(), (self.value + 1.0).recip())
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        let value = self.value.sqrt();
        self.chain(value, value.constant(0.5) / value)
    }

    #[inline(always)]
    fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = self.value.sin_cos();
        (self.chain(sin, cos), self.chain(cos, -sin))
    }

    #[inline(always)]
    fn powf(self, exponent: f64) -> Self {
        let value = self.value.powf(exponent);
        let slope = choose!(
            self.value.is_zero(),
            value.constant(0.0),
            value / self.value * exponent
        );
        self.chain(value, slope)
    }

    #[inline(always)]
    fn recip(self) -> Self {
        let value = self.value.recip();
        self.chain(value, -(value * value))
    }

    #[inline(always)]
    fn is_zero(self) -> T::Mask {
        self.value.is_zero()
    }

    #[inline(always)]
    fn is_below(self, bound: f64) -> T::Mask {
        self.value.is_below(bound)
    }

    #[inline(always)]
    fn is_above(self, bound: f64) -> T::Mask {
        self.value.is_above(bound)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        let slope = T::blend(
            self.is_below(0.0),
            self.value.constant(-1.0),
            self.value.constant(1.0),
        );
        self.chain(self.value.abs(), slope)
    }
}
