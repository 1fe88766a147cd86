//! Reads `tests/golden/microwave.json`, which `microwave.py` beside it makes: all formulas written a second time.

use serde::Deserialize;
use serde_json::{Map, Value};
use wherefair_physics::{
    Channel, LandState, LandVariable, MicrowaveParams, Sensor, Wave, absorption, evaluate,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    sensors: Vec<SensorCase>,
    variables: Vec<String>,
    /// Read by the unit test of the table.
    #[serde(rename = "oxygen")]
    _oxygen: Vec<Value>,
    #[serde(rename = "water")]
    _water: Vec<Value>,
    absorption: Vec<AbsorptionCase>,
    brightness: Vec<BrightnessCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SensorCase {
    sensor: Sensor,
    channels: Vec<(f64, Option<f64>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AbsorptionCase {
    /// Frequency in GHz, pressure in Pa, temperature in K, vapour in kg m⁻³.
    of: [f64; 4],
    /// Dry air and vapour in Np m⁻¹.
    absorption: [f64; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrightnessCase {
    group: String,
    channels: Vec<(f64, Option<f64>)>,
    params: Map<String, Value>,
    state: Vec<f64>,
    brightness_k: Vec<f64>,
}

/// Relative to the value.
const TOLERANCE: f64 = 1e-10;
/// The same for absorption, whose sums of lines cancel near their centres.
const TOLERANCE_OF_LINES: f64 = 1e-9;

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/microwave.json")).unwrap()
}

fn channels(of: &[(f64, Option<f64>)]) -> Vec<Channel> {
    let channel = |&(frequency_ghz, incidence_deg): &(f64, Option<f64>)| Channel {
        frequency_ghz,
        incidence_deg,
    };
    of.iter().map(channel).collect()
}

#[test]
fn the_golden_file_has_all_its_cases() {
    let golden = golden();
    let of_group = |group: &str| {
        let cases = golden.brightness.iter();
        cases.filter(|case| case.group == group).count()
    };
    let groups = [
        "soil",
        "temperature",
        "roughness",
        "plants",
        "snow",
        "water",
        "air",
        "mixed",
        "switches",
    ];
    assert_eq!(groups.map(of_group), [96, 51, 146, 164, 69, 16, 27, 16, 24]);
    assert_eq!(golden.absorption.len(), 465);
    let names = LandVariable::ALL.map(|variable| variable.describe().name);
    assert_eq!(golden.variables, names);
}

#[test]
fn sensors_have_their_frequencies_and_angles() {
    let golden = golden();
    assert_eq!(golden.sensors.len(), 3);
    for case in golden.sensors {
        assert_eq!(case.sensor.channels(), channels(&case.channels));
    }
}

#[test]
fn brightness_temperatures_equal_those_of_the_formulas_written_a_second_time() {
    for (i, case) in golden().brightness.into_iter().enumerate() {
        let params: MicrowaveParams = serde_json::from_value(Value::Object(case.params.clone())).unwrap();
        let model = params.channels(channels(&case.channels)).check().unwrap();
        let mut state = LandState::<f64>::default();
        for (variable, value) in LandVariable::ALL.into_iter().zip(&case.state) {
            state.set(variable, *value);
        }
        let ours = evaluate(&model, &model.state(&state)).unwrap();
        assert_eq!(ours.len(), case.brightness_k.len());
        for (at, (ours, theirs)) in ours.iter().zip(&case.brightness_k).enumerate() {
            assert!(
                (ours - theirs).abs() <= TOLERANCE * theirs.abs(),
                "case {i} ({}), output {at}: {ours}, not {theirs}, of {:?} at {:?}: {state:?}",
                case.group,
                case.params,
                case.channels
            );
        }
    }
}

#[test]
fn absorption_beside_every_line_equals_that_of_the_formulas_written_a_second_time() {
    for AbsorptionCase {
        of,
        absorption: theirs,
    } in golden().absorption
    {
        let [f, pressure_pa, temperature_k, vapour] = of;
        let ours = absorption(Wave::new(f).unwrap(), pressure_pa, temperature_k, vapour);
        for (ours, theirs) in [ours.dry, ours.vapour].into_iter().zip(theirs) {
            assert!(
                (ours - theirs).abs() <= TOLERANCE_OF_LINES * theirs.abs(),
                "{ours}, not {theirs} at {of:?}"
            );
        }
    }
}
