//! Pellarin's atmosphere at low frequencies.

use super::Atmosphere;
use crate::microwave::constants::COSMIC_BACKGROUND_K;
use crate::microwave::wave::Incidence;
use crate::number::{Real, choose, outlined};

/// The atmosphere from elevation and air temperature, below 10 GHz, whatever the frequency.
///
/// # Formula
/// `τ = exp(−3.926 − 0.2211 Z − 0.00369 T)` at zenith, `T_eq = exp(4.927 + 0.002195 T)`, `g = exp(−τ/cos θ)`;
/// up `T_eq (1 − g)`, down `T_eq (1 − g) + 2.7 g`.
///
/// DIFFERENCE: below 227.1 K the formula of `T_eq`, fitted on warmer air, exceeds the air temperature, above which air cannot
/// emit; `T_eq` is the air temperature there. CMEM goes on with the formula.
///
/// # Units
/// `elevation_km` in km, `air_temperature_k` (at 2 m) in K.
///
/// # References
/// Pellarin et al. (2003), Two-year global simulation of L-band brightness temperatures over land, IEEE Trans. Geosci.
/// Remote Sens. 41, 2135–2139.
#[inline(always)]
pub fn pellarin<T: Real>(incidence: Incidence<T>, elevation_km: T, air_temperature_k: T) -> Atmosphere<T> {
    outlined!(elevation_km, {
        let depth = (-(elevation_km * 0.2211) - air_temperature_k * 0.00369 - 3.926).exp();
        let fitted = (air_temperature_k * 0.002_195 + 4.927).exp();
        let equivalent = choose!(air_temperature_k.below(fitted), air_temperature_k, fitted);
        let slant = -(depth / incidence.cos);
        let transmittance = slant.exp();
        let upwelling_k = -(equivalent * slant.exp_m1());
        Atmosphere {
            transmittance,
            upwelling_k,
            downwelling_k: upwelling_k + transmittance * COSMIC_BACKGROUND_K,
        }
    })
}
