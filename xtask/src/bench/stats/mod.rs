//! `bench stats`: spatial weights, permutation tests and eigenvector filtering against esda, spdep and what the
//! machine can do.

mod eigen;
mod filtering;
mod nearest;
mod permutations;
mod report;
mod scene;

use std::path::Path;

use anyhow::bail;

use self::report::{Machine, Measurement};
use super::BenchArgs;

/// What all cases need.
#[derive(Debug, Clone, Copy)]
struct Bench<'a> {
    root: &'a Path,
    machine: Machine,
    with_peer: bool,
}

/// One case of the suite.
struct Case {
    name: &'static str,
    run: fn(Bench<'_>) -> anyhow::Result<Vec<Measurement>>,
}

const CASES: &[Case] = &[
    Case {
        name: "moran",
        run: permutations::hundred_thousand,
    },
    Case {
        name: "moran-million",
        run: permutations::million,
    },
    Case {
        name: "moran-dense",
        run: permutations::dense,
    },
    Case {
        name: "nearest",
        run: nearest::million,
    },
    Case {
        name: "spectrum",
        run: eigen::spectrum,
    },
    Case {
        name: "lanczos",
        run: eigen::leading,
    },
    Case {
        name: "l1",
        run: filtering::l1,
    },
    Case {
        name: "forward",
        run: filtering::forward,
    },
];

/// Measures, prints, and writes `.bench/stats.json`.
pub(super) fn run(root: &Path, args: &BenchArgs) -> anyhow::Result<()> {
    let known = |name: &String| CASES.iter().any(|case| case.name == name);
    if let Some(name) = args.only.iter().find(|name| !known(name)) {
        let accepted: Vec<_> = CASES.iter().map(|case| format!("`{}`", case.name)).collect();
        bail!("unknown case `{name}` (accepted: {})", accepted.join(", "));
    }
    let bench = Bench {
        root,
        machine: Machine::measure(),
        with_peer: args.peer,
    };
    let wanted = |case: &&Case| args.only.is_empty() || args.only.iter().any(|name| name == case.name);
    let mut measurements = Vec::new();
    for case in CASES.iter().filter(wanted) {
        measurements.extend((case.run)(bench)?);
    }
    let path = root.join(".bench/stats.json");
    report::write(&path, bench.machine, &measurements)?;
    println!("\nall figures: {}", path.display());
    Ok(())
}
