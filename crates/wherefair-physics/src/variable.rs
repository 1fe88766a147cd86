//! The inputs of models: names, units, domains.

use std::fmt;

use serde::Serialize;

use crate::error::PhysicsError;
use crate::number::{Mask as _, Real};

/// The numbers that an input may have.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Domain {
    /// The least.
    pub from: f64,
    /// The greatest, or the least above all of them.
    pub to: f64,
    /// Whether `to` itself is left out.
    pub below: bool,
}

impl Domain {
    /// `from` to `to`, both within.
    pub const fn closed(from: f64, to: f64) -> Self {
        Self {
            from,
            to,
            below: false,
        }
    }

    /// `from` to below `to`.
    pub const fn half_open(from: f64, to: f64) -> Self {
        Self {
            from,
            to,
            below: true,
        }
    }

    /// Whether a value lies within; NaN does not.
    #[inline(always)]
    pub fn contains(self, value: f64) -> bool {
        self.accepts(value)
    }

    /// The same for any kind of number.
    #[inline(always)]
    pub(crate) fn accepts<T: Real>(self, value: T) -> T::Mask {
        let to = value.constant(self.to);
        let is_low = if self.below {
            value.below(to)
        } else {
            value.at_or_below(to)
        };
        value.constant(self.from).at_or_below(value).and(is_low)
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = if self.below { "below " } else { "" };
        write!(formatter, "{} to {to}{}", self.from, self.to)
    }
}

/// A continuous input of a forward model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Variable {
    /// Its name, which ends in its unit where it has one.
    pub name: &'static str,
    /// What it is, with its unit.
    pub meaning: &'static str,
    /// What it may be.
    pub domain: Domain,
    /// The range of usual values, from which simulation data sets are drawn.
    pub prior: [f64; 2],
    /// A usual value.
    pub default: f64,
}

impl Variable {
    /// That `value` lies in the domain.
    ///
    /// # Errors
    /// Where it does not.
    #[inline(always)]
    pub fn check(&self, value: f64) -> Result<(), PhysicsError> {
        if self.domain.contains(value) {
            return Ok(());
        }
        Err(PhysicsError::Domain {
            field: self.name,
            index: None,
            value,
            accepted: self.domain.to_string(),
        })
    }
}

/// Makes the state of a model: a struct with a field an input, an enum that names them, and their table.
macro_rules! state {
    (
        $(#[$of_state:meta])* state $state:ident;
        $(#[$of_enum:meta])* variables $variable:ident, $n:literal;
        $($meaning:literal $variant:ident $field:ident: $domain:expr, $prior:expr, $default:expr;)+
    ) => {
        $(#[$of_state])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $state<T> {
            $(#[doc = $meaning] pub $field: T,)+
        }

        impl Default for $state<f64> {
            /// Usual values.
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl<T: $crate::Real> $state<T> {
            /// Usual values of the kind of `like`, which depend on no input.
            #[inline(always)]
            pub fn usual(like: T) -> Self {
                Self { $($field: like.constant($default),)+ }
            }

            /// The value of an input.
            #[inline(always)]
            pub fn get(&self, variable: $variable) -> T {
                match variable { $($variable::$variant => self.$field,)+ }
            }

            /// Gives an input a value.
            #[inline(always)]
            pub fn set(&mut self, variable: $variable, value: T) {
                match variable { $($variable::$variant => self.$field = value,)+ }
            }
        }

        $(#[$of_enum])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $variable {
            $(#[doc = $meaning] $variant,)+
        }

        impl $variable {
            /// All of them.
            pub const ALL: [Self; $n] = [$(Self::$variant,)+];

            /// Its name, domain, prior range and usual value.
            #[inline(always)]
            pub fn describe(self) -> &'static $crate::Variable {
                static TABLE: [$crate::Variable; $n] = [$(
                    $crate::Variable {
                        name: stringify!($field),
                        meaning: $meaning,
                        domain: $domain,
                        prior: $prior,
                        default: $default,
                    },
                )+];
                &TABLE[self as usize]
            }
        }
    };
}

pub(crate) use state;
