//! The thermal forward model.

use serde::{Deserialize, Serialize};
use wherefair_core::ParamError;

use super::atmosphere::{
    Climate, ThermalAtmosphere, ThermalAtmosphereModel, effective_temperature_atmosphere,
    single_channel_atmosphere, slanted,
};
use super::band::ThermalBand;
use super::view_angle::{INPUT, VIEW_ANGLES_DEG, ViewAngle};
use crate::batch::{Chunk, Vectors};
use crate::error::PhysicsError;
use crate::forward_model::{ForwardModel, accepts_each, check_each};
use crate::number::{Real, inlined};
use crate::variable::{Domain, Variable, state};

state! {
    /// The state of one place as a thermal sensor sees it, an input a field.
    state ThermalState;
    /// The inputs of [`ThermalState`].
    variables ThermalVariable, 8;
    "Temperature of the surface in K" SurfaceTemperature surface_temperature_k:
        Domain::closed(150.0, 400.0), [260.0, 330.0], 300.0;
    "Emissivity of the surface in the band" Emissivity emissivity: Domain::closed(0.5, 1.0), [0.90, 0.995], 0.97;
    "Water vapour in the column of air in g cm⁻²" WaterVapour water_vapour_g_cm2: Domain::closed(0.0, 6.0), [0.2, 5.0], 2.0;
    "Air temperature at 2 m in K" AirTemperature air_temperature_k: Domain::closed(200.0, 340.0), [260.0, 315.0], 295.0;
    "Transmittance of the air at nadir" Transmittance transmittance: Domain::closed(0.01, 1.0), [0.4, 0.98], 0.8;
    "Radiance of the air upwards at nadir in W m⁻² sr⁻¹ µm⁻¹" Upwelling upwelling_radiance:
        Domain::closed(0.0, 20.0), [0.1, 5.0], 1.5;
    "Radiance of the air downwards in W m⁻² sr⁻¹ µm⁻¹" Downwelling downwelling_radiance:
        Domain::closed(0.0, 20.0), [0.2, 7.0], 2.5;
    "Angle of view from nadir in degrees" ViewAngle view_angle_deg: VIEW_ANGLES_DEG, [0.0, 55.0], 0.0;
}

/// The components of a [`ThermalModel`]; by default Landsat 8's band 10 as [`ThermalParams::new`] makes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThermalParams {
    band: ThermalBand,
    atmosphere: ThermalAtmosphereModel,
    climate: Climate,
    view_angle_deg: ViewAngle,
}

impl ThermalParams {
    /// A band with an atmosphere from column water vapour, seen from the zenith.
    pub fn new(band: ThermalBand) -> Self {
        Self {
            band,
            ..Self::default()
        }
    }

    /// The band.
    #[must_use]
    pub fn band(mut self, band: ThermalBand) -> Self {
        self.band = band;
        self
    }

    /// How the atmosphere is modelled.
    #[must_use]
    pub fn atmosphere(mut self, atmosphere: ThermalAtmosphereModel) -> Self {
        self.atmosphere = atmosphere;
        self
    }

    /// The climate of [`ThermalAtmosphereModel::AirTemperature`].
    #[must_use]
    pub fn climate(mut self, climate: Climate) -> Self {
        self.climate = climate;
        self
    }

    /// Where the sensor stands; `view_angle_deg` in configurations.
    #[must_use]
    pub fn view_angle(mut self, view_angle: ViewAngle) -> Self {
        self.view_angle_deg = view_angle;
        self
    }

    /// Checks the components and makes the model of them.
    ///
    /// # Errors
    /// Where the angle lies outside 0 to 85°, or the atmosphere has no coefficients for the band.
    pub fn check(self) -> Result<ThermalModel, PhysicsError> {
        if let ViewAngle::Fixed(angle_deg) = self.view_angle_deg
            && !VIEW_ANGLES_DEG.contains(angle_deg)
        {
            let accepted = format!("{VIEW_ANGLES_DEG}, or {INPUT:?}");
            return Err(ParamError::new("view_angle_deg", angle_deg, accepted).into());
        }
        let has_coefficients = |band: ThermalBand| match self.atmosphere {
            ThermalAtmosphereModel::WaterVapour => band.atmospheric_functions().is_some(),
            ThermalAtmosphereModel::AirTemperature => band.transmittance_polynomial().is_some(),
            ThermalAtmosphereModel::Given => true,
        };
        if !has_coefficients(self.band) {
            let accepted: Vec<&str> = ThermalBand::ALL
                .into_iter()
                .filter(|&band| has_coefficients(band))
                .map(ThermalBand::name)
                .collect();
            let accepted = format!(
                "with the atmosphere {} {}, or the atmosphere {}",
                self.atmosphere.name(),
                accepted.join(", "),
                ThermalAtmosphereModel::Given.name()
            );
            return Err(ParamError::new("band", self.band.name(), accepted).into());
        }
        let inputs = ThermalVariable::ALL
            .into_iter()
            .filter(|&variable| self.reads(variable));
        Ok(ThermalModel {
            inputs: inputs.map(|variable| *variable.describe()).collect(),
            outputs: vec![
                "radiance_w_m2_sr_um".to_owned(),
                "brightness_temperature_k".to_owned(),
            ],
            params: self,
        })
    }

    fn reads(&self, variable: ThermalVariable) -> bool {
        use ThermalVariable as V;
        let is_given = self.atmosphere == ThermalAtmosphereModel::Given;
        match variable {
            V::SurfaceTemperature | V::Emissivity => true,
            V::WaterVapour => !is_given,
            V::AirTemperature => self.atmosphere == ThermalAtmosphereModel::AirTemperature,
            V::Transmittance | V::Upwelling | V::Downwelling => is_given,
            V::ViewAngle => self.view_angle_deg == ViewAngle::Input,
        }
    }
}

/// Radiance of land in a thermal band, after the equation that MODTRAN's band model stands for, made by
/// [`ThermalParams::check`].
///
/// Outputs are the radiance at the sensor in W m⁻² sr⁻¹ µm⁻¹ and its brightness temperature in K.
///
/// # Formula
/// `L = (ε B(T_s) + (1 − ε) L↓) τ + L↑`
#[derive(Debug, Clone, PartialEq)]
pub struct ThermalModel {
    params: ThermalParams,
    inputs: Vec<Variable>,
    outputs: Vec<String>,
}

impl ThermalModel {
    /// The components it is put together from.
    pub fn params(&self) -> &ThermalParams {
        &self.params
    }

    /// Its band.
    pub fn band(&self) -> ThermalBand {
        self.params.band
    }

    /// The numbers of `state` that this model reads, in its order.
    pub fn state(&self, state: &ThermalState<f64>) -> Vec<f64> {
        let read = ThermalVariable::ALL
            .iter()
            .filter(|&&variable| self.params.reads(variable));
        read.map(|&variable| state.get(variable)).collect()
    }

    /// The atmosphere along the line of sight, without a check of the domain.
    #[inline(always)]
    pub fn atmosphere<T: Real>(&self, state: &ThermalState<T>) -> ThermalAtmosphere<T> {
        let given = inlined!(|| ThermalAtmosphere {
            transmittance: state.transmittance,
            upwelling_radiance: state.upwelling_radiance,
            downwelling_radiance: state.downwelling_radiance,
        });
        let vapour = state.water_vapour_g_cm2;
        let of_band = match self.params.atmosphere {
            ThermalAtmosphereModel::WaterVapour => single_channel_atmosphere(self.params.band, vapour),
            ThermalAtmosphereModel::AirTemperature => effective_temperature_atmosphere(
                self.params.band,
                self.params.climate,
                vapour,
                state.air_temperature_k,
            ),
            ThermalAtmosphereModel::Given => None,
        };
        let nadir = match of_band {
            Some(of_band) => of_band,
            None => given(),
        };
        match self.params.view_angle_deg {
            ViewAngle::Fixed(0.0) => nadir,
            ViewAngle::Fixed(angle_deg) => slanted(nadir, vapour.constant(angle_deg)),
            ViewAngle::Input => slanted(nadir, state.view_angle_deg),
        }
    }

    /// The radiance at the sensor in W m⁻² sr⁻¹ µm⁻¹, without a check of the domain.
    #[inline(always)]
    pub fn radiance<T: Real>(&self, state: &ThermalState<T>) -> T {
        let air = self.atmosphere(state);
        let emitted = self.params.band.radiance(state.surface_temperature_k);
        let sky = air.downwelling_radiance;
        (state.emissivity * (emitted - sky) + sky) * air.transmittance + air.upwelling_radiance
    }

    /// The state that a model of these components is given as numbers.
    #[inline(always)]
    fn named<T: Real>(&self, numbers: &[T]) -> ThermalState<T> {
        let mut state = ThermalState::usual(numbers[0]);
        let mut next = 0;
        for variable in ThermalVariable::ALL {
            if self.params.reads(variable) && next < numbers.len() {
                state.set(variable, numbers[next]);
                next += 1;
            }
        }
        state
    }
}

impl ForwardModel for ThermalModel {
    fn inputs(&self) -> &[Variable] {
        &self.inputs
    }

    fn outputs(&self) -> &[String] {
        &self.outputs
    }

    fn check(&self, state: &[f64]) -> Result<(), PhysicsError> {
        check_each(&self.inputs, state)
    }

    #[inline(always)]
    fn accepts<T: Real>(&self, state: &[T]) -> T::Mask {
        accepts_each(&self.inputs, state)
    }

    #[inline(always)]
    fn evaluate<T: Real>(&self, state: &[T], outputs: &mut [T]) {
        let radiance = self.radiance(&self.named(state));
        outputs[0] = radiance;
        outputs[1] = self.params.band.brightness_temperature_k(radiance);
    }

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "only this crate calls it")]
    fn work(&self, vectors: Vectors, chunk: Chunk<'_>) -> Vec<usize> {
        vectors.work(self, chunk)
    }
}
