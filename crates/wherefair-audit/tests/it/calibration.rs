//! The p-values hold what they promise.

use wherefair_audit::{AuditParams, Score, Silent, audit_source};
use wherefair_core::Seed;
use wherefair_metrics::{ErrorKind, ValueScore};

use crate::scene::{F1, MAE, Scene, Streamed, grids};

const N_RUNS: u32 = 300;

/// Five standard deviations of a binomial share at 0.05, on top of 0.05.
fn limit() -> f64 {
    0.05 + 5.0 * (0.05_f64 * 0.95 / f64::from(N_RUNS)).sqrt()
}

fn share_rejected(score: Score, streamed: bool) -> (f64, f64) {
    let config = AuditParams::new(score)
        .n_permutations(99)
        .n_bootstrap(0)
        .min_samples(5)
        .check()
        .unwrap();
    let maps = grids(3, 3);
    let (mut rejected, mut with_discovery) = (0, 0);
    for run in 0..N_RUNS {
        let scene = Scene::new(600, 0.0, Seed::new(1000 + u64::from(run)));
        let memory = match score {
            Score::Class(_) => scene.classes(),
            _ => scene.values(),
        };
        let result = if streamed {
            audit_source(&mut Streamed { all: memory, n: 256 }, &maps, &config, &Silent).unwrap()
        } else {
            audit_source(&mut memory.clone(), &maps, &config, &Silent).unwrap()
        };
        rejected += u32::from(result.spad.expectation.null.unwrap().p_value <= 0.05);
        let found = |map: &wherefair_audit::PartitioningAudit| {
            map.partitions
                .iter()
                .any(|partition| partition.q_value.is_some_and(|q| q <= 0.05))
        };
        with_discovery += u32::from(result.partitionings.iter().any(found));
    }
    (
        f64::from(rejected) / f64::from(N_RUNS),
        f64::from(with_discovery) / f64::from(N_RUNS),
    )
}

#[test]
fn exchangeable_classes_are_rejected_at_the_nominal_rate() {
    let (rejected, with_discovery) = share_rejected(F1, false);
    assert!((0.005..limit()).contains(&rejected), "{rejected}");
    assert!(with_discovery < limit(), "{with_discovery}");
}

#[test]
fn exchangeable_values_are_rejected_at_the_nominal_rate() {
    let r_squared = Score::Value {
        error: ErrorKind::Difference,
        score: ValueScore::RSquared,
    };
    let median = Score::MedianAbsolute {
        error: ErrorKind::Difference,
    };
    for (score, streamed) in [(MAE, false), (MAE, true), (r_squared, false), (median, false)] {
        let (rejected, with_discovery) = share_rejected(score, streamed);
        assert!(
            (0.005..limit()).contains(&rejected),
            "{score:?} {streamed}: {rejected}"
        );
        assert!(with_discovery < limit(), "{score:?} {streamed}: {with_discovery}");
    }
}
