//! The inner loops, generic over vector instructions.

mod bend;
mod dense;
mod dice;
mod lanes;
mod level;
mod math;
mod outer;
mod residual;
mod second;
mod softmax;
mod tile;
mod turn;

pub(super) use self::dense::{MAX_ROWS, blocks};
pub(crate) use self::dice::{DiceSlopes, DiceSums};
pub(crate) use self::lanes::Lanes;
pub(super) use self::level::{Geometry, Level};
pub(super) use self::residual::Residual;
pub(super) use self::second::{Along, AlongWork};
pub(super) use self::tile::{Chunk, Stage, Work};
