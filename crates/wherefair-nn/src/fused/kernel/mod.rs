//! The inner loops, generic over vector instructions.

mod dense;
mod dice;
mod level;
mod math;
mod outer;
mod residual;
mod softmax;
mod tile;
mod turn;

pub(super) use self::dense::{MAX_ROWS, blocks};
pub(crate) use self::dice::DiceSums;
pub(super) use self::level::{Geometry, Level};
pub(super) use self::residual::Residual;
pub(super) use self::tile::{Chunk, Stage, Work};
