//! Which vector instructions the engine runs on.

use std::marker::PhantomData;

use pulp::{Arch, Scalar256b, Simd, WithSimd};

use super::lanes::Lanes;

/// Bytes of one feature of a tile: its activations stay in the nearest caches from the first layer to the gradient.
const TILE: usize = 512;

/// The largest panel: four vectors of 512 bits.
pub(super) const MAX_PANEL: usize = 64;

/// The vector instructions to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Level {
    /// The widest that this machine has.
    #[default]
    Widest,
    /// AVX2 with fused multiply-add, where the machine has it.
    #[cfg(all(test, target_arch = "x86_64"))]
    Avx2,
    /// What the compilation target always has; products and sums are not fused.
    #[cfg(test)]
    Portable,
}

/// How many samples are worked on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Geometry {
    /// Samples of one vector.
    pub(crate) lanes: usize,
    /// Samples of one panel: as many vectors as the registers can hold sums for.
    pub(crate) panel: usize,
    /// Samples of one tile: whole panels.
    pub(crate) tile: usize,
}

impl Level {
    /// Runs `op` with the instructions.
    pub(crate) fn dispatch<Op: WithSimd>(self, op: Op) -> Op::Output {
        match self {
            Self::Widest => match Arch::new() {
                Arch::Scalar => Simd::vectorize(Scalar256b, op),
                arch => arch.dispatch(op),
            },
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::Avx2 => match pulp::x86::V3::try_new() {
                Some(simd) => Simd::vectorize(simd, op),
                None => Simd::vectorize(Scalar256b, op),
            },
            #[cfg(test)]
            Self::Portable => Simd::vectorize(Scalar256b, op),
        }
    }

    /// The sizes that go with the instructions.
    pub(crate) fn geometry<T: Lanes>(self) -> Geometry {
        struct Measure<T>(PhantomData<T>);
        impl<T: Lanes> WithSimd for Measure<T> {
            type Output = Geometry;

            fn with_simd<S: Simd>(self, _: S) -> Geometry {
                let panel = T::lanes::<S>() * vectors::<S>();
                Geometry {
                    lanes: T::lanes::<S>(),
                    panel,
                    tile: (TILE / size_of::<T>()).next_multiple_of(panel),
                }
            }
        }
        self.dispatch(Measure::<T>(PhantomData))
    }
}

/// Vectors of a panel.
pub(super) const fn vectors<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { 4 } else { 2 }
}
