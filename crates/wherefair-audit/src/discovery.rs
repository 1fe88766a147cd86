//! Control of the false discovery rate.

/// Benjamini–Hochberg adjusted p-values, in the order of `p_values`.
///
/// # Formula
/// With ascending `p(1) … p(m)`: `q(i) = min over j ≥ i of min(1, m p(j) / j)`. Rejecting where `q ≤ α` keeps the
/// expected share of false rejections at or below α for independent or positively dependent tests; partitions
/// that share samples are positively dependent.
///
/// # References
/// Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x; Benjamini & Yekutieli (2001),
/// doi:10.1214/aos/1013699998.
///
/// # Examples
/// ```
/// let q = wherefair_audit::benjamini_hochberg(&[0.01, 0.04, 0.03, 0.5]);
/// assert!((q[0] - 0.04).abs() < 1e-12 && (q[2] - 0.16 / 3.0).abs() < 1e-12);
/// ```
pub fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let m = p_values.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; m];
    let mut smallest = 1.0_f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        smallest = smallest.min(p_values[i] * (m as f64 / (rank + 1) as f64));
        adjusted[i] = smallest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn adjusted_values_equal_a_worked_example() {
        // statsmodels 0.14 multipletests(method="fdr_bh")
        let p = [
            0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216,
        ];
        let expected = [
            0.01,
            0.04,
            0.084,
            0.084,
            0.084,
            0.1,
            0.105_714_285_714_285_7,
            0.216,
            0.216,
            0.216,
        ];
        for (ours, expected) in benjamini_hochberg(&p).into_iter().zip(expected) {
            assert!((ours - expected).abs() < 1e-12, "{ours} is not {expected}");
        }
    }

    #[test]
    fn no_tests_give_no_values() {
        assert!(benjamini_hochberg(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn adjustment_keeps_the_order_and_never_lowers(p in prop::collection::vec(0.0..=1.0_f64, 0..50)) {
            let q = benjamini_hochberg(&p);
            for i in 0..p.len() {
                prop_assert!(q[i] >= p[i] && q[i] <= 1.0);
                for j in 0..p.len() {
                    prop_assert!(p[i] > p[j] || q[i] <= q[j]);
                }
            }
        }
    }
}
