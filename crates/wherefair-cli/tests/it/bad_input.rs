//! Bad input gets one line that says what, where, and what would be accepted.

use std::fmt::Write as _;

use crate::workbench::{Workbench, csv, districts, rows};

const VALUES: &str = "audit table.csv --truth truth --pred pred";
const CLASSES: &str = "audit table.csv --truth class --pred pred_class";

/// The table with row `line` (as an editor counts) changed.
fn with_line(line: usize, text: &str) -> String {
    let table = csv(&rows());
    let mut changed = String::new();
    for (i, old) in table.lines().enumerate() {
        let _ = writeln!(changed, "{}", if i + 1 == line { text } else { old });
    }
    changed
}

#[test]
fn a_missing_file_is_named() {
    Workbench::new().fails("audit nowhere.csv --truth a --pred b", &["nowhere.csv"]);
}

#[test]
fn a_folder_as_input_is_refused() {
    let bench = Workbench::new();
    std::fs::create_dir(bench.path("folder.csv")).unwrap();
    bench.fails("audit folder.csv --truth a --pred b", &["folder.csv"]);
}

#[test]
fn a_damaged_parquet_file_is_reported_in_one_line() {
    let bench = Workbench::new();
    bench.write_parquet("table.parquet");
    let whole = std::fs::read(bench.path("table.parquet")).unwrap();
    for place in (4..whole.len()).step_by(97) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0xff;
        bench.write("table.parquet", damaged);
        let output =
            bench.run("audit table.parquet --truth truth --pred pred --permutations 0 --bootstrap 0");
        let (_, err) = crate::workbench::texts(&output);
        // Some bytes do not matter, some only change a number.
        match output.status.code() {
            Some(0) => assert_eq!(err, ""),
            code => assert_eq!((code, err.lines().count()), (Some(2), 1), "byte {place}: {err}"),
        }
    }
}

#[test]
fn an_unknown_format_lists_the_known_ones() {
    let bench = Workbench::new();
    bench.write("table.xlsx", "");
    bench.fails(
        "audit table.xlsx --truth a --pred b",
        &["table.xlsx", ".csv", ".parquet"],
    );
}

#[test]
fn missing_flags_list_the_columns() {
    let bench = Workbench::new();
    bench.fails("audit table.csv --pred pred", &["--truth", "pred_class"]);
    bench.fails("audit table.csv --truth truth", &["--pred", "pred_class"]);
}

#[test]
fn a_missing_column_is_named_with_its_nearest() {
    let bench = Workbench::new();
    bench.fails(
        "audit table.csv --truth trut --pred pred",
        &["table.csv", "trut", "did you mean", "truth"],
    );
    bench.fails(&format!("{VALUES} --x east --y y"), &["east"]);
    bench.fails(&format!("{VALUES} --group district"), &["district"]);
    bench.fails(&format!("{VALUES} --x x"), &["--y"]);
}

#[test]
fn a_cell_that_is_no_number_is_named() {
    let bench = Workbench::new();
    bench.write("table.csv", with_line(42, "1,1,many,2,corn,corn,west"));
    bench.fails(
        &format!("{VALUES} --metric mae"),
        &["table.csv", "42", "truth", "many"],
    );
}

#[test]
fn values_that_are_not_finite_are_named() {
    for (cell, line) in [
        ("NaN", "1,1,NaN,2,corn,corn,west"),
        ("inf", "1,1,2,inf,corn,corn,west"),
        ("NaN", "NaN,1,2,2,corn,corn,west"),
        ("-inf", "1,-inf,2,2,corn,corn,west"),
    ] {
        let bench = Workbench::new();
        bench.write("table.csv", with_line(17, line));
        bench.fails(VALUES, &["table.csv", "17", cell]);
    }
}

#[test]
fn an_empty_cell_is_named() {
    let bench = Workbench::new();
    bench.write("table.csv", with_line(9, "1,1,,2,corn,corn,west"));
    bench.fails(VALUES, &["table.csv", "9", "truth"]);
    let text = bench.succeeds(&format!("{VALUES} --missing skip"));
    assert!(text.contains("1 rows with missing"), "{text}");
}

#[test]
fn truth_and_prediction_of_different_kinds_are_refused() {
    Workbench::new().fails(
        "audit table.csv --truth class --pred pred",
        &["`class` holds text", "`pred` holds real numbers"],
    );
}

#[test]
fn a_metric_of_values_does_not_take_text() {
    Workbench::new().fails(
        &format!("{CLASSES} --metric mae"),
        &["table.csv", "2", "class", "corn"],
    );
}

#[test]
fn whole_numbers_need_a_metric() {
    let bench = Workbench::new();
    bench.write("codes.csv", "x,y,a,b\n0,0,1,1\n1,1,2,1\n");
    bench.fails(
        "audit codes.csv --truth a --pred b",
        &["--metric f1", "--metric mae"],
    );
}

#[test]
fn labels_of_one_column_only_are_listed() {
    let bench = Workbench::new();
    bench.write("table.csv", with_line(42, "1,1,1,2,corn,maize,west"));
    bench.fails(
        CLASSES,
        &["labels seen in one column only", "`pred_class`: maize"],
    );
    bench.succeeds(&format!("{CLASSES} --allow-unmatched-labels"));
}

#[test]
fn a_header_without_rows_is_named() {
    let bench = Workbench::new();
    bench.write("table.csv", "x,y,truth,pred\n");
    bench.fails(&format!("{VALUES} --metric mae"), &["table.csv", "no data row"]);
}

#[test]
fn an_empty_file_is_named() {
    let bench = Workbench::new();
    for name in [
        "table.csv",
        "table.parquet",
        "table.tif",
        "table.geojson",
        "table.npy",
    ] {
        bench.write(name, "");
        bench.fails(&format!("audit {name} --truth truth --pred pred"), &[name]);
    }
}

#[test]
fn truncated_files_are_named() {
    let bench = Workbench::new();
    bench.write_parquet("table.parquet");
    bench.write_raster("truth.tif", (40, 40), 32610, 0);
    bench.write_raster("pred.tif", (40, 40), 32610, 5);
    for name in ["table.parquet", "pred.tif"] {
        let whole = std::fs::read(bench.path(name)).unwrap();
        for part in [whole.len() / 3, whole.len() / 2, whole.len() - 10] {
            bench.write(name, &whole[..part]);
            if name == "pred.tif" {
                bench.fails("audit truth.tif --pred pred.tif --metric f1", &[name]);
            } else {
                bench.fails("audit table.parquet --truth truth --pred pred", &[name]);
            }
        }
    }
}

#[test]
fn rasters_of_different_shape_or_system_are_refused() {
    let bench = Workbench::new();
    bench.write_raster("truth.tif", (40, 40), 32610, 0);
    bench.write_raster("narrow.tif", (30, 40), 32610, 3);
    bench.write_raster("elsewhere.tif", (40, 40), 32611, 3);
    bench.fails(
        "audit truth.tif --pred narrow.tif --metric f1",
        &["narrow.tif", "40", "30"],
    );
    bench.fails(
        "audit truth.tif --pred elsewhere.tif --metric f1",
        &["elsewhere.tif", "32610", "32611"],
    );
    bench.fails("audit truth.tif --metric f1", &["--pred"]);
    bench.fails("audit truth.tif --pred band_7 --metric f1", &["truth.tif", "7"]);
    bench.fails("audit truth.tif --pred band_1", &["--metric f1"]);
}

#[test]
fn overlapping_and_invalid_polygons_are_refused() {
    let bench = Workbench::new();
    bench.write("overlap.geojson", districts(-1.0, 16.0, -5.0));
    bench.fails(
        &format!("{VALUES} --polygons overlap.geojson"),
        &["overlap.geojson", "west side", "east side"],
    );
    let bow_tie = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"tie"},
        "geometry":{"type":"Polygon","coordinates":[[[0,0],[9,9],[9,0],[0,9],[0,0]]]}}]}"#;
    bench.write("tie.geojson", bow_tie);
    bench.fails(
        &format!("{VALUES} --polygons tie.geojson"),
        &["tie.geojson", "tie"],
    );
    bench.write("points.geojson", r#"{"type":"Point","coordinates":[1,2]}"#);
    bench.fails(
        &format!("{VALUES} --polygons points.geojson"),
        &["points.geojson"],
    );
}

#[test]
fn polygons_in_another_system_are_refused() {
    let bench = Workbench::new();
    let metres: String = csv(&rows()).replace("\n0,", "\n500000,");
    bench.write("metres.csv", metres);
    bench.write("districts.geojson", districts(-1.0, 16.0, 0.0));
    bench.fails(
        "audit metres.csv --truth truth --pred pred --polygons districts.geojson",
        &["districts.geojson", "degrees", "metres"],
    );
    bench.fails(
        "audit table.csv --truth truth --pred pred --crs EPSG:32610 --polygons districts.geojson",
        &["districts.geojson", "EPSG:4326", "EPSG:32610"],
    );
}

#[test]
fn all_points_in_one_place_are_refused() {
    let bench = Workbench::new();
    let mut table = "x,y,truth,pred\n".to_owned();
    for i in 0..100 {
        let _ = writeln!(table, "3.5,4.5,{i}.5,{i}.25");
    }
    bench.write("table.csv", &table);
    bench.fails(VALUES, &["table.csv", "one place", "3.5"]);
    bench.write("table.csv", table.replace("3.5,4.5,7.5", "3.5,9.5,7.5"));
    bench.fails(VALUES, &["table.csv", "x = 3.5", "--max-grid Rx1"]);
    bench.succeeds(&format!("{VALUES} --max-grid 2x1"));
}

#[test]
fn bad_grids_are_refused() {
    for grid in ["0x5", "1x1", "5", "axb", "-2x2"] {
        Workbench::new().fails(
            &format!("{VALUES} --max-grid={grid}"),
            &["--max-grid", grid, "5x5"],
        );
    }
}

#[test]
fn bad_flags_are_refused() {
    let bench = Workbench::new();
    bench.fails(
        &format!("{VALUES} --reference best"),
        &["--reference best", "weighted-mean"],
    );
    bench.fails(&format!("{VALUES} --reference base"), &["--base"]);
    bench.fails(&format!("{VALUES} --fail-above -1"), &["--fail-above", "-1"]);
    bench.fails(&format!("{VALUES} --fdr 1.5"), &["--fdr", "1.5"]);
    bench.fails(&format!("{VALUES} --confidence 0"), &["--confidence", "0"]);
    bench.fails(&format!("{VALUES} --min-samples 0"), &["--min-samples", "0"]);
    bench.fails(&format!("{VALUES} --crs WGS84"), &["--crs WGS84", "EPSG:4326"]);
    bench.fails(&format!("{VALUES} --threads 0"), &["--threads 0"]);
    bench.fails(&format!("{VALUES} --positive corn"), &["--positive"]);
    bench.fails(
        &format!("{CLASSES} --metric f1-binary"),
        &["--positive LABEL", "corn, rice"],
    );
    bench.fails(
        &format!("{CLASSES} --metric f1-binary --positive wheat"),
        &["--positive wheat", "corn, rice"],
    );
}

#[test]
fn an_unknown_flag_exits_with_two() {
    let output = Workbench::new().run(&format!("{VALUES} --no-such-flag"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_log_ratio_of_a_negative_number_is_named() {
    let bench = Workbench::new();
    bench.write("table.csv", with_line(3, "1,1,-5,2,corn,corn,west"));
    bench.fails(
        &format!("{VALUES} --metric log-ratio"),
        &["table.csv", "row 2", "-5", "positive"],
    );
}

#[test]
fn too_few_samples_everywhere_are_explained() {
    Workbench::new().fails(
        &format!("{VALUES} --min-samples 100000"),
        &["no partition can be scored", "100000"],
    );
}
