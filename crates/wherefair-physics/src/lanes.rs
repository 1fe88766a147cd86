//! Several states side by side, one a lane of a vector register.

use std::fmt;
use std::ops::{Add, Div, Mul, Neg, Sub};

use pulp::{NullaryFnOnce, Simd};

use crate::elementary;
use crate::number::{Blend, Mask, Plain, Real, elementary_functions, inlined, outlined};

/// The most states that stand side by side.
pub(crate) const MAX_LANES: usize = 8;

/// Instructions on vectors of doubles.
pub(crate) trait Wide: Simd {
    /// Moves the lowest bits of each number into its exponent.
    fn exponent_from_bits(self, numbers: Self::u64s) -> Self::u64s;

    /// Moves the exponent of each number into its lowest bits.
    fn exponent_bits(self, numbers: Self::u64s) -> Self::u64s;

    /// Calls a function that is compiled with these instructions.
    fn call<F: NullaryFnOnce>(self, function: F) -> F::Output;
}

#[cfg(target_arch = "x86_64")]
impl Wide for pulp::x86::V4 {
    #[inline(always)]
    fn exponent_from_bits(self, numbers: Self::u64s) -> Self::u64s {
        self.shl_const_u64x8::<52>(numbers)
    }

    #[inline(always)]
    fn exponent_bits(self, numbers: Self::u64s) -> Self::u64s {
        self.shr_const_u64x8::<52>(numbers)
    }

    #[inline(always)]
    fn call<F: NullaryFnOnce>(self, function: F) -> F::Output {
        self.vectorize(function)
    }
}

#[cfg(target_arch = "x86_64")]
impl Wide for pulp::x86::V3 {
    #[inline(always)]
    fn exponent_from_bits(self, numbers: Self::u64s) -> Self::u64s {
        self.shl_const_u64x4::<52>(numbers)
    }

    #[inline(always)]
    fn exponent_bits(self, numbers: Self::u64s) -> Self::u64s {
        self.shr_const_u64x4::<52>(numbers)
    }

    #[inline(always)]
    fn call<F: NullaryFnOnce>(self, function: F) -> F::Output {
        self.vectorize(function)
    }
}

/// As many numbers as a vector register holds, in memory within one line of the cache.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Lanes<S: Wide> {
    simd: S,
    numbers: S::f64s,
}

/// The answers to a comparison of them.
#[derive(Clone, Copy)]
pub(crate) struct LaneMask<S: Wide> {
    simd: S,
    answers: S::m64s,
}

impl<S: Wide> Lanes<S> {
    /// The same number in all lanes.
    #[inline(always)]
    pub(crate) fn splat(simd: S, value: f64) -> Self {
        let numbers = simd.splat_f64s(value);
        Self { simd, numbers }
    }
}

impl<S: Wide> fmt::Debug for Lanes<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.numbers.fmt(formatter)
    }
}

impl<S: Wide> fmt::Debug for LaneMask<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.answers.fmt(formatter)
    }
}

/// An operator on two vectors, and on a vector and a constant.
macro_rules! operator {
    ($operator:ident, $method:ident, $instruction:ident) => {
        impl<S: Wide> $operator for Lanes<S> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let numbers = self.simd.$instruction(self.numbers, other.numbers);
                Self { numbers, ..self }
            }
        }

        impl<S: Wide> $operator<f64> for Lanes<S> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: f64) -> Self {
                let other = self.simd.splat_f64s(other);
                let numbers = self.simd.$instruction(self.numbers, other);
                Self { numbers, ..self }
            }
        }
    };
}

operator!(Add, add, add_f64s);
operator!(Sub, sub, sub_f64s);
operator!(Mul, mul, mul_f64s);
operator!(Div, div, div_f64s);

impl<S: Wide> Neg for Lanes<S> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        let sign = self.simd.splat_f64s(-0.0);
        let numbers = self.simd.xor_f64s(self.numbers, sign);
        Self { numbers, ..self }
    }
}

impl<S: Wide> Blend<LaneMask<S>> for Lanes<S> {
    #[inline(always)]
    fn blend(mask: LaneMask<S>, yes: Self, no: Self) -> Self {
        let numbers = mask.simd.select_f64s(mask.answers, yes.numbers, no.numbers);
        Self { numbers, ..yes }
    }
}

impl<S: Wide> Mask for LaneMask<S> {
    #[inline(always)]
    fn and(self, other: Self) -> Self {
        let answers = self.simd.and_m64s(self.answers, other.answers);
        Self { answers, ..self }
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        let answers = self.simd.or_m64s(self.answers, other.answers);
        Self { answers, ..self }
    }

    #[inline(always)]
    fn not(self) -> Self {
        let answers = self.simd.not_m64s(self.answers);
        Self { answers, ..self }
    }

    #[inline(always)]
    fn all(self) -> bool {
        !self.not().any()
    }

    #[inline(always)]
    fn any(self) -> bool {
        self.simd.first_true_m64s(self.answers) < S::F64_LANES
    }

    #[inline(always)]
    fn choose<R: Blend<Self>>(self, yes: impl FnOnce() -> R, no: impl FnOnce() -> R) -> R {
        // Each is written once, not once for each case, so that choices within choices stay small.
        let (all, any) = (self.all(), self.any());
        let yes = if any { Some(yes()) } else { None };
        let no = if all { None } else { Some(no()) };
        match (yes, no) {
            (Some(yes), Some(no)) => R::blend(self, yes, no),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => unreachable!("a mask without any holds not for all"),
        }
    }
}

impl<S: Wide> Real for Lanes<S> {
    const DIFFERENTIATES: bool = false;

    type Mask = LaneMask<S>;

    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self::splat(self.simd, value)
    }

    #[inline(always)]
    fn below(self, other: Self) -> LaneMask<S> {
        let simd = self.simd;
        let answers = simd.less_than_f64s(self.numbers, other.numbers);
        LaneMask { simd, answers }
    }

    #[inline(always)]
    fn at_or_below(self, other: Self) -> LaneMask<S> {
        let simd = self.simd;
        let answers = simd.less_than_or_equal_f64s(self.numbers, other.numbers);
        LaneMask { simd, answers }
    }

    #[inline(always)]
    fn outlined<R>(self, part: impl FnOnce() -> R) -> R {
        struct Part<F>(F);

        impl<R, F: FnOnce() -> R> NullaryFnOnce for Part<F> {
            type Output = R;

            #[inline(always)]
            fn call(self) -> R {
                self.0()
            }
        }

        self.simd.call(Part(part))
    }

    elementary_functions!();

    #[inline(always)]
    fn sqrt(self) -> Self {
        let numbers = self.simd.sqrt_f64s(self.numbers);
        Self { numbers, ..self }
    }

    #[inline(always)]
    fn recip(self) -> Self {
        self.constant(1.0) / self
    }

    #[inline(always)]
    fn abs(self) -> Self {
        let all_but_sign = self.simd.splat_f64s(f64::from_bits(u64::MAX >> 1));
        let numbers = self.simd.and_f64s(self.numbers, all_but_sign);
        Self { numbers, ..self }
    }
}

impl<S: Wide> Plain for Lanes<S> {
    const LANES: usize = S::F64_LANES;

    #[inline(always)]
    fn load(self, numbers: &[f64]) -> Self {
        let simd = self.simd;
        if let ([numbers, ..], _) = S::as_simd_f64s(numbers) {
            return Self {
                simd,
                numbers: *numbers,
            };
        }
        let mut all = [numbers.last().copied().unwrap_or_default(); MAX_LANES];
        all[..numbers.len()].copy_from_slice(numbers);
        let numbers = simd.partial_load_f64s(&all[..S::F64_LANES]);
        Self { simd, numbers }
    }

    #[inline(always)]
    fn store(self, to: &mut [f64]) {
        if let ([to, ..], _) = S::as_mut_simd_f64s(to) {
            *to = self.numbers;
            return;
        }
        self.simd.partial_store_f64s(to, self.numbers);
    }

    #[inline(always)]
    fn is_set(mask: LaneMask<S>, lane: usize) -> bool {
        let yes = mask.simd.splat_f64s(1.0);
        let no = mask.simd.splat_f64s(0.0);
        let numbers = mask.simd.select_f64s(mask.answers, yes, no);
        let mut answers = [0.0; MAX_LANES];
        mask.simd
            .partial_store_f64s(&mut answers[..S::F64_LANES], numbers);
        answers[lane] > 0.5
    }

    #[inline(always)]
    fn power_of_two(self) -> Self {
        let simd = self.simd;
        let bits = simd.transmute_u64s_f64s((self + elementary::ROUND_WITH_OFFSET).numbers);
        let numbers = simd.transmute_f64s_u64s(simd.exponent_from_bits(bits));
        Self { simd, numbers }
    }

    #[inline(always)]
    fn exponent_and_mantissa(self) -> (Self, Self) {
        let simd = self.simd;
        let of = inlined!(|bits| Self {
            simd,
            numbers: simd.transmute_f64s_u64s(bits),
        });
        let splat = inlined!(|bits| simd.splat_u64s(bits));
        let bits = simd.transmute_u64s_f64s(self.numbers);
        let exponent = simd.or_u64s(simd.exponent_bits(bits), splat(elementary::TWO_TO_52.to_bits()));
        let mantissa = simd.or_u64s(
            simd.and_u64s(bits, splat(elementary::MANTISSA)),
            splat(1.0_f64.to_bits()),
        );
        (of(exponent) - elementary::TWO_TO_52, of(mantissa))
    }

    #[inline(always)]
    fn each(self, of: fn(f64) -> f64) -> Self {
        let mut numbers = [0.0; MAX_LANES];
        let numbers = &mut numbers[..S::F64_LANES];
        self.store(numbers);
        for number in &mut *numbers {
            *number = of(*number);
        }
        self.load(numbers)
    }
}
