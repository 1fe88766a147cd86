//! How much of a paper is reproduced.

use clap::ValueEnum;
use serde::Serialize;

/// How much of a paper is reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scale {
    /// Every part in little: shows that all of it runs
    Smoke,
    /// Fewer repetitions and sizes than the paper
    Small,
    /// The sizes of the paper
    Paper,
}

impl Scale {
    /// The word on the command line.
    pub(super) fn name(self) -> &'static str {
        self.pick("smoke", "small", "paper")
    }

    /// The one of three values that belongs to this scale.
    pub(super) fn pick<T>(self, smoke: T, small: T, paper: T) -> T {
        match self {
            Self::Smoke => smoke,
            Self::Small => small,
            Self::Paper => paper,
        }
    }
}
