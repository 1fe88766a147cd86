//! What a paper says beside what was found, and where we depart from it.

use serde::Serialize;

use super::table::Cell;

/// What a paper says.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Published {
    /// A number that it prints.
    Number(f64),
    /// Something that it says about a figure.
    Statement(&'static str),
}

/// Whether what a paper says was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// It was.
    Holds,
    /// It was not.
    DoesNotHold,
    /// The data or a choice that the paper does not state differ: numbers stand side by side, no more.
    NotComparable,
}

impl Verdict {
    /// Whether something holds.
    pub(super) fn of(holds: bool) -> Self {
        if holds { Self::Holds } else { Self::DoesNotHold }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::DoesNotHold => "does not hold",
            Self::NotComparable => "not comparable",
        }
    }
}

/// A published number or statement beside ours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Comparison {
    /// Where the paper has it.
    pub(super) place: &'static str,
    pub(super) what: String,
    pub(super) paper: Published,
    pub(super) ours: Cell,
    /// Ours less the paper's, where both are numbers.
    pub(super) difference: Option<f64>,
    pub(super) verdict: Verdict,
}

impl Comparison {
    /// A number beside a published one.
    pub(super) fn number(
        place: &'static str,
        what: impl Into<String>,
        paper: f64,
        ours: Option<f64>,
        verdict: Verdict,
    ) -> Self {
        Self {
            place,
            what: what.into(),
            paper: Published::Number(paper),
            ours: ours.into(),
            difference: ours.map(|ours| ours - paper),
            verdict,
        }
    }

    /// What was found beside a published statement.
    pub(super) fn statement(
        place: &'static str,
        what: impl Into<String>,
        paper: &'static str,
        ours: impl Into<String>,
        verdict: Verdict,
    ) -> Self {
        Self {
            place,
            what: what.into(),
            paper: Published::Statement(paper),
            ours: Cell::Text(ours.into()),
            difference: None,
            verdict,
        }
    }
}

/// A place where we depart from a paper or its released code.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Difference {
    /// Where the paper has it.
    pub(super) place: &'static str,
    pub(super) paper: &'static str,
    pub(super) ours: &'static str,
    pub(super) why: &'static str,
}

/// Something that must hold: otherwise the reproduction fails.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Check {
    pub(super) what: String,
    pub(super) expected: String,
    pub(super) found: String,
    pub(super) holds: bool,
}
