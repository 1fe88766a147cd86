//! What the program prints and how it exits.

use crate::workbench::{Workbench, districts, texts};

const VALUES: &str = "audit table.csv --truth truth --pred pred";
const CLASSES: &str = "audit table.csv --truth class --pred pred_class";

#[test]
fn a_biased_model_is_called_biased() {
    let bench = Workbench::new();
    for line in [VALUES, CLASSES] {
        let text = bench.succeeds(line);
        assert!(
            text.contains("The model does not work equally well everywhere"),
            "{text}"
        );
        assert!(text.contains("600 samples, 24 maps"), "{text}");
        assert!(text.contains("Worst places"), "{text}");
    }
}

#[test]
fn the_gate_sets_the_exit_code() {
    let bench = Workbench::new();
    let passed = bench.run(&format!("{VALUES} --permutations 9 --fail-above 1000"));
    assert_eq!(passed.status.code(), Some(0));
    assert!(texts(&passed).0.contains("gate 1000: passed"));
    let failed = bench.run(&format!("{VALUES} --permutations 9 --fail-above 0.001"));
    assert_eq!(failed.status.code(), Some(1));
    assert!(texts(&failed).0.contains("gate 0.001000: FAILED"));
}

#[test]
fn every_metric_runs() {
    let bench = Workbench::new();
    for metric in [
        "mae",
        "rmse",
        "bias",
        "r2",
        "median-error",
        "log-ratio",
        "log-ratio-bias",
        "median-log-ratio",
        "mape",
    ] {
        bench.succeeds(&format!("{VALUES} --metric {metric} --max-grid 2x2"));
    }
    for metric in [
        "f1",
        "f1-macro",
        "accuracy",
        "balanced-accuracy",
        "precision",
        "precision-macro",
        "recall",
        "recall-macro",
    ] {
        bench.succeeds(&format!("{CLASSES} --metric {metric} --max-grid 2x2"));
    }
    for metric in ["f1-binary", "precision-binary", "recall-binary", "selection-rate"] {
        bench.succeeds(&format!(
            "{CLASSES} --metric {metric} --positive corn --max-grid 2x2"
        ));
    }
}

#[test]
fn every_map_runs() {
    let bench = Workbench::new();
    bench.write("districts.geojson", districts(-1.0, 16.0, 0.0));
    bench.write("stations.csv", "x,y\n5,5\n25,5\n15,15\n");
    let text = bench.succeeds(&format!(
        "{VALUES} --polygons districts.geojson --polygon-label name"
    ));
    assert!(text.contains("west side") || text.contains("east side"), "{text}");
    for map in [
        "--group group",
        "--quadtree 100",
        "--quantile-grid 2x3",
        "--random-grids 5",
        "--voronoi stations.csv",
        "--max-grid 3x3 --group group --quadtree 100 --polygons districts.geojson",
        "--max-grid 2x2 --time truth --time-blocks 3",
    ] {
        bench.succeeds(&format!("{VALUES} {map} --min-samples 5"));
    }
}

#[test]
fn groups_are_named_after_their_labels() {
    let text = Workbench::new().succeeds(&format!("{VALUES} --group group"));
    assert!(text.contains("east"), "{text}");
    assert!(text.contains("600 samples, 1 map,"), "{text}");
}

#[test]
fn references_and_distances_run() {
    let bench = Workbench::new();
    for reference in [
        "mean",
        "weighted-mean",
        "global",
        "0.5",
        "base --base truth",
        "weighted-base --base truth",
    ] {
        bench.succeeds(&format!("{VALUES} --reference {reference} --max-grid 2x2"));
    }
    bench.succeeds(&format!("{VALUES} --distance squared --max-grid 2x2"));
}

#[test]
fn small_memory_streams_and_gives_the_same_table_of_classes() {
    let bench = Workbench::new();
    let held = bench.succeeds(&format!("{CLASSES} --json -"));
    let streamed = bench.succeeds(&format!("{CLASSES} --json - --memory 0"));
    let audit = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["audit"].clone();
    assert_eq!(audit(&held), audit(&streamed));
    bench.succeeds(&format!("{VALUES} --memory 0"));
}

#[test]
fn the_number_of_threads_does_not_show() {
    let bench = Workbench::new();
    let one = bench.succeeds(&format!("{VALUES} --json - --threads 1"));
    let three = bench.succeeds(&format!("{VALUES} --json - --threads 3"));
    assert_eq!(one, three);
}

#[test]
fn the_demo_writes_its_report() {
    let bench = Workbench::new();
    let output = bench.run("demo --quiet --out demo");
    let (out, err) = texts(&output);
    assert_eq!((output.status.code(), err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("25,357 samples, 24 maps"), "{out}");
    assert!(out.contains("0.1718"), "{out}");
    assert!(bench.read("demo/report.html").contains("Lucas County"));
    let document: serde_json::Value = serde_json::from_str(&bench.read("demo/audit.json")).unwrap();
    for words in [
        "Base",
        "SPAD",
        "assessor",
        "On the test part SPAD has an S(d)mean of",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let training: serde_json::Value = serde_json::from_str(&bench.read("demo/training.json")).unwrap();
    let models = training["models"].as_array().unwrap();
    assert_eq!(models.len(), 3);
    for model in models {
        // The same houses for all of them.
        assert_eq!(model["audit"]["n_samples"], 7_607);
        assert_eq!(model["audit"]["score"], "mean absolute log ratio");
    }
    assert!(
        bench
            .read("demo/training.html")
            .contains("Quality against fairness")
    );
    assert!(!training["model"]["encoding"].to_string().contains("avalue"));
    let halves = &document["audit"]["partitionings"][0];
    assert_eq!(halves["name"], "1x2");
    assert_eq!(halves["partitions"][0]["n_samples"], 17_968);
    assert_eq!(halves["partitions"][1]["n_samples"], 7_389);
    // Over the files that are there, and with another split.
    let again = bench.run("demo --quiet --seed 1 --out demo");
    assert_eq!(again.status.code(), Some(0), "{}", texts(&again).1);
}

#[test]
fn help_and_version_are_there() {
    let bench = Workbench::new();
    for line in [
        "--help",
        "audit --help",
        "demo --help",
        "train --help",
        "predict --help",
        "--version",
    ] {
        let output = bench.run(line);
        assert_eq!(output.status.code(), Some(0), "{line}");
        assert!(!output.stdout.is_empty());
    }
}
