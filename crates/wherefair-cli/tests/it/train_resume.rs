//! Trainings that are killed and go on.

use std::process::{Command, Stdio};
use std::time::Duration;

use crate::training_data::{bench, values, without_schedule};
use crate::workbench::Workbench;

/// Many short epochs, so that there is time to kill.
fn long() -> String {
    let line = values().replace(
        "--base-epochs 40 --schedule 2x3,1x4",
        "--base-epochs 60 --schedule 5x30,1x90",
    );
    format!("{line} --permutations 0 --bootstrap 0")
}

fn model(bench: &Workbench) -> Vec<u8> {
    std::fs::read(bench.path("model.safetensors")).unwrap()
}

/// Kills a training ten times, each time going on with another number of threads, and compares with one that is left alone.
fn ends_as_if_never_killed(bench: &Workbench, train: &str) {
    let whole = format!("{train} --threads 1 --json whole.json");
    assert_eq!(bench.run(&whole).status.code(), Some(0));
    let whole = model(bench);
    std::fs::remove_file(bench.path("model.safetensors")).unwrap();
    let line = |attempt: u64| {
        let n_threads = 1 + attempt % 2;
        format!("{train} --threads {n_threads} --checkpoint run --every 1 --resume --json killed.json")
    };
    let mut state = 1_u64;
    let (mut n_killed, mut last) = (0, Vec::new());
    for attempt in 0..10 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wherefair"))
            .args(line(attempt).split_whitespace())
            .current_dir(bench.path("."))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        // Wait until it has come further than last time, so that kills fall all over the training.
        let checkpoint = || std::fs::read(bench.path("run/training.safetensors")).unwrap_or_default();
        while checkpoint() == last && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(state >> 59));
        if child.try_wait().unwrap().is_none() {
            n_killed += 1;
            child.kill().unwrap();
        }
        child.wait().unwrap();
        last = checkpoint();
        if bench.path("model.safetensors").exists() {
            break;
        }
    }
    assert!(n_killed >= 3, "killed {n_killed} times only");
    if !bench.path("model.safetensors").exists() {
        assert_eq!(bench.run(&line(0)).status.code(), Some(0));
    }
    assert_eq!(model(bench), whole);
    assert_eq!(bench.read("killed.json"), bench.read("whole.json"));
}

#[test]
fn a_training_killed_ten_times_ends_with_the_same_model() {
    ends_as_if_never_killed(&bench(), &long());
}

#[test]
fn a_training_on_representative_maps_killed_ten_times_ends_with_the_same_clusters_and_model() {
    let sim = "--strategy spad-sim --loops 30 --initial-loops 2 --clustering-loops 10 --max-grid 3x3";
    let line = format!("{} {sim} --permutations 0 --bootstrap 0", without_schedule());
    ends_as_if_never_killed(&bench(), &line);
}

#[test]
fn a_finished_training_is_not_trained_again() {
    let bench = bench();
    let line = format!("{} --permutations 0 --bootstrap 0 --checkpoint run", values());
    assert_eq!(bench.run(&line).status.code(), Some(0));
    let (first, checkpoint) = (
        model(&bench),
        std::fs::read(bench.path("run/training.safetensors")).unwrap(),
    );
    bench.fails(&line, &["model.safetensors", "--force"]);
    std::fs::remove_file(bench.path("model.safetensors")).unwrap();
    bench.fails(&line, &["--checkpoint run", "--resume", "--force"]);
    assert_eq!(bench.run(&format!("{line} --resume")).status.code(), Some(0));
    assert_eq!(model(&bench), first);
    assert_eq!(
        std::fs::read(bench.path("run/training.safetensors")).unwrap(),
        checkpoint
    );
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let bench = bench();
    let line = format!("{} --permutations 0 --bootstrap 0 --checkpoint run", values());
    assert_eq!(bench.run(&line).status.code(), Some(0));
    std::fs::remove_file(bench.path("model.safetensors")).unwrap();
    for (change, words) in [
        ("--hidden 9", "model"),
        ("--strategy equal-rates", "the parameter method"),
        ("--split 40:30:30", "training samples"),
        ("--base-learning-rate 0.5", "the parameter base_learning_rate"),
        ("--weight-decay 0.1", "model"),
    ] {
        let flag = change.split(' ').next().unwrap();
        // The flag may be among the short ones.
        let line = match flag {
            "--hidden" => line.replace("--hidden 12", change),
            _ => format!("{line} {change}"),
        };
        bench.fails(
            &format!("{line} --resume"),
            &["--resume", "run/training.safetensors", words],
        );
    }
    let checkpoint = std::fs::read(bench.path("run/training.safetensors")).unwrap();
    for n in [0, 9, checkpoint.len() / 2, checkpoint.len() - 1] {
        bench.write("run/training.safetensors", &checkpoint[..n]);
        bench.fails(
            &format!("{line} --resume"),
            &["run/training.safetensors is no whole checkpoint"],
        );
    }
}
