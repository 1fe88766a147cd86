//! The forward model that the flags describe.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error as NameError, StrDeserializer};
use wherefair_core::Seed;
use wherefair_physics::ForwardModel;
use wherefair_physics::{
    Channel, FrequencyRange, LandVariable, MicrowaveModel, MicrowaveParams, OutOfDomain, PhysicsError, Prior,
    Sampling, Sensor, Simulation, Surface, ThermalModel, ThermalParams, ThermalVariable, Variable, ViewAngle,
    sample_states, simulate_into, simulate_with_derivatives_into,
};

use super::args::{AngleArg, ModelArg, SimulateArgs};

/// One of the models.
#[derive(Debug)]
pub(super) enum AnyModel {
    Microwave(Box<MicrowaveModel>),
    Thermal(Box<ThermalModel>),
}

impl AnyModel {
    /// The model of the flags.
    pub(super) fn of(args: &SimulateArgs) -> Result<Self> {
        match args.model {
            ModelArg::Cmem => {
                refuse(args.band.as_deref(), "--band", "cmem")?;
                let params = microwave(args)?;
                Ok(Self::Microwave(Box::new(params.check().context("--model cmem")?)))
            }
            ModelArg::Thermal => {
                refuse(args.sensor.as_deref(), "--sensor", "thermal")?;
                refuse(args.tile.as_deref(), "--tile", "thermal")?;
                if args.extended {
                    bail!("--extended: has no use with --model thermal");
                }
                if !args.frequency.is_empty() {
                    bail!("--frequency: has no use with --model thermal (accepted: --band)");
                }
                let params = thermal(args)?;
                Ok(Self::Thermal(Box::new(
                    params.check().context("--model thermal")?,
                )))
            }
        }
    }

    pub(super) fn inputs(&self) -> &[Variable] {
        match self {
            Self::Microwave(model) => model.inputs(),
            Self::Thermal(model) => model.inputs(),
        }
    }

    pub(super) fn outputs(&self) -> &[String] {
        match self {
            Self::Microwave(model) => model.outputs(),
            Self::Thermal(model) => model.outputs(),
        }
    }

    /// The names of inputs that other components would read.
    pub(super) fn unread(&self) -> Vec<&'static str> {
        let all: Vec<&'static Variable> = match self {
            Self::Microwave(_) => LandVariable::ALL.map(LandVariable::describe).to_vec(),
            Self::Thermal(_) => ThermalVariable::ALL.map(ThermalVariable::describe).to_vec(),
        };
        let names = all.into_iter().map(|variable| variable.name);
        names
            .filter(|&name| self.inputs().iter().all(|input| input.name != name))
            .collect()
    }

    pub(super) fn simulate(
        &self,
        columns: &[&[f64]],
        out_of_domain: OutOfDomain,
        with_derivatives: bool,
        block: &mut Simulation,
    ) -> Result<(), PhysicsError> {
        match (self, with_derivatives) {
            (Self::Microwave(model), false) => simulate_into(model.as_ref(), columns, out_of_domain, block),
            (Self::Microwave(model), true) => {
                simulate_with_derivatives_into(model.as_ref(), columns, out_of_domain, block)
            }
            (Self::Thermal(model), false) => simulate_into(model.as_ref(), columns, out_of_domain, block),
            (Self::Thermal(model), true) => {
                simulate_with_derivatives_into(model.as_ref(), columns, out_of_domain, block)
            }
        }
    }

    pub(super) fn sample(
        &self,
        n: usize,
        priors: &[Prior],
        sampling: Sampling,
        seed: Seed,
    ) -> Result<Vec<Vec<f64>>, PhysicsError> {
        match self {
            Self::Microwave(model) => sample_states(model.as_ref(), n, priors, sampling, seed),
            Self::Thermal(model) => sample_states(model.as_ref(), n, priors, sampling, seed),
        }
    }
}

fn microwave(args: &SimulateArgs) -> Result<MicrowaveParams> {
    let mut params: MicrowaveParams = match &args.config {
        Some(path) => configuration(path)?,
        None => MicrowaveParams::default(),
    };
    if let Some(name) = &args.sensor {
        params = params.channels(named::<Sensor>("--sensor", name)?.channels());
    }
    if !args.frequency.is_empty() {
        let channel = |&frequency_ghz: &f64| Channel {
            frequency_ghz,
            incidence_deg: match args.angle {
                Some(AngleArg::Degrees(incidence_deg)) => Some(incidence_deg),
                Some(AngleArg::Input) | None => None,
            },
        };
        params = params.channels(args.frequency.iter().map(channel).collect());
    } else if args.angle.is_some() {
        bail!(
            "--angle: is for --frequency (the angle of a sensor is its own; that of smos is the input incidence_deg)"
        );
    }
    if args.extended {
        params = params.frequency_range(FrequencyRange::Extended);
    }
    if let Some(name) = &args.tile {
        params = params.surface(if name == "mixed" {
            Surface::Mixed
        } else {
            Surface::Tile(named("--tile", name)?)
        });
    }
    if let Some(name) = &args.atmosphere {
        params = params.atmosphere(named("--atmosphere", name)?);
    }
    Ok(params)
}

fn thermal(args: &SimulateArgs) -> Result<ThermalParams> {
    let mut params: ThermalParams = match &args.config {
        Some(path) => configuration(path)?,
        None => ThermalParams::default(),
    };
    if let Some(name) = &args.band {
        params = params.band(named("--band", name)?);
    }
    if let Some(name) = &args.atmosphere {
        params = params.atmosphere(named("--atmosphere", name)?);
    }
    if let Some(angle) = args.angle {
        params = params.view_angle(match angle {
            AngleArg::Degrees(angle_deg) => ViewAngle::Fixed(angle_deg),
            AngleArg::Input => ViewAngle::Input,
        });
    }
    Ok(params)
}

/// A component by its name.
fn named<T: DeserializeOwned>(flag: &str, name: &str) -> Result<T> {
    let deserializer: StrDeserializer<'_, NameError> = name.into_deserializer();
    T::deserialize(deserializer).with_context(|| format!("{flag} {name}"))
}

fn configuration<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("--config {shown}: cannot read"))?;
    toml::from_str(&text).with_context(|| format!("--config {shown}"))
}

fn refuse(value: Option<&str>, flag: &str, model: &str) -> Result<()> {
    match value {
        Some(value) => bail!("{flag} {value}: has no use with --model {model}"),
        None => Ok(()),
    }
}
