//! Synthetic sites and graphs.

use anyhow::Context as _;
use wherefair::core::{Point, Seed};
use wherefair::stats::{Contiguity, Metric, SpatialWeights, Transform};

use super::Bench;
use crate::bench::peer::{Exchange, Peer};

/// Uniform points on the unit square with independent normal values.
pub(super) struct Sites {
    pub(super) points: Vec<Point>,
    pub(super) z: Vec<f64>,
}

impl Sites {
    pub(super) fn new(n: usize) -> Self {
        let mut stream = Seed::new(1).stream("bench/sites");
        Self {
            points: (0..n)
                .map(|_| Point::new(stream.uniform(), stream.uniform()))
                .collect(),
            z: (0..n).map(|_| stream.standard_normal()).collect(),
        }
    }

    /// Their row-standardised `k` nearest neighbours.
    pub(super) fn nearest(&self, k: usize) -> anyhow::Result<SpatialWeights> {
        let binary = SpatialWeights::k_nearest(&self.points, k, Metric::Planar)?;
        Ok(binary.transform(Transform::Row)?)
    }

    /// Hands the sites to peers.
    pub(super) fn exchange(&self) -> anyhow::Result<Exchange> {
        let exchange = Exchange::new()?;
        let coordinates = |of: fn(&Point) -> f64| self.points.iter().map(of).collect::<Vec<f64>>();
        exchange.column("x", &coordinates(|point| point.x))?;
        exchange.column("y", &coordinates(|point| point.y))?;
        exchange.column("z", &self.z)?;
        Ok(exchange)
    }
}

/// A lattice of queen neighbours with a few cells left out, which makes it irregular, and no isolates.
pub(super) fn irregular_lattice(side: usize) -> anyhow::Result<SpatialWeights> {
    let mut stream = Seed::new(1).stream("bench/lattice");
    let mask: Vec<bool> = (0..side * side).map(|_| stream.uniform() > 0.05).collect();
    let w = SpatialWeights::from_raster(side, side, Some(&mask), Contiguity::Queen)?;
    (w.isolates().is_empty())
        .then_some(w)
        .context("a cell has no neighbours")
}

/// Hands the links of binary weights to peers.
pub(super) fn exchange_links(w: &SpatialWeights) -> anyhow::Result<Exchange> {
    let exchange = Exchange::new()?;
    let from: Vec<f64> = (0..w.n())
        .flat_map(|i| std::iter::repeat_n(i as f64, w.row(i).0.len()))
        .collect();
    let to: Vec<f64> = w.neighbours().iter().map(|&j| f64::from(j)).collect();
    exchange.column("from", &from)?;
    exchange.column("to", &to)?;
    exchange.integer("units", w.n())?;
    Ok(exchange)
}

/// A peer, where peers are wanted and it is installed.
pub(super) fn peer<'e>(
    bench: Bench<'_>,
    script: &str,
    exchange: &'e Exchange,
) -> anyhow::Result<Option<Peer<'e>>> {
    if bench.with_peer {
        Peer::start(bench.root, &format!("stats/peer/{script}"), exchange)
    } else {
        Ok(None)
    }
}
