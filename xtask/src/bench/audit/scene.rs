//! Synthetic class maps.

use rayon::prelude::*;
use wherefair::audit::{AuditError, InMemory, Outcomes};
use wherefair::core::{Seed, Sites};

use super::N_CLASSES;

/// In which order the samples lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Independent uniform points: neighbours in memory are not neighbours in space.
    Random,
    /// Row by row, as in a raster.
    Raster,
}

impl Order {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Self::Random => "samples in random order",
            Self::Raster => "samples in raster order",
        }
    }
}

/// Samples on the unit square; the model is worse towards the upper right.
pub(super) struct Scene {
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) truth: Vec<u32>,
    pub(super) pred: Vec<u32>,
}

const BLOCK: usize = 1 << 16;

impl Scene {
    pub(super) fn new(n: usize, order: Order) -> Self {
        let side = (n as f64).sqrt().floor().max(1.0);
        let blocks: Vec<_> = (0..n.div_ceil(BLOCK))
            .into_par_iter()
            .map(|block| Self::block(block * BLOCK, BLOCK.min(n - block * BLOCK), order, side))
            .collect();
        let mut scene = Self {
            x: Vec::with_capacity(n),
            y: Vec::with_capacity(n),
            truth: Vec::with_capacity(n),
            pred: Vec::with_capacity(n),
        };
        for block in blocks {
            scene.x.extend(block.x);
            scene.y.extend(block.y);
            scene.truth.extend(block.truth);
            scene.pred.extend(block.pred);
        }
        scene
    }

    /// Samples number `start` to `start + n`.
    pub(super) fn block(start: usize, n: usize, order: Order, side: f64) -> Self {
        let mut stream = Seed::new(1).indexed("bench/scene", start as u64);
        let mut block = Self {
            x: Vec::with_capacity(n),
            y: Vec::with_capacity(n),
            truth: Vec::with_capacity(n),
            pred: Vec::with_capacity(n),
        };
        let mut class = || u32::try_from(stream.below(u64::from(N_CLASSES))).unwrap_or(0);
        let classes: Vec<(u32, u32)> = (0..n).map(|_| (class(), class())).collect();
        for (i, (truth, other)) in classes.into_iter().enumerate() {
            let (x, y) = match order {
                Order::Random => (stream.uniform(), stream.uniform()),
                Order::Raster => {
                    let i = (start + i) as f64;
                    (
                        ((i % side) + 0.5) / side,
                        (((i / side).floor() + 0.5) / side).min(1.0),
                    )
                }
            };
            let right = stream.uniform() > 0.2 + 0.3 * x * y;
            block.x.push(x);
            block.y.push(y);
            block.truth.push(truth);
            block.pred.push(if right { truth } else { other });
        }
        block
    }

    pub(super) fn source(&self) -> Result<InMemory<'_>, AuditError> {
        let outcomes = Outcomes::Classes {
            truth: &self.truth,
            pred: &self.pred,
            base: None,
        };
        InMemory::new(Sites::new(&self.x, &self.y)?, outcomes)
    }
}
