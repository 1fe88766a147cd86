//! The same audit over every format.

use crate::workbench::{Workbench, csv, rows};

fn deviation(text: &str) -> f64 {
    let document: serde_json::Value = serde_json::from_str(text).unwrap();
    document["audit"]["spad"]["expectation"]["observed"]
        .as_f64()
        .unwrap()
}

#[test]
fn parquet_and_compressed_csv_give_the_figures_of_csv() {
    let bench = Workbench::new();
    bench.write_parquet("table.parquet");
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gz, csv(&rows()).as_bytes()).unwrap();
    bench.write("table2.csv.gz", gz.finish().unwrap());
    let of =
        |name: &str| deviation(&bench.succeeds(&format!("audit {name} --truth truth --pred pred --json -")));
    let from_csv = of("table.csv");
    for name in ["table.parquet", "table2.csv.gz"] {
        assert!((of(name) - from_csv).abs() < 1e-12, "{name}");
    }
}

#[test]
fn rasters_are_audited_pixel_by_pixel() {
    let bench = Workbench::new();
    bench.write_raster("truth.tif", (64, 48), 32610, 0);
    bench.write_raster("pred.tif", (64, 48), 32610, 5);
    let text = bench.succeeds("audit truth.tif --pred pred.tif --metric accuracy --max-grid 1x2 --json -");
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let halves = document["audit"]["partitionings"][0]["partitions"]
        .as_array()
        .unwrap();
    assert_eq!(halves[0]["n_samples"], 32 * 48);
    assert_eq!(halves[0]["score"], 1.0);
    let east = halves[1]["score"].as_f64().unwrap();
    assert!((east - 0.5).abs() < 0.1, "{east}");
}
