//! Numbers that the models compute with: plain ones, and ones that carry their derivatives.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::stage::Stage;

/// A real number that a forward model can be evaluated with.
///
/// The models are written once over this trait: with `f64` they give values, with [`Dual`](crate::Dual) values and exact
/// derivatives. Comparisons look at the value alone, so that a model with derivatives takes the branches that the
/// model without takes.
pub trait Real:
    Copy
    + Debug
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// Whether numbers of this kind carry derivatives.
    const DIFFERENTIATES: bool;

    /// A number that depends on no input.
    fn constant(value: f64) -> Self;

    /// The value without derivatives.
    fn value(self) -> f64;

    /// e to this power.
    #[must_use]
    fn exp(self) -> Self;

    /// e to this power less 1, exact near 0.
    #[must_use]
    fn exp_m1(self) -> Self;

    /// The natural logarithm.
    #[must_use]
    fn ln(self) -> Self;

    /// The natural logarithm of 1 and this, exact near 0.
    #[must_use]
    fn ln_1p(self) -> Self;

    /// The square root.
    #[must_use]
    fn sqrt(self) -> Self;

    /// Sine and cosine of this angle in radians.
    #[must_use]
    fn sin_cos(self) -> (Self, Self);

    /// This to a constant power; 0 to a power above 0 is 0 with derivative 0.
    #[must_use]
    fn powf(self, exponent: f64) -> Self;

    /// 1 over this.
    #[must_use]
    fn recip(self) -> Self;

    /// Runs a part of a model on these inputs.
    #[doc(hidden)]
    #[inline]
    #[expect(private_bounds, reason = "only the models of this crate have parts")]
    fn stage<const K: usize, const M: usize, S: Stage<K, M>>(part: &S, inputs: [Self; K]) -> [Self; M] {
        part.run(inputs)
    }

    /// This times itself.
    #[must_use]
    #[inline]
    fn square(self) -> Self {
        self * self
    }

    /// This to a power that may depend on the inputs too; 0 to any power is 0 with derivative 0.
    #[must_use]
    #[inline]
    fn pow(self, exponent: Self) -> Self {
        if self.value() == 0.0 {
            return Self::constant(0.0);
        }
        (self.ln() * exponent).exp()
    }

    /// This, or `bound` without derivatives where this is below it.
    #[must_use]
    #[inline]
    fn at_least(self, bound: f64) -> Self {
        if self.value() < bound {
            Self::constant(bound)
        } else {
            self
        }
    }

    /// This, or `bound` without derivatives where this is above it.
    #[must_use]
    #[inline]
    fn at_most(self, bound: f64) -> Self {
        if self.value() > bound {
            Self::constant(bound)
        } else {
            self
        }
    }
}

impl Real for f64 {
    const DIFFERENTIATES: bool = false;

    #[inline]
    fn constant(value: f64) -> Self {
        value
    }

    #[inline]
    fn value(self) -> f64 {
        self
    }

    #[inline]
    fn exp(self) -> Self {
        self.exp()
    }

    #[inline]
    fn exp_m1(self) -> Self {
        self.exp_m1()
    }

    #[inline]
    fn ln(self) -> Self {
        self.ln()
    }

    #[inline]
    fn ln_1p(self) -> Self {
        self.ln_1p()
    }

    #[inline]
    fn sqrt(self) -> Self {
        self.sqrt()
    }

    #[inline]
    fn sin_cos(self) -> (Self, Self) {
        self.sin_cos()
    }

    #[inline]
    fn powf(self, exponent: f64) -> Self {
        self.powf(exponent)
    }

    #[inline]
    fn recip(self) -> Self {
        self.recip()
    }
}
