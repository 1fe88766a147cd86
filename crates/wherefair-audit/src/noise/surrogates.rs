//! The spatial null: fields with the autocorrelation of the errors, summed over the lattice cells.

use wherefair_core::Stream;
use wherefair_metrics::ValueTally;
use wherefair_partition::Lattice;
use wherefair_stats::{SpectralRandomization, StatsError, SurrogateSums};

use super::Null;
use crate::cell_tallies::CellTallies;

/// Surrogates of the errors of all samples.
///
/// The error of a sample is that of its unit plus a rest; units are samples, or blocks of nearby samples. A
/// surrogate gives every unit a value of the surrogate field and deals the rests anew within each unit.
#[derive(Debug)]
pub(crate) struct Surrogates {
    pub(crate) random: SpectralRandomization,
    pub(crate) n_units: usize,
    /// The unit of every sample.
    pub(crate) unit_of: Vec<u32>,
    /// What the error of every sample exceeds the mean of its unit by; empty where every sample is a unit.
    pub(crate) rests: Vec<f64>,
}

/// Surrogates, summed over lattice cells.
pub(super) struct SurrogateCells<'a> {
    sums: SurrogateSums<'a>,
    /// For each cell its units and how many of their samples it holds, where `sums` are of units.
    rows: Option<Vec<Vec<(usize, f64)>>>,
    n_units: usize,
    n_samples: &'a [u64],
    /// The samples of units that lie in more than one cell; in a cell that holds the whole unit the rests sum to 0.
    straddling: Straddling,
}

/// Samples, unit by unit: those of unit `u` are `starts[u]..starts[u + 1]`.
#[derive(Debug, Default)]
struct Straddling {
    rests: Vec<f64>,
    cells: Vec<u32>,
    starts: Vec<usize>,
}

impl<'a> SurrogateCells<'a> {
    /// Sums over `cells`, the lattice cell of every sample.
    pub(super) fn new(
        surrogates: &'a Surrogates,
        cells: &[u32],
        n_samples: &'a [u64],
    ) -> Result<Self, StatsError> {
        let (n_units, n_cells) = (surrogates.n_units, n_samples.len());
        let mut samples_of: Vec<Vec<u32>> = vec![Vec::new(); n_units];
        for (&unit, sample) in surrogates.unit_of.iter().zip(0_u32..) {
            samples_of[unit as usize].push(sample);
        }
        let mut rows: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n_cells];
        let mut straddling = Straddling {
            starts: vec![0],
            ..Straddling::default()
        };
        for (unit, samples) in samples_of.iter().enumerate() {
            let cell_of = |&sample: &u32| cells[sample as usize];
            for sample in samples {
                let Some(row) = rows.get_mut(cell_of(sample) as usize) else {
                    continue;
                };
                match row.last_mut() {
                    Some((last, count)) if *last == unit => *count += 1.0,
                    _ => row.push((unit, 1.0)),
                }
            }
            let first = samples.first().map(cell_of);
            if !surrogates.rests.is_empty() && samples.iter().any(|sample| Some(cell_of(sample)) != first) {
                straddling
                    .rests
                    .extend(samples.iter().map(|&sample| surrogates.rests[sample as usize]));
                straddling.cells.extend(samples.iter().map(cell_of));
                straddling.starts.push(straddling.rests.len());
            }
        }
        // Sums of fewer cells than units are cheaper, and of fewer units than cells.
        let (sums, rows) = if n_cells <= n_units {
            (surrogates.random.sums(&rows)?, None)
        } else {
            let units: Vec<Vec<(usize, f64)>> = (0..n_units).map(|unit| vec![(unit, 1.0)]).collect();
            (surrogates.random.sums(&units)?, Some(rows))
        };
        Ok(Self {
            sums,
            rows,
            n_units,
            n_samples,
            straddling,
        })
    }
}

/// Memory that a draw needs.
pub(super) struct Scratch {
    units: Vec<f64>,
    sums: Vec<f64>,
    rests: Vec<f64>,
    tallies: CellTallies,
}

impl Null for SurrogateCells<'_> {
    type Scratch = Scratch;

    fn scratch(&self) -> Scratch {
        let n_cells = self.n_samples.len();
        Scratch {
            units: vec![0.0; if self.rows.is_some() { self.n_units } else { 0 }],
            sums: vec![0.0; n_cells],
            rests: Vec::new(),
            tallies: CellTallies::Values(vec![ValueTally::default(); n_cells]),
        }
    }

    fn draw<T>(&self, stream: &mut Stream, scratch: &mut Scratch, show: impl FnOnce(&CellTallies) -> T) -> T {
        if let Some(rows) = &self.rows {
            self.sums.draw_from(stream, &mut scratch.units);
            for (sum, row) in scratch.sums.iter_mut().zip(rows) {
                *sum = row.iter().map(|&(unit, count)| count * scratch.units[unit]).sum();
            }
        } else {
            self.sums.draw_from(stream, &mut scratch.sums);
        }
        scratch.rests.clear();
        scratch.rests.extend_from_slice(&self.straddling.rests);
        for ends in self.straddling.starts.windows(2) {
            stream.shuffle(&mut scratch.rests[ends[0]..ends[1]]);
        }
        for (&cell, rest) in self.straddling.cells.iter().zip(&scratch.rests) {
            if cell != Lattice::OUTSIDE {
                scratch.sums[cell as usize] += rest;
            }
        }
        if let CellTallies::Values(tallies) = &mut scratch.tallies {
            for ((tally, &n), &sum) in tallies.iter_mut().zip(self.n_samples).zip(&scratch.sums) {
                *tally = ValueTally {
                    n,
                    sum,
                    ..ValueTally::default()
                };
            }
        }
        show(&scratch.tallies)
    }
}
