//! A model file read by hand, as a program in another language would: with JSON, bytes and loops.

use serde_json::Value;
use wherefair_metrics::ErrorKind;
use wherefair_train::{Dataset, FairModel, Response, Unseen};

use crate::scene::{F1, features, fit, mean_absolute, spad};

/// How far single precision in another order of summation may lead.
const TOLERANCE: f64 = 1e-5;

/// A file as the book describes it.
struct Read {
    description: Value,
    /// Weights, `(n_outputs, n_inputs)` row by row, and biases of each layer.
    layers: Vec<(Vec<f32>, Vec<f32>)>,
}

fn read(bytes: &[u8]) -> Read {
    let n_header = usize::try_from(u64::from_le_bytes(bytes[..8].try_into().unwrap())).unwrap();
    let header: Value = serde_json::from_slice(&bytes[8..8 + n_header]).unwrap();
    let data = &bytes[8 + n_header..];
    let text = header["__metadata__"]["wherefair-model"].as_str().unwrap();
    let own: Value = serde_json::from_str(text).unwrap();
    assert_eq!(own["format"], 1);
    let tensor = |name: &str| -> Option<&[u8]> {
        let tensor = header.get(name)?;
        assert_eq!(tensor["dtype"], "F32");
        let offset = |i: usize| usize::try_from(tensor["data_offsets"][i].as_u64().unwrap()).unwrap();
        Some(&data[offset(0)..offset(1)])
    };
    let numbers = |bytes: &[u8]| -> Vec<f32> {
        let four = |four: &[u8]| f32::from_le_bytes(four.try_into().unwrap());
        bytes.chunks_exact(4).map(four).collect()
    };
    let mut layers = Vec::new();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take_in = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    while let Some(weight) = tensor(&format!("layers.{}.weight", layers.len())) {
        let bias = tensor(&format!("layers.{}.bias", layers.len())).unwrap();
        take_in(weight);
        take_in(bias);
        layers.push((numbers(weight), numbers(bias)));
    }
    let description = own["description"].as_str().unwrap();
    take_in(description.as_bytes());
    assert_eq!(own["checksum"].as_u64(), Some(hash));
    Read {
        description: serde_json::from_str(description).unwrap(),
        layers,
    }
}

/// The outputs of the network for one row.
fn outputs(read: &Read, height: f64, soil: &str) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::new();
    for feature in read.description["encoding"]["features"].as_array().unwrap() {
        match feature["kind"].as_str().unwrap() {
            "number" => {
                assert_eq!(feature["name"], "height");
                let number = |key: &str| feature[key].as_f64().unwrap();
                values.push((height - number("shift")) / number("scale"));
            }
            "category" => {
                let categories = feature["categories"].as_array().unwrap();
                values.extend(
                    categories
                        .iter()
                        .map(|category| f64::from(u8::from(category == soil))),
                );
            }
            other => panic!("{other}"),
        }
    }
    for (layer, (weight, bias)) in read.layers.iter().enumerate() {
        let mut next = Vec::new();
        for (output, bias) in bias.iter().enumerate() {
            let row = &weight[output * values.len()..(output + 1) * values.len()];
            let sum = row
                .iter()
                .zip(&values)
                .map(|(weight, value)| f64::from(*weight) * value)
                .sum::<f64>();
            let sum = sum + f64::from(*bias);
            next.push(if layer + 1 < read.layers.len() {
                sum.max(0.0)
            } else {
                sum
            });
        }
        values = next;
    }
    values
}

/// The features of the scene, as they went in.
fn rows() -> Vec<(f64, &'static str)> {
    let mut stream = wherefair_core::Seed::new(3).stream("scene");
    let mut column = || (0..600).map(|_| 10.0 * stream.uniform()).collect::<Vec<f64>>();
    let (_, _, height) = (column(), column(), column());
    height
        .into_iter()
        .enumerate()
        .map(|(i, height)| (height, ["clay", "loam", "sand"][i % 3]))
        .collect()
}

fn assert_close(a: f64, b: f64) {
    assert!(
        (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0),
        "{a} {b}"
    );
}

#[test]
fn probabilities_are_those_of_plain_loops_over_the_file() {
    let fair = fit(F1, &spad(F1).check().unwrap()).fair;
    let file = read(&fair.to_bytes().unwrap());
    assert_eq!(file.description["target"]["kind"], "classes");
    let labels: Vec<&str> = file.description["target"]["labels"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let probabilities = fair.probabilities(&features(), Unseen::Error).unwrap();
    let Response::Classes(classes) = fair.predict(&features(), Unseen::Error).unwrap() else {
        panic!("classes were expected");
    };
    let predicted = fair.labels(&classes);
    for (i, (height, soil)) in rows().into_iter().enumerate() {
        let outputs = outputs(&file, height, soil);
        let largest = outputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let powers: Vec<f64> = outputs.iter().map(|output| (output - largest).exp()).collect();
        let sum: f64 = powers.iter().sum();
        for (k, power) in powers.iter().enumerate() {
            assert_close(power / sum, f64::from(probabilities[i * labels.len() + k]));
        }
        let best = powers.iter().position(|power| *power >= 1.0).unwrap();
        if (powers[0] - powers[1]).abs() > TOLERANCE {
            assert_eq!(predicted[i], labels[best]);
        }
    }
}

#[test]
fn values_are_those_of_plain_loops_over_the_file() {
    for error in [ErrorKind::Difference, ErrorKind::LogRatio] {
        let score = mean_absolute(error);
        let fair = fit(score, &spad(score).check().unwrap()).fair;
        let file = read(&fair.to_bytes().unwrap());
        let target = &file.description["target"];
        assert_eq!(target["kind"], "value");
        assert_eq!(target["logarithm"], error == ErrorKind::LogRatio);
        let Response::Values(predicted) = fair.predict(&features(), Unseen::Error).unwrap() else {
            panic!("values were expected");
        };
        for ((height, soil), predicted) in rows().into_iter().zip(predicted) {
            let output = outputs(&file, height, soil)[0];
            let learned = output * target["scale"].as_f64().unwrap() + target["shift"].as_f64().unwrap();
            let is_logarithm = target["logarithm"].as_bool().unwrap();
            assert_close(if is_logarithm { learned.exp() } else { learned }, predicted);
        }
    }
}

#[test]
fn a_file_gives_back_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let fitted = fit(F1, &spad(F1).check().unwrap());
    fitted.fair.save(&path).unwrap();
    let loaded = FairModel::load(&path).unwrap();
    assert_eq!(loaded.description(), fitted.fair.description());
    assert_eq!(loaded.to_bytes().unwrap(), std::fs::read(&path).unwrap());
    let predict = |model: &FairModel| model.predict(&features(), Unseen::Error).unwrap();
    assert_eq!(predict(&loaded), predict(&fitted.fair));
    // A category that the model does not know, a column that is missing, a file that is cut.
    let new = || {
        Dataset::new()
            .source("new.csv")
            .numbers("height", &[4.0])
            .unwrap()
    };
    let peat = new().categories("soil", &["peat"]).unwrap();
    let error = loaded.predict(&peat, Unseen::Error).unwrap_err().to_string();
    assert_eq!(
        error,
        "new.csv: row 1 of the data, column `soil`: category peat was not seen in training (accepted: clay, loam, sand)"
    );
    loaded.predict(&peat, Unseen::Other).unwrap();
    let error = loaded.predict(&new(), Unseen::Error).unwrap_err().to_string();
    assert_eq!(error, "new.csv: column `soil`: is missing (accepted: categories)");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 4]).unwrap();
    FairModel::load(&path).unwrap_err();
}
