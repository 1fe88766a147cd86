//! Which samples train, which choose, which are audited.

use anyhow::{Context as _, Result, bail};
use wherefair_core::{Extent, Seed, Sites};
use wherefair_data::LocationSplit;
use wherefair_partition::{EqualGrid, Partitioning as _};

use super::args::SplitArgs;
use crate::maps::rows_by_columns;

/// What is divided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum SplitBy {
    Samples,
    /// Cells of a grid of so many rows and columns.
    Blocks(usize, usize),
}

/// How samples are divided into three parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Split {
    train: f64,
    validation: f64,
    by: SplitBy,
}

impl Split {
    pub(crate) fn new(args: &SplitArgs) -> Result<Self> {
        let text = &args.split;
        let shares: Option<Vec<f64>> = text.split(':').map(|part| part.trim().parse().ok()).collect();
        let (train, validation) = match shares.as_deref() {
            Some(&[train, validation, test])
                if [train, validation, test]
                    .iter()
                    .all(|share| *share > 0.0 && share.is_finite()) =>
            {
                let sum = train + validation + test;
                (train / sum, validation / sum)
            }
            _ => bail!(
                "--split {text}: accepted is TRAIN:VALIDATION:TEST with numbers above 0, such as 50:20:30"
            ),
        };
        let by = match (args.split_by.as_str(), args.split_by.split_once(':')) {
            ("random", _) => SplitBy::Samples,
            (_, Some(("block", size))) => {
                let (rows, columns) = rows_by_columns("--split-by block:", size)?;
                SplitBy::Blocks(rows, columns)
            }
            _ => bail!(
                "--split-by {}: accepted is random or block:ROWSxCOLUMNS, such as block:8x8",
                args.split_by
            ),
        };
        Ok(Self {
            train,
            validation,
            by,
        })
    }

    pub(crate) fn needs_coordinates(self) -> bool {
        matches!(self.by, SplitBy::Blocks(..))
    }

    /// Divides the samples at `sites`; no part is empty.
    pub(crate) fn divide(
        self,
        sites: &Sites<'_>,
        extent: Option<Extent>,
        seed: Seed,
    ) -> Result<LocationSplit> {
        let (split, what) = match self.by {
            SplitBy::Samples => (
                LocationSplit::new(sites.len(), self.train, self.validation, seed)?,
                "samples".to_owned(),
            ),
            SplitBy::Blocks(rows, columns) => {
                let extent = extent.context("--split-by block: needs coordinates: give --x and --y")?;
                let grid = EqualGrid::new(extent, rows, columns)?;
                let block_of: Vec<u32> = (0..sites.len())
                    .map(|i| grid.locate(&sites.get(i)).map_or(0, |block| block.0))
                    .collect();
                (
                    LocationSplit::of_groups(&block_of, self.train, self.validation, seed)?,
                    format!("blocks of {rows}x{columns}"),
                )
            }
        };
        for (name, part) in [
            ("training", split.train()),
            ("validation", split.validation()),
            ("test", split.test()),
        ] {
            if part.is_empty() {
                bail!(
                    "the {name} part has none of the {} samples, divided by {what} (accepted: more samples, another --split or --split-by)",
                    sites.len()
                );
            }
        }
        Ok(split)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(shares: &str, by: &str) -> Result<Split> {
        Split::new(&SplitArgs {
            split: shares.to_owned(),
            split_by: by.to_owned(),
        })
    }

    #[test]
    fn shares_are_parts_of_their_sum() {
        let parts = split("5:2:3", "random").unwrap();
        assert!((parts.train - 0.5).abs() < 1e-12 && (parts.validation - 0.2).abs() < 1e-12);
        assert_eq!(split("1:1:1", "block:4x8").unwrap().by, SplitBy::Blocks(4, 8));
        for bad in [
            "50:50", "1:0:1", "a:b:c", "nan:1:1", "1:1:1:1", "-1:1:1", "inf:1:1",
        ] {
            assert!(split(bad, "random").is_err(), "{bad}");
        }
        for bad in ["block", "block:1x1", "block:0x2", "space"] {
            assert!(split("1:1:1", bad).is_err(), "{bad}");
        }
    }
}
