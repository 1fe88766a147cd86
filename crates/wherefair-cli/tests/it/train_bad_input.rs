//! Bad input of trainings and predictions gets one line that says what, where, and what would be accepted.

use std::fmt::Write as _;

use crate::training_data::{FEATURES, SHORT, bench, classes, samples, training_csv, values};
use crate::workbench::{Workbench, texts};

/// The table with a column put last, made from the number of the row.
fn with_column(name: &str, of: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for (i, line) in training_csv(&samples()).lines().enumerate() {
        let cell = if i == 0 { name.to_owned() } else { of(i - 1) };
        let _ = writeln!(text, "{line},{cell}");
    }
    text
}

#[test]
fn columns_must_exist_and_play_one_part() {
    let bench = bench();
    for (line, words) in [
        (
            "train t.csv --target valeu --features a",
            &["--target", "valeu", "did you mean \"value\""][..],
        ),
        (
            "train t.csv --target value --features a,c",
            &["--features", "\"c\""],
        ),
        (
            "train t.csv --target value --features a,value",
            &["--features value"],
        ),
        (
            "train t.csv --target value --features a,a",
            &["--features a", "twice"],
        ),
        (
            "train t.csv --target value --features a,kind",
            &["--features kind", "--categorical"],
        ),
        (
            "train t.csv --target value --features a --compare none",
            &["none"],
        ),
        (
            "train t.csv --target crop --features a --metric mae",
            &["not a number"],
        ),
        (
            "train t.csv --target value --features a --metric mape",
            &["--metric mape", "log-ratio"],
        ),
        (
            "train t.csv --target crop --features a --positive corn",
            &["--positive"],
        ),
    ] {
        bench.fails(line, words);
    }
    let output = bench.run("train t.csv --target value");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn flags_out_of_their_domain_are_named() {
    let bench = bench();
    for (flag, words) in [
        ("--learning-rate 0", &["--learning-rate 0", "above 0"][..]),
        ("--learning-rate nan", &["--learning-rate NaN", "above 0"]),
        ("--learning-rate -1", &["--learning-rate -1"]),
        ("--base-learning-rate 0", &["--base-learning-rate 0", "above 0"]),
        ("--batch 0", &["--batch 0"]),
        ("--base-batch 0", &["--base-batch 0"]),
        ("--hidden 0x3", &["--hidden 0x3"]),
        ("--schedule 10", &["--schedule 10"]),
        ("--schedule 0x3", &["--schedule 0x3", "epochs_each"]),
        ("--strategy fair", &["--strategy fair", "spad-no-base"]),
        ("--strategy single:7x7", &["7x7", "5x5"]),
        ("--loss ce", &["--loss ce", "mse"]),
        ("--split 50:50", &["--split 50:50"]),
        ("--split-by county", &["--split-by county"]),
        ("--max-quality-loss nan", &["--max-quality-loss"]),
        ("--weight-decay -1", &["--weight-decay -1"]),
        ("--every 0 --checkpoint c", &["--every 0"]),
        ("--reference best", &["--reference best"]),
        ("--strategy spad-no-base --reference base", &["no base model"]),
        ("--strategy spad-no-base --base-out b.st", &["no base model"]),
        (
            "--min-cluster-size 3",
            &["--min-cluster-size", "--strategy spad ", "spad-sim"],
        ),
        (
            "--loops 9 --strategy reg",
            &["--loops", "--strategy reg ", "spad-rnd"],
        ),
        (
            "--map-distance none --strategy spad-rnd",
            &["--map-distance", "spad-sim"],
        ),
        ("--schedule 1x1 --strategy spad-sim", &["--schedule", "--loops"]),
        (
            "--strategy spad-sim --min-cluster-size 1",
            &["--min-cluster-size 1", "at least 2"],
        ),
        ("--strategy spad-sim --loops 5", &["--loops 5", "at least 7"]),
        ("--strategy spad-rnd:99", &["--strategy spad-rnd:99", "1 to 24"]),
        (
            "--strategy spad-sim --group kind --max-grid 2x2",
            &["kind", "--map-distance none"],
        ),
    ] {
        let line = format!("train t.csv --target value {FEATURES} {flag}");
        bench.fails(&line, words);
    }
}

#[test]
fn a_class_that_the_training_part_lacks_is_named() {
    let bench = bench();
    // One sample of a class of its own: in the training part or not, as the seed says.
    let mut rare = samples();
    rare[7].crop = "hemp";
    bench.write("t.csv", training_csv(&rare));
    let mut n_lacking = 0;
    for seed in 0..6 {
        let line = format!(
            "{} --seed {seed} --force --permutations 0 --bootstrap 0",
            classes()
        );
        let output = bench.run(&line);
        if output.status.code() == Some(2) {
            n_lacking += 1;
            let (_, err) = texts(&output);
            for words in [
                "`crop`",
                "training part has no sample of hemp",
                "--absent-class keep",
            ] {
                assert!(err.contains(words), "{err}");
            }
            let out = bench.succeeds(&format!(
                "{} --seed {seed} --force --absent-class keep",
                classes()
            ));
            assert!(out.contains("hemp") && out.contains("count as errors"), "{out}");
        }
    }
    assert!((1..6).contains(&n_lacking), "{n_lacking}");
    let mut one: Vec<_> = samples();
    for sample in &mut one {
        sample.crop = "corn";
    }
    bench.write("t.csv", training_csv(&one));
    bench.fails(&format!("{} --force", classes()), &["`crop`", "one class, corn"]);
}

#[test]
fn a_class_may_be_absent_from_a_partition() {
    let bench = bench();
    let mut west = samples();
    for sample in &mut west {
        if sample.x > 15.0 && sample.crop == "rice" {
            sample.crop = "corn";
        }
    }
    bench.write("t.csv", training_csv(&west));
    bench.succeeds(&format!("{} --max-grid 1x2", classes()));
}

#[test]
fn a_constant_feature_is_left_out_with_a_note_and_needed_no_more() {
    let bench = bench();
    bench.write("t.csv", with_column("same", |_| "3".to_owned()));
    let out = bench.succeeds(&format!(
        "train t.csv --target value --features a,same,b --metric mae {SHORT}"
    ));
    assert!(
        out.contains("`same` is 3 in all 450 rows of the training part"),
        "{out}"
    );
    bench.write("new.csv", "a,b\n0,11\n");
    let output = bench.run("predict model.safetensors new.csv --out p.csv");
    assert_eq!(output.status.code(), Some(0));
    bench.fails(
        "train t.csv --target value --features same --force --metric mae",
        &["same", "at least one that varies"],
    );
    bench.fails(
        "train t.csv --target same --features a --force --metric mae",
        &["`same` is 3", "a target that varies"],
    );
}

#[test]
fn features_that_are_not_finite_are_named_or_left_out() {
    let bench = bench();
    for cell in ["nan", "inf", "", "NA"] {
        bench.write(
            "t.csv",
            with_column("odd", |i| if i == 41 { cell.to_owned() } else { i.to_string() }),
        );
        let line = format!("train t.csv --target value --features a,odd --metric mae {SHORT} --force");
        bench.fails(&line, &["t.csv", "line 43", "\"odd\""]);
        let out = bench.succeeds(&format!("{line} --missing skip"));
        assert!(
            out.contains("1 row with missing or non-finite values was left out: row 42."),
            "{out}"
        );
    }
    bench.write("t.csv", with_column("huge", |i| format!("{}e300", i % 2)));
    bench.succeeds(&format!(
        "train t.csv --target value --features a,huge --metric mae {SHORT} --force"
    ));
    bench.fails(
        &format!("train t.csv --target value --features a,huge --metric mae {SHORT} --scaling none --force"),
        &[
            "of the data, column `huge`: 1e300, less 0.0",
            "too large for a network",
        ],
    );
}

#[test]
fn a_ratio_needs_positive_truths() {
    let bench = bench();
    bench.write("t.csv", with_column("gain", |i| (2.0 - i as f64).to_string()));
    bench.fails(
        &format!("train t.csv --target gain {FEATURES} --metric log-ratio {SHORT}"),
        &["row 3 of the data", "`gain`", "0 has no logarithm", "above 0"],
    );
}

#[test]
fn few_samples_are_refused_or_done_with() {
    let bench = bench();
    let line = format!("{} --force", values());
    // 12 samples on maps of up to 25 places.
    bench.write("t.csv", training_csv(&samples()[..12]));
    bench.fails(
        &line,
        &["no partition of any map holds 30 of the 4 samples of the test part"],
    );
    bench.succeeds(&format!("{line} --min-samples 1"));
    bench.write("t.csv", training_csv(&samples()[..2]));
    bench.fails(&line, &["part has none of the 2 samples"]);
}

#[test]
fn a_place_with_one_sample_is_trained_with_the_others() {
    let bench = bench();
    // One sample far away has a column of the grid for itself.
    let mut far = samples();
    far[3].x = 1_000.0;
    bench.write("t.csv", training_csv(&far));
    bench.succeeds(&format!("{} --max-grid 1x3 --min-samples 1", values()));
}

#[test]
fn places_need_coordinates() {
    let bench = bench();
    let table = bench.read("t.csv").replacen("x,y,", "u,v,", 1);
    bench.write("t.csv", table);
    bench.fails(&values(), &["t.csv", "no coordinates found", "--x"]);
    bench.succeeds(&format!("{} --group kind", values()));
    bench.fails(
        &format!("{} --force --group kind --split-by block:4x4", values()),
        &["no coordinates found"],
    );
}

#[test]
fn divergence_names_the_epoch_and_keeps_the_checkpoint() {
    let bench = bench();
    let line = format!(
        "{} --learning-rate 1e30",
        values().replace("--learning-rate 0.02", "")
    );
    bench.fails(
        &line,
        &["epoch 1", "try a lower learning rate", "stands at epoch 0"],
    );
    let output = bench.run(&format!("{line} --checkpoint run"));
    let (_, err) = texts(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(err.contains("which run/training.safetensors holds"), "{err}");
    assert!(bench.path("run/training.safetensors").exists());
    assert!(!bench.path("model.safetensors").exists());
}

/// A folder with a model and a table that it fits.
fn trained() -> Workbench {
    let bench = bench();
    bench.succeeds(&values());
    bench.write("new.csv", "a,b,kind\n0,11,wood\n");
    bench
}

#[test]
fn predictions_need_the_features_of_the_model() {
    let bench = trained();
    bench.write("few.csv", "a,kind\n0,wood\n");
    bench.fails(
        "predict model.safetensors few.csv --out p.csv",
        &["model.safetensors needs the feature `b`", "few.csv"],
    );
    bench.write("text.csv", "a,b,kind\n0,eleven,wood\n");
    bench.fails(
        "predict model.safetensors text.csv --out p.csv",
        &["text.csv", "eleven", "not a number"],
    );
    bench.write("taken.csv", "a,b,kind,prediction\n0,11,wood,3\n");
    bench.fails(
        "predict model.safetensors taken.csv --out p.csv",
        &["--column", "`prediction` already"],
    );
    bench.fails(
        "predict model.safetensors new.csv --out p.tif",
        &["p.tif", "no raster"],
    );
    bench.fails(
        "predict model.safetensors new.csv --out p.parquet",
        &["p.parquet", ".csv"],
    );
    bench.fails(
        "predict model.safetensors new.csv --out p.csv --probabilities",
        &["values of `value`"],
    );
    bench.fails(
        "predict model.safetensors nowhere.csv --out p.csv",
        &["nowhere.csv"],
    );
    bench.fails("predict nowhere.st new.csv --out p.csv", &["nowhere.st"]);
    bench.write("p.csv", "");
    bench.fails(
        "predict model.safetensors new.csv --out p.csv",
        &["p.csv", "--force"],
    );
}

#[test]
fn a_damaged_model_is_refused() {
    let bench = trained();
    let whole = std::fs::read(bench.path("model.safetensors")).unwrap();
    let line = "predict bad.safetensors new.csv --out p.csv --force";
    for n in [0, 1, 7, 8, 100, whole.len() / 2, whole.len() - 1] {
        bench.write("bad.safetensors", &whole[..n]);
        bench.fails(line, &["bad.safetensors is no whole model file"]);
    }
    for place in (0..whole.len()).step_by(61) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        bench.write("bad.safetensors", damaged);
        let (out, err) = texts(&bench.run(line));
        assert!(
            out.is_empty() && err.starts_with("error: bad.safetensors"),
            "byte {place}: {out}{err}"
        );
    }
    let text = String::from_utf8_lossy(&whole[8..]).into_owned();
    let header = text[..text.find("layers.0").unwrap()].to_owned();
    let newer = header.replace("\\\"format\\\":1", "\\\"format\\\":9");
    assert_ne!(header, newer);
    let mut other = whole.clone();
    other[8..8 + newer.len()].copy_from_slice(newer.as_bytes());
    bench.write("bad.safetensors", other);
    bench.fails(line, &["bad.safetensors has model format 9 (accepted: 1)"]);
}

#[test]
fn a_checkpoint_is_no_model_and_a_model_is_no_checkpoint() {
    let bench = trained();
    bench.succeeds(&format!("{} --checkpoint run --force", values()));
    bench.fails(
        "predict run/training.safetensors new.csv --out p.csv",
        &[
            "run/training.safetensors is no whole model file",
            "wherefair-model",
        ],
    );
    std::fs::copy(
        bench.path("model.safetensors"),
        bench.path("run/training.safetensors"),
    )
    .unwrap();
    bench.fails(
        &format!("{} --checkpoint run --resume --force", values()),
        &["--resume", "no whole checkpoint"],
    );
}
