//! The microwave forward model: all channels of a sensor.

use super::atmosphere::REGRESSION_DOMAIN;
use super::channel::ChannelModel;
use super::params::MicrowaveParams;
use super::soil::SoilTexture;
use super::state::{LandState, LandVariable};
use super::wave::Polarized;
use crate::batch::{Chunk, Vectors};
use crate::error::PhysicsError;
use crate::forward_model::{ForwardModel, accepts_each, check_each};
use crate::number::{Mask as _, Real, inlined};
use crate::variable::{Domain, Variable};

/// Shares that were rounded may exceed 1 by a little.
const MOST_SHARES: f64 = 1.0 + 1e-9;
/// Marks an input that the model does not read.
const NOT_READ: usize = usize::MAX;

/// Emission of land in the microwave region, after ECMWF's CMEM 5.1, made by [`MicrowaveParams::check`].
///
/// Inputs are those of [`LandState`] that the chosen components read; outputs are the brightness temperatures above the
/// atmosphere in K, horizontally and vertically polarised, channel by channel.
///
/// # Formula
/// `TB = e^(−τ_atm) Σ f_i TB_i + TB_up` over tiles `i`, each
/// `TB_i = T_eff (1 − r) e^(−τ) + TB_down r e^(−2τ) + (1 − ω)(1 − e^(−τ)) T_veg (1 + r e^(−τ))`.
///
/// Does not have: Wilheit's coherent layers of soil, scattering between leaves beyond ω, wind on water, clouds, rain,
/// topography.
///
/// # References
/// de Rosnay et al. (2009), doi:10.1029/2008JD010724; Drusch et al. (2009), doi:10.1175/2008JHM964.1.
#[derive(Debug, Clone, PartialEq)]
pub struct MicrowaveModel {
    params: MicrowaveParams,
    channels: Vec<ChannelModel>,
    inputs: Vec<Variable>,
    outputs: Vec<String>,
    /// Where each input of [`LandVariable::ALL`] stands in a state.
    slots: [usize; LandVariable::ALL.len()],
}

impl MicrowaveModel {
    pub(super) fn new(params: MicrowaveParams) -> Result<Self, PhysicsError> {
        let channels = params
            .channels
            .iter()
            .map(|channel| ChannelModel::new(channel, &params))
            .collect::<Result<Vec<_>, _>>()?;
        for channel in channels.iter().filter(|channel| channel.ends_at_70_deg()) {
            if let Some(angle) = channel.incidence_deg() {
                let accepted = "0 to 70 with Wegmüller and Mätzler's roughness";
                if angle > 70.0 {
                    return Err(wherefair_core::ParamError::new("incidence_deg", angle, accepted).into());
                }
            }
        }
        let mut slots = [NOT_READ; LandVariable::ALL.len()];
        let mut inputs = Vec::new();
        for variable in LandVariable::ALL {
            if !channels.iter().any(|channel| channel.reads(variable)) {
                continue;
            }
            slots[variable as usize] = inputs.len();
            let mut input = *variable.describe();
            let is_narrow = channels
                .iter()
                .any(|channel| channel.incidence_deg().is_none() && channel.ends_at_70_deg());
            if variable == LandVariable::IncidenceAngle && is_narrow {
                input.domain = Domain::closed(0.0, 70.0);
            }
            if channels.iter().any(ChannelModel::has_regression) {
                let [temperature, pressure, vapour] = REGRESSION_DOMAIN;
                match variable {
                    LandVariable::AirTemperature => input.domain = temperature,
                    LandVariable::SurfacePressure => input.domain = pressure,
                    LandVariable::ColumnVapour => input.domain = vapour,
                    _ => {}
                }
            }
            inputs.push(input);
        }
        let outputs = output_names(&params);
        Ok(Self {
            params,
            channels,
            inputs,
            outputs,
            slots,
        })
    }

    /// The components it is put together from.
    pub fn params(&self) -> &MicrowaveParams {
        &self.params
    }

    /// The numbers of `state` that this model reads, in its order.
    pub fn state(&self, state: &LandState<f64>) -> Vec<f64> {
        let read = LandVariable::ALL
            .iter()
            .filter(|&&variable| self.slots[variable as usize] != NOT_READ);
        read.map(|&variable| state.get(variable)).collect()
    }

    /// The brightness temperatures of `state` in K, channel by channel, without a check of the domain.
    pub fn brightness_temperatures_k<T: Real>(&self, state: &LandState<T>) -> Vec<Polarized<T>> {
        let read = |variable| state.get(variable);
        let channels = self.channels.iter();
        channels
            .map(|channel| channel.brightness_temperature_k(&read))
            .collect()
    }

    #[inline(always)]
    fn value<T: Real>(&self, state: &[T], variable: LandVariable) -> Option<T> {
        state.get(self.slots[variable as usize]).copied()
    }

    /// Whether [`check_together`](Self::check_together) accepts a state whose single inputs are `accepted`.
    #[inline(always)]
    fn accepts_together<T: Real>(&self, state: &[T], mut accepted: T::Mask) -> T::Mask {
        use LandVariable as V;
        let of = inlined!(|variable| self.value(state, variable));
        if let (Some(moisture), Some(sand_percent), Some(clay_percent)) =
            (of(V::SoilMoisture), of(V::Sand), of(V::Clay))
        {
            let texture = SoilTexture {
                sand_percent,
                clay_percent,
            };
            let all = moisture.constant(100.0);
            accepted = accepted
                .and((sand_percent + clay_percent).at_or_below(all))
                .and(moisture.at_or_below(texture.porosity()));
        }
        if let (Some(water), Some(density)) = (of(V::SnowWater), of(V::SnowDensity)) {
            accepted = accepted.and(water.below(density));
        }
        if let (Some(low), Some(high), Some(water)) =
            (of(V::LowVegetation), of(V::HighVegetation), of(V::OpenWater))
        {
            accepted = accepted.and((low + high + water).at_or_below(low.constant(MOST_SHARES)));
        }
        accepted
    }

    /// The conditions on several inputs together.
    fn check_together(&self, state: &[f64]) -> Result<(), PhysicsError> {
        use LandVariable as V;
        let of = |variable| self.value(state, variable);
        let refuse = |variable: V, value: f64, accepted: String| {
            Err(PhysicsError::Domain {
                field: variable.describe().name,
                index: None,
                value,
                accepted,
            })
        };
        if let (Some(moisture), Some(sand), Some(clay)) = (of(V::SoilMoisture), of(V::Sand), of(V::Clay)) {
            if sand + clay > 100.0 {
                let accepted = format!("with {sand} % sand at most {}", 100.0 - sand);
                return refuse(V::Clay, clay, accepted);
            }
            let porosity = SoilTexture {
                sand_percent: sand,
                clay_percent: clay,
            }
            .porosity();
            if moisture > porosity {
                let accepted = format!("0 to the porosity of this soil, {porosity:.4}");
                return refuse(V::SoilMoisture, moisture, accepted);
            }
        }
        if let (Some(water), Some(density)) = (of(V::SnowWater), of(V::SnowDensity))
            && water >= density
        {
            let accepted = format!("0 to below the density of the snow, {density}");
            return refuse(V::SnowWater, water, accepted);
        }
        if let (Some(low), Some(high), Some(water)) =
            (of(V::LowVegetation), of(V::HighVegetation), of(V::OpenWater))
            && low + high + water > MOST_SHARES
        {
            return Err(PhysicsError::Domain {
                field: "low_vegetation_fraction + high_vegetation_fraction + water_fraction",
                index: None,
                value: low + high + water,
                accepted: "at most 1".to_owned(),
            });
        }
        Ok(())
    }
}

impl ForwardModel for MicrowaveModel {
    fn inputs(&self) -> &[Variable] {
        &self.inputs
    }

    fn outputs(&self) -> &[String] {
        &self.outputs
    }

    fn check(&self, state: &[f64]) -> Result<(), PhysicsError> {
        check_each(&self.inputs, state)?;
        self.check_together(state)
    }

    #[inline(always)]
    fn accepts<T: Real>(&self, state: &[T]) -> T::Mask {
        self.accepts_together(state, accepts_each(&self.inputs, state))
    }

    #[inline(always)]
    fn evaluate<T: Real>(&self, state: &[T], outputs: &mut [T]) {
        let read = inlined!(|variable: LandVariable| {
            match state.get(self.slots[variable as usize]) {
                Some(&value) => value,
                None => state[0].constant(variable.describe().default),
            }
        });
        for (i, channel) in self.channels.iter().enumerate() {
            let brightness = channel.brightness_temperature_k(&read);
            outputs[2 * i] = brightness.h;
            outputs[2 * i + 1] = brightness.v;
        }
    }

    #[doc(hidden)]
    #[expect(private_interfaces, reason = "only this crate calls it")]
    fn work(&self, vectors: Vectors, chunk: Chunk<'_>) -> Vec<usize> {
        vectors.work(self, chunk)
    }
}

/// `tb_6.925ghz_h_k`, with the angle where a frequency is measured at several.
fn output_names(params: &MicrowaveParams) -> Vec<String> {
    let channels = &params.channels;
    let name = |channel: &super::sensor::Channel, polarization: &str| {
        let f = channel.frequency_ghz;
        let same = channels
            .iter()
            .filter(|other| other.frequency_ghz.total_cmp(&f).is_eq());
        match channel.incidence_deg {
            Some(angle) if same.count() > 1 => format!("tb_{f}ghz_{angle}deg_{polarization}_k"),
            _ => format!("tb_{f}ghz_{polarization}_k"),
        }
    };
    channels
        .iter()
        .flat_map(|channel| [name(channel, "h"), name(channel, "v")])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microwave::params::{Surface, Tile};
    use crate::microwave::sensor::{Channel, Sensor};

    #[test]
    fn a_model_reads_only_what_its_components_need() {
        let water = MicrowaveParams::for_sensor(Sensor::Amsr2)
            .surface(Surface::Tile(Tile::OpenWater))
            .atmosphere(crate::AtmosphereModel::None)
            .check()
            .unwrap();
        let names: Vec<_> = water.inputs().iter().map(|input| input.name).collect();
        assert_eq!(names, ["water_temperature_k", "salinity_psu"]);
    }

    #[test]
    fn a_frequency_at_two_angles_has_two_names() {
        let channels = vec![Channel::new(1.4, 30.0), Channel::new(1.4, 50.0)];
        let model = MicrowaveParams::default().channels(channels).check().unwrap();
        assert_eq!(model.outputs()[0], "tb_1.4ghz_30deg_h_k");
        assert_eq!(model.outputs()[3], "tb_1.4ghz_50deg_v_k");
    }
}
