//! Numbers that the models compute with: plain ones, several side by side, and ones that carry their derivatives.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::elementary;
use crate::stage::Stage;

/// `$yes` where a mask holds, `$no` elsewhere, each evaluated where any state needs it: [`Mask::choose`] of closures that
/// are always inlined.
macro_rules! choose {
    ($mask:expr, $yes:expr, $no:expr $(,)?) => {
        $crate::number::Mask::choose(
            $mask,
            #[inline(always)]
            || $yes,
            #[inline(always)]
            || $no,
        )
    };
}

/// A closure that is always inlined.
macro_rules! inlined {
    ($closure:expr) => {
        std::convert::identity(
            #[inline(always)]
            $closure,
        )
    };
}

/// [`Real::outlined`] of a closure that is always inlined into the function that it becomes.
macro_rules! outlined {
    ($like:expr, $part:expr) => {
        $crate::number::Real::outlined(
            $like,
            #[inline(always)]
            || $part,
        )
    };
}

/// The elementary functions of [`Real`] for numbers without derivatives.
macro_rules! elementary_functions {
    () => {
        #[inline(always)]
        fn exp(self) -> Self {
            outlined!(self, elementary::exp(self))
        }

        #[inline(always)]
        fn exp_m1(self) -> Self {
            outlined!(self, elementary::exp_m1(self))
        }

        #[inline(always)]
        fn ln(self) -> Self {
            outlined!(self, elementary::ln(self))
        }

        #[inline(always)]
        fn ln_1p(self) -> Self {
            outlined!(self, elementary::ln_1p(self))
        }

        #[inline(always)]
        fn sin_cos(self) -> (Self, Self) {
            outlined!(self, elementary::sin_cos(self))
        }

        #[inline(always)]
        fn powf(self, exponent: f64) -> Self {
            outlined!(self, elementary::powf(self, exponent))
        }
    };
}

pub(crate) use {choose, elementary_functions, inlined, outlined};

/// A real number that a forward model can be evaluated with.
///
/// The models are written once over this trait: with `f64` they give values, with [`Dual`](crate::Dual) values and exact
/// derivatives. A number may also stand for several states side by side, one a lane, which [`simulate`](crate::simulate)
/// makes use of; a comparison therefore answers by a [`Mask`], and what depends on it is [chosen](Mask::choose).
/// Comparisons look at the value alone, so that a model with derivatives takes the branches that the model without takes.
///
/// All kinds of numbers compute values by the same operations, so that a state has the same bits whichever it is
/// evaluated with.
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
    + Blend<Self::Mask>
{
    /// Whether numbers of this kind carry derivatives.
    const DIFFERENTIATES: bool;

    /// The answer to a comparison.
    type Mask: Mask;

    /// A number of the kind of this one that depends on no input.
    #[must_use]
    fn constant(self, value: f64) -> Self;

    /// Whether this is less than another number.
    fn below(self, other: Self) -> Self::Mask;

    /// Whether this is less than or equals another number.
    fn at_or_below(self, other: Self) -> Self::Mask;

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

    /// This to a constant power; 0 to a power above 0 is 0 with derivative 0. A number below 0 has none.
    #[must_use]
    fn powf(self, exponent: f64) -> Self;

    /// 1 over this.
    #[must_use]
    fn recip(self) -> Self;

    /// Runs a part of a model on these inputs.
    #[doc(hidden)]
    #[inline(always)]
    #[expect(private_bounds, reason = "only the models of this crate have parts")]
    fn stage<const K: usize, const M: usize, S: Stage<K, M>>(part: &S, inputs: [Self; K]) -> [Self; M] {
        part.run(inputs)
    }

    /// Runs a part of a model as a function of its own, with the instructions that numbers of this kind need.
    #[doc(hidden)]
    #[inline]
    fn outlined<R>(self, part: impl FnOnce() -> R) -> R {
        part()
    }

    /// Whether this is less than a constant.
    #[inline(always)]
    fn is_below(self, bound: f64) -> Self::Mask {
        self.below(self.constant(bound))
    }

    /// Whether this is greater than a constant.
    #[inline(always)]
    fn is_above(self, bound: f64) -> Self::Mask {
        self.constant(bound).below(self)
    }

    /// Whether this is 0.
    #[inline(always)]
    fn is_zero(self) -> Self::Mask {
        let zero = self.constant(0.0);
        self.at_or_below(zero).and(zero.at_or_below(self))
    }

    /// This times itself.
    #[must_use]
    #[inline(always)]
    fn square(self) -> Self {
        self * self
    }

    /// The distance from 0.
    #[must_use]
    #[inline(always)]
    fn abs(self) -> Self {
        choose!(self.is_below(0.0), -self, self)
    }

    /// This to a power that may depend on the inputs too; 0 to any power is 0 with derivative 0.
    #[must_use]
    #[inline(always)]
    fn pow(self, exponent: Self) -> Self {
        outlined!(
            self,
            choose!(self.is_zero(), self.constant(0.0), (self.ln() * exponent).exp())
        )
    }

    /// This, or `bound` without derivatives where this is below it.
    #[must_use]
    #[inline(always)]
    fn at_least(self, bound: f64) -> Self {
        choose!(self.is_below(bound), self.constant(bound), self)
    }

    /// This, or `bound` without derivatives where this is above it.
    #[must_use]
    #[inline(always)]
    fn at_most(self, bound: f64) -> Self {
        choose!(self.is_above(bound), self.constant(bound), self)
    }
}

/// The answer to a comparison: yes or no, of several states side by side for each.
pub trait Mask: Copy + Debug + Send + Sync {
    /// Whether both hold.
    #[must_use]
    fn and(self, other: Self) -> Self;

    /// Whether one of both holds.
    #[must_use]
    fn or(self, other: Self) -> Self;

    /// Whether this does not hold.
    #[must_use]
    fn not(self) -> Self;

    /// Whether it holds for all states.
    fn all(self) -> bool;

    /// Whether it holds for any state.
    fn any(self) -> bool;

    /// `yes` where this holds, `no` elsewhere; each is evaluated where any state needs it, and then for all.
    fn choose<R: Blend<Self>>(self, yes: impl FnOnce() -> R, no: impl FnOnce() -> R) -> R;
}

/// What can be chosen state by state.
pub trait Blend<M> {
    /// `yes` where `mask` holds, `no` elsewhere.
    #[must_use]
    fn blend(mask: M, yes: Self, no: Self) -> Self;
}

impl Mask for bool {
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        self && other
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        self || other
    }

    #[inline(always)]
    fn not(self) -> Self {
        !self
    }

    #[inline(always)]
    fn all(self) -> bool {
        self
    }

    #[inline(always)]
    fn any(self) -> bool {
        self
    }

    #[inline(always)]
    fn choose<R: Blend<Self>>(self, yes: impl FnOnce() -> R, no: impl FnOnce() -> R) -> R {
        if self { yes() } else { no() }
    }
}

impl Blend<bool> for f64 {
    #[inline(always)]
    fn blend(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }
}

impl<const N: usize, M: Copy, T: Copy + Blend<M>> Blend<M> for [T; N] {
    #[inline(always)]
    fn blend(mask: M, yes: Self, no: Self) -> Self {
        let mut blended = no;
        for i in 0..N {
            blended[i] = T::blend(mask, yes[i], no[i]);
        }
        blended
    }
}

/// Numbers without derivatives, whose parts can be taken apart: what the elementary functions are written over.
pub(crate) trait Plain: Real {
    /// How many states stand side by side.
    const LANES: usize;

    /// The numbers of as many states as there are lanes; where there are fewer, the last one stands for the rest.
    fn load(self, numbers: &[f64]) -> Self;

    /// Writes the numbers of as many states as `to` has room for.
    fn store(self, to: &mut [f64]);

    /// Whether a mask holds, state by state.
    fn is_set(mask: Self::Mask, lane: usize) -> bool;

    /// 2 to this power, a whole number of −1022 to 1023.
    fn power_of_two(self) -> Self;

    /// The power of two, as it is written in the exponent with its offset of 1023, and the mantissa, 1 to below 2.
    fn exponent_and_mantissa(self) -> (Self, Self);

    /// A function of each number.
    fn each(self, of: fn(f64) -> f64) -> Self;
}

impl Real for f64 {
    const DIFFERENTIATES: bool = false;

    type Mask = bool;

    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn below(self, other: Self) -> bool {
        self < other
    }

    #[inline(always)]
    fn at_or_below(self, other: Self) -> bool {
        self <= other
    }

    elementary_functions!();

    #[inline(always)]
    fn sqrt(self) -> Self {
        self.sqrt()
    }

    #[inline(always)]
    fn recip(self) -> Self {
        self.recip()
    }

    #[inline(always)]
    fn abs(self) -> Self {
        self.abs()
    }
}

impl Plain for f64 {
    const LANES: usize = 1;

    #[inline(always)]
    fn load(self, numbers: &[f64]) -> Self {
        numbers.first().copied().unwrap_or_default()
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        if let Some(to) = to.first_mut() {
            *to = self;
        }
    }

    #[inline(always)]
    fn is_set(mask: bool, _lane: usize) -> bool {
        mask
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        f64::from_bits((self + elementary::ROUND_WITH_OFFSET).to_bits() << 52)
    }

    #[inline(always)]
    fn exponent_and_mantissa(self) -> (Self, Self) {
        let bits = self.to_bits();
        let exponent = f64::from_bits((bits >> 52) | elementary::TWO_TO_52.to_bits()) - elementary::TWO_TO_52;
        (
            exponent,
            f64::from_bits((bits & elementary::MANTISSA) | 1.0_f64.to_bits()),
        )
    }

    #[inline(always)]
    fn each(self, of: fn(f64) -> f64) -> Self {
        of(self)
    }
}
