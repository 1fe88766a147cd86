//! `audit --weights`: the errors of neighbours.

use std::fmt::Write as _;

use crate::workbench::{Workbench, texts};

const AUDIT: &str = "audit table.csv --truth truth --pred pred --max-grid 2x2";

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

/// A table of one row a place of a lattice of `side` columns and rows; `pred` is truth plus `error`.
fn table(bench: &Workbench, side: u32, error: impl Fn(u32, u32) -> f64) {
    let mut text = "x,y,truth,pred,class,guess\n".to_owned();
    for i in 0..side * side {
        let (x, y) = (i % side, i / side);
        let class = ["corn", "rice"][(i % 2) as usize];
        let _ = writeln!(text, "{x},{y},100,{},{class},{class}", 100.0 + error(x, y));
    }
    bench.write("lattice.csv", text);
}

#[test]
fn errors_of_neighbours_are_tested_and_shown() {
    let bench = Workbench::new();
    let text = bench.succeeds(&format!(
        "{AUDIT} --weights knn:8 --report page.html --json result.json"
    ));
    for words in [
        "more than neighbours being alike",
        "absolute error",
        "Moran's I",
        "spatial p",
        "8 nearest",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    let result = json(&bench.read("result.json"));
    let found = &result["errors_in_space"];
    assert_eq!(found["n_samples"], 600);
    assert_eq!(found["is_score"], true);
    assert_eq!(found["weights"]["n_links"], 4800);
    assert_eq!(found["test"]["n_units"], 600);
    assert_eq!(found["test"]["partitionings"].as_array().unwrap().len(), 3);
    // The mean of absolute errors is the score itself: the first p-value is that of the audit.
    let (audit, test) = (&result["audit"]["spad"], &found["test"]);
    let difference =
        |name: &str| audit[name]["observed"].as_f64().unwrap() - test[name]["observed"].as_f64().unwrap();
    for name in ["expectation", "sum_of_means", "sum_of_maxima"] {
        assert!(difference(name).abs() < 1e-9, "{name}");
        assert_eq!(
            audit[name]["null"]["p_value"], test[name]["exchangeable"]["p_value"],
            "{name}"
        );
        assert!(test[name]["spatial"]["p_value"].as_f64().unwrap() > 0.0);
    }
    let page = bench.read("page.html");
    assert!(
        page.contains("Is it more than neighbours being alike?")
            && page.contains("Where high errors cluster")
    );
    assert!(result["sentence"].as_str().unwrap().contains("Errors are"));
}

#[test]
fn without_weights_nothing_of_it_is_there() {
    let bench = Workbench::new();
    let result = json(&bench.succeeds(&format!("{AUDIT} --json -")));
    assert!(result.get("errors_in_space").is_none());
}

#[test]
fn patches_of_error_are_clusters_but_no_regional_difference() {
    let bench = Workbench::new();
    // Waves of error with about three crests a side, whatever the grid.
    table(&bench, 30, |x, y| {
        5.0 + 4.0 * ((f64::from(x) / 1.6).sin() * (f64::from(y) / 1.7).cos())
    });
    let result = json(&bench.succeeds(
        "audit lattice.csv --truth truth --pred pred --metric mae --max-grid 3x3 --weights knn:8 --json -",
    ));
    let found = &result["errors_in_space"];
    assert!(found["moran"]["statistic"].as_f64().unwrap() > 0.5);
    assert!(
        found["test"]["expectation"]["spatial"]["p_value"]
            .as_f64()
            .unwrap()
            > 0.1,
        "{}",
        found["test"]["expectation"]
    );
}

#[test]
fn classes_have_wrong_predictions_as_errors() {
    let bench = Workbench::new();
    let line = "audit table.csv --truth class --pred pred_class --metric f1 --max-grid 2x2 --weights knn:4";
    let result = json(&bench.succeeds(&format!("{line} --json -")));
    let found = &result["errors_in_space"];
    assert_eq!(found["is_score"], false);
    assert!(found["error"].as_str().unwrap().contains("wrong prediction"));
    let page = "page.html";
    bench.succeeds(&format!("{line} --report {page}"));
    assert!(bench.read(page).contains("is not the mean of the errors"));
    let result = json(&bench.succeeds(&format!("{} --json -", line.replace("f1", "accuracy"))));
    assert_eq!(result["errors_in_space"]["is_score"], true);
}

#[test]
fn pixels_are_neighbours_of_those_beside_them() {
    let bench = Workbench::new();
    bench.write_raster("truth.tif", (40, 20), 32633, 0);
    bench.write_raster("pred.tif", (40, 20), 32633, 4);
    for (weights, n_links) in [
        ("rook", 2 * (39 * 20 + 40 * 19)),
        ("queen", 2 * (39 * 20 + 40 * 19 + 2 * 39 * 19)),
    ] {
        let line = format!(
            "audit truth.tif --pred pred.tif --metric accuracy --max-grid 2x2 --weights {weights} --json -"
        );
        let result = json(&bench.succeeds(&line));
        assert_eq!(
            result["errors_in_space"]["weights"]["n_links"], n_links,
            "{weights}"
        );
    }
}

#[test]
fn a_table_beyond_the_memory_limit_gives_the_same_tests() {
    let bench = Workbench::new();
    bench.write_parquet("table.parquet");
    let line = "audit table.parquet --truth truth --pred pred --max-grid 2x2 --weights knn:8 --json -";
    let held = json(&bench.succeeds(line));
    let streamed = json(&bench.succeeds(&format!("{line} --memory 0")));
    assert!(streamed["input"].to_string().contains("no, streamed"));
    assert_eq!(held["errors_in_space"], streamed["errors_in_space"]);
}

#[test]
fn many_samples_are_tested_in_blocks() {
    let bench = Workbench::new();
    table(&bench, 50, |x, y| {
        f64::from((x * 7919 + y * 104_729) % 101) / 50.0 - 1.0
    });
    let line =
        "audit lattice.csv --truth truth --pred pred --metric mae --max-grid 2x2 --weights knn:8 --json -";
    let result = json(&bench.succeeds(line));
    assert_eq!(result["errors_in_space"]["test"]["n_units"], 1250);
    assert_eq!(
        bench.succeeds(&format!("{line} --threads 1")),
        bench.succeeds(&format!("{line} --threads 3"))
    );
}

#[test]
fn errors_that_are_all_equal_leave_nothing_to_test() {
    let bench = Workbench::new();
    table(&bench, 12, |_, _| 0.0);
    let line = "audit lattice.csv --truth truth --pred pred --metric mae --max-grid 2x2 --weights knn:8 --report page.html";
    assert!(bench.succeeds(line).contains("No sample has any error"));
    assert!(
        !bench
            .read("page.html")
            .contains("more than neighbours being alike")
    );
    let line = "audit lattice.csv --truth class --pred guess --max-grid 2x2 --weights knn:8";
    assert!(bench.succeeds(line).contains("No sample has any error"));
    table(&bench, 12, |_, _| 2.0);
    let line =
        "audit lattice.csv --truth truth --pred pred --metric mae --max-grid 2x2 --weights knn:8 --json -";
    let result = json(&bench.succeeds(line));
    assert!(
        result["audit"]["notes"]
            .to_string()
            .contains("the same absolute error, 2")
    );
    assert!(result.get("errors_in_space").is_none());
}

#[test]
fn isolates_are_counted() {
    let bench = Workbench::new();
    table(&bench, 12, |x, y| f64::from((x * 31 + y * 17) % 13));
    let lonely = bench.read("lattice.csv") + "100,100,5,9,corn,corn\n";
    bench.write("lattice.csv", lonely);
    let line = "audit lattice.csv --truth truth --pred pred --metric mae --max-grid 2x2 --min-samples 1 --weights band:1.5 --distances planar";
    let result = json(&bench.succeeds(&format!("{line} --json -")));
    let found = &result["errors_in_space"];
    assert_eq!(
        (&found["weights"]["n_isolates"], &found["clusters"]["n_isolates"]),
        (&1.into(), &1.into())
    );
    bench.fails(&format!("{line} --isolates error"), &["--isolates", "1 units"]);
    bench.fails(
        &line.replace("band:1.5", "band:0.1"),
        &["lattice.csv", "--weights band:0.1"],
    );
}

#[test]
fn no_permutations_leave_the_moments() {
    let bench = Workbench::new();
    let output = bench.run(&format!("{AUDIT} --weights knn:8 --permutations 0 --json -"));
    let result = json(&texts(&output).0);
    let found = &result["errors_in_space"];
    assert!(found["moran"]["p_value"].as_f64().is_some());
    assert!(found["permutation"].is_null() && found["test"].is_null());
}

#[test]
fn bad_weights_are_refused_in_one_line() {
    let bench = Workbench::new();
    bench.fails(
        &format!("{AUDIT} --weights bishop"),
        &["--weights bishop", "knn:K"],
    );
    bench.fails(&format!("{AUDIT} --weights knn:600"), &["--weights knn:600"]);
    bench.fails(
        &format!("{AUDIT} --weights queen"),
        &["--weights queen", "polygons"],
    );
    bench.fails(&format!("{AUDIT} --weights gal:none.gal"), &["none.gal"]);
    bench.write("four.csv", "x,y,truth,pred\n0,0,1,2\n1,0,1,3\n0,1,1,2\n");
    bench.fails(
        "audit four.csv --truth truth --pred pred --metric mae --max-grid 1x2 --min-samples 1 --weights knn:2",
        &["four.csv", "3 units are too few"],
    );
    bench.write(
        "twice.csv",
        "x,y,truth,pred\n0,0,1,2\n0,0,1,3\n1,1,1,4\n2,1,1,2\n2,2,1,5\n",
    );
    bench.fails(
        "audit twice.csv --truth truth --pred pred --metric mae --max-grid 1x2 --min-samples 1 --weights idw",
        &["--weights idw", "coincide"],
    );
    bench.write(
        "gaps.csv",
        "x,y,truth,pred\n0,0,1,2\n1,0,,3\n0,1,1,2\n2,1,1,2\n2,2,1,5\n",
    );
    bench.write("gaps.gal", "5\n1 1\n3\n2 1\n3\n3 2\n1 2\n4 1\n5\n5 1\n4\n");
    bench.fails(
        "audit gaps.csv --truth truth --pred pred --metric mae --max-grid 1x2 --min-samples 1 --missing skip --weights gal:gaps.gal",
        &["--weights gal:gaps.gal", "every row"],
    );
    bench.write("nowhere.csv", "truth,pred,g\n1,2,a\n2,2,b\n3,3,a\n1,2,b\n");
    bench.fails(
        "audit nowhere.csv --truth truth --pred pred --metric mae --group g --min-samples 1 --weights knn:2",
        &["--weights knn:2", "no coordinates"],
    );
}
