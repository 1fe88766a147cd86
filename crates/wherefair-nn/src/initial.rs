//! Initial parameters.

use serde::{Deserialize, Serialize};
use wherefair_core::{ParamError, Seed};

/// How weights begin. Biases begin at 0.
///
/// Each tensor draws from the stream named by its path, so that the order in which a network is built does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Initializer {
    /// Uniform on ±√(6 / (inputs + outputs)).
    ///
    /// # References
    /// Glorot & Bengio (2010), eq. 16.
    #[default]
    Glorot,
    /// Normal with variance 2 / inputs, for layers before `ReLU`.
    ///
    /// # References
    /// He et al. (2015), eq. 10, doi:10.1109/ICCV.2015.123.
    He,
    /// Normal with this standard deviation; draws beyond two of it are drawn again.
    ///
    /// The code released with the SPAD paper uses 0.5.
    TruncatedNormal {
        /// The standard deviation before truncation, above 0.
        std: f64,
    },
}

impl Initializer {
    /// The initialiser of the code released with the SPAD paper.
    pub const SPAD: Self = Self::TruncatedNormal { std: 0.5 };

    /// Checks the standard deviation.
    ///
    /// # Errors
    /// [`ParamError`] where it is not finite or not above 0.
    pub fn check(self) -> Result<Self, ParamError> {
        match self {
            Self::TruncatedNormal { std } if !(std > 0.0 && std.is_finite()) => Err(ParamError::new(
                "standard deviation of the truncated normal",
                std,
                "a finite number above 0",
            )),
            _ => Ok(self),
        }
    }

    /// Draws the weights of a layer of `n_in` inputs and `n_out` outputs.
    pub(crate) fn draw(self, seed: Seed, path: &str, (n_in, n_out): (usize, usize), weights: &mut [f32]) {
        let mut stream = seed.stream(path);
        let mut next = || match self {
            Self::Glorot => (2.0 * stream.uniform() - 1.0) * (6.0 / (n_in + n_out) as f64).sqrt(),
            Self::He => stream.standard_normal() * (2.0 / n_in as f64).sqrt(),
            Self::TruncatedNormal { std } => loop {
                let z = stream.standard_normal();
                if z.abs() <= 2.0 {
                    break z * std;
                }
            },
        };
        for weight in weights {
            #[expect(clippy::cast_possible_truncation, reason = "to the precision of parameters")]
            let drawn = next() as f32;
            *weight = drawn;
        }
    }
}
