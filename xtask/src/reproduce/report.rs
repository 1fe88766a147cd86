//! What a suite found, and its files.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Serialize;

use super::Setting;
use super::comparison::{Check, Comparison, Difference};
use super::figure::Figure;
use super::scale::Scale;
use super::summary;
use super::table::Table;

/// What a suite found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Report {
    pub(super) suite: &'static str,
    /// Authors, year and title of the paper.
    pub(super) paper: &'static str,
    pub(super) version: &'static str,
    pub(super) scale: Scale,
    pub(super) seed: u64,
    pub(super) checks: Vec<Check>,
    pub(super) comparisons: Vec<Comparison>,
    pub(super) differences: Vec<Difference>,
    /// What was left out, and why.
    pub(super) skipped: Vec<String>,
    pub(super) tables: Vec<Table>,
    pub(super) figures: Vec<Figure>,
}

impl Report {
    pub(super) fn new(suite: &'static str, paper: &'static str, setting: &Setting<'_>) -> Self {
        Self {
            suite,
            paper,
            version: env!("CARGO_PKG_VERSION"),
            scale: setting.scale,
            seed: setting.seed.value(),
            checks: Vec::new(),
            comparisons: Vec::new(),
            differences: Vec::new(),
            skipped: Vec::new(),
            tables: Vec::new(),
            figures: Vec::new(),
        }
    }

    /// Notes that something must hold.
    pub(super) fn check(
        &mut self,
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
        holds: bool,
    ) {
        self.checks.push(Check {
            what: what.into(),
            expected: expected.into(),
            found: found.into(),
            holds,
        });
    }

    /// Leaves something out, visibly.
    pub(super) fn skip(&mut self, setting: &Setting<'_>, text: String) {
        setting.progress.say(&format!("skipped: {text}"));
        self.skipped.push(text);
    }

    /// Writes `results.json`, `summary.md`, a CSV file a table and an SVG file a figure into `folder`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        for table in &self.tables {
            table.write(folder)?;
        }
        for figure in &self.figures {
            figure.write(folder)?;
        }
        let json = serde_json::to_string_pretty(self).context("the results cannot be written as JSON")?;
        for (name, text) in [("results.json", json + "\n"), ("summary.md", summary::of(self))] {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        }
        Ok(())
    }

    /// An error that names the checks that do not hold.
    pub(super) fn verdict(&self) -> anyhow::Result<()> {
        if self.checks.is_empty() {
            bail!("the suite `{}` checked nothing", self.suite);
        }
        let failed: Vec<String> = self
            .checks
            .iter()
            .filter(|check| !check.holds)
            .map(|check| {
                format!(
                    "{}: expected {}, found {}",
                    check.what, check.expected, check.found
                )
            })
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        bail!(
            "{} of {} checks do not hold: {}",
            failed.len(),
            self.checks.len(),
            failed.join("; ")
        )
    }
}
