//! Control of the false discovery rate among many p-values.

/// p-values adjusted by the step-up rule of Benjamini and Hochberg, in the order given.
///
/// Rejecting where the adjusted p-value is at most q keeps the expected share of false rejections at most q,
/// for p-values that are independent or positively dependent. `None` (a unit without a test) and NaN stay
/// `None` and do not count as tests.
///
/// # Formula
/// With m p-values, sorted: adjusted p₍ᵢ₎ = minⱼ≥ᵢ min(1, m p₍ⱼ₎ / j).
///
/// # Examples
/// ```
/// use wherefair_stats::benjamini_hochberg;
///
/// let adjusted = benjamini_hochberg(&[Some(0.01), None, Some(0.04), Some(0.03)]);
/// assert_eq!(adjusted, [Some(0.03), None, Some(0.04), Some(0.04)]);
/// ```
///
/// # References
/// Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x; Benjamini & Yekutieli (2001),
/// doi:10.1214/aos/1013699998 (positive dependence, such as of partitions that share samples).
pub fn benjamini_hochberg(p_values: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut sorted: Vec<(usize, f64)> = p_values
        .iter()
        .enumerate()
        .filter_map(|(index, p)| p.filter(|p| !p.is_nan()).map(|p| (index, p)))
        .collect();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    let m = sorted.len() as f64;
    let mut adjusted = vec![None; p_values.len()];
    let mut smallest = 1.0_f64;
    for (rank, &(index, p)) in sorted.iter().enumerate().rev() {
        smallest = smallest.min(m * p / (rank as f64 + 1.0));
        adjusted[index] = Some(smallest);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_in_gives_nothing_out() {
        assert!(benjamini_hochberg(&[]).is_empty());
        assert_eq!(benjamini_hochberg(&[None, Some(f64::NAN)]), [None, None]);
    }

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
        let adjusted = benjamini_hochberg(&p.map(Some));
        for (ours, expected) in adjusted.into_iter().zip(expected) {
            assert!(
                (ours.unwrap() - expected).abs() < 1e-12,
                "{ours:?} is not {expected}"
            );
        }
    }

    proptest! {
        #[test]
        fn adjusting_never_lowers_and_keeps_the_order(p in prop::collection::vec(0.0..=1.0_f64, 1..50)) {
            let adjusted = benjamini_hochberg(&p.iter().copied().map(Some).collect::<Vec<_>>());
            for (i, a) in adjusted.iter().enumerate() {
                let a = a.unwrap();
                // Rounding of m p / j with j = m.
                prop_assert!(a >= p[i] * (1.0 - 4.0 * f64::EPSILON) && a <= 1.0);
                for (j, b) in adjusted.iter().enumerate() {
                    prop_assert!(p[i] > p[j] || a <= b.unwrap());
                }
            }
        }
    }
}
