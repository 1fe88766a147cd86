//! Square bins of pixels for more marks than a chart can hold one by one.

use crate::autocorrelation::Cluster;
use crate::number::{count, counted};

/// Counts of places by cluster in squares that cover a rectangle of pixels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bins {
    corner: (f64, f64),
    side: f64,
    n_columns: usize,
    n_rows: usize,
    counts: Vec<[usize; Cluster::ALL.len()]>,
}

/// A bin that holds something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bin {
    /// The upper left and lower right corners.
    pub(super) corners: [(f64, f64); 2],
    counts: [usize; Cluster::ALL.len()],
}

impl Bins {
    /// Empty bins with sides of `side` pixels from the upper left corner to at least the lower right one.
    pub(super) fn new(upper_left: (f64, f64), lower_right: (f64, f64), side: f64) -> Self {
        let n = |length: f64| index(length / side) + 1;
        let (n_columns, n_rows) = (n(lower_right.0 - upper_left.0), n(lower_right.1 - upper_left.1));
        Self {
            corner: upper_left,
            side,
            n_columns,
            n_rows,
            counts: vec![[0; Cluster::ALL.len()]; n_columns * n_rows],
        }
    }

    /// Counts a place at a pixel; pixels beyond the border go to the nearest bin.
    pub(super) fn add(&mut self, (x, y): (f64, f64), cluster: Cluster) {
        let column = index((x - self.corner.0) / self.side).min(self.n_columns - 1);
        let row = index((y - self.corner.1) / self.side).min(self.n_rows - 1);
        self.counts[row * self.n_columns + column][cluster as usize] += 1;
    }

    /// The bins that hold something, row by row.
    pub(super) fn filled(&self) -> impl Iterator<Item = Bin> {
        let bins = self.counts.iter().enumerate();
        bins.filter(|(_, counts)| counts.iter().any(|&n| n > 0))
            .map(|(i, &counts)| {
                let (row, column) = (i / self.n_columns, i % self.n_columns);
                let x = self.corner.0 + column as f64 * self.side;
                let y = self.corner.1 + row as f64 * self.side;
                Bin {
                    corners: [(x, y), (x + self.side, y + self.side)],
                    counts,
                }
            })
    }

    /// The number of places in the fullest bin.
    pub(super) fn fullest(&self) -> usize {
        self.filled().map(|bin| bin.n()).max().unwrap_or(0)
    }
}

impl Bin {
    /// The number of places.
    pub(super) fn n(&self) -> usize {
        self.counts.iter().sum()
    }

    /// The cluster of most places; of equals the one listed first.
    pub(super) fn majority(&self) -> Cluster {
        let most = self.counts.iter().copied().max().unwrap_or(0);
        let first = Cluster::ALL
            .into_iter()
            .zip(self.counts)
            .find(|(_, n)| *n == most);
        first.map_or(Cluster::NotSignificant, |(cluster, _)| cluster)
    }

    /// All counts, for a tooltip.
    pub(super) fn describe(&self) -> String {
        let clusters = Cluster::ALL.into_iter().zip(self.counts);
        let lines = clusters.filter(|(_, n)| *n > 0).map(|(cluster, n)| {
            let n = count(n as u64);
            format!("\n{n} {}", cluster.name())
        });
        format!("{}{}", self.describe_n(), lines.collect::<String>())
    }

    /// The number of places, for a tooltip.
    pub(super) fn describe_n(&self) -> String {
        counted(self.n(), "place", "places")
    }
}

fn index(x: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels over a side, of which no chart has more"
    )]
    let i = x.clamp(0.0, 1e4) as usize;
    i
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_majority_of_equals_is_the_one_listed_first() {
        let mut bins = Bins::new((0.0, 0.0), (20.0, 10.0), 10.0);
        for cluster in [Cluster::NotSignificant, Cluster::LowLow] {
            bins.add((15.0, 5.0), cluster);
        }
        let bin = bins.filled().next().unwrap();
        assert_eq!(bin.corners, [(10.0, 0.0), (20.0, 10.0)]);
        assert_eq!(bin.majority(), Cluster::LowLow);
        assert_eq!(bin.describe(), "2 places\n1 low–low\n1 not significant");
        bins.add((15.0, 5.0), Cluster::NotSignificant);
        assert_eq!(bins.filled().next().unwrap().majority(), Cluster::NotSignificant);
    }

    proptest! {
        #[test]
        fn every_place_is_counted_once(
            places in prop::collection::vec((any::<f64>(), any::<f64>(), 0_usize..6), 0..60),
            side in 1.0..20.0_f64,
        ) {
            let mut bins = Bins::new((5.0, 10.0), (105.0, 60.0), side);
            for &(x, y, cluster) in &places {
                bins.add((x, y), Cluster::ALL[cluster]);
            }
            prop_assert_eq!(bins.filled().map(|bin| bin.n()).sum::<usize>(), places.len());
            prop_assert!(bins.fullest() <= places.len());
        }
    }
}
