//! Tables: of numbers for programs (CSV), and rounded for readers (Markdown).

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

/// One entry of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Cell {
    Text(String),
    Count(u64),
    Number(f64),
    Missing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<u32> for Cell {
    fn from(count: u32) -> Self {
        Self::Count(u64::from(count))
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Missing, Into::into)
    }
}

impl Cell {
    /// All digits.
    fn exact(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Missing => String::new(),
        }
    }

    /// Four digits.
    pub(super) fn rounded(&self) -> String {
        match self {
            Self::Number(number) => rounded(*number),
            Self::Missing => "–".to_owned(),
            Self::Text(text) => text.replace('|', "\\|"),
            Self::Count(_) => self.exact(),
        }
    }
}

/// A number with at most four digits.
pub(super) fn rounded(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let size = number.abs();
    if !(1e-4..1e6).contains(&size) {
        return format!("{number:.1e}");
    }
    let decimals = if size >= 1000.0 {
        0
    } else if size >= 100.0 {
        1
    } else if size >= 10.0 {
        2
    } else {
        4
    };
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A table with a name for its file and a title for its readers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// Whether the summary shows it; long ones are for programs.
    #[serde(skip)]
    pub(super) in_summary: bool,
}

impl Table {
    pub(super) fn new(name: &'static str, title: impl Into<String>, columns: &[&'static str]) -> Self {
        Self {
            name,
            title: title.into(),
            columns: columns.to_vec(),
            rows: Vec::new(),
            in_summary: true,
        }
    }

    /// The same, only as a file.
    pub(super) fn only_as_file(mut self) -> Self {
        self.in_summary = false;
        self
    }

    pub(super) fn push<const N: usize>(&mut self, row: [Cell; N]) {
        debug_assert_eq!(row.len(), self.columns.len(), "{}", self.name);
        self.rows.push(row.into());
    }

    /// Writes `<name>.csv` into `folder`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join(format!("{}.csv", self.name));
        let mut csv =
            csv::Writer::from_path(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        csv.write_record(&self.columns)?;
        for row in &self.rows {
            csv.write_record(row.iter().map(Cell::exact))?;
        }
        csv.flush()?;
        Ok(())
    }

    /// The table in Markdown, without its title.
    pub(super) fn markdown(&self) -> String {
        let mut text = format!(
            "| {} |\n|{}\n",
            self.columns.join(" | "),
            "---|".repeat(self.columns.len())
        );
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(Cell::rounded).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text
    }
}
