//! Which samples train, which choose, which are audited.

use anyhow::{Result, bail};
use wherefair_train::SplitBy;

use super::args::SplitArgs;
use crate::maps::rows_by_columns;

/// The shares of training, validation and test part, and what is divided.
pub(crate) fn split(args: &SplitArgs) -> Result<([f64; 3], SplitBy)> {
    let text = &args.split;
    let shares: Option<Vec<f64>> = text.split(':').map(|part| part.trim().parse().ok()).collect();
    let shares = match shares.as_deref() {
        Some(&[train, validation, test]) => Some([train, validation, test]),
        _ => None,
    };
    let is_share = |share: &f64| *share > 0.0 && share.is_finite();
    let Some(shares) = shares.filter(|shares| shares.iter().all(is_share)) else {
        bail!("--split {text}: accepted is TRAIN:VALIDATION:TEST with numbers above 0, such as 50:20:30");
    };
    let by = match (args.split_by.as_str(), args.split_by.split_once(':')) {
        ("random", _) => SplitBy::Samples,
        (_, Some(("block", size))) => {
            let (n_rows, n_columns) = rows_by_columns("--split-by block:", size)?;
            SplitBy::Blocks { n_rows, n_columns }
        }
        _ => bail!(
            "--split-by {}: accepted is random or block:ROWSxCOLUMNS, such as block:8x8",
            args.split_by
        ),
    };
    Ok((shares, by))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(shares: &str, by: &str) -> Result<([f64; 3], SplitBy)> {
        super::split(&SplitArgs {
            split: shares.to_owned(),
            split_by: by.to_owned(),
        })
    }

    #[test]
    fn shares_and_blocks_are_read() {
        assert_eq!(
            split("5:2:3", "random").unwrap(),
            ([5.0, 2.0, 3.0], SplitBy::Samples)
        );
        let blocks = SplitBy::Blocks {
            n_rows: 4,
            n_columns: 8,
        };
        assert_eq!(split("1:1:1", "block:4x8").unwrap().1, blocks);
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
