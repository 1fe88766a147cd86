//! `moran` and `local-moran`.

use std::fmt::Write as _;

use crate::workbench::{Workbench, districts};

/// A 12 × 12 field that rises to the north-east, with ids.
fn field(bench: &Workbench) {
    let mut table = "id,x,y,value,flat\n".to_owned();
    for i in 0..144_u32 {
        let (x, y) = (i % 12, i / 12);
        let noise = f64::from((i * 7919) % 101) / 101.0;
        let _ = writeln!(table, "cell {i},{x},{y},{},1", f64::from(x + y) + noise);
    }
    bench.write("field.csv", table);
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_field_that_rises_is_autocorrelated() {
    let bench = Workbench::new();
    field(&bench);
    let text = run(&bench, "moran field.csv --value value --weights knn:4");
    assert!(text.contains("Neighbouring places are alike"), "{text}");
    let result = json(&run(
        &bench,
        "moran field.csv --value value --weights knn:4 --json -",
    ));
    assert_eq!(result["weights"]["n_links"], 576);
    assert!(result["moran"]["statistic"].as_f64().unwrap() > 0.7);
    assert_eq!(result["permutation"]["pseudo_p_value"], 2.0 / 100.0);
}

#[test]
fn every_kind_of_weights_runs() {
    let bench = Workbench::new();
    field(&bench);
    let local = [
        "knn:8",
        "band:1.5",
        "idw:2:3",
        "exp:2:4",
        "kernel:gaussian:3",
        "kernel:triangular:knn6",
    ];
    for weights in local {
        for transform in ["row", "binary", "none", "global-n"] {
            run(
                &bench,
                &format!(
                    "moran field.csv --value value --weights {weights} --transform {transform} --distances planar"
                ),
            );
        }
    }
    for weights in ["idw", "exp:2"] {
        run(
            &bench,
            &format!("moran field.csv --value value --weights {weights} --distances planar"),
        );
    }
}

#[test]
fn weights_that_link_all_alike_are_refused() {
    let bench = Workbench::new();
    field(&bench);
    bench.fails(
        "moran field.csv --value value --weights idw --transform binary",
        &["field.csv", "variance 0"],
    );
}

#[test]
fn clusters_are_found_where_they_are() {
    let bench = Workbench::new();
    field(&bench);
    run(
        &bench,
        "local-moran field.csv --value value --id id --weights knn:8 --csv units.csv --report page.html --fdr 0.2",
    );
    let csv = bench.read("units.csv");
    assert_eq!(csv.lines().count(), 145);
    assert!(
        csv.lines()
            .any(|line| line.starts_with("cell 143,") && line.contains("high-high")),
        "{csv}"
    );
    assert!(
        csv.lines()
            .any(|line| line.starts_with("cell 0,") && line.contains("low-low"))
    );
    assert!(bench.read("page.html").starts_with("<!DOCTYPE html>"));
}

#[test]
fn neighbours_are_read_from_a_file() {
    let bench = Workbench::new();
    bench.write(
        "five.csv",
        "name,x,y,value\na,0,0,1\nb,1,0,2\nc,2,0,4\nd,3,0,5\ne,4,0,9\n",
    );
    bench.write("five.gal", "5\nb 2\na c\na 1\nb\nc 2\nb d\nd 2\nc e\ne 1\nd\n");
    let result = json(&run(
        &bench,
        "moran five.csv --value value --id name --weights gal:five.gal --json -",
    ));
    assert_eq!(result["weights"]["n_links"], 8);
    bench.fails(
        "moran five.csv --value value --weights gal:five.gal",
        &["--weights gal:five.gal", "id b", "--id"],
    );
    bench.fails(
        "moran five.csv --value value --weights gal:none.gal",
        &["none.gal"],
    );
}

#[test]
fn polygons_that_touch_are_neighbours() {
    let bench = Workbench::new();
    let one = districts(0.0, 10.0, 0.0);
    bench.write(
        "two.geojson",
        one.replace("\"name\":\"west side\"", "\"name\":\"west side\",\"v\":1")
            .replace("\"name\":\"east side\"", "\"name\":\"east side\",\"v\":2"),
    );
    bench.fails(
        "moran two.geojson --value v --weights queen",
        &["two.geojson", "2 units are too few"],
    );
}

#[test]
fn the_same_seed_gives_the_same_figures_with_any_number_of_threads() {
    let bench = Workbench::new();
    field(&bench);
    for command in ["moran", "local-moran"] {
        let line = format!("{command} field.csv --value value --json -");
        assert_eq!(
            run(&bench, &format!("{line} --threads 1")),
            run(&bench, &format!("{line} --threads 3"))
        );
    }
}

#[test]
fn bad_input_is_refused_in_one_line() {
    let bench = Workbench::new();
    field(&bench);
    let moran = "moran field.csv --value value";
    bench.fails(
        &format!("{moran} --weights bishop"),
        &["--weights bishop", "knn:K"],
    );
    bench.fails(&format!("{moran} --weights knn:0"), &["--weights knn:0"]);
    bench.fails(&format!("{moran} --weights knn:144"), &["--weights knn:144"]);
    bench.fails(
        &format!("{moran} --weights queen"),
        &["--weights queen", "polygons"],
    );
    bench.fails(&format!("{moran} --permutations 0"), &["--permutations 0"]);
    bench.fails(
        &format!("{moran} --weights band:0.1 --isolates error"),
        &["--isolates", "144"],
    );
    bench.fails("moran field.csv --value flat", &["field.csv", "constant"]);
    bench.fails("moran field.csv --value id", &["field.csv", "line 2", "cell 0"]);
    bench.fails("moran field.csv --value valeu", &["field.csv", "value"]);
    bench.fails("local-moran field.csv --value value --fdr 0", &["--fdr 0"]);
    bench.fails(
        "local-moran field.csv --value value --csv field.csv",
        &["--csv field.csv", "--force"],
    );
    bench.write("twice.csv", "x,y,value\n0,0,1\n0,0,2\n1,1,3\n2,2,5\n");
    bench.fails("moran twice.csv --value value --weights idw", &["--weights idw"]);
}

fn run(bench: &Workbench, line: &str) -> String {
    let output = bench.run(&format!("{line} --permutations 99"));
    let (out, err) = crate::workbench::texts(&output);
    assert_eq!(
        (output.status.code(), err.as_str()),
        (Some(0), ""),
        "{line}\n{out}"
    );
    out
}
