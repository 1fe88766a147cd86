//! Draws the pictures of the book's page on forward models: `cargo run --example pictures FOLDER`.

use std::error::Error;
use std::path::Path;

use wherefair_physics::{
    AtmosphereModel, Channel, LandState, MicrowaveModel, MicrowaveParams, PhysicsError, Surface,
    ThermalAtmosphereModel, ThermalBand, ThermalParams, ThermalState, Tile, VegetationWater, evaluate,
};
use wherefair_report::{Line, LineChart, LinePanel, LinePoint, line_chart_svg};

const WIDTH: f64 = 760.0;
const N_POINTS: u32 = 24;
const ANGLE_DEG: f64 = 40.0;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args()
        .nth(1)
        .ok_or("missing argument: the folder for the pictures")?;
    for (name, chart) in [
        ("physics-soil-moisture", soil_moisture()?),
        ("physics-frequency", frequency()?),
        ("physics-thermal", thermal()?),
    ] {
        let path = Path::new(&folder).join(format!("{name}.svg"));
        std::fs::write(path, line_chart_svg(&chart, WIDTH))?;
    }
    Ok(())
}

/// Brightness temperatures over what a function makes of a share of 0 to 1.
fn line(
    name: String,
    (from, to): (f64, f64),
    of: impl Fn(f64) -> Result<f64, PhysicsError>,
) -> Result<Line, PhysicsError> {
    let point = |i: u32| {
        let x = from + (to - from) * f64::from(i) / f64::from(N_POINTS);
        Ok(LinePoint {
            x,
            y: of(x)?,
            interval: None,
        })
    };
    Ok(Line {
        name,
        points: (0..=N_POINTS).map(point).collect::<Result<_, PhysicsError>>()?,
    })
}

fn panel(title: &str, x_title: &str, y_title: &str, lines: Vec<Line>) -> LinePanel {
    LinePanel {
        title: title.to_owned(),
        x_title: x_title.to_owned(),
        y_title: y_title.to_owned(),
        lines,
        ..LinePanel::default()
    }
}

fn ground(frequency_ghz: f64, tile: Tile) -> Result<MicrowaveModel, PhysicsError> {
    MicrowaveParams::default()
        .channels(vec![Channel::new(frequency_ghz, ANGLE_DEG)])
        .surface(Surface::Tile(tile))
        .vegetation_water(VegetationWater::Given)
        .atmosphere(AtmosphereModel::None)
        .check()
}

/// Bare soil over its moisture, a line a frequency.
fn soil_moisture() -> Result<LineChart, PhysicsError> {
    let panel_of = |title: &str, polarization: usize| {
        let lines = [1.41, 6.925, 18.7, 36.5].map(|frequency| {
            let model = ground(frequency, Tile::BareSoil)?;
            line(format!("{frequency} GHz"), (0.02, 0.45), |soil_moisture| {
                let state = LandState {
                    soil_moisture,
                    ..LandState::default()
                };
                Ok(evaluate(&model, &model.state(&state))?[polarization])
            })
        });
        let lines = lines.into_iter().collect::<Result<_, _>>()?;
        Ok::<_, PhysicsError>(panel(
            title,
            "soil moisture, m³ m⁻³",
            "brightness temperature, K",
            lines,
        ))
    };
    Ok(LineChart {
        title: "Bare soil at 290 K, 1 cm rough, seen at 40°".to_owned(),
        panels: vec![panel_of("horizontal", 0)?, panel_of("vertical", 1)?],
        n_columns: 2,
    })
}

/// Bare soil and grass over frequency, a line a state, horizontally polarised.
fn frequency() -> Result<LineChart, PhysicsError> {
    let of = |tile, state: LandState<f64>, name: &str| {
        line(name.to_owned(), (1.0, 37.0), |frequency| {
            let model = ground(frequency, tile)?;
            Ok(evaluate(&model, &model.state(&state))?[0])
        })
    };
    let moist = |soil_moisture| LandState {
        soil_moisture,
        ..LandState::default()
    };
    let soil = [
        ("dry soil, 0.05", 0.05),
        ("moist soil, 0.20", 0.2),
        ("wet soil, 0.40", 0.4),
    ]
    .map(|(name, moisture)| of(Tile::BareSoil, moist(moisture), name));
    let plants = [
        ("0.5 kg m⁻² of plants", 0.5),
        ("1 kg m⁻²", 1.0),
        ("4 kg m⁻²", 4.0),
    ]
    .map(|(name, water)| {
        let state = LandState {
            low_vegetation_water_kg_m2: water,
            ..moist(0.4)
        };
        of(Tile::LowVegetation, state, name)
    });
    let panel_of = |title: &str, lines: [Result<Line, PhysicsError>; 3]| {
        let lines = lines.into_iter().collect::<Result<_, _>>()?;
        Ok::<_, PhysicsError>(panel(
            title,
            "frequency, GHz",
            "brightness temperature H, K",
            lines,
        ))
    };
    Ok(LineChart {
        title: "Low frequencies see water in soil, high ones plants".to_owned(),
        panels: vec![
            panel_of("bare soil", soil)?,
            panel_of("plants on wet soil", plants)?,
        ],
        n_columns: 2,
    })
}

/// Transmittance over column water vapour, and what it does to the temperature that is seen.
fn thermal() -> Result<LineChart, PhysicsError> {
    let bands = [
        (
            "Landsat 5, band 6",
            ThermalBand::Landsat5Band6,
            ThermalAtmosphereModel::WaterVapour,
        ),
        (
            "Landsat 7, band 6",
            ThermalBand::Landsat7Band6,
            ThermalAtmosphereModel::WaterVapour,
        ),
        (
            "Landsat 8, band 10",
            ThermalBand::Landsat8Band10,
            ThermalAtmosphereModel::WaterVapour,
        ),
        (
            "Landsat 8, band 11",
            ThermalBand::Landsat8Band11,
            ThermalAtmosphereModel::AirTemperature,
        ),
    ];
    let (mut transmittances, mut deficits) = (Vec::new(), Vec::new());
    for (name, band, atmosphere) in bands {
        let model = ThermalParams::new(band).atmosphere(atmosphere).check()?;
        let at = |water_vapour_g_cm2| ThermalState {
            water_vapour_g_cm2,
            ..ThermalState::default()
        };
        transmittances.push(line(name.to_owned(), (0.2, 5.0), |w| {
            Ok(model.atmosphere(&at(w)).transmittance)
        })?);
        deficits.push(line(name.to_owned(), (0.2, 5.0), |w| {
            let state = at(w);
            Ok(evaluate(&model, &model.state(&state))?[1] - state.surface_temperature_k)
        })?);
    }
    let x_title = "column water vapour, g cm⁻²";
    Ok(LineChart {
        title: "Land at 300 K with emissivity 0.97, through the air".to_owned(),
        panels: vec![
            panel("transmittance at nadir", x_title, "transmittance", transmittances),
            panel(
                "brightness less surface temperature",
                x_title,
                "difference, K",
                deficits,
            ),
        ],
        n_columns: 2,
    })
}
