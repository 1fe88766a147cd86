//! Group metrics against fairlearn.

use serde::Deserialize;
use wherefair_metrics::{
    OddsAggregate, demographic_parity_difference, demographic_parity_ratio, disparate_impact,
    equal_opportunity_difference, equalized_odds_difference, equalized_odds_ratio,
    predictive_parity_difference,
};

use crate::golden::{assert_close, cases, golden};

/// Differences and quotients of quotients of small whole numbers.
const RATE_TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Groups {
    truth: Vec<u8>,
    pred: Vec<u8>,
    group: Vec<u32>,
    demographic_parity_difference: f64,
    demographic_parity_ratio: f64,
    disparate_impact_1_over_0: f64,
    equal_opportunity_difference: f64,
    equalized_odds_difference_worst_case: f64,
    equalized_odds_difference_mean: f64,
    equalized_odds_ratio_worst_case: f64,
    equalized_odds_ratio_mean: f64,
    predictive_parity_difference: f64,
}

#[test]
fn group_metrics_agree_with_fairlearn() {
    for case in cases::<Groups>(golden().groups) {
        let yes = |column: &[u8]| column.iter().map(|&value| value == 1).collect::<Vec<bool>>();
        let (truth, pred, group) = (yes(&case.truth), yes(&case.pred), &case.group);
        let difference = |aggregate| equalized_odds_difference(&truth, &pred, group, aggregate).unwrap();
        let ratio = |aggregate| equalized_odds_ratio(&truth, &pred, group, aggregate).unwrap();
        let rows = [
            (
                "demographic parity difference",
                demographic_parity_difference(&pred, group).unwrap(),
                case.demographic_parity_difference,
            ),
            (
                "demographic parity ratio",
                demographic_parity_ratio(&pred, group).unwrap(),
                case.demographic_parity_ratio,
            ),
            (
                "disparate impact",
                disparate_impact(&pred, group, 1, 0).unwrap(),
                case.disparate_impact_1_over_0,
            ),
            (
                "equal opportunity difference",
                equal_opportunity_difference(&truth, &pred, group).unwrap(),
                case.equal_opportunity_difference,
            ),
            (
                "worst odds difference",
                difference(OddsAggregate::WorstCase),
                case.equalized_odds_difference_worst_case,
            ),
            (
                "mean odds difference",
                difference(OddsAggregate::Mean),
                case.equalized_odds_difference_mean,
            ),
            (
                "worst odds ratio",
                ratio(OddsAggregate::WorstCase),
                case.equalized_odds_ratio_worst_case,
            ),
            (
                "mean odds ratio",
                ratio(OddsAggregate::Mean),
                case.equalized_odds_ratio_mean,
            ),
            (
                "predictive parity difference",
                predictive_parity_difference(&truth, &pred, group).unwrap(),
                case.predictive_parity_difference,
            ),
        ];
        for (what, found, expected) in rows {
            assert_close(found, expected, RATE_TOLERANCE, 1.0, what);
        }
    }
}
