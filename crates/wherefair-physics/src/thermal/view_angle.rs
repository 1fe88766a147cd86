//! Where a thermal sensor stands.

use serde::{Deserialize, Serialize};

use crate::variable::Domain;

/// Beyond this, layers of air that are taken for flat hold a tenth more air than round ones.
pub(super) const VIEW_ANGLES_DEG: Domain = Domain::closed(0.0, 85.0);

/// How an angle that is an input is written.
pub(super) const INPUT: &str = "input";

/// The angle of view from nadir: in configurations a number of degrees, 0 to 85, or `"input"`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub enum ViewAngle {
    /// The same angle for all states, in degrees.
    Fixed(f64),
    /// The input `view_angle_deg` of each state.
    Input,
}

impl Default for ViewAngle {
    /// Nadir.
    fn default() -> Self {
        Self::Fixed(0.0)
    }
}

/// The angle as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected degrees from nadir, 0 to 85, or \"input\"")]
enum Written {
    Degrees(f64),
    Word(Word),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Word {
    Input,
}

impl From<Written> for ViewAngle {
    fn from(written: Written) -> Self {
        match written {
            Written::Degrees(angle_deg) => Self::Fixed(angle_deg),
            Written::Word(Word::Input) => Self::Input,
        }
    }
}

impl From<ViewAngle> for Written {
    fn from(angle: ViewAngle) -> Self {
        match angle {
            ViewAngle::Fixed(angle_deg) => Self::Degrees(angle_deg),
            ViewAngle::Input => Self::Word(Word::Input),
        }
    }
}
