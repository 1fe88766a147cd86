//! Ulaby's atmosphere by windows of frequency.

use super::Atmosphere;
use crate::microwave::constants::COSMIC_BACKGROUND_K;
use crate::microwave::water::Reading;
use crate::microwave::wave::{Incidence, Wave};
use crate::number::{Real, outlined};

/// Water vapour at the surface in g m⁻³, for which the table holds.
const VAPOUR: f64 = 7.5;
/// dB in a neper of power, as CMEM has it.
const DECIBEL_A_NEPER: f64 = 4.34;
/// Middle of a window in GHz and its loss at zenith in dB; windows reach 10 % to both sides.
const WINDOWS: [(f64, f64); 4] = [
    (15.0, 0.055 + 0.004 * VAPOUR),
    (22.235, 0.11 + 0.048 * VAPOUR),
    (35.0, 0.17 + 0.013 * VAPOUR),
    (90.0, 0.17 + 0.06 * VAPOUR),
];
/// Half the width of the line of water vapour at 22.235 GHz near the ground, in GHz.
const LINE_WIDTH_GHZ: f64 = 2.8;
/// Where the lowest window ends, in GHz, and its loss at zenith in dB.
const LOWEST: (f64, f64) = (11.0, 0.04);

/// The loss at zenith in dB.
///
/// # Formula
/// 0.04 up to 11 GHz; near 15 GHz `0.055 + 0.004 ρ`, 22.235 `0.11 + 0.048 ρ`, 35 `0.17 + 0.013 ρ`, 90 `0.17 + 0.06 ρ`,
/// each 10 % to both sides, `ρ = 7.5` g m⁻³.
///
/// DIFFERENCE: between the windows, as at 18.7 GHz, CMEM stops with an error; the original has no answer there that could be
/// reproduced. Here the loss follows the shape of the line of vapour, `f²/((f − 22.235)² + 2.8²)`, from the middle of the
/// window below that line to the line, and from there to the middle of the window above: 0.172 dB at 18.7 GHz, where MPM89
/// has 0.164 for the same vapour. It jumps at the borders of the windows, as each has one loss throughout. The other gaps are
/// linear between borders; that from 38.5 to 81 GHz knows nothing of the lines of oxygen at 60 GHz.
///
/// # References
/// Ulaby, Moore and Fung (1981), Microwave Remote Sensing, vol. I, section 5-3.
pub fn ulaby_loss_db(wave: Wave) -> f64 {
    let f = wave.frequency_ghz();
    let (mut border, mut loss) = LOWEST;
    if f <= border {
        return loss;
    }
    let line = WINDOWS[1].0;
    let shape = |f: f64| f * f / ((f - line).powi(2) + LINE_WIDTH_GHZ.powi(2));
    let mut before = border;
    for (i, (middle, within)) in WINDOWS.into_iter().enumerate() {
        let (from, to) = (0.9 * middle, 1.1 * middle);
        if f < from {
            // The line lies in window 1.
            let share = if i == 1 || i == 2 {
                (shape(f) - shape(before)) / (shape(middle) - shape(before))
            } else {
                (f - border) / (from - border)
            };
            return loss + share * (within - loss);
        }
        if f <= to {
            return within;
        }
        (border, loss, before) = (to, within, middle);
    }
    loss
}

/// The atmosphere from air temperature alone.
///
/// # Formula
/// `g = exp(−τ_dB/(4.34 cos θ))`, up `T (1 − g)`, down `T (1 − g) + 2.7 g`.
///
/// DIFFERENCE: CMEM converts τ from dB to Np for its emission, but attenuates the ground by `exp(−τ_dB/cos θ)`;
/// [`Reading::Original`] does the same.
#[inline(always)]
pub fn ulaby<T: Real>(
    wave: Wave,
    incidence: Incidence<T>,
    air_temperature_k: T,
    reading: Reading,
) -> Atmosphere<T> {
    outlined!(air_temperature_k, {
        let loss_db = ulaby_loss_db(wave);
        let slant = -(incidence.cos.recip() * (loss_db / DECIBEL_A_NEPER));
        let passed = slant.exp();
        let upwelling_k = -(air_temperature_k * slant.exp_m1());
        Atmosphere {
            transmittance: match reading {
                Reading::Corrected => passed,
                Reading::Original => (-(incidence.cos.recip() * loss_db)).exp(),
            },
            upwelling_k,
            downwelling_k: upwelling_k + passed * COSMIC_BACKGROUND_K,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_has_the_values_of_the_table_and_the_shape_of_the_line_between_them() {
        let loss = |f: f64| ulaby_loss_db(Wave::new(f).unwrap());
        for (f, expected) in [
            (1.4, 0.04),
            (10.65, 0.04),
            (15.0, 0.085),
            (23.8, 0.47),
            (36.5, 0.2675),
            (89.0, 0.62),
        ] {
            assert!((loss(f) - expected).abs() < 1e-15, "{f}");
        }
        // Below the line it rises, above it falls; MPM89 has 0.164 dB at 18.7 GHz.
        assert!((loss(18.7) / 0.164 - 1.0).abs() < 0.06, "{}", loss(18.7));
        let rising = (0..350).map(|step| loss(16.51 + 0.01 * f64::from(step)));
        assert!(rising.is_sorted());
        let falling = (0..700).map(|step| -loss(24.47 + 0.01 * f64::from(step)));
        assert!(falling.is_sorted());
        assert!((0..10_000).all(|step| (0.04..=0.62).contains(&loss(1.0 + 0.01 * f64::from(step)))));
    }
}
