//! Output files: all or nothing.

use crate::workbench::{Workbench, texts};

const AUDIT: &str = "audit table.csv --truth truth --pred pred --permutations 9 --bootstrap 0";

#[test]
fn an_existing_file_is_kept_unless_forced() {
    let bench = Workbench::new();
    bench.write("audit.json", "mine");
    bench.fails(
        &format!("{AUDIT} --json audit.json"),
        &["--json audit.json", "exists already", "--force"],
    );
    assert_eq!(bench.read("audit.json"), "mine");
    bench.succeeds("audit table.csv --truth truth --pred pred --json audit.json --force");
    assert!(bench.read("audit.json").starts_with('{'));
}

#[test]
fn a_path_that_cannot_be_written_is_refused_before_any_work() {
    let bench = Workbench::new();
    bench.fails(
        &format!("{AUDIT} --json nowhere/audit.json"),
        &["--json nowhere/audit.json"],
    );
    std::fs::create_dir(bench.path("folder")).unwrap();
    bench.fails(
        &format!("{AUDIT} --report folder"),
        &["--report folder", "folder"],
    );
    bench.fails(&format!("{AUDIT} --json same --report same"), &["same"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let bench = Workbench::new();
    bench.fails(
        &format!("{AUDIT} --json audit.json --report /dev/full"),
        &["--report /dev/full"],
    );
    bench.fails(
        &format!("{AUDIT} --json /dev/full --report report.html"),
        &["--json /dev/full"],
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error() {
    let bench = Workbench::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_wherefair"))
        .args(AUDIT.split_whitespace())
        .current_dir(bench.path("."))
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(texts(&output).1.contains("standard output"));
}

#[test]
fn json_to_standard_output_is_json_alone() {
    let text = Workbench::new().succeeds("audit table.csv --truth truth --pred pred --json -");
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["audit"]["partitionings"].as_array().unwrap().len(), 24);
    assert_eq!(document["audit"]["n_samples"], 600);
}

#[test]
fn the_report_is_one_file_without_addresses_to_fetch() {
    let bench = Workbench::new();
    bench.succeeds("audit table.csv --truth truth --pred pred --report report.html");
    let html = bench.read("report.html");
    assert!(html.starts_with("<!DOCTYPE html>"));
    for fetched in ["src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!html.contains(fetched), "{fetched}");
    }
}
