//! Peer libraries: a script that stays open and does one task a line, so that both sides run in turn.

use std::fs;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::process::{high_water_mark_kib, processor_seconds};
use super::timing::{Run, spent};
use crate::interpreter::{Interpreter, missing_package};

/// A folder through which columns go to peers and answers come back.
pub(super) struct Exchange {
    folder: tempfile::TempDir,
}

impl Exchange {
    pub(super) fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("no temporary folder can be made")?;
        Ok(Self { folder })
    }

    /// Writes a column of 64-bit numbers.
    pub(super) fn column(&self, name: &str, values: &[f64]) -> anyhow::Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(self.path(name), bytes).with_context(|| format!("{name} cannot be written"))
    }

    /// Writes a whole number as text.
    pub(super) fn integer(&self, name: &str, value: usize) -> anyhow::Result<()> {
        fs::write(self.path(name), format!("{value}\n")).with_context(|| format!("{name} cannot be written"))
    }

    /// The numbers of the last answer.
    fn answer(&self) -> anyhow::Result<Vec<f64>> {
        let bytes = fs::read(self.path("answer")).context("the peer wrote no answer")?;
        let (numbers, _) = bytes.as_chunks::<8>();
        Ok(numbers.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A running peer.
pub(super) struct Peer<'a> {
    /// The library and its version.
    pub(super) name: String,
    exchange: &'a Exchange,
    process: Child,
    tasks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// The first line of a peer.
#[derive(Debug, Deserialize)]
struct Hello {
    peer: String,
}

/// Its line after each task.
#[derive(Debug, Deserialize)]
struct Done {
    seconds: f64,
}

impl<'a> Peer<'a> {
    /// Starts a script, named from this folder on; says so and returns `None` where its tool or a package is missing.
    pub(super) fn start(root: &Path, script: &str, exchange: &'a Exchange) -> anyhow::Result<Option<Self>> {
        let path = root.join("xtask/src/bench").join(script);
        let program = Interpreter::of(&path).context("the peer is a script")?.command();
        let started = Command::new(&program)
            .arg(&path)
            .arg(exchange.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut process = match started {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                println!("  {script}: skipped: {program} not found");
                return Ok(None);
            }
            started => started.with_context(|| format!("`{program}` cannot be run"))?,
        };
        let tasks = process.stdin.take();
        let answers = process.stdout.take().context("the output is piped")?;
        let mut peer = Self {
            name: script.to_owned(),
            exchange,
            process,
            tasks,
            answers: BufReader::new(answers),
        };
        let mut line = String::new();
        peer.answers.read_line(&mut line)?;
        if line.is_empty() {
            let errors = peer.errors()?;
            let Some(package) = missing_package(&errors) else {
                bail!("{script} failed: {errors}");
            };
            println!("  {script}: skipped: {package} not found");
            return Ok(None);
        }
        let hello: Hello = serde_json::from_str(&line).with_context(|| format!("{script} said {line}"))?;
        peer.name = hello.peer;
        Ok(Some(peer))
    }

    /// Does a task; what it took, and its answer.
    pub(super) fn run(&mut self, task: &str) -> anyhow::Result<(Run, Vec<f64>)> {
        let process = self.process.id().to_string();
        let before = processor_seconds(&process);
        let tasks = self.tasks.as_mut().context("the input is piped")?;
        writeln!(tasks, "{task}").and_then(|()| tasks.flush())?;
        let done: Done = self.line()?;
        let run = Run {
            seconds: done.seconds,
            processor_seconds: spent(before, processor_seconds(&process)),
        };
        Ok((run, self.exchange.answer()?))
    }

    /// The largest resident size of its process so far, in MiB.
    pub(super) fn peak_mib(&self) -> Option<f64> {
        let kib = high_water_mark_kib(&self.process.id().to_string())?;
        Some(f64::from(kib) / 1024.0)
    }

    fn line<T: DeserializeOwned>(&mut self) -> anyhow::Result<T> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if line.is_empty() {
            let errors = self.errors()?;
            bail!("{} failed: {errors}", self.name);
        }
        serde_json::from_str(&line).with_context(|| format!("{} said {line}", self.name))
    }

    fn errors(&mut self) -> anyhow::Result<String> {
        let mut errors = String::new();
        if let Some(stream) = self.process.stderr.as_mut() {
            stream.read_to_string(&mut errors)?;
        }
        Ok(errors)
    }
}

impl Drop for Peer<'_> {
    /// A closed input ends the script.
    fn drop(&mut self) {
        self.tasks = None;
        drop(self.process.wait());
    }
}
