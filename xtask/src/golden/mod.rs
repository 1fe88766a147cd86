//! `golden`: makes the reference values of the tests anew with the tools that made them.
//!
//! A script `tests/golden/<stem>.py` or `.R` writes `<stem>.json` or `<stem>__<dataset>.json` into the current
//! folder or beside itself. It runs in a copy of its folder, so that a script that fails leaves the committed
//! files alone. A script that takes arguments says so in a line `golden-arguments: …` of its text, in which `{root}`
//! stands for the root of the workspace. A script whose data are absent fails with a line `skipped: …`, which is no
//! failure here.

mod compare;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::Value;

use crate::interpreter::{Interpreter, missing_package};
use crate::workspace::Tree;

/// How to make the values.
#[derive(Debug, Args)]
pub(crate) struct GoldenArgs {
    /// Compare with the committed values and change nothing
    #[arg(long)]
    check: bool,
}

/// How many differences of one file are shown.
const MAX_SHOWN: usize = 10;

/// What became of one script.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// The files are as committed, or were written.
    Done(Vec<String>),
    /// The tool, one of its packages or the script's data are not there.
    Skipped(String),
    /// What is wrong, one line each.
    Failed(Vec<String>),
}

/// Runs all scripts and fails when one of them fails or differs.
pub(crate) fn run(root: &Path, args: &GoldenArgs) -> anyhow::Result<()> {
    let tree = Tree::read(root)?;
    let scripts = scripts(&tree);
    let (mut n_done, mut n_skipped, mut n_failed) = (0, 0, 0);
    for (script, interpreter) in &scripts {
        match run_script(root, script, *interpreter, args.check)? {
            Outcome::Done(files) => {
                n_done += 1;
                println!(
                    "{script}: {} {}",
                    if args.check { "agrees with" } else { "wrote" },
                    files.join(", ")
                );
            }
            Outcome::Skipped(missing) => {
                n_skipped += 1;
                println!("{script}: skipped: {missing}");
            }
            Outcome::Failed(messages) => {
                n_failed += 1;
                for message in messages {
                    println!("{script}: {message}");
                }
            }
        }
    }
    println!(
        "golden: {} scripts, {n_done} done, {n_skipped} skipped, {n_failed} failed",
        scripts.len()
    );
    if n_failed > 0 {
        bail!("{n_failed} of {} golden scripts failed", scripts.len());
    }
    Ok(())
}

/// The scripts in folders `tests/golden`, each with its interpreter.
fn scripts(tree: &Tree) -> Vec<(&str, Interpreter)> {
    tree.files
        .iter()
        .filter_map(|file| {
            let path = Path::new(file);
            let interpreter = Interpreter::of(path)?;
            path.parent()?
                .ends_with("tests/golden")
                .then_some((file.as_str(), interpreter))
        })
        .collect()
}

fn run_script(root: &Path, script: &str, interpreter: Interpreter, check: bool) -> anyhow::Result<Outcome> {
    let script = root.join(script);
    let folder = script.parent().context("a script lies in a folder")?;
    let stem = script.file_stem().unwrap_or_default().to_string_lossy();
    let committed = outputs(folder, &stem)?;

    let copy = tempfile::tempdir().context("no temporary folder can be made")?;
    copy_folder(folder, copy.path())?;
    for name in &committed {
        std::fs::remove_file(copy.path().join(name)).with_context(|| format!("{name} cannot be removed"))?;
    }

    let text =
        std::fs::read_to_string(&script).with_context(|| format!("{} cannot be read", script.display()))?;
    let program = interpreter.command();
    let ran = Command::new(&program)
        .arg(script.file_name().unwrap_or_default())
        .args(arguments(&text, root))
        .current_dir(copy.path())
        .output();
    let output = match ran {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Outcome::Skipped(format!("{program} not found")));
        }
        ran => ran.with_context(|| format!("`{program}` cannot be run"))?,
    };
    if !output.status.success() {
        return Ok(failure(&output));
    }

    let made = outputs(copy.path(), &stem)?;
    if made.is_empty() {
        return Ok(Outcome::Failed(vec![format!(
            "wrote no `{stem}.json` and no `{stem}__….json`"
        )]));
    }
    if check {
        let problems = differences(folder, &committed, copy.path(), &made)?;
        return Ok(if problems.is_empty() {
            Outcome::Done(made)
        } else {
            Outcome::Failed(problems)
        });
    }
    for name in &made {
        std::fs::copy(copy.path().join(name), folder.join(name))
            .with_context(|| format!("{} cannot be written", folder.join(name).display()))?;
    }
    Ok(Outcome::Done(made))
}

/// The arguments that a script asks for.
fn arguments(text: &str, root: &Path) -> Vec<String> {
    text.lines()
        .find_map(|line| line.split_once("golden-arguments:"))
        .map(|(_, arguments)| {
            arguments
                .split_whitespace()
                .map(|argument| argument.replace("{root}", &root.to_string_lossy()))
                .collect()
        })
        .unwrap_or_default()
}

/// A failure, or a skip when only a package of the tool or the script's data are missing.
fn failure(output: &Output) -> Outcome {
    let errors = String::from_utf8_lossy(&output.stderr);
    if let Some(package) = missing_package(&errors) {
        return Outcome::Skipped(format!("{package} not found"));
    }
    if let Some(why) = errors.lines().find_map(|line| line.strip_prefix("skipped: ")) {
        return Outcome::Skipped(why.to_owned());
    }
    let mut messages = vec![format!("ended with {}", output.status)];
    messages.extend(errors.lines().map(str::to_owned));
    Outcome::Failed(messages)
}

/// The names of the JSON files that a script of this stem makes, sorted.
fn outputs(folder: &Path, stem: &str) -> anyhow::Result<Vec<String>> {
    let mut names: Vec<String> = entries(folder)?
        .iter()
        .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
        .filter(|name| {
            name.strip_suffix(".json")
                .and_then(|name| name.strip_prefix(stem))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("__"))
        })
        .collect();
    names.sort();
    Ok(names)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let unreadable = || format!("{} cannot be read", folder.display());
    std::fs::read_dir(folder)
        .with_context(unreadable)?
        .map(|entry| Ok(entry.with_context(unreadable)?.path()))
        .collect()
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("{} cannot be made", to.display()))?;
    for path in entries(from)? {
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            std::fs::copy(&path, &target).with_context(|| format!("{} cannot be copied", path.display()))?;
        }
    }
    Ok(())
}

fn differences(
    folder: &Path,
    committed: &[String],
    copy: &Path,
    made: &[String],
) -> anyhow::Result<Vec<String>> {
    let mut problems = Vec::new();
    for name in committed.iter().filter(|name| !made.contains(name)) {
        problems.push(format!("`{name}` is committed but no longer written"));
    }
    for name in made {
        if !committed.contains(name) {
            problems.push(format!("`{name}` is written but not committed"));
            continue;
        }
        let (old, new) = (read_json(&folder.join(name))?, read_json(&copy.join(name))?);
        let found = compare::differences(&old, &new);
        let n_hidden = found.len().saturating_sub(MAX_SHOWN);
        problems.extend(
            found
                .into_iter()
                .take(MAX_SHOWN)
                .map(|found| format!("`{name}` {found}")),
        );
        if n_hidden > 0 {
            problems.push(format!("`{name}` and {n_hidden} more differences"));
        }
    }
    Ok(problems)
}

fn read_json(path: &Path) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

#[cfg(test)]
mod tests;
