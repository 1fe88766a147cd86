//! Samples in the order of the lattice.

use std::ops::Range;
use std::sync::Arc;

use wherefair_audit::{PartitionScores, Refinement, Score};
use wherefair_core::{Extent, ParamError, Sites, fnv1a_words};
use wherefair_nn::{Model, SampleSet, Samples, Targets};
use wherefair_partition::{Lattice, PartitioningDistribution};

use crate::{Predictions, TrainError, partition_scores};

/// Samples placed in all partitionings of a distribution, sorted once by lattice cell.
///
/// Every partition of every partitioning is a few contiguous runs of rows, so that training and scoring it read memory
/// in sequence and need no lists of indices. Samples that lie in no partition of any partitioning are left out. Clones share
/// their memory.
///
/// # Examples
/// ```
/// use wherefair_core::{Extent, Sites};
/// use wherefair_nn::Samples;
/// use wherefair_partition::PartitioningDistribution;
/// use wherefair_train::SpatialSamples;
///
/// let halves = PartitioningDistribution::equal_grids(Extent::new(0.0, 0.0, 1.0, 1.0)?, 1, 2)?;
/// let sites = Sites::new(&[0.9, 0.1, 0.8, 7.0], &[0.5, 0.5, 0.5, 0.5])?;
/// let samples = Samples::classes(&[1.0, 2.0, 3.0, 4.0], 1, &[0, 1, 1, 0], 2)?;
/// let samples = SpatialSamples::new(&halves, sites, &samples)?;
/// assert_eq!(samples.runs(0, 1), [1..3]);
/// assert_eq!(samples.input_rows(), [1, 0, 2]);
/// assert_eq!(samples.n_outside(), 1);
/// # Ok::<(), wherefair_train::TrainError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SpatialSamples(Arc<Placed>);

#[derive(Debug)]
struct Placed {
    distribution: PartitioningDistribution,
    samples: SampleSet,
    input_rows: Vec<usize>,
    cells: Vec<u32>,
    n_cells: usize,
    n_outside: usize,
    refinement: Refinement,
    places: Vec<Places>,
    fingerprint: u64,
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
    /// [`TrainError::Shape`] where their numbers differ, [`TrainError::Param`] for a coordinate that is not finite,
    /// [`TrainError::NoSamples`] where none lies in any partition, [`TrainError::Partition`] where the lattice cannot be
    /// made.
    pub fn new(
        distribution: &PartitioningDistribution,
        sites: Sites<'_>,
        samples: &Samples<'_>,
    ) -> Result<Self, TrainError> {
        let features = samples.features();
        if sites.len() != features.n_samples() {
            return Err(TrainError::Shape {
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
            return Err(TrainError::NoSamples {
                n_outside: sites.len(),
            });
        }
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
        let n_in_cells: Vec<u64> = starts.windows(2).map(|pair| (pair[1] - pair[0]) as u64).collect();
        let mut placed = Placed {
            refinement: Refinement::new(&lattice, distribution.candidates(), &n_in_cells),
            places: places.collect(),
            distribution: distribution.clone(),
            samples: SampleSet::gather(samples, &input_rows),
            cells: input_rows.iter().map(|&row| cell_of_row[row]).collect(),
            n_cells,
            n_outside: sites.len() - input_rows.len(),
            input_rows,
            fingerprint: 0,
        };
        placed.fingerprint = placed.hash();
        Ok(Self(Arc::new(placed)))
    }

    /// The distribution of the partitionings.
    pub fn distribution(&self) -> &PartitioningDistribution {
        &self.0.distribution
    }

    /// The number of samples that lie in some partition.
    pub fn n_samples(&self) -> usize {
        self.0.input_rows.len()
    }

    /// The number of samples that lie in none and were left out.
    pub fn n_outside(&self) -> usize {
        self.0.n_outside
    }

    /// For each sample in order, its row of the input, `(n_samples,)`.
    pub fn input_rows(&self) -> &[usize] {
        &self.0.input_rows
    }

    /// The rows of a partition, as ascending runs.
    ///
    /// # Panics
    /// When there is no such partitioning or partition.
    pub fn runs(&self, partitioning: usize, partition: usize) -> &[Range<usize>] {
        &self.0.places[partitioning].runs[partition]
    }

    /// The number of partitions of a partitioning.
    ///
    /// # Panics
    /// When there is no such partitioning.
    pub fn n_partitions(&self, partitioning: usize) -> usize {
        self.0.places[partitioning].runs.len()
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
    pub fn samples(&self) -> Samples<'_> {
        self.0.samples.samples()
    }

    /// The targets in order.
    pub fn targets(&self) -> Targets<'_> {
        self.samples().targets()
    }

    /// All rows, as one run.
    pub fn all_rows(&self) -> [Range<usize>; 1] {
        std::array::from_fn(|_| 0..self.n_samples())
    }

    /// The exact scores of what a model predicts in every partition of every partitioning, from one pass over the samples.
    ///
    /// # Errors
    /// Those of the model, and of [`partition_scores`].
    pub fn scores(
        &self,
        model: &Model,
        score: Score,
        min_samples: u64,
    ) -> Result<PartitionScores, TrainError> {
        let (features, all) = (self.samples().features(), self.all_rows());
        if let Score::Class(_) = score {
            let classes = model.predict_classes(&features, &all)?;
            return partition_scores(self, Predictions::Classes(&classes), score, min_samples);
        }
        let values = model.predict_values(&features, &all)?;
        partition_scores(self, Predictions::Values(&values), score, min_samples)
    }

    /// The index of the partitioning of this name.
    ///
    /// # Errors
    /// [`ParamError`] where there is none, with the names of all.
    pub fn named(&self, name: &str) -> Result<usize, ParamError> {
        let candidates = self.distribution().candidates();
        let index = candidates.iter().position(|one| one.name() == name);
        index.ok_or_else(|| {
            let names: Vec<String> = candidates.iter().map(|one| one.name()).collect();
            ParamError::new("partitioning", name, names.join(", "))
        })
    }

    /// How many updates an epoch over the partitions of rates above 0 makes, in batches of `batch_size`.
    ///
    /// # Panics
    /// When there is no such partitioning, or there are more rates than partitions.
    pub fn n_updates(&self, partitioning: usize, rates: &[f64], batch_size: usize) -> u64 {
        let trained = rates.iter().enumerate().filter(|(_, rate)| **rate > 0.0);
        trained
            .map(|(partition, _)| self.n_in(partitioning, partition).div_ceil(batch_size) as u64)
            .sum()
    }

    /// The lattice cell of each sample, ascending.
    pub(crate) fn cells(&self) -> &[u32] {
        &self.0.cells
    }

    pub(crate) fn n_cells(&self) -> usize {
        self.0.n_cells
    }

    /// Which cells make up each partition.
    pub(crate) fn refinement(&self) -> &Refinement {
        &self.0.refinement
    }

    /// The partition that holds sample `row`, if any.
    ///
    /// # Panics
    /// When there is no such partitioning or sample.
    pub fn partition_of(&self, partitioning: usize, row: usize) -> Option<usize> {
        let partition = self.0.places[partitioning].partition_of_cell[self.0.cells[row] as usize];
        (partition != Lattice::OUTSIDE).then_some(partition as usize)
    }

    /// A number that other samples, targets or places have with probability 2⁻⁶⁴.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.0.fingerprint
    }
}

impl Placed {
    fn hash(&self) -> u64 {
        let samples = self.samples.samples();
        let features = samples.features();
        let (tag, labels, values): (usize, &[u32], &[f32]) = match samples.targets() {
            Targets::Classes { labels, n_classes } => (2 * n_classes, labels, &[]),
            Targets::Values { values, n_outputs } => (2 * n_outputs + 1, &[], values),
        };
        let sizes = [features.n_features() as u64, tag as u64, self.n_cells as u64];
        let words = sizes
            .into_iter()
            .chain(features.values().iter().map(|value| u64::from(value.to_bits())))
            .chain(labels.iter().map(|&label| u64::from(label)))
            .chain(values.iter().map(|value| u64::from(value.to_bits())))
            .chain(self.cells.iter().map(|&cell| u64::from(cell)));
        let candidates = self.distribution.candidates().iter();
        let names: Vec<u8> = candidates.flat_map(|one| one.name().into_bytes()).collect();
        let prior = self.distribution.prior().iter().map(|prior| prior.to_bits());
        let words = words.chain(names.into_iter().map(u64::from)).chain(prior);
        fnv1a_words(words)
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
