//! How the paper makes outcome and sensitive variable, sections 3.1 and 3.2.

use std::ops::Range;

use wherefair::core::Seed;

use super::scene::{Scene, errors};

/// How outcome y and sensitive variable a are made from independent errors ε₁, ε₂.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Design {
    /// Association by autocorrelation: y = (I − ρW)⁻¹ε₁, a = (I − ρW)⁻¹ε₂.
    ByAutocorrelation,
    /// Eq. (2): a₀ = ε₂, y = 5a₀ + ε₁, a = (I − ρW)⁻¹a₀: only a is autocorrelated.
    SensitiveAlone,
    /// Eq. (3): a = (I − ρW)⁻¹ε₂, y = 5a + ε₁: y inherits the autocorrelation of a.
    Inherited,
    /// Proxy: x = (I − ρW)⁻¹ε₃, y = 5x + ε₁, a = (I − ρW)⁻¹ε₂.
    ///
    /// DIFFERENCE: the paper prints ε₂ for x too, which makes x the sensitive variable itself and the design Eq. (3),
    /// against its own words that y is not associated with a.
    Proxy,
}

impl Design {
    pub(super) const ALL: [Self; 4] = [
        Self::ByAutocorrelation,
        Self::SensitiveAlone,
        Self::Inherited,
        Self::Proxy,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ByAutocorrelation => "by autocorrelation",
            Self::SensitiveAlone => "setting (2)",
            Self::Inherited => "setting (3)",
            Self::Proxy => "proxy",
        }
    }

    /// Outcomes and sensitive variables of `runs`; `slope` stands for the paper's 5 (or β).
    pub(super) fn draw(
        self,
        scene: &Scene,
        rho: f64,
        slope: f64,
        seed: Seed,
        runs: Range<usize>,
    ) -> Vec<(Vec<f64>, Vec<f64>)> {
        let n = scene.n();
        let name = |part: &str| format!("{} {} {} ρ {rho:.2} {part}", scene.name, n, self.name());
        let draw = |part: &str| -> Vec<Vec<f64>> {
            runs.clone()
                .map(|run| errors(seed, &name(part), run, n))
                .collect()
        };
        let (first, second) = (draw("ε₁"), draw("ε₂"));
        let along = |x: &[f64], noise: &[f64]| -> Vec<f64> {
            x.iter().zip(noise).map(|(x, noise)| slope * x + noise).collect()
        };
        let lag = |errors: &[Vec<f64>]| {
            let wanted: Vec<_> = errors.iter().map(|errors| (errors.as_slice(), rho)).collect();
            scene.lagged(&wanted)
        };
        let a = lag(&second);
        let y: Vec<Vec<f64>> = match self {
            Self::ByAutocorrelation => lag(&first),
            Self::SensitiveAlone => second.iter().zip(&first).map(|(a0, e)| along(a0, e)).collect(),
            Self::Inherited => a.iter().zip(&first).map(|(a, e)| along(a, e)).collect(),
            Self::Proxy => {
                let x = lag(&draw("ε₃"));
                x.iter().zip(&first).map(|(x, e)| along(x, e)).collect()
            }
        };
        y.into_iter().zip(a).collect()
    }
}

/// 1 where a value is above 0, else 0.
pub(super) fn indicator(values: &[f64]) -> Vec<f64> {
    values
        .iter()
        .map(|&value| f64::from(u8::from(value > 0.0)))
        .collect()
}
