//! Same seed, same bits.

use wherefair_audit::{Audit, AuditParams, Score};
use wherefair_core::Seed;
use wherefair_metrics::ErrorKind;

use crate::scene::{F1, MAE, Scene, Streamed, config, run};

fn with_threads(n: usize, audit: impl Fn() -> Audit + Send + Sync) -> Audit {
    rayon::ThreadPoolBuilder::new()
        .num_threads(n)
        .build()
        .unwrap()
        .install(audit)
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    // More samples than a stripe, so that stripes are merged.
    let scene = Scene::new(600_000, 0.3, Seed::new(1));
    let median = Score::MedianAbsolute {
        error: ErrorKind::Difference,
    };
    for score in [MAE, median, F1] {
        let few = AuditParams::new(score)
            .n_permutations(5)
            .n_bootstrap(9)
            .check()
            .unwrap();
        let audit = || match score {
            Score::Class(_) => run(&mut scene.classes(), &few),
            _ => run(&mut scene.values(), &few),
        };
        let (one, many) = (with_threads(1, audit), with_threads(5, audit));
        assert_eq!(one, many);
    }
}

#[test]
fn streamed_results_do_not_depend_on_the_number_of_threads() {
    let scene = Scene::new(50_000, 0.3, Seed::new(1));
    let audit = || {
        let mut source = Streamed {
            all: scene.values(),
            n: 20_000,
        };
        run(&mut source, &config(MAE))
    };
    assert_eq!(with_threads(1, audit), with_threads(3, audit));
}

#[test]
fn another_seed_draws_another_noise_floor() {
    let scene = Scene::new(3000, 0.0, Seed::new(1));
    let with_seed = |seed| {
        let config = AuditParams::new(MAE)
            .n_permutations(99)
            .seed(Seed::new(seed))
            .check()
            .unwrap();
        run(&mut scene.values(), &config).spad.expectation
    };
    let (one, two) = (with_seed(1), with_seed(2));
    assert!((one.observed - two.observed).abs() < f64::EPSILON);
    assert!((one.null.unwrap().mean - two.null.unwrap().mean).abs() > f64::EPSILON);
}
