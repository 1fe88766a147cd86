//! Linear scales and their ticks.

use crate::number::{fixed, number};

/// A map from data to pixels that is finite for every input.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Linear {
    domain: (f64, f64),
    range: (f64, f64),
}

impl Linear {
    /// A scale from `domain` to `range`; a domain without length is widened, one that is not finite replaced by
    /// 0 to 1.
    pub(crate) fn new(domain: (f64, f64), range: (f64, f64)) -> Self {
        let (low, high) = (domain.0.min(domain.1), domain.0.max(domain.1));
        let domain = if !(low.is_finite() && high.is_finite()) {
            (0.0, 1.0)
        } else if low < high {
            (low, high)
        } else {
            let margin = (low.abs() * 0.1).max(f64::MIN_POSITIVE * 16.0);
            let margin = if low == 0.0 { 1.0 } else { margin };
            ((low - margin).max(f64::MIN), (high + margin).min(f64::MAX))
        };
        Self { domain, range }
    }

    pub(crate) fn domain(&self) -> (f64, f64) {
        self.domain
    }

    pub(crate) fn range(&self) -> (f64, f64) {
        self.range
    }

    /// The pixel of `x`; values beyond the domain, and those that are not numbers, lie on its border.
    pub(crate) fn at(&self, x: f64) -> f64 {
        // Halves keep the length of a domain finite.
        let (low, high) = (self.domain.0 / 2.0, self.domain.1 / 2.0);
        let t = ((x / 2.0 - low) / (high - low)).clamp(0.0, 1.0);
        let t = if t.is_nan() { 0.0 } else { t };
        self.range.0 + t * (self.range.1 - self.range.0)
    }

    /// About `n` round values within the domain, ascending.
    pub(crate) fn ticks(&self, n: usize) -> Ticks {
        let (low, high) = self.domain;
        let step = nice_step((high / 2.0 - low / 2.0) / n.max(1) as f64 * 2.0);
        let (first, last) = ((low / step).ceil(), (high / step).floor());
        // A step below the resolution of the domain's numbers cannot be counted.
        let countable = step.is_finite() && step > 0.0 && last - first <= 4.0 * n.max(1) as f64 + 4.0;
        let values: Vec<f64> = if countable && (low.abs().max(high.abs()) / step) < 1e12 {
            let mut values = Vec::new();
            let mut i = first;
            while i <= last {
                values.push(i * step);
                i += 1.0;
            }
            values
        } else {
            vec![low, high]
        };
        Ticks { values, step }
    }
}

/// Round values and the step between them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) values: Vec<f64>,
    step: f64,
}

impl Ticks {
    /// The text of `value` with the decimals that the step needs.
    pub(crate) fn label(&self, value: f64) -> String {
        let decimals = (0..=6_u8).find(|&decimals| {
            let scaled = self.step * 10_f64.powi(i32::from(decimals));
            scaled >= 1.0 && (scaled - scaled.round()).abs() < 1e-6 * scaled
        });
        match decimals {
            Some(decimals) if value.abs() < 1e9 => fixed(value, usize::from(decimals)),
            _ => number(value),
        }
    }
}

/// The largest of 1, 2 and 5 times a power of ten that is not above about 1.5 times `rough`.
fn nice_step(rough: f64) -> f64 {
    if !(rough > 0.0 && rough.is_finite()) {
        return 1.0;
    }
    let power = 10_f64.powf(rough.log10().floor());
    let mantissa = rough / power;
    let nice = if mantissa < 1.5 {
        1.0
    } else if mantissa < 3.0 {
        2.0
    } else if mantissa < 7.0 {
        5.0
    } else {
        10.0
    };
    nice * power
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ticks_are_round() {
        let labels = |domain: (f64, f64)| -> Vec<String> {
            let ticks = Linear::new(domain, (0.0, 1.0)).ticks(5);
            ticks.values.iter().map(|&value| ticks.label(value)).collect()
        };
        assert_eq!(labels((0.0, 1.0)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels((-3.0, 22.0)), ["0", "5", "10", "15", "20"]);
        assert_eq!(
            labels((0.013, 0.037)),
            ["0.015", "0.020", "0.025", "0.030", "0.035"]
        );
        assert_eq!(labels((4_000_000.0, 4_100_000.0)).first().unwrap(), "4,000,000");
    }

    #[test]
    fn values_beyond_the_domain_lie_on_its_border() {
        let scale = Linear::new((0.0, 10.0), (100.0, 200.0));
        for (x, pixel) in [
            (-1.0, 100.0),
            (5.0, 150.0),
            (11.0, 200.0),
            (f64::INFINITY, 200.0),
            (f64::NAN, 100.0),
        ] {
            assert!((scale.at(x) - pixel).abs() < 1e-9, "{x}");
        }
    }

    proptest! {
        #[test]
        fn every_domain_gives_finite_pixels_and_few_ordered_ticks(
            low in any::<f64>(),
            high in any::<f64>(),
            x in any::<f64>(),
            n in 0_usize..12,
        ) {
            let scale = Linear::new((low, high), (20.0, 400.0));
            prop_assert!((20.0..=400.0).contains(&scale.at(x)));
            let ticks = scale.ticks(n).values;
            prop_assert!(ticks.len() <= 4 * n.max(1) + 6, "{} ticks", ticks.len());
            prop_assert!(ticks.iter().all(|tick| tick.is_finite()));
            prop_assert!(ticks.windows(2).all(|pair| pair[0] < pair[1]));
        }

        #[test]
        fn a_domain_without_length_is_widened(x in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
            let (low, high) = Linear::new((x, x), (0.0, 1.0)).domain();
            prop_assert!(low < high && low <= x && x <= high);
        }
    }
}
