//! A regression on line-by-line absorption, fast enough for maps.

use wherefair_core::ParamError;

use super::Atmosphere;
use super::liebe::StandardProfile;
use crate::microwave::constants::COSMIC_BACKGROUND_K;
use crate::microwave::wave::{Incidence, Wave};
use crate::number::{Real, choose, inlined, outlined};
use crate::variable::Domain;

/// The frequencies in GHz for which [`regression`] has coefficients: L band and AMSR2.
pub const REGRESSION_FREQUENCIES_GHZ: [f64; 8] = [1.4, 6.925, 7.3, 10.65, 18.7, 23.8, 36.5, 89.0];

/// How far a frequency may lie from one of [`REGRESSION_FREQUENCIES_GHZ`], in GHz: SMOS and SMAP at 1.413 are meant.
const NEAR_GHZ: f64 = 0.02;

/// The air that a model with [`regression`] accepts: air temperature in K, pressure at the ground in Pa, column water vapour
/// in kg m⁻².
///
/// Wider than the profiles of the fit, so that Siberian winters, desert afternoons and high plateaus are not refused. Over land
/// brightness temperatures differ from those of MPM89 in a standard profile by up to 0.6 K below 11 GHz, 2.6 K at 18.7 and
/// 23.8 GHz and 4.4 K at 36.5 and 89 GHz, at the cold end above all; on the profiles of the fit by 0.2, 0.6, and 1.2 and 2.9 K.
pub const REGRESSION_DOMAIN: [Domain; 3] = [
    Domain::closed(220.0, 320.0),
    Domain::closed(50_000.0, 110_000.0),
    Domain::closed(0.0, 70.0),
];

/// The coefficients of one frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RegressionAtmosphere {
    /// Of the optical depth: pressure², pressure² temperature, vapour, vapour pressure, vapour temperature, vapour².
    depth: [f64; 6],
    /// Of the effective temperature upwards: constant, air temperature, vapour.
    up: [f64; 3],
    /// And downwards.
    down: [f64; 3],
}

const COEFFICIENTS: [RegressionAtmosphere; 8] = [
    row(
        [
            6.7437e-03,
            -4.2382e-03,
            1.7619e-05,
            -1.3158e-05,
            1.4305e-05,
            -1.0359e-07,
        ],
        [36.53, 0.7755, 0.03601],
        [36.38, 0.7764, 0.03555],
    ),
    row(
        [
            7.7339e-03,
            -5.8269e-03,
            3.6637e-06,
            6.0123e-05,
            -1.2679e-05,
            2.3930e-07,
        ],
        [36.16, 0.7773, 0.1705],
        [36.0, 0.7783, 0.1708],
    ),
    row(
        [
            7.8109e-03,
            -5.9659e-03,
            4.0964e-06,
            6.7199e-05,
            -1.6768e-05,
            2.7629e-07,
        ],
        [35.84, 0.7785, 0.1796],
        [35.68, 0.7794, 0.18],
    ),
    row(
        [
            8.6960e-03,
            -7.5497e-03,
            1.1144e-05,
            1.5758e-04,
            -6.4653e-05,
            7.0528e-07,
        ],
        [30.52, 0.7987, 0.2417],
        [30.35, 0.7998, 0.2432],
    ),
    row(
        [
            1.2750e-02,
            -1.4146e-02,
            6.5793e-04,
            9.6464e-04,
            -3.6238e-04,
            2.8457e-06,
        ],
        [-9.91, 0.9613, 0.1876],
        [-10.28, 0.9635, 0.2031],
    ),
    row(
        [
            1.6869e-02,
            -2.1553e-02,
            6.0445e-03,
            -6.3915e-04,
            -6.1159e-04,
            1.5723e-06,
        ],
        [-21.71, 1.012, 0.05911],
        [-22.21, 1.015, 0.1217],
    ),
    row(
        [
            4.6560e-02,
            -6.2541e-02,
            1.0512e-04,
            1.6282e-03,
            -7.8491e-04,
            8.1643e-06,
        ],
        [26.02, 0.8126, 0.2949],
        [25.26, 0.8183, 0.312],
    ),
    row(
        [
            1.8155e-02,
            2.1977e-02,
            5.8428e-04,
            7.0867e-03,
            -7.3944e-03,
            5.5953e-05,
        ],
        [-25.04, 1.042, -0.01814],
        [-24.84, 1.042, 0.0624],
    ),
];

const fn row(depth: [f64; 6], up: [f64; 3], down: [f64; 3]) -> RegressionAtmosphere {
    RegressionAtmosphere { depth, up, down }
}

impl RegressionAtmosphere {
    /// The coefficients of a frequency.
    ///
    /// # Errors
    /// Where it is farther than 0.02 GHz from every one of [`REGRESSION_FREQUENCIES_GHZ`].
    pub fn at(wave: Wave) -> Result<Self, ParamError> {
        let f = wave.frequency_ghz();
        REGRESSION_FREQUENCIES_GHZ
            .iter()
            .position(|known| (known - f).abs() <= NEAR_GHZ)
            .map(|i| COEFFICIENTS[i])
            .ok_or_else(|| {
                let known: Vec<String> = REGRESSION_FREQUENCIES_GHZ.iter().map(f64::to_string).collect();
                ParamError::new(
                    "frequency_ghz",
                    f,
                    format!("for the atmosphere `regression`: {}", known.join(", ")),
                )
            })
    }
}

/// The atmosphere from air temperature, pressure and column water vapour by regression on 596 profiles of MPM89.
///
/// # Formula
/// With `π = p/101325`, `Δ = (T − 288.15)/100` and column `V` in kg m⁻²:
/// `τ = c₁π² + c₂π²Δ + c₃V + c₄Vπ + c₅VΔ + c₆V²` at zenith (not below 0), `T_up = u₀ + u₁T + u₂V`,
/// `T_down = d₀ + d₁T + d₂V`, `g = exp(−τ/cos θ)`; up `T_up (1 − g)`, down `T_down (1 − g) + 2.7 g`.
///
/// `T_up` and `T_down` are not above `T`.
///
/// Fitted on air of 245 to 308 K, elevations up to 2.5 km and columns up to 60 kg m⁻²: errors of the optical depth are below
/// 0.007 up to 36.5 GHz and below 0.04 at 89 GHz. A model accepts [`REGRESSION_DOMAIN`].
#[inline(always)]
pub fn regression<T: Real>(
    of: RegressionAtmosphere,
    incidence: Incidence<T>,
    profile: StandardProfile<T>,
) -> Atmosphere<T> {
    outlined!(incidence.cos, {
        let pressure = profile.surface_pressure_pa / 101_325.0;
        let (air, column) = (profile.air_temperature_k, profile.column_vapour_kg_m2);
        let warm = (air - 288.15) / 100.0;
        let [c1, c2, c3, c4, c5, c6] = of.depth;
        let depth =
            pressure.square() * (warm * c2 + c1) + column * (pressure * c4 + warm * c5 + column * c6 + c3);
        let slant = -(depth.at_least(0.0) / incidence.cos);
        let (passed, emitted) = (slant.exp(), -slant.exp_m1());
        let effective = inlined!(|[constant, of_air, of_column]: [f64; 3]| {
            let fitted = air * of_air + column * of_column + constant;
            // Vapour that cold air does not hold would make it emit above its temperature.
            choose!(air.below(fitted), air, fitted)
        });
        Atmosphere {
            transmittance: passed,
            upwelling_k: effective(of.up) * emitted,
            downwelling_k: effective(of.down) * emitted + passed * COSMIC_BACKGROUND_K,
        }
    })
}
