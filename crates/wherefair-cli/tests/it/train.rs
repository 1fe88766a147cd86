//! `wherefair train` and `wherefair predict` on good input.

use serde_json::Value;

use crate::training_data::{
    FEATURES, SHORT, Sample, bench, classes, samples, values, without_schedule, write_bands,
};
use crate::workbench::{Workbench, texts};

fn json(bench: &Workbench, name: &str) -> Value {
    serde_json::from_str(&bench.read(name)).unwrap()
}

/// Runs `wherefair predict`, which takes no permutations.
fn predicts(bench: &Workbench, line: &str) -> String {
    let output = bench.run(line);
    let (out, err) = texts(&output);
    assert_eq!((output.status.code(), err.as_str()), (Some(0), ""), "{line}");
    out
}

/// The cells of a column of a table without quotes.
fn column(table: &str, name: &str) -> Vec<String> {
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let place = lines
        .next()
        .unwrap()
        .iter()
        .position(|known| *known == name)
        .unwrap();
    lines.map(|cells| cells[place].to_owned()).collect()
}

#[test]
fn values_are_learned_audited_and_predicted() {
    let bench = bench();
    let out = bench.succeeds(&format!("{} --json t.json --report t.html", values()));
    for words in [
        "Base",
        "SPAD",
        "Mean deviation map by map",
        "Worst places of SPAD",
        "model.safetensors",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let document = json(&bench, "t.json");
    let training = &document["training"];
    assert_eq!(training["n_training"], 450);
    assert_eq!(training["n_validation"], 180);
    assert_eq!(training["n_test"], 270);
    let epochs = training["epochs"].as_array().unwrap();
    assert_eq!(epochs.len(), 50);
    let models = document["models"].as_array().unwrap();
    assert_eq!(
        (models.len(), &models[0]["name"], &models[1]["name"]),
        (2, &"Base".into(), &"SPAD".into())
    );
    for model in models {
        assert_eq!(model["audit"]["n_samples"], 270);
        // The values lie between 27 and 40; the noise is 0.3.
        let error = model["audit"]["global"].as_f64().unwrap();
        assert!((0.05..0.7).contains(&error), "{error}");
    }
    // What is kept is the fairest epoch whose quality on the validation part is close enough to the base model's.
    let of = |epoch: &Value, name: &str| epoch[name].as_f64();
    let base = of(&epochs[39], "quality").unwrap();
    let fairest = epochs
        .iter()
        .filter(|epoch| of(epoch, "quality").is_some_and(|quality| quality <= 1.01 * base))
        .min_by(|a, b| {
            of(a, "deviation_mean")
                .unwrap()
                .total_cmp(&of(b, "deviation_mean").unwrap())
        })
        .unwrap();
    assert_eq!(fairest["epoch"], training["selected_epoch"]);
    let page = bench.read("t.html");
    for words in [
        "Quality against fairness",
        "Models side by side",
        "Worst places: SPAD",
        "kept: epoch",
    ] {
        assert!(page.contains(words), "{words}");
    }

    let out = predicts(&bench, "predict model.safetensors t.csv --out p.csv");
    assert!(out.contains("900 rows"), "{out}");
    let table = bench.read("p.csv");
    let predicted = column(&table, "prediction");
    let samples = samples();
    assert_eq!(predicted.len(), samples.len());
    assert_eq!(column(&table, "kind")[2], "stone");
    let error: f64 = predicted
        .iter()
        .zip(&samples)
        .map(|(predicted, sample)| (predicted.parse::<f64>().unwrap() - sample.value).abs() / 900.0)
        .sum();
    assert!(error < 0.7, "{error}");
}

#[test]
fn the_audit_of_the_predictions_is_that_of_the_training() {
    let bench = bench();
    bench.succeeds(&format!(
        "{} --json t.json --strategy base --split 1:1:98 --min-samples 5",
        values()
    ));
    predicts(&bench, "predict model.safetensors t.csv --out p.csv");
    // Nearly all samples are test samples; those that are not are seen in the count alone.
    bench.succeeds("audit p.csv --truth value --pred prediction --metric mae --json a.json");
    let (trained, audited) = (json(&bench, "t.json"), json(&bench, "a.json"));
    assert_eq!(trained["models"].as_array().unwrap().len(), 1);
    assert_eq!(trained["models"][0]["audit"]["n_samples"], 882);
    let [of_test, of_all] =
        [&trained["models"][0]["audit"], &audited["audit"]].map(|audit| audit["global"].as_f64().unwrap());
    assert!((of_test / of_all - 1.0).abs() < 0.05, "{of_test} {of_all}");
}

#[test]
fn classes_are_learned_and_predicted_with_probabilities() {
    let bench = bench();
    bench.succeeds(&format!(
        "{} --json t.json --base-out base.safetensors",
        classes()
    ));
    let document = json(&bench, "t.json");
    let mut labels: Vec<&str> = document["labels"]
        .as_array()
        .unwrap()
        .iter()
        .map(|label| label.as_str().unwrap())
        .collect();
    for model in document["models"].as_array().unwrap() {
        assert!(model["audit"]["global"].as_f64().unwrap() > 0.7);
    }
    for model in ["model", "base"] {
        predicts(
            &bench,
            &format!("predict {model}.safetensors t.csv --out {model}.csv --probabilities --column crop_hat"),
        );
        let table = bench.read(&format!("{model}.csv"));
        let predicted = column(&table, "crop_hat");
        let right = predicted
            .iter()
            .zip(samples())
            .filter(|(predicted, sample)| **predicted == sample.crop)
            .count();
        assert!(right > 650, "{right}");
        let probabilities: Vec<Vec<f64>> = labels
            .iter()
            .map(|label| {
                let cells = column(&table, &format!("crop_hat_{label}"));
                cells.iter().map(|cell| cell.parse().unwrap()).collect()
            })
            .collect();
        for row in 0..predicted.len() {
            let of_row: Vec<f64> = probabilities.iter().map(|column| column[row]).collect();
            assert!((of_row.iter().sum::<f64>() - 1.0).abs() < 1e-5);
            let most = (0..labels.len())
                .max_by(|&a, &b| of_row[a].total_cmp(&of_row[b]))
                .unwrap();
            assert_eq!(labels[most], predicted[row]);
        }
    }
    labels.sort_unstable();
    assert_eq!(labels, ["corn", "rice", "soy"]);
}

#[test]
fn the_model_is_the_same_with_any_number_of_threads() {
    let bench = bench();
    for line in [values(), classes()] {
        let mut models = Vec::new();
        for threads in ["1", "2", "3"] {
            bench.succeeds(&format!("{line} --threads {threads} --force --json t.json"));
            models.push((
                std::fs::read(bench.path("model.safetensors")).unwrap(),
                bench.read("t.json"),
            ));
        }
        assert_eq!(models[0], models[1]);
        assert_eq!(models[0], models[2]);
        bench.succeeds(&format!("{line} --seed 1 --force"));
        assert_ne!(
            std::fs::read(bench.path("model.safetensors")).unwrap(),
            models[0].0
        );
    }
}

#[test]
fn every_strategy_trains() {
    let bench = bench();
    for (strategy, name, n_models) in [
        ("base", "Base", 1),
        ("base-longer:30", "Base-longer", 2),
        ("single:2x1", "Single-2x1", 2),
        ("reg:2", "REG", 2),
        ("spad-gd", "SPAD-GD", 2),
        ("spad-no-base", "SPAD-no-base", 1),
        ("spad-fixed-k:3", "SPAD-3-eps", 2),
        ("equal-rates", "Equal-rates", 2),
    ] {
        bench.succeeds(&format!(
            "{} --strategy {strategy} --force --json t.json",
            values()
        ));
        let document = json(&bench, "t.json");
        let models = document["models"].as_array().unwrap();
        assert_eq!(
            (models.len(), &models[n_models - 1]["name"]),
            (n_models, &name.into())
        );
    }
}

#[test]
fn logarithms_are_learned_for_ratios() {
    let bench = bench();
    let line = format!(
        "train t.csv --target value {FEATURES} --metric log-ratio {SHORT} --json t.json --compare b --reference base --split-by block:6x6"
    );
    bench.succeeds(&line);
    let document = json(&bench, "t.json");
    let models = document["models"].as_array().unwrap();
    assert_eq!(models[2]["name"], "b");
    let global = |i: usize| models[i]["audit"]["global"].as_f64().unwrap();
    // ln(32 / 11.5) is about 1; the models are off by a percent.
    assert!(global(2) > 0.8 && global(0) < 0.05 && global(1) < 0.05);
    assert_eq!(models[1]["audit"]["base_global"], models[0]["audit"]["global"]);
    assert_eq!(document["model"]["target"]["logarithm"], true);
}

#[test]
fn rasters_are_learned_and_predicted_as_rasters() {
    let bench = bench();
    write_bands(&bench, "bands.tif");
    let line = format!(
        "train bands.tif --target band_3 --features band_1,band_2 --metric f1 --max-grid 3x3 {SHORT} --json t.json"
    );
    bench.succeeds(&line);
    let document = json(&bench, "t.json");
    assert!(document["models"][1]["audit"]["global"].as_f64().unwrap() > 0.9);
    predicts(&bench, "predict model.safetensors bands.tif --out classes.tif");
    let out = bench.succeeds(
        "audit bands.tif --truth band_3 --pred classes.tif --metric f1 --allow-unmatched-labels --json a.json",
    );
    assert!(out.contains("1,200 samples"), "{out}");
    let audited = json(&bench, "a.json");
    assert!(audited["audit"]["global"].as_f64().unwrap() > 0.9);
    // The same as a table.
    predicts(&bench, "predict model.safetensors bands.tif --out classes.csv");
    let table = bench.read("classes.csv");
    assert_eq!(column(&table, "band_3").len(), 1_200);
    assert!(
        column(&table, "prediction")
            .iter()
            .all(|class| ["3", "4", "5"].contains(&class.as_str()))
    );
}

#[test]
fn rows_without_a_feature_get_no_prediction_where_that_is_asked_for() {
    let bench = bench();
    bench.succeeds(&values());
    bench.write(
        "new.csv",
        "id,kind,b,a,note\n1,wood,11,0.5,\"a, b\"\n2,wood,,0.5,\n3,glass,11,0.5,x\n",
    );
    bench.fails(
        "predict model.safetensors new.csv --out p.csv",
        &["new.csv", "line 3", "\"b\""],
    );
    let line = "predict model.safetensors new.csv --out p.csv --missing skip";
    bench.fails(
        line,
        &[
            "row 3 of the data",
            "`kind`",
            "glass",
            "brick, stone, wood",
            "--unseen other",
        ],
    );
    let out = predicts(&bench, &format!("{line} --unseen other"));
    assert!(out.contains("2 rows"), "{out}");
    let table = bench.read("p.csv");
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "id,kind,b,a,note,prediction");
    assert!(lines[1].starts_with("1,wood,11,0.5,\"a, b\",3"), "{}", lines[1]);
    assert_eq!(lines[2], "2,wood,,0.5,,");
    assert!(lines[3].starts_with("3,glass,11,0.5,x,3"), "{}", lines[3]);
}

#[test]
fn the_gate_is_that_of_the_fair_model() {
    let bench = bench();
    for (gate, code) in [("1000", 0), ("0", 1)] {
        let output = bench.run(&format!(
            "{} --force --permutations 0 --bootstrap 0 --fail-above {gate}",
            values()
        ));
        assert_eq!(output.status.code(), Some(code), "{}", texts(&output).1);
        assert!(bench.files().contains(&"model.safetensors".to_owned()));
    }
}

#[test]
fn other_formats_are_learned_from_as_well() {
    let bench = bench();
    bench.write_parquet("t.parquet");
    bench.succeeds(&format!(
        "train t.parquet --target class --features truth,pred --categorical pred_class {SHORT} --max-grid 2x2"
    ));
    predicts(&bench, "predict model.safetensors t.parquet --out p.csv");
    assert_eq!(column(&bench.read("p.csv"), "prediction").len(), 600);
}

#[test]
fn a_positive_class_may_be_absent_from_the_test_part() {
    let bench = bench();
    let mut rare = samples();
    rare[7].crop = "hemp";
    bench.write("t.csv", crate::training_data::training_csv(&rare));
    for seed in 0..4 {
        bench.succeeds(&format!(
            "{} --metric selection-rate --positive hemp --absent-class keep --seed {seed} --force",
            classes()
        ));
    }
}

#[test]
fn without_a_graphics_card_the_processor_trains_and_says_so() {
    let bench = bench();
    let on_processor = format!("{} --json cpu.json", values());
    bench.succeeds(&on_processor);
    let model = std::fs::read(bench.path("model.safetensors")).unwrap();
    // No machine has so many cards, and builds without the feature have none.
    let line = format!("{} --force --device cuda:999 --json cuda.json", values());
    let output = bench.run(&line);
    let (out, err) = texts(&output);
    assert_eq!(output.status.code(), Some(0), "{err}");
    assert!(err.starts_with("note: --device cuda:999: "), "{err}");
    assert!(
        err.trim_end().ends_with("; trained on the processor instead"),
        "{err}"
    );
    assert!(out.contains("--device cuda:999: "), "{out}");
    assert_eq!(std::fs::read(bench.path("model.safetensors")).unwrap(), model);
    let facts = |name: &str| json(&bench, name)["training"].clone();
    assert_eq!(facts("cuda.json"), facts("cpu.json"));
}

/// What keeps a training on representative maps short.
const FEW_LOOPS: &str = "--strategy spad-sim --loops 6 --initial-loops 1 --clustering-loops 2";

#[test]
fn maps_that_stand_for_others_are_told_loop_by_loop() {
    let bench = bench();
    let maps = "--max-grid 3x3 --random-grids 3 --quadtree 60";
    let out = bench.succeeds(&format!(
        "{} {FEW_LOOPS} {maps} --json t.json --report t.html",
        without_schedule()
    ));
    assert!(
        out.contains("SPAD-SIM") && out.contains("Maps that stand for each other"),
        "{out}"
    );
    let document = json(&bench, "t.json");
    let loops = document["training"]["loops"].as_array().unwrap().clone();
    let stages: Vec<&str> = loops.iter().map(|one| one["stage"].as_str().unwrap()).collect();
    let expected = [
        "initial",
        "tentative",
        "clustering",
        "clustering",
        "sampling",
        "sampling",
    ];
    assert_eq!(stages, expected);
    let n_maps = loops[0]["maps"].as_array().unwrap().len();
    assert_eq!(n_maps, 12);
    for one in &loops {
        let n_clustered = one["clusters"].as_array().map(Vec::len);
        let is_clustering = one["stage"] == "clustering";
        assert_eq!(n_clustered, is_clustering.then_some(n_maps));
    }
    let n_trained: usize = loops
        .iter()
        .map(|one| {
            if one["stage"] == "tentative" {
                1
            } else {
                one["maps"].as_array().unwrap().len()
            }
        })
        .sum();
    assert_eq!(
        document["training"]["epochs"].as_array().unwrap().len(),
        40 + n_trained
    );
    let page = bench.read("t.html");
    for words in ["Maps that stand for others", "Loop 3", "Loop 4"] {
        assert!(page.contains(words), "{words}");
    }
    // Other trainings have neither.
    bench.succeeds(&format!(
        "{} --force --strategy spad-rnd:2 --loops 3 --json r.json --report r.html",
        without_schedule()
    ));
    assert_eq!(json(&bench, "r.json")["training"]["loops"], Value::Null);
    assert_eq!(
        json(&bench, "r.json")["training"]["epochs"]
            .as_array()
            .unwrap()
            .len(),
        46
    );
    assert!(!bench.read("r.html").contains("stand for others"));
}

#[test]
fn reference_and_distance_decide_which_model_is_kept() {
    let bench = bench();
    let of_unit = |flags: &str| {
        // The epochs are the same whatever the reference: equal rates ask nobody.
        bench.succeeds(&format!(
            "{} --strategy equal-rates --max-quality-loss 9 --json t.json --force {flags}",
            values()
        ));
        let document = json(&bench, "t.json");
        let measured = document["training"]["epochs"].as_array().unwrap().iter();
        let measured: Vec<[f64; 3]> = measured
            .filter_map(|epoch| {
                Some([
                    epoch["epoch"].as_f64()?,
                    epoch["quality"].as_f64()?,
                    epoch["deviation_mean"].as_f64()?,
                ])
            })
            .collect();
        let selected = document["training"]["selected_epoch"].as_f64().unwrap();
        let fairest = measured.iter().min_by(|a, b| a[2].total_cmp(&b[2])).unwrap();
        assert!((fairest[0] - selected).abs() < 0.5, "{flags}");
        let scale = document["model"]["target"]["scale"].as_f64().unwrap();
        let rule = document["training"]["config"]["measured_from"].clone();
        (selected, measured, scale, rule)
    };
    let of_mean = of_unit("--reference mean");
    assert!(of_mean.3.is_null());
    let of_zero = of_unit("--reference 0");
    assert!((of_mean.0 - of_zero.0).abs() > 0.5);
    for (a, b) in of_mean.1.iter().zip(&of_zero.1) {
        assert!((a[1] - b[1]).abs() <= 1e-12 * a[1]);
    }
    // 3 is in units of the metric; the network learns on another scale.
    let (_, of_three, scale, rule) = of_unit("--reference 3");
    assert!((rule["fixed"].as_f64().unwrap() * scale - 3.0).abs() < 1e-12);
    // 13 of the 24 maps have a place with 30 validation samples. All errors are between 0 and 3: distances from 0 and
    // from 3 add up to 3 a map.
    for (from_zero, from_three) in of_zero.1.iter().zip(&of_three) {
        assert!(
            (from_zero[2] + from_three[2] - 13.0 * 3.0).abs() < 1e-9,
            "{from_zero:?} {from_three:?}"
        );
    }
    // The mean of squares is at least the square of the mean, and of its size: in squared units.
    let of_squares = of_unit("--reference 0 --distance squared").1;
    for (plain, squared) in of_zero.1.iter().zip(of_squares) {
        let least = plain[2] * plain[2] / 13.0;
        assert!(
            squared[2] >= least * (1.0 - 1e-9) && squared[2] < 3.0 * least,
            "{plain:?} {squared:?}"
        );
    }
    bench.succeeds(&format!("{} --reference weighted-base --force", values()));
}

#[test]
fn a_model_of_the_program_is_applied_from_rust() {
    use wherefair_train::{Dataset, FairModel, Response, Unseen};

    let bench = bench();
    let samples = samples();
    let of = |get: fn(&Sample) -> f64| samples.iter().map(get).collect::<Vec<_>>();
    let kinds: Vec<&str> = samples.iter().map(|sample| sample.kind).collect();
    for train in [values(), classes()] {
        bench.succeeds(&train);
        predicts(&bench, "predict model.safetensors t.csv --out p.csv --force");
        let expected = column(&bench.read("p.csv"), "prediction");

        let model = FairModel::load(&bench.path("model.safetensors")).unwrap();
        let data = Dataset::new().numbers("a", &of(|sample| sample.a)).unwrap();
        let data = data.numbers("b", &of(|sample| sample.b)).unwrap();
        let data = data.categories("kind", &kinds).unwrap();
        match model.predict(&data, Unseen::Error).unwrap() {
            Response::Values(values) => {
                let expected: Vec<f64> = expected.iter().map(|text| text.parse().unwrap()).collect();
                assert_eq!(values, expected);
            }
            Response::Classes(classes) => assert_eq!(model.labels(&classes), expected),
        }
        std::fs::remove_file(bench.path("model.safetensors")).unwrap();
    }
}
