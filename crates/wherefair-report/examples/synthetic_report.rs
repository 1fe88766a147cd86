//! Audits a synthetic field of errors and writes the report to the path given as its first argument.

use std::error::Error;

use wherefair_audit::{AuditParams, InMemory, Outcomes, Score, Silent, audit_source};
use wherefair_core::{Extent, Seed, Sites};
use wherefair_metrics::{ErrorKind, ValueScore};
use wherefair_partition::PartitioningDistribution;
use wherefair_report::{Context, html};

const N_SAMPLES: usize = 6_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("missing argument: the path of the page to write")?;
    // The largest numbers of rows and columns of the grids.
    let side = arguments.next().map_or(Ok(5), |side| side.parse())?;

    let mut stream = Seed::new(7).stream("synthetic-report");
    let (mut x, mut y) = (Vec::new(), Vec::new());
    let (mut truth, mut pred) = (Vec::new(), Vec::new());
    for _ in 0..N_SAMPLES {
        // Samples crowd in the west; a hill in the north-east is hard to predict.
        let east = stream.uniform().powf(1.4);
        let north = stream.uniform();
        let hill = (-((east - 0.75).powi(2) + (north - 0.7).powi(2)) / 0.03).exp();
        let value = 5.0 + 2.0 * north + stream.standard_normal();
        x.push(16.0 + 6.0 * east);
        y.push(45.0 + 4.0 * north);
        truth.push(value);
        pred.push(value + (0.5 + 0.9 * hill) * stream.standard_normal());
    }
    let outcomes = Outcomes::Values {
        truth: &truth,
        pred: &pred,
        base: None,
    };
    let mut source = InMemory::new(Sites::new(&x, &y)?, outcomes)?;
    let maps = PartitioningDistribution::equal_grids(Extent::new(16.0, 45.0, 22.0, 49.0)?, side, side)?;
    let score = Score::Value {
        error: ErrorKind::Difference,
        score: ValueScore::MeanAbsolute,
    };
    let config = AuditParams::new(score)
        .n_permutations(199)
        .fail_above(Some(0.05))
        .check()?;
    let found = audit_source(&mut source, &maps, &config, &Silent)?;

    let context = Context {
        title: "Synthetic yields, 6,000 fields".to_owned(),
        sentence: "The model errs more in the north-east than elsewhere, and most maps show it.".to_owned(),
        facts: vec![
            ("Input".to_owned(), "synthetic, seed 7".to_owned()),
            (
                "Coordinates".to_owned(),
                "longitude and latitude in degrees".to_owned(),
            ),
        ],
        unit: Some("t/ha".to_owned()),
        geographic: true,
    };
    std::fs::write(path, html(&found, &context))?;
    Ok(())
}
