//! Losses.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use crate::{NnError, Samples, Scalar, Targets};

/// What training makes small, as a mean over the samples of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Loss {
    /// Cross-entropy of the softmax of the outputs.
    ///
    /// # Formula
    /// −(1/n) Σₛ log ŷ(s, yₛ), ŷ = softmax(output).
    CrossEntropy,
    /// Soft Dice of the softmax of the outputs, class by class over the whole batch.
    ///
    /// # Formula
    /// (1/C) Σ꜀ 1 − 2 (Σₛ ŷ y + ε) / (Σₛ ŷ + Σₛ y + ε).
    ///
    /// ε stands outside the factor 2, as in the code released with the paper: a class absent from a batch and from its
    /// predictions has loss −1, not 0.
    ///
    /// # References
    /// Xie et al., AAAI 2022, "e.g., cross-entropy or dice loss"; the form is that of the released code.
    SoftDice {
        /// ε > 0.
        smoothing: f64,
    },
    /// Mean squared error, over samples and outputs.
    MeanSquared,
    /// Mean absolute error, over samples and outputs; its slope at 0 is taken for 0.
    MeanAbsolute,
    /// Huber's loss, over samples and outputs: r²/2 up to the threshold t, then t (|r| − t/2).
    ///
    /// # References
    /// Huber (1964), doi:10.1214/aoms/1177703732.
    Huber {
        /// t > 0.
        threshold: f64,
    },
}

impl Loss {
    /// Soft Dice with ε = 1e-6; the paper names no value.
    pub const SOFT_DICE: Self = Self::SoftDice { smoothing: 1e-6 };

    /// Whether the loss compares classes; otherwise it compares values.
    pub fn is_of_classes(&self) -> bool {
        matches!(self, Self::CrossEntropy | Self::SoftDice { .. })
    }

    /// Checks the constants of the loss.
    ///
    /// # Errors
    /// [`ParamError`] for a smoothing or threshold that is not finite or not above 0.
    pub fn check(self) -> Result<Self, ParamError> {
        let positive = |name, value: f64| {
            if value > 0.0 && value < f64::from(f32::MAX) {
                Ok(self)
            } else {
                Err(ParamError::new(name, value, "a finite number above 0"))
            }
        };
        match self {
            Self::SoftDice { smoothing } => positive("smoothing of soft Dice", smoothing),
            Self::Huber { threshold } => positive("threshold of Huber's loss", threshold),
            Self::CrossEntropy | Self::MeanSquared | Self::MeanAbsolute => Ok(self),
        }
    }

    /// Checks that the targets are of the kind that the loss compares.
    pub(crate) fn check_targets<T: Scalar>(&self, samples: &Samples<'_, T>) -> Result<(), NnError> {
        let (is_of_classes, given) = match samples.targets() {
            Targets::Classes { .. } => (true, "classes"),
            Targets::Values { .. } => (false, "values"),
        };
        if is_of_classes == self.is_of_classes() {
            return Ok(());
        }
        Err(NnError::Mismatch {
            name: "the kind of target",
            given: given.to_owned(),
            expected: if self.is_of_classes() { "classes" } else { "values" }.to_owned(),
        })
    }
}
