//! Rates of rejection, with what chance does to them.

/// The level of all tests.
pub(super) const LEVEL: f64 = 0.05;

/// How many of so many tests rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rate {
    pub(super) n_rejected: u32,
    pub(super) n: u32,
}

impl Rate {
    /// Of p-values; those that are not defined do not reject.
    pub(super) fn of(p_values: impl IntoIterator<Item = f64>) -> Self {
        let mut rate = Self::default();
        for p_value in p_values {
            rate.n += 1;
            rate.n_rejected += u32::from(p_value <= LEVEL);
        }
        rate
    }

    pub(super) fn share(self) -> f64 {
        f64::from(self.n_rejected) / f64::from(self.n)
    }

    /// Wilson's 95 % interval.
    pub(super) fn interval(self) -> (f64, f64) {
        let (z, n, p) = (1.959_963_984_540_054, f64::from(self.n), self.share());
        let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        ((centre - half).max(0.0), (centre + half).min(1.0))
    }

    /// Whether the count lies within the central `coverage` of its binomial distribution at the level.
    pub(super) fn is_nominal(self, coverage: f64) -> bool {
        let tail = (1.0 - coverage) / 2.0;
        self.at_most() > tail && self.at_least() > tail
    }

    /// Whether more rejected than the level explains, with `coverage` confidence (one-sided).
    pub(super) fn is_above(self, coverage: f64) -> bool {
        self.at_least() <= 1.0 - coverage
    }

    /// P(X ≤ count) where X is binomial with the level.
    fn at_most(self) -> f64 {
        (0..=self.n_rejected).map(|count| self.mass(count)).sum()
    }

    /// P(X ≥ count).
    fn at_least(self) -> f64 {
        (self.n_rejected..=self.n).map(|count| self.mass(count)).sum()
    }

    fn mass(self, count: u32) -> f64 {
        let n = f64::from(self.n);
        let log_choose: f64 = (0..count)
            .map(|i| ((n - f64::from(i)) / f64::from(i + 1)).ln())
            .sum();
        let (k, rest) = (f64::from(count), f64::from(self.n - count));
        (log_choose + k * LEVEL.ln() + rest * (1.0 - LEVEL).ln()).exp()
    }
}

/// The central 99 % of the binomial distribution at the level, in words.
pub(super) fn nominal_range(n: u32, coverage: f64) -> String {
    let nominal = |&n_rejected: &u32| Rate { n_rejected, n }.is_nominal(coverage);
    let low = (0..=n).find(nominal).unwrap_or(0);
    let high = (0..=n).rev().find(nominal).unwrap_or(n);
    let share = |count: u32| f64::from(count) / f64::from(n);
    format!("{:.3} to {:.3}", share(low), share(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(n_rejected: u32, n: u32) -> Rate {
        Rate { n_rejected, n }
    }

    #[test]
    fn p_values_at_the_level_reject_and_undefined_ones_do_not() {
        assert_eq!(Rate::of([0.05, 0.051, f64::NAN, 0.0]), rate(2, 4));
    }

    #[test]
    fn the_interval_is_that_of_wilson() {
        // statsmodels 0.14: proportion_confint(50, 1000, method="wilson")
        let (low, high) = rate(50, 1000).interval();
        assert!(
            (low - 0.038_130_3).abs() < 1e-6 && (high - 0.065_313_8).abs() < 1e-6,
            "{low} {high}"
        );
        let (low, high) = rate(0, 10).interval();
        assert!(low.abs() < 1e-12 && high > 0.2);
    }

    #[test]
    fn masses_add_up_and_the_middle_is_nominal() {
        for n in [1, 20, 1000] {
            let total: f64 = (0..=n).map(|count| rate(0, n).mass(count)).sum();
            assert!((total - 1.0).abs() < 1e-9, "{total}");
        }
        assert!(rate(50, 1000).is_nominal(0.99) && !rate(50, 1000).is_above(0.99));
        // P(X ≥ 70) = 0.0035 and P(X ≤ 30) = 0.0012 for 1000 tests at 0.05.
        assert!(!rate(70, 1000).is_nominal(0.99) && rate(70, 1000).is_above(0.99));
        assert!(!rate(30, 1000).is_nominal(0.99) && !rate(30, 1000).is_above(0.99));
        assert_eq!(nominal_range(1000, 0.99), "0.033 to 0.069");
    }
}
