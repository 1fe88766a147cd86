//! Rasters as units of the spatial statistics.

use serde_json::Value;
use tiff::encoder::{TiffEncoder, colortype};
use tiff::tags::Tag;
use wherefair_stats::{Alternative, Contiguity, Null, SpatialWeights, Transform, moran};

use crate::workbench::{Workbench, texts};

const WIDTH: u32 = 12;
const HEIGHT: u32 = 9;
/// What writing and reading a number as text loses.
const ROUNDING: f64 = 1e-12;

/// Two bands that rise, with a hole of no data in both.
fn pixels() -> Vec<[f32; 2]> {
    (0..WIDTH * HEIGHT)
        .map(|i| {
            let (column, row) = (i % WIDTH, i / WIDTH);
            if (4..6).contains(&column) && (3..7).contains(&row) {
                return [-9999.0; 2];
            }
            let noise = |step: u32| f64::from((i * step) % 101) / 40.0;
            #[expect(clippy::cast_possible_truncation, reason = "as the file stores it")]
            let pixel = [f64::from(column + row) + noise(7919), f64::from(row) + noise(31)].map(|x| x as f32);
            pixel
        })
        .collect()
}

fn write_raster(bench: &Workbench, name: &str, mark: bool) {
    let file = std::fs::File::create(bench.path(name)).unwrap();
    let mut encoder = TiffEncoder::new(file).unwrap();
    // One band after the other: a raster of one band each.
    let mut image = encoder
        .new_image::<colortype::Gray32Float>(WIDTH, HEIGHT)
        .unwrap();
    if mark {
        image.encoder().write_tag(Tag::Unknown(42113), "-9999").unwrap();
    }
    let band: Vec<f32> = pixels()
        .iter()
        .map(|pixel| {
            if mark || pixel[0] > -9999.0 {
                pixel[0]
            } else {
                f32::INFINITY
            }
        })
        .collect();
    image.write_data(&band).unwrap();
}

fn run(bench: &Workbench, line: &str) -> String {
    let output = bench.run(&format!("{line} --permutations 99"));
    let (out, err) = texts(&output);
    assert_eq!(
        (output.status.code(), err.as_str()),
        (Some(0), ""),
        "{line}\n{out}"
    );
    out
}

#[test]
fn cells_that_touch_are_neighbours_and_pixels_without_data_are_no_units() {
    let bench = Workbench::new();
    write_raster(&bench, "field.tif", true);
    let mask: Vec<bool> = pixels().iter().map(|pixel| pixel[0] > -9999.0).collect();
    let values: Vec<f64> = pixels()
        .iter()
        .filter(|pixel| pixel[0] > -9999.0)
        .map(|pixel| f64::from(pixel[0]))
        .collect();
    for (name, contiguity) in [("queen", Contiguity::Queen), ("rook", Contiguity::Rook)] {
        let line = format!("moran field.tif --value band_1 --weights {name} --json -");
        let found: Value = serde_json::from_str(&run(&bench, &line)).unwrap();
        let w =
            SpatialWeights::from_raster(HEIGHT as usize, WIDTH as usize, Some(&mask), contiguity).unwrap();
        let w = w.transform(Transform::Row).unwrap();
        let wanted = moran(&w, &values, Null::Randomization, Alternative::TwoSided).unwrap();
        assert_eq!(found["weights"]["n_units"], values.len());
        assert_eq!(found["weights"]["n_links"], w.n_nonzero());
        let statistic = found["moran"]["statistic"].as_f64().unwrap();
        assert!((statistic - wanted.statistic).abs() < ROUNDING, "{name}");
        let notes = found["notes"].to_string();
        assert!(notes.contains("8 pixels without data were left out."), "{notes}");
    }
}

#[test]
fn other_weights_take_the_centres_of_cells() {
    let bench = Workbench::new();
    write_raster(&bench, "field.tif", true);
    let text = run(
        &bench,
        "moran field.tif --value band_1 --weights band:1.1 --distances planar --transform binary",
    );
    let rook = run(
        &bench,
        "moran field.tif --value band_1 --weights rook --transform binary",
    );
    let figures = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("randomization"))
            .map(str::to_owned)
    };
    assert!(figures(&text).is_some());
    assert_eq!(figures(&text), figures(&rook));
    run(
        &bench,
        "local-moran field.tif --value band_1 --weights queen --report page.html --csv cells.csv",
    );
    assert_eq!(bench.read("cells.csv").lines().count(), 1 + 100);
}

#[test]
fn pixels_that_are_not_finite_are_an_error_unless_marked() {
    let bench = Workbench::new();
    write_raster(&bench, "infinite.tif", false);
    bench.fails(
        "moran infinite.tif --value band_1 --weights queen",
        &["infinite.tif", "8 pixels", "band_1", "--missing skip"],
    );
    run(
        &bench,
        "moran infinite.tif --value band_1 --weights queen --missing skip",
    );
    bench.fails("moran infinite.tif --value band_2 --weights queen", &["band_2"]);
}
