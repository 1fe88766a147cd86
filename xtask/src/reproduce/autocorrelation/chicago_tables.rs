//! Tables 1 and 2: Chicago's bikeshare stations, share of African Americans and income.

use wherefair::core::Seed;
use wherefair::stats::{
    Alternative, CandidateRule, Coefficients, Criterion, DenseWeights, HopRule, L1Params, Metric, Null,
    PValueForm, PairedMoran, Permutations, PowerIteration, Projection, SpatialWeights, Symmetrization,
    T2Tail, candidates, correlation_test, dense_eigenbasis, l1_filter, moran, moran_permutation,
};

use super::super::comparison::{Comparison, Verdict};
use super::super::progress::Progress;
use super::super::rate::LEVEL;
use super::super::report::Report;
use super::super::table::{Table, rounded};
use super::chicago::BlockGroups;
use super::power::DELTA;

/// The features of Table 1, with the paper's names.
const FEATURES: [&str; 5] = [
    "I(no. stations ≥ 1)",
    "%AA",
    "Med. inc.",
    "I(%AA ≥ 30)",
    "I(Med. inc. ≥ 50k)",
];

/// Standardised Moran's I as the paper prints them, by weights and feature.
const TABLE_1: [(&str, [f64; 5]); 6] = [
    ("Exp, V = 1", [96.06, 594.88, 211.94, 529.95, 197.46]),
    ("Exp, V = 0.1", [107.2, 516.73, 234.19, 460.11, 195.15]),
    ("Exp, V = 0.01", [61.01, 213.45, 170.67, 192.4, 123.44]),
    ("Exp, V = 0.001", [32.41, 34.93, 34.95, 34.69, 34.11]),
    ("1-hop neighbour", [2.28, 10.22, 5.43, 9.2, 4.85]),
    ("2-hop neighbour", [1.87, 12.67, 8.59, 11.66, 6.11]),
];

/// Ranges V of the exponential covariance, in degrees: the first four rows of [`TABLE_1`].
const RANGES: [f64; 4] = [1.0, 0.1, 0.01, 0.001];

/// Nearest neighbours that stand for adjacency, made mutual.
const N_NEIGHBOURS: usize = 6;

/// p-values as the paper prints them: without filter, ESF-BIC, ESF-AIC.
const TABLE_2: [(&str, [f64; 3]); 3] = [
    ("%AA vs. no. of stations", [0.007, 0.27, 0.35]),
    ("Med. inc. vs. no. of stations", [4.4e-16, 0.999, 0.99]),
    ("%AA vs. Med. inc.", [5.8e-129, 2.6e-5, 1.3e-8]),
];

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) n_permutations: u32,
    pub(super) n_places: usize,
}

/// Both tables.
pub(super) fn run(
    data: &BlockGroups,
    effort: Effort,
    seed: Seed,
    progress: &Progress,
    report: &mut Report,
) -> anyhow::Result<()> {
    let data = data.sampled(effort.n_places, seed);
    let n = data.points.len();
    let features = features(&data);
    let later = cut(&data.stations_2022, 1.0);
    let mut table = Table::new(
        "table_1",
        format!("Table 1: standardised Moran's I, {n} block groups"),
        &[
            "weights",
            "feature",
            "paper",
            "ours",
            "ours_p_value",
            "stations_2022",
        ],
    );
    let mut pairs = Table::new(
        "table_1_pairs",
        "T1 and T2 of the stations indicator and each sensitive feature (section 3.3)",
        &[
            "weights",
            "sensitive",
            "T1",
            "T1_p_value",
            "T2",
            "T2_p_small",
            "T2_p_large",
            "equivalence_p_margin_1",
        ],
    );
    progress.begin("Table 1", TABLE_1.len());
    let permutations = Permutations::new(effort.n_permutations, seed)?;
    let (mut t1_significant, mut t2_significant, mut n_pairs) = (0, 0, 0);
    for (at, (name, published)) in TABLE_1.iter().enumerate() {
        let weights = weights(&data, at)?;
        for (i, (feature, values)) in FEATURES.iter().zip(&features).enumerate() {
            let found = moran(&weights, values, Null::Randomization, Alternative::Greater)?;
            let tested = moran_permutation(&weights, values, Alternative::Greater, permutations)?;
            let again = if i == 0 {
                Some(moran(&weights, &later, Null::Randomization, Alternative::Greater)?.z_score)
            } else {
                None
            };
            table.push([
                (*name).into(),
                (*feature).into(),
                published[i].into(),
                found.z_score.into(),
                tested.pseudo_p_value.into(),
                again.into(),
            ]);
            report.comparisons.push(Comparison::number(
                "Table 1",
                format!("{name}, {feature}"),
                published[i],
                Some(found.z_score),
                Verdict::NotComparable,
            ));
        }
        let [t1, t2] = test_pairs(name, &weights, &features, permutations, &mut pairs)?;
        n_pairs += FEATURES.len() - 1;
        t1_significant += t1;
        t2_significant += t2;
        progress.advance(1);
    }
    let counted = |n: usize| format!("{n} of {n_pairs} pairs and weights");
    report.comparisons.push(Comparison::statement(
        "section 3.3",
        "T1 of stations and each sensitive feature",
        "significant for all",
        format!("significant for {}", counted(t1_significant)),
        Verdict::of(t1_significant == n_pairs),
    ));
    report.comparisons.push(Comparison::statement(
        "section 3.3",
        "T2 (small tail) of the same",
        "significant for none",
        format!("significant for {}", counted(t2_significant)),
        Verdict::of(t2_significant == 0),
    ));
    report.tables.push(table);
    report.tables.push(pairs);
    second(&data, progress, report)
}

/// 1 where a value is at least `least`, else 0.
fn cut(values: &[f64], least: f64) -> Vec<f64> {
    values
        .iter()
        .map(|&value| f64::from(u8::from(value >= least)))
        .collect()
}

/// In the order of [`FEATURES`].
fn features(data: &BlockGroups) -> [Vec<f64>; 5] {
    [
        cut(&data.stations, 1.0),
        data.african_american.clone(),
        data.income.clone(),
        cut(&data.african_american, 30.0),
        cut(&data.income, 50_000.0),
    ]
}

/// Tests the first feature with each other one; how often T1 and T2 (small tail) reject.
fn test_pairs(
    name: &str,
    weights: &SpatialWeights,
    features: &[Vec<f64>; 5],
    permutations: Permutations,
    pairs: &mut Table,
) -> anyhow::Result<[usize; 2]> {
    let (mut t1_significant, mut t2_significant) = (0, 0);
    let paired = PairedMoran::new(weights)?;
    for (feature, values) in FEATURES.iter().zip(features).skip(1) {
        let draws = paired.draw(&features[0], values, permutations)?;
        let small = draws.intersection_union(DELTA, T2Tail::Small, PValueForm::WithData)?;
        let large = draws.intersection_union(DELTA, T2Tail::Large, PValueForm::WithData)?;
        t1_significant += usize::from(small.t1_p_value <= LEVEL);
        t2_significant += usize::from(small.t2_p_value <= LEVEL);
        pairs.push([
            name.into(),
            (*feature).into(),
            small.t1.into(),
            small.t1_p_value.into(),
            small.t2.into(),
            small.t2_p_value.into(),
            large.t2_p_value.into(),
            draws.equivalence(DELTA)?.p_value.into(),
        ]);
    }
    Ok([t1_significant, t2_significant])
}

/// The weights of a row of [`TABLE_1`].
fn weights(data: &BlockGroups, row: usize) -> anyhow::Result<SpatialWeights> {
    if let Some(&range) = RANGES.get(row) {
        let dense = DenseWeights::exponential_covariance(&data.points, range, Metric::Planar)?;
        return Ok(dense.to_sparse());
    }
    let adjacent =
        SpatialWeights::k_nearest(&data.points, N_NEIGHBOURS, Metric::EARTH)?.symmetrize(Symmetrization::Max);
    if row == RANGES.len() {
        Ok(adjacent)
    } else {
        Ok(adjacent.h_hop(2, HopRule::UpTo)?)
    }
}

/// Table 2.
fn second(data: &BlockGroups, progress: &Progress, report: &mut Report) -> anyhow::Result<()> {
    let (inverse, _) = DenseWeights::inverse_distance(&data.points, 1.0, Metric::EARTH)?
        .scale_to_unit_radius(PowerIteration::default())?;
    let basis = dense_eigenbasis(&inverse.to_sparse(), Projection::Mean)?;
    let pairs = [
        (&data.african_american, &data.stations),
        (&data.income, &data.stations),
        (&data.african_american, &data.income),
    ];
    let penalised = |criterion| (L1Params::default().criterion(criterion), CandidateRule::default());
    let refitted = L1Params::default().coefficients(Coefficients::Refitted);
    let filters = [
        penalised(Criterion::Bic),
        penalised(Criterion::Aic),
        (refitted, CandidateRule::AllPositive),
    ];
    let mut table = Table::new(
        "table_2",
        format!(
            "Table 2: p-values of correlation, {} block groups",
            data.points.len()
        ),
        &[
            "pair",
            "paper_no_ESF",
            "ours_no_ESF",
            "paper_ESF_BIC",
            "ours_ESF_BIC",
            "paper_ESF_AIC",
            "ours_ESF_AIC",
            "ours_refitted_all_positive_BIC",
            "r",
            "r_refitted",
        ],
    );
    progress.begin("Table 2", pairs.len() * filters.len());
    let two_sided = Alternative::TwoSided;
    for ((name, published), (first, second)) in TABLE_2.iter().zip(pairs) {
        let plain = correlation_test(first, second, 0, two_sided)?;
        let mut adjusted = Vec::new();
        for (params, rule) in filters {
            let candidates = candidates(&basis, rule)?;
            let residuals =
                |values: &[f64]| l1_filter(values, &[], &basis, &candidates, params).map(|f| f.residuals);
            adjusted.push(correlation_test(
                &residuals(first)?,
                &residuals(second)?,
                0,
                two_sided,
            )?);
            progress.advance(1);
        }
        let ours = [plain.p_value, adjusted[0].p_value, adjusted[1].p_value];
        for ((column, paper), ours) in ["no ESF", "ESF-BIC", "ESF-AIC"].iter().zip(published).zip(ours) {
            report.comparisons.push(Comparison::number(
                "Table 2",
                format!("{name}, {column}"),
                *paper,
                Some(ours),
                Verdict::NotComparable,
            ));
        }
        table.push([
            (*name).into(),
            published[0].into(),
            ours[0].into(),
            published[1].into(),
            ours[1].into(),
            published[2].into(),
            ours[2].into(),
            adjusted[2].p_value.into(),
            plain.statistic.into(),
            adjusted[2].statistic.into(),
        ]);
        let (before, after) = (plain.p_value <= LEVEL, adjusted[2].p_value <= LEVEL);
        let (paper, expected) = if published[1] <= LEVEL {
            ("significant before and after the filter", (true, true))
        } else {
            ("significant before, not after the filter", (true, false))
        };
        report.comparisons.push(Comparison::statement(
            "Table 2",
            format!("{name}: ours, refitted"),
            paper,
            format!(
                "p = {} before, {} after",
                rounded(plain.p_value),
                rounded(adjusted[2].p_value)
            ),
            Verdict::of((before, after) == expected),
        ));
    }
    report.tables.push(table);
    Ok(())
}
