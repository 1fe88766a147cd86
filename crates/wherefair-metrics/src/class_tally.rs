//! Counts of classes: one cell's ([`ClassCounts`]) and many cells' in one flat table ([`ClassTallies`]).

use wherefair_core::Tally;

use crate::error::{MetricError, check_shape};

/// The planes of a cell: true positives, support, predicted.
const N_PLANES: usize = 3;

/// The cell of a sample that is to be left out.
const NO_CELL: u32 = u32::MAX;

/// The counts of one cell: all that any [`ClassScore`](crate::ClassScore) needs.
///
/// They are numbers of samples: any sum of two of them must stay below 2⁶⁴.
///
/// # Shapes
/// Each field is `(n_classes,)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassCounts<'a> {
    /// How many samples of each class were predicted as that class.
    pub true_positives: &'a [u64],
    /// How many samples truly are of each class.
    pub support: &'a [u64],
    /// How many samples were predicted as each class.
    pub predicted: &'a [u64],
}

impl ClassCounts<'_> {
    /// The number of samples: the sum of the support.
    pub fn n_samples(&self) -> u64 {
        self.support.iter().sum()
    }

    /// The number of classes.
    pub fn n_classes(&self) -> usize {
        self.support.len()
    }
}

/// The class counts of many cells, exact and mergeable.
///
/// A cell keeps three counts a class, not the whole confusion matrix: precision, recall, F1, Jaccard, kappa
/// and Matthews' coefficient follow from them, the counts of "class 3 taken for class 5" do not.
///
/// # Shapes
/// One flat table `(n_cells, 3, n_classes)`; the three planes of a cell are true positives, support,
/// predicted.
///
/// # Examples
/// ```
/// use wherefair_metrics::ClassTallies;
///
/// let mut tallies = ClassTallies::new(2, 2);
/// tallies.record(&[0, 0, 1, u32::MAX], &[0, 1, 1, 1], &[0, 0, 1, 0])?;
/// assert_eq!(tallies.counts(0).true_positives, [1, 0]);
/// assert_eq!(tallies.counts(0).support, [1, 1]);
/// assert_eq!(tallies.counts(0).predicted, [2, 0]);
/// assert_eq!(tallies.n_samples(1), 1);
/// # Ok::<(), wherefair_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassTallies {
    counts: Vec<u64>,
    n_cells: usize,
    n_classes: usize,
}

impl ClassTallies {
    /// A table of zeros for `n_cells` cells and `n_classes` classes.
    ///
    /// # Panics
    /// When the table does not fit in memory; [`try_new`](Self::try_new) returns an error instead.
    pub fn new(n_cells: usize, n_classes: usize) -> Self {
        let Some(len) = table_len(n_cells, n_classes) else {
            panic!("{n_cells} cells of {n_classes} classes do not fit in memory");
        };
        Self {
            counts: vec![0; len],
            n_cells,
            n_classes,
        }
    }

    /// A table of zeros whose size comes from input and may be too large.
    ///
    /// # Errors
    /// [`MetricError::TooLarge`] when the memory cannot be had.
    pub fn try_new(n_cells: usize, n_classes: usize) -> Result<Self, MetricError> {
        let too_large = MetricError::TooLarge { n_cells, n_classes };
        let len = table_len(n_cells, n_classes).ok_or_else(|| too_large.clone())?;
        let mut counts = Vec::new();
        counts.try_reserve_exact(len).map_err(|_| too_large)?;
        counts.resize(len, 0);
        Ok(Self {
            counts,
            n_cells,
            n_classes,
        })
    }

    /// The number of cells.
    pub fn n_cells(&self) -> usize {
        self.n_cells
    }

    /// The number of classes.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Adds empty cells at the end until there are `n_cells`; never removes any.
    ///
    /// # Panics
    /// When the table does not fit in memory.
    pub fn grow(&mut self, n_cells: usize) {
        if n_cells > self.n_cells {
            let Some(len) = table_len(n_cells, self.n_classes) else {
                panic!(
                    "{n_cells} cells of {} classes do not fit in memory",
                    self.n_classes
                );
            };
            self.counts.resize(len, 0);
            self.n_cells = n_cells;
        }
    }

    /// Counts samples: sample `i` lies in cell `cells[i]`, is of class `truth[i]` and was predicted as
    /// `pred[i]`. A sample of cell `u32::MAX` lies in no cell and is left out, whatever its labels.
    ///
    /// # Shapes
    /// All columns are `(n_samples,)`.
    ///
    /// # Errors
    /// [`MetricError::Shape`], [`MetricError::Cell`] or [`MetricError::Label`], with the first sample at
    /// fault; nothing is counted then.
    pub fn record(&mut self, cells: &[u32], truth: &[u32], pred: &[u32]) -> Result<(), MetricError> {
        check_shape("truth", truth.len(), "cells", cells.len())?;
        check_shape("pred", pred.len(), "cells", cells.len())?;
        self.check_ids(cells, truth, pred)?;
        let k = self.n_classes;
        let stride = N_PLANES * k;
        for ((&cell, &truth), &pred) in cells.iter().zip(truth).zip(pred) {
            if cell == NO_CELL {
                continue;
            }
            let start = cell as usize * stride;
            let counts = &mut self.counts[start..start + stride];
            let (truth, pred) = (truth as usize, pred as usize);
            counts[truth] += u64::from(truth == pred);
            counts[k + truth] += 1;
            counts[2 * k + pred] += 1;
        }
        Ok(())
    }

    /// The three maxima are branch-free passes; only where one of them is too large is the culprit looked
    /// for.
    fn check_ids(&self, cells: &[u32], truth: &[u32], pred: &[u32]) -> Result<(), MetricError> {
        let (n_cells, n_classes) = (self.n_cells, self.n_classes);
        // One more than the largest id; `NO_CELL` wraps to 0 and is thereby passed over.
        let bound = |ids: &[u32]| ids.iter().fold(0, |top: u32, id| top.max(id.wrapping_add(1))) as usize;
        let top = |ids: &[u32]| ids.iter().fold(0, |top, &id| top.max(id)) as usize;
        let fits = bound(cells) <= n_cells && top(truth) < n_classes && top(pred) < n_classes;
        if fits || cells.is_empty() {
            return Ok(());
        }
        for (index, ((&cell, &truth), &pred)) in cells.iter().zip(truth).zip(pred).enumerate() {
            if cell == NO_CELL {
                continue;
            }
            if cell as usize >= n_cells {
                return Err(MetricError::Cell { index, cell, n_cells });
            }
            for (name, label) in [("truth", truth), ("pred", pred)] {
                if label as usize >= n_classes {
                    return Err(MetricError::Label {
                        name,
                        index,
                        label,
                        n_classes,
                    });
                }
            }
        }
        Ok(())
    }

    /// Adds the counts of `cell` of `from` to the counts of cell `to`.
    ///
    /// # Panics
    /// When either cell does not exist or the tables differ in their number of classes.
    #[inline]
    pub fn add_cell(&mut self, to: usize, from: &Self, cell: usize) {
        assert_eq!(
            self.n_classes, from.n_classes,
            "the tables differ in their classes"
        );
        assert!(to < self.n_cells && cell < from.n_cells, "no such cell");
        let stride = N_PLANES * self.n_classes;
        let target = &mut self.counts[to * stride..(to + 1) * stride];
        let source = &from.counts[cell * stride..(cell + 1) * stride];
        for (target, source) in target.iter_mut().zip(source) {
            *target += source;
        }
    }

    /// The counts of `cell`.
    ///
    /// # Panics
    /// When `cell` is not below [`n_cells`](Self::n_cells).
    #[inline]
    pub fn counts(&self, cell: usize) -> ClassCounts<'_> {
        assert!(
            cell < self.n_cells,
            "cell {cell} of a table of {} cells",
            self.n_cells
        );
        let k = self.n_classes;
        let start = cell * N_PLANES * k;
        let (true_positives, rest) = self.counts[start..start + N_PLANES * k].split_at(k);
        let (support, predicted) = rest.split_at(k);
        ClassCounts {
            true_positives,
            support,
            predicted,
        }
    }

    /// The number of samples counted in `cell`.
    ///
    /// # Panics
    /// When `cell` is not below [`n_cells`](Self::n_cells).
    pub fn n_samples(&self, cell: usize) -> u64 {
        self.counts(cell).n_samples()
    }

    /// Sets all counts to 0 and keeps the memory.
    pub fn clear(&mut self) {
        self.counts.fill(0);
    }

    /// The flat table, of shape `(n_cells, 3, n_classes)`.
    pub fn as_slice(&self) -> &[u64] {
        &self.counts
    }

    /// The flat table, of shape `(n_cells, 3, n_classes)`, to be filled by other means than
    /// [`record`](Self::record).
    pub fn as_mut_slice(&mut self) -> &mut [u64] {
        &mut self.counts
    }

    /// Lays the table out anew for more classes; class `c` stays class `c`.
    fn widen(&mut self, n_classes: usize) {
        let mut wide = Self::new(self.n_cells, n_classes);
        for cell in 0..self.n_cells {
            for plane in 0..N_PLANES {
                let from = (cell * N_PLANES + plane) * self.n_classes;
                let to = (cell * N_PLANES + plane) * n_classes;
                wide.counts[to..to + self.n_classes]
                    .copy_from_slice(&self.counts[from..from + self.n_classes]);
            }
        }
        *self = wide;
    }
}

/// Cell by cell. Where one table has more cells or more classes, the result has as many; cell `i` stays cell
/// `i` and class `c` stays class `c`.
impl Tally for ClassTallies {
    fn merge(&mut self, other: &Self) {
        self.grow(other.n_cells);
        if other.n_classes > self.n_classes {
            self.widen(other.n_classes);
        }
        if other.n_classes == self.n_classes {
            for (target, source) in self.counts.iter_mut().zip(&other.counts) {
                *target += source;
            }
        } else {
            let mut wide = other.clone();
            wide.widen(self.n_classes);
            self.merge(&wide);
        }
    }

    fn n_samples(&self) -> u64 {
        (0..self.n_cells).map(|cell| self.n_samples(cell)).sum()
    }
}

fn table_len(n_cells: usize, n_classes: usize) -> Option<usize> {
    n_cells.checked_mul(N_PLANES.checked_mul(n_classes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_without_a_cell_may_carry_any_label() {
        let mut tallies = ClassTallies::new(1, 2);
        tallies.record(&[u32::MAX, 0], &[u32::MAX, 1], &[9, 1]).unwrap();
        assert_eq!(Tally::n_samples(&tallies), 1);
        assert_eq!(tallies.as_slice(), [0, 1, 0, 1, 0, 1]);
    }

    #[test]
    fn nothing_is_counted_when_one_label_is_wrong() {
        let mut tallies = ClassTallies::new(2, 2);
        let error = tallies.record(&[0, 1, 1], &[0, 1, 2], &[0, 0, 0]).unwrap_err();
        assert_eq!(error.to_string(), "truth[2] is class 2 (accepted: below 2)");
        assert!(tallies.is_empty());
    }

    #[test]
    fn a_cell_beyond_the_table_is_named() {
        let mut tallies = ClassTallies::new(2, 2);
        let error = tallies.record(&[0, 2], &[0, 1], &[0, 0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cells[1] is 2 (accepted: below 2, or 4294967295 to leave the sample out)"
        );
    }

    #[test]
    fn columns_of_different_length_are_rejected() {
        let mut tallies = ClassTallies::new(1, 1);
        let error = tallies.record(&[0], &[0, 0], &[0]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "truth has shape (2,) (accepted: shape (1,), as cells)"
        );
        assert!(tallies.record(&[0], &[0], &[]).is_err());
    }

    #[test]
    fn tables_without_cells_or_classes_take_no_sample() {
        for (n_cells, n_classes) in [(0, 0), (0, 3), (3, 0)] {
            let mut tallies = ClassTallies::new(n_cells, n_classes);
            assert!(tallies.record(&[0], &[0], &[0]).is_err());
            assert!(tallies.record(&[], &[], &[]).is_ok());
            assert_eq!(Tally::n_samples(&tallies), 0);
        }
        assert_eq!(ClassTallies::new(3, 0).counts(2).n_classes(), 0);
    }

    #[test]
    fn a_table_too_large_is_an_error() {
        for (n_cells, n_classes) in [(usize::MAX, 2), (1 << 40, 1 << 40), (1 << 58, 1)] {
            assert_eq!(
                ClassTallies::try_new(n_cells, n_classes),
                Err(MetricError::TooLarge { n_cells, n_classes })
            );
        }
        assert_eq!(ClassTallies::try_new(2, 3), Ok(ClassTallies::new(2, 3)));
    }

    #[test]
    fn merging_takes_the_larger_table_of_the_two() {
        let mut narrow = ClassTallies::new(3, 1);
        narrow.record(&[2, 0], &[0, 0], &[0, 0]).unwrap();
        let mut wide = ClassTallies::new(1, 2);
        wide.record(&[0], &[1], &[0]).unwrap();
        let mut forward = narrow.clone();
        forward.merge(&wide);
        let mut backward = wide;
        backward.merge(&narrow);
        assert_eq!(forward, backward);
        assert_eq!((forward.n_cells(), forward.n_classes()), (3, 2));
        assert_eq!(forward.counts(0).support, [1, 1]);
        assert_eq!(forward.counts(0).predicted, [2, 0]);
        assert_eq!(forward.counts(2).true_positives, [1, 0]);
    }

    #[test]
    fn cells_add_up() {
        let mut lattice = ClassTallies::new(3, 2);
        lattice
            .record(&[0, 1, 2, 2], &[0, 1, 1, 0], &[0, 0, 1, 1])
            .unwrap();
        let mut sum = ClassTallies::new(1, 2);
        for cell in 0..3 {
            sum.add_cell(0, &lattice, cell);
        }
        let mut whole = ClassTallies::new(1, 2);
        whole.record(&[0; 4], &[0, 1, 1, 0], &[0, 0, 1, 1]).unwrap();
        assert_eq!(sum, whole);
        sum.clear();
        assert_eq!(sum, ClassTallies::new(1, 2));
    }
}
