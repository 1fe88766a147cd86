//! Tests of the adjusted bias tests.

use super::*;
use crate::eigen::dense::tests::rook;
use crate::{CandidateRule, Coefficients, Projection, SpatialWeights, candidates, dense_eigenbasis};

/// A field y = (I − ρW)⁻¹ε for row-standardised rook weights.
fn field(w: &SpatialWeights, rho: f64, stream: &mut Stream) -> Vec<f64> {
    let noise: Vec<f64> = (0..w.n()).map(|_| stream.standard_normal()).collect();
    let mut y = noise.clone();
    let mut reach = 1.0;
    while reach > 1e-4 {
        y = (0..w.n())
            .map(|i| {
                let (neighbours, _) = w.row(i);
                let mean = neighbours.iter().map(|&j| y[j as usize]).sum::<f64>() / neighbours.len() as f64;
                noise[i] + rho * mean
            })
            .collect();
        reach *= rho;
    }
    y
}

/// Of 1000 tests at level 0.05, fewer or more than these are rejected with probability below 0.001.
const NOMINAL: std::ops::RangeInclusive<u32> = 28..=75;

fn refitted() -> L1Params {
    L1Params::default().coefficients(Coefficients::Refitted)
}

/// The numbers of `runs` tests of level 0.05 that reject before and after adjustment.
fn rejections(runs: u64, test: impl Fn(&mut Stream, Seed) -> AdjustedBias + Sync) -> (u32, u32) {
    let both: Vec<(u32, u32)> = (0..runs)
        .into_par_iter()
        .map(|run| {
            let result = test(&mut Seed::new(7).indexed("fields", run), Seed::new(run));
            (
                u32::from(result.p_value <= 0.05),
                u32::from(result.adjusted_p_value <= 0.05),
            )
        })
        .collect();
    both.iter()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

#[test]
fn autocorrelation_alone_is_no_association_once_it_is_filtered() {
    let w = rook(16, 16);
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let chosen = candidates(&basis, CandidateRule::AllPositive).unwrap();
    let params = AdjustedBiasParams::new(Alternative::TwoSided).filter(refitted());
    let (before, after) = rejections(1000, |stream, seed| {
        let (y, a) = (field(&w, 0.9, stream), field(&w, 0.9, stream));
        let (y, a) = (Variable::Continuous(&y), Variable::Continuous(&a));
        adjusted_bias(y, a, &[], &basis, &chosen, BiasMetric::Correlation, params, seed).unwrap()
    });
    assert!(before > 350, "{before}");
    assert!(NOMINAL.contains(&after), "{after}");
}

#[test]
fn autocorrelation_alone_is_no_association_beside_copies_of_the_same_patterns() {
    let w = rook(12, 12);
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let chosen = candidates(&basis, CandidateRule::RelativeMoran(0.5)).unwrap();
    let sign = |x: &[f64]| -> Vec<f64> { x.iter().map(|&x| f64::from(u8::from(x > 0.0))).collect() };
    let filter = refitted().n_penalties(10).least_penalty(0.2);
    let params = AdjustedBiasParams::new(Alternative::TwoSided)
        .filter(filter)
        .n_copies(99);
    for (binary, part) in [
        (true, ContinuousPart::Fitted),
        (false, ContinuousPart::Fitted),
        (false, ContinuousPart::Observed),
    ] {
        let params = params.continuous_part(part);
        let (before, after) = rejections(60, |stream, seed| {
            let (y, a) = (sign(&field(&w, 0.9, stream)), field(&w, 0.9, stream));
            let of_two = sign(&a);
            let sensitive = if binary {
                Variable::Binary(&of_two)
            } else {
                Variable::Continuous(&a)
            };
            let metric = BiasMetric::Correlation;
            adjusted_bias(
                Variable::Binary(&y),
                sensitive,
                &[],
                &basis,
                &chosen,
                metric,
                params,
                seed,
            )
            .unwrap()
        });
        // Of 60 tests at level 0.05, more than 9 reject with probability below 0.001.
        assert!(before > 12 && after <= 9, "{binary} {part:?}: {before} {after}");
    }
}

#[test]
fn an_association_beyond_space_is_still_found() {
    let w = rook(12, 12);
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let chosen = candidates(&basis, CandidateRule::AllPositive).unwrap();
    let mut stream = Seed::new(3).stream("fields");
    let y = field(&w, 0.9, &mut stream);
    let a: Vec<f64> = y.iter().map(|y| y + stream.standard_normal()).collect();
    let params = AdjustedBiasParams::new(Alternative::Greater)
        .filter(refitted())
        .n_copies(199);
    let difference = |y: &[f64], a: &[f64]| {
        correlation_test(y, a, 0, Alternative::Greater)
            .ok()
            .map(|t| t.statistic)
    };
    let metrics = [
        BiasMetric::Correlation,
        BiasMetric::Function {
            name: "r",
            metric: &difference,
        },
    ];
    for metric in metrics {
        let (y, a) = (Variable::Continuous(&y), Variable::Continuous(&a));
        let found = adjusted_bias(y, a, &[], &basis, &chosen, metric, params, Seed::new(2)).unwrap();
        assert_eq!(found.case, BiasCase::BothContinuous);
        assert!(found.p_value < 0.01 && found.adjusted_p_value < 0.01);
        assert_eq!(found.permutations.is_some(), metric.name() == "r");
    }
}

#[test]
fn copies_do_not_depend_on_the_number_of_threads() {
    let w = rook(8, 8);
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let y: Vec<f64> = (0..64).map(|i| f64::from(u8::from(i * i % 7 > 2))).collect();
    let a: Vec<f64> = (0..64).map(|i| f64::from(u8::from(i % 5 > 1))).collect();
    // Rate of the outcome within 1 minus that within 0.
    let parity = |y: &[f64], a: &[f64]| {
        let ones: f64 = a.iter().sum();
        let zeros = a.len() as f64 - ones;
        let within: f64 = y.iter().zip(a).map(|(y, a)| y * a).sum();
        (ones > 0.0 && zeros > 0.0).then(|| within / ones - (y.iter().sum::<f64>() - within) / zeros)
    };
    let metric = BiasMetric::Function {
        name: "demographic parity",
        metric: &parity,
    };
    let params = AdjustedBiasParams::new(Alternative::TwoSided).n_copies(200);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let (y, a) = (Variable::Binary(&y), Variable::Binary(&a));
        pool.install(|| adjusted_bias(y, a, &[], &basis, &[0, 1, 2], metric, params, Seed::new(5)).unwrap())
    };
    let one = with(1);
    assert_eq!(one.case, BiasCase::BothBinary);
    let copies = one.copies.as_ref().unwrap();
    assert!(copies.n_undefined == 0 && copies.n_greater + copies.n_less >= 200);
    assert!(copies.pseudo_p_value > 0.0 && copies.plain_p_value.is_some());
    assert_eq!(with(3), one);
}

#[test]
fn a_metric_without_values_is_an_error_or_counted() {
    let w = rook(6, 6);
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let y: Vec<f64> = (0..36).map(|i| f64::from(u8::from(i * i % 7 > 2))).collect();
    let a: Vec<f64> = (0..36).map(|i: i32| f64::from(i * 7 % 11)).collect();
    let params = AdjustedBiasParams::new(Alternative::Greater).n_copies(50);
    let run = |metric| {
        let (y, a) = (Variable::Binary(&y), Variable::Continuous(&a));
        adjusted_bias(y, a, &[], &basis, &[], metric, params, Seed::new(5))
    };
    let none = |_: &[f64], _: &[f64]| None;
    let nan = |_: &[f64], _: &[f64]| Some(f64::NAN);
    for metric in [&none as &(dyn Fn(&[f64], &[f64]) -> Option<f64> + Sync), &nan] {
        let error = run(BiasMetric::Function { name: "none", metric }).unwrap_err();
        assert!(matches!(error, StatsError::UndefinedMetric { .. }));
    }
    // Without candidates the fitted values are the mean, with which nothing correlates.
    let found = run(BiasMetric::Correlation).unwrap();
    let copies = found.copies.unwrap();
    assert_eq!(
        (copies.n_undefined, copies.mean, copies.plain_p_value),
        (50, None, None)
    );
    assert!((found.adjusted_p_value - 1.0).abs() < f64::EPSILON);
}

#[test]
fn bad_input_is_a_typed_error() {
    let w = rook(4, 5);
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let y: Vec<f64> = (0..20).map(|i: i32| f64::from(i * i % 7)).collect();
    let params = AdjustedBiasParams::new(Alternative::Greater);
    let run = |y: Variable<'_>, a: Variable<'_>, params| {
        adjusted_bias(
            y,
            a,
            &[],
            &basis,
            &[0],
            BiasMetric::Correlation,
            params,
            Seed::new(1),
        )
        .unwrap_err()
    };
    let good = Variable::Continuous(&y);
    assert!(matches!(
        run(good, Variable::Binary(&y), params),
        StatsError::NotBinary {
            name: "sensitive",
            ..
        }
    ));
    assert!(matches!(
        run(Variable::Continuous(&[1.0; 20]), good, params),
        StatsError::Constant { .. }
    ));
    assert!(matches!(
        run(Variable::Continuous(&y[1..]), good, params),
        StatsError::Shape { .. }
    ));
    assert!(matches!(
        run(good, Variable::Continuous(&[f64::NAN; 20]), params),
        StatsError::NotFinite { .. }
    ));
    assert!(matches!(
        run(good, good, params.n_copies(0)),
        StatsError::Param(_)
    ));
}
