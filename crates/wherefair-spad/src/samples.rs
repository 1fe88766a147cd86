//! Samples in the order of the lattice.

use std::ops::Range;

use wherefair_core::{Extent, Sites};
use wherefair_nn::{NnError, Samples, Targets};
use wherefair_partition::{Lattice, PartitioningDistribution};

use crate::SpadError;

/// Samples placed in all partitionings of a distribution, sorted once by lattice cell.
///
/// Every partition of every partitioning is a few contiguous runs of rows, so that training and scoring it read memory
/// in sequence and need no lists of indices. Samples that lie in no partition of any partitioning are left out.
///
/// # Examples
/// ```
/// use wherefair_core::{Extent, Sites};
/// use wherefair_nn::Samples;
/// use wherefair_partition::PartitioningDistribution;
/// use wherefair_spad::SpatialSamples;
///
/// let halves = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 1, 2)?;
/// let sites = Sites::new(&[0.9, 0.1, 0.8, 7.0], &[0.5, 0.5, 0.5, 0.5])?;
/// let samples = Samples::classes(&[1.0, 2.0, 3.0, 4.0], 1, &[0, 1, 1, 0], 2)?;
/// let samples = SpatialSamples::new(&halves, sites, &samples)?;
/// assert_eq!(samples.runs(0, 1), [1..3]);
/// assert_eq!(samples.input_rows(), [1, 0, 2]);
/// assert_eq!(samples.n_outside(), 1);
/// # Ok::<(), wherefair_spad::SpadError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SpatialSamples {
    distribution: PartitioningDistribution,
    n_features: usize,
    features: Vec<f32>,
    targets: OwnTargets,
    input_rows: Vec<usize>,
    cells: Vec<u32>,
    n_cells: usize,
    n_outside: usize,
    places: Vec<Places>,
    fingerprint: u64,
}

#[derive(Debug, Clone)]
enum OwnTargets {
    Classes { labels: Vec<u32>, n_classes: usize },
    Values { values: Vec<f32>, n_outputs: usize },
}

/// Where the partitions of one partitioning are.
#[derive(Debug, Clone)]
struct Places {
    /// The partition of each cell, `Lattice::OUTSIDE` for none.
    partition_of_cell: Vec<u32>,
    /// The runs of each partition.
    runs: Vec<Vec<Range<usize>>>,
}

impl SpatialSamples {
    /// Places `samples` at `sites` in all partitionings of `distribution`.
    ///
    /// # Shapes
    /// `sites` is `(n_samples,)`, as the rows of `samples`.
    ///
    /// # Errors
    /// [`SpadError::Shape`] where their numbers differ, [`SpadError::Param`] for a coordinate that is not finite,
    /// [`SpadError::NoSamples`] where none lies in any partition, [`SpadError::Partition`] where the lattice cannot be
    /// made.
    pub fn new(
        distribution: &PartitioningDistribution,
        sites: Sites<'_>,
        samples: &Samples<'_>,
    ) -> Result<Self, SpadError> {
        let features = samples.features();
        if sites.len() != features.n_samples() {
            return Err(SpadError::Shape {
                name: "sites",
                given: sites.len(),
                like: "samples",
                expected: features.n_samples(),
            });
        }
        Extent::of(&sites)?;
        let mut lattice = Lattice::new(distribution.candidates())?;
        let mut cell_of_row = vec![0; sites.len()];
        lattice.locate_into(sites, &mut cell_of_row)?;
        let n_cells = lattice.n_cells();
        let (input_rows, starts) = sorted(&cell_of_row, n_cells);
        if input_rows.is_empty() {
            return Err(SpadError::NoSamples {
                n_outside: sites.len(),
            });
        }
        let n_features = features.n_features();
        let targets = match samples.targets() {
            Targets::Classes { labels, n_classes } => OwnTargets::Classes {
                labels: input_rows.iter().map(|&row| labels[row]).collect(),
                n_classes,
            },
            Targets::Values { values, n_outputs } => OwnTargets::Values {
                values: gathered(values, n_outputs, &input_rows),
                n_outputs,
            },
        };
        let places = distribution
            .candidates()
            .iter()
            .enumerate()
            .map(|(index, candidate)| {
                let partition_of_cell = lattice.partition_of(index);
                let runs = runs(&partition_of_cell, &starts, candidate.n_partitions());
                Places {
                    partition_of_cell,
                    runs,
                }
            });
        let mut placed = Self {
            places: places.collect(),
            distribution: distribution.clone(),
            n_features,
            features: gathered(features.values(), n_features, &input_rows),
            targets,
            cells: input_rows.iter().map(|&row| cell_of_row[row]).collect(),
            n_cells,
            n_outside: sites.len() - input_rows.len(),
            input_rows,
            fingerprint: 0,
        };
        placed.fingerprint = placed.hash();
        Ok(placed)
    }

    /// The distribution of the partitionings.
    pub fn distribution(&self) -> &PartitioningDistribution {
        &self.distribution
    }

    /// The number of samples that lie in some partition.
    pub fn n_samples(&self) -> usize {
        self.input_rows.len()
    }

    /// The number of samples that lie in none and were left out.
    pub fn n_outside(&self) -> usize {
        self.n_outside
    }

    /// For each sample in order, its row of the input, `(n_samples,)`.
    pub fn input_rows(&self) -> &[usize] {
        &self.input_rows
    }

    /// The rows of a partition, as ascending runs.
    ///
    /// # Panics
    /// When there is no such partitioning or partition.
    pub fn runs(&self, partitioning: usize, partition: usize) -> &[Range<usize>] {
        &self.places[partitioning].runs[partition]
    }

    /// The number of partitions of a partitioning.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn n_partitions(&self, partitioning: usize) -> usize {
        self.places[partitioning].runs.len()
    }

    /// The number of samples in a partition.
    ///
    /// # Panics
    /// When there is no such partitioning or partition.
    pub fn n_in(&self, partitioning: usize, partition: usize) -> usize {
        self.runs(partitioning, partition)
            .iter()
            .map(ExactSizeIterator::len)
            .sum()
    }

    /// Features and targets in order, for a model.
    ///
    /// # Errors
    /// None for samples that were checked once, as these were.
    pub fn samples(&self) -> Result<Samples<'_>, NnError> {
        match &self.targets {
            OwnTargets::Classes { labels, n_classes } => {
                Samples::classes(&self.features, self.n_features, labels, *n_classes)
            }
            OwnTargets::Values { values, n_outputs } => {
                Samples::values(&self.features, self.n_features, values, *n_outputs)
            }
        }
    }

    /// The targets in order.
    pub(crate) fn targets(&self) -> Targets<'_> {
        match &self.targets {
            OwnTargets::Classes { labels, n_classes } => Targets::Classes {
                labels,
                n_classes: *n_classes,
            },
            OwnTargets::Values { values, n_outputs } => Targets::Values {
                values,
                n_outputs: *n_outputs,
            },
        }
    }

    /// The lattice cell of each sample, ascending.
    pub(crate) fn cells(&self) -> &[u32] {
        &self.cells
    }

    pub(crate) fn n_cells(&self) -> usize {
        self.n_cells
    }

    /// The partition of each lattice cell, `Lattice::OUTSIDE` for none.
    pub(crate) fn partition_of_cell(&self, partitioning: usize) -> &[u32] {
        &self.places[partitioning].partition_of_cell
    }

    /// The partition that holds sample `row`, if any.
    pub(crate) fn partition_of(&self, partitioning: usize, row: usize) -> Option<usize> {
        let partition = self.places[partitioning].partition_of_cell[self.cells[row] as usize];
        (partition != Lattice::OUTSIDE).then_some(partition as usize)
    }

    /// A number that other samples, targets or places have with probability 2⁻⁶⁴.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    fn hash(&self) -> u64 {
        let (tag, labels, values): (usize, &[u32], &[f32]) = match &self.targets {
            OwnTargets::Classes { labels, n_classes } => (2 * n_classes, labels, &[]),
            OwnTargets::Values { values, n_outputs } => (2 * n_outputs + 1, &[], values),
        };
        let sizes = [self.n_features as u64, tag as u64, self.n_cells as u64];
        let words = sizes
            .into_iter()
            .chain(self.features.iter().map(|value| u64::from(value.to_bits())))
            .chain(labels.iter().map(|&label| u64::from(label)))
            .chain(values.iter().map(|value| u64::from(value.to_bits())))
            .chain(self.cells.iter().map(|&cell| u64::from(cell)));
        let candidates = self.distribution.candidates().iter();
        let names: Vec<u8> = candidates.flat_map(|one| one.name().into_bytes()).collect();
        let prior = self.distribution.prior().iter().map(|prior| prior.to_bits());
        let words = words.chain(names.into_iter().map(u64::from)).chain(prior);
        // FNV-1a on words.
        words.fold(0xcbf2_9ce4_8422_2325, |hash: u64, word| {
            (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
}

/// The rows sorted by cell, those of one cell in their order, and where each cell begins; rows of no cell are left out.
fn sorted(cell_of_row: &[u32], n_cells: usize) -> (Vec<usize>, Vec<usize>) {
    let mut starts = vec![0; n_cells + 1];
    for &cell in cell_of_row {
        if cell != Lattice::OUTSIDE {
            starts[cell as usize + 1] += 1;
        }
    }
    for cell in 0..n_cells {
        starts[cell + 1] += starts[cell];
    }
    let mut next = starts.clone();
    let mut rows = vec![0; starts[n_cells]];
    for (row, &cell) in cell_of_row.iter().enumerate() {
        if cell != Lattice::OUTSIDE {
            rows[next[cell as usize]] = row;
            next[cell as usize] += 1;
        }
    }
    (rows, starts)
}

/// The runs of each partition: cells that follow each other make one run.
fn runs(partition_of_cell: &[u32], starts: &[usize], n_partitions: usize) -> Vec<Vec<Range<usize>>> {
    let mut runs: Vec<Vec<Range<usize>>> = vec![Vec::new(); n_partitions];
    for (&partition, bounds) in partition_of_cell.iter().zip(starts.windows(2)) {
        let (start, end) = (bounds[0], bounds[1]);
        if partition == Lattice::OUTSIDE || start == end {
            continue;
        }
        let runs = &mut runs[partition as usize];
        match runs.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => runs.push(start..end),
        }
    }
    runs
}

fn gathered(values: &[f32], n_columns: usize, rows: &[usize]) -> Vec<f32> {
    let mut gathered = Vec::with_capacity(rows.len() * n_columns);
    for &row in rows {
        gathered.extend_from_slice(&values[row * n_columns..(row + 1) * n_columns]);
    }
    gathered
}
