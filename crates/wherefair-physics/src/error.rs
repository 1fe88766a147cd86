//! What can go wrong with forward models.

use std::fmt;

use wherefair_core::ParamError;

/// Why a model could not be made, or a state not be simulated.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PhysicsError {
    /// A parameter lies outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// An input of a state lies outside its domain.
    #[error("{field}{} is {value} (accepted: {accepted})", Place(*.index))]
    Domain {
        /// The input.
        field: &'static str,
        /// Which state, in a batch.
        index: Option<usize>,
        /// The offending value.
        value: f64,
        /// What would be accepted.
        accepted: String,
    },
    /// The inputs do not have the shape that the model reads.
    #[error("{name} has shape ({given},) (accepted: ({expected},))")]
    Shape {
        /// Which input.
        name: String,
        /// Its length.
        given: usize,
        /// The length that is needed.
        expected: usize,
    },
    /// A name is not among the inputs of the model.
    #[error("the model has no input `{name}` (accepted: {accepted})")]
    UnknownInput {
        /// The name.
        name: String,
        /// The inputs it has.
        accepted: String,
    },
    /// Too few of the states that were drawn are valid.
    #[error(
        "of {n_drawn} states drawn only {n_valid} are valid, {needed} are needed (accepted: prior ranges that lie mostly within the domains; the last one refused: {last})"
    )]
    TooFewValid {
        /// How many were drawn.
        n_drawn: usize,
        /// How many of them are valid.
        n_valid: usize,
        /// How many are needed.
        needed: usize,
        /// Why the last invalid one is so.
        last: Box<PhysicsError>,
    },
    /// An inversion has no answer.
    #[error("no surface temperature explains {quantity} {value} (accepted: {accepted})")]
    NoInverse {
        /// What was measured.
        quantity: &'static str,
        /// Its value.
        value: f64,
        /// What would have been accepted.
        accepted: &'static str,
    },
}

impl PhysicsError {
    /// The same error of state number `index` of a batch.
    #[must_use]
    pub fn at(mut self, at: usize) -> Self {
        if let Self::Domain { index, .. } = &mut self {
            *index = Some(at);
        }
        self
    }
}

struct Place(Option<usize>);

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |index| write!(formatter, "[{index}]"))
    }
}
