//! Weights against those of libpysal and spdep; `weights.py`, `contiguity.py` and `columbus.R` stand beside the
//! values.

use std::path::PathBuf;

use serde_json::Value;
use wherefair_core::Point;
use wherefair_stats::{
    Bandwidth, Contiguity, DenseWeights, HopRule, Kernel, Metric, SpatialWeights, Transform, WeightMoments,
};

use crate::golden::{GOLDEN, binary, golden, integers, numbers};

fn points(value: &Value) -> Vec<Point> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .map(|xy| Point::new(xy[0], xy[1]))
        .collect()
}

fn is_near(given: f64, expected: f64, tolerance: f64) -> bool {
    (given - expected).abs() <= tolerance * expected.abs()
}

/// The weights that a case of `weights__points.json` names.
fn weights_of(name: &str, golden: &Value) -> SpatialWeights {
    let planar = points(&golden["planar"]);
    let globe = points(&golden["globe"]);
    let sphere = Metric::GreatCircle {
        radius_m: golden["radius_m"].as_f64().unwrap(),
    };
    let raster = |contiguity| SpatialWeights::from_raster(6, 7, None, contiguity).unwrap();
    if let Some((name, code)) = name.rsplit_once('_')
        && code.len() == 1
        && code.parse::<u8>().is_err()
    {
        let transform = match code {
            "B" => Transform::Binary,
            "R" => Transform::Row,
            "D" => Transform::GlobalUnit,
            "V" => Transform::VarianceStabilizing,
            _ => panic!("transform {code}"),
        };
        return weights_of(name, golden).transform(transform).unwrap();
    }
    if let Some(name) = name.strip_prefix("kernel_") {
        let (kernel, bandwidth) = match name.split_once('_').unwrap() {
            (kernel, "fixed_20") => (kernel, Bandwidth::Fixed(20.0)),
            (kernel, "adaptive_7") => (kernel, Bandwidth::Adaptive(7)),
            _ => panic!("bandwidth of {name}"),
        };
        let kernel = serde_json::from_value(Value::from(kernel)).unwrap();
        let _: Kernel = kernel;
        return SpatialWeights::kernel(&planar, kernel, bandwidth, Metric::Planar).unwrap();
    }
    match name {
        "k_nearest_6" => SpatialWeights::k_nearest(&planar, 6, Metric::Planar),
        "k_nearest_5_great_circle" => SpatialWeights::k_nearest(&globe, 5, sphere),
        "band_15" => SpatialWeights::distance_band(&planar, 15.0, Metric::Planar),
        "inverse_1_cutoff_25" => SpatialWeights::inverse_distance(&planar, 1.0, 25.0, Metric::Planar),
        "inverse_2_all" => Ok(DenseWeights::inverse_distance(&planar, 2.0, Metric::Planar)
            .unwrap()
            .to_sparse()),
        "inverse_1_great_circle_4000_km" => SpatialWeights::inverse_distance(&globe, 1.0, 4e6, sphere),
        "raster_6_7_rook" => Ok(raster(Contiguity::Rook)),
        "raster_6_7_queen" => Ok(raster(Contiguity::Queen)),
        "raster_6_7_rook_exactly_2_hops" => raster(Contiguity::Rook).h_hop(2, HopRule::Exactly),
        "raster_6_7_rook_exactly_3_hops" => raster(Contiguity::Rook).h_hop(3, HopRule::Exactly),
        _ => panic!("case {name}"),
    }
    .unwrap()
}

#[test]
fn weights_equal_those_of_libpysal() {
    let golden = golden("weights__points.json");
    let tolerance = golden["relative_tolerance"].as_f64().unwrap();
    let cases = golden["cases"].as_array().unwrap();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let w = weights_of(name, &golden);
        let rows = case["rows"].as_array().unwrap();
        assert_eq!(w.n(), rows.len(), "{name}");
        for (i, row) in rows.iter().enumerate() {
            let (neighbours, values) = w.row(i);
            assert_eq!(neighbours, integers(&row["neighbours"]), "{name}, unit {i}");
            let expected = row
                .get("values")
                .map_or_else(|| vec![1.0; neighbours.len()], numbers);
            for (&value, expected) in values.iter().zip(expected) {
                assert!(
                    is_near(value, expected, tolerance),
                    "{name}, unit {i}: {value} {expected}"
                );
            }
        }
        if let Some(expected) = case.get("moments") {
            let expected: WeightMoments = serde_json::from_value(expected.clone()).unwrap();
            for moments in [w.moments(), DenseWeights::try_from(&w).unwrap().moments()] {
                assert!(
                    is_near(moments.s0, expected.s0, tolerance),
                    "{name}: {moments:?} {expected:?}"
                );
                assert!(
                    is_near(moments.s1, expected.s1, tolerance),
                    "{name}: {moments:?} {expected:?}"
                );
                assert!(
                    is_near(moments.s2, expected.s2, tolerance),
                    "{name}: {moments:?} {expected:?}"
                );
            }
        }
    }
    assert_eq!(cases.len(), 26);
}

#[test]
fn moments_under_all_transforms_give_the_normal_variances_of_spdep() {
    let columbus = &golden("columbus.json")["columbus"];
    let queen = binary(&columbus["neighbours_queen"]);
    let mut n_cases = 0;
    for (style, transform) in [
        ("B", Transform::Binary),
        ("W", Transform::Row),
        ("C", Transform::GlobalN),
        ("U", Transform::GlobalUnit),
        ("S", Transform::VarianceStabilizing),
    ] {
        let WeightMoments { s0, s1, s2 } = queen.transform(transform).unwrap().moments();
        let n = queen.n() as f64;
        let variance =
            (n * n * s1 - n * s2 + 3.0 * s0 * s0) / ((n * n - 1.0) * s0 * s0) - 1.0 / ((n - 1.0) * (n - 1.0));
        let expected = columbus[format!("queen_{style}")]["crime"]["variance_normality"]
            .as_f64()
            .unwrap();
        assert!(
            is_near(variance, expected, GOLDEN),
            "{style}: {variance} {expected}"
        );
        n_cases += 1;
    }
    assert_eq!(n_cases, 5);
}

#[expect(clippy::print_stderr, reason = "a test that could not run says so")]
fn real_file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WHEREFAIR_REAL_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("skipped: no real data");
        return None;
    }
    Some(path)
}

/// The rings of a `MultiPolygon` feature.
fn rings(feature: &Value) -> Vec<Vec<Point>> {
    let geometry = &feature["geometry"];
    assert_eq!(geometry["type"], "MultiPolygon");
    let parts = geometry["coordinates"].as_array().unwrap().iter();
    parts
        .flat_map(|part| part.as_array().unwrap())
        .map(points)
        .collect()
}

fn adler32(text: &str) -> u64 {
    let (low, high) = text.bytes().fold((1_u64, 0_u64), |(low, high), byte| {
        let low = (low + u64::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}

#[test]
fn contiguity_of_census_tracts_equals_that_of_libpysal() {
    let Some(path) = real_file("chicago_tracts.geojson") else {
        return;
    };
    let layer: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let tracts: Vec<_> = layer["features"].as_array().unwrap().iter().map(rings).collect();
    let golden = golden("contiguity__chicago_tracts.json");
    for (name, contiguity) in [("queen", Contiguity::Queen), ("rook", Contiguity::Rook)] {
        let expected = &golden[name];
        let w = SpatialWeights::from_polygons(&tracts, contiguity, None).unwrap();
        assert!(w.is_symmetric());
        let links: String = (0..w.n())
            .flat_map(|i| w.row(i).0.iter().map(move |j| format!("{i} {j}\n")))
            .collect();
        assert_eq!(expected["n_nonzero"], w.n_nonzero(), "{name}");
        assert_eq!(expected["adler32_of_links"], adler32(&links), "{name}");
        assert_eq!(
            expected["isolates"],
            serde_json::to_value(w.isolates()).unwrap(),
            "{name}"
        );
        assert_eq!(expected["n_components"], w.components().n_components, "{name}");
    }
}
