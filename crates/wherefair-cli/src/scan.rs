//! The first look at the input: which columns, of what kind, how far they reach.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use wherefair_core::{Extent, Point, Sites};
use wherefair_data::{ColumnRequest, ReadRequest, Table, Want};

use crate::measure::{OutcomeKind, preview};
use crate::progress::Bars;
use crate::source::{Columns, Roles, TableSource};

/// Rows read at a time; a multiple of the stripes in which the audit tallies.
const BATCH_ROWS: usize = 1 << 20;

/// Coordinates kept for maps that are made from the data.
const MAX_SITES_KEPT: usize = 1 << 20;

/// The names of the columns to read.
#[derive(Debug, Clone, Default)]
pub(crate) struct ColumnNames {
    pub(crate) truth: String,
    pub(crate) pred: String,
    pub(crate) base: Option<String>,
    pub(crate) coordinates: Option<(String, String)>,
    pub(crate) time: Option<String>,
    pub(crate) group: Option<String>,
}

/// How the input is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScanOptions {
    pub(crate) kind: OutcomeKind,
    pub(crate) missing: wherefair_data::MissingPolicy,
    pub(crate) memory_bytes: u64,
    pub(crate) allow_unmatched_labels: bool,
}

/// What the first look found.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) source: TableSource,
    pub(crate) n_skipped: u64,
    /// Labels of the classes.
    pub(crate) labels: Vec<String>,
    pub(crate) places: Places,
}

/// Where the samples of a file are: all that maps are made from.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pub(crate) file: PathBuf,
    pub(crate) n_rows: u64,
    pub(crate) extent: Option<Extent>,
    pub(crate) time_range: Option<(f64, f64)>,
    /// Labels of the groups.
    pub(crate) groups: Vec<String>,
    /// Evenly spaced samples of the coordinates, all of them where there are few.
    pub(crate) sites: KeptSites,
}

impl Places {
    pub(crate) fn new(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::default()
        }
    }

    /// Takes note of more samples; without coordinates their times and number alone count.
    pub(crate) fn add(&mut self, sites: &Sites<'_>, has_coordinates: bool) -> Result<()> {
        if has_coordinates {
            let here = Extent::of(sites)?;
            self.extent = match (self.extent, here) {
                (Some(a), Some(b)) => Some(a.union(&b)),
                (a, b) => a.or(b),
            };
            self.sites.add(sites);
        }
        for &time in sites.time().unwrap_or_default() {
            let (low, high) = self.time_range.unwrap_or((time, time));
            self.time_range = Some((low.min(time), high.max(time)));
        }
        self.n_rows += sites.len() as u64;
        Ok(())
    }

    /// All samples are known, and the labels of their groups.
    pub(crate) fn settle(&mut self, groups: Vec<String>) {
        self.groups = groups;
        if let Some(extent) = self.extent.filter(|_| self.sites.stride > 1) {
            self.sites.reach(&extent);
        }
    }
}

/// Every `stride`-th point.
#[derive(Debug, Default)]
pub(crate) struct KeptSites {
    pub(crate) x: Vec<f64>,
    pub(crate) y: Vec<f64>,
    pub(crate) stride: u64,
    n_seen: u64,
}

impl KeptSites {
    fn add(&mut self, sites: &Sites<'_>) {
        self.stride = self.stride.max(1);
        for (&x, &y) in sites.x().iter().zip(sites.y()) {
            if self.n_seen.is_multiple_of(self.stride) {
                self.x.push(x);
                self.y.push(y);
                if self.x.len() >= MAX_SITES_KEPT {
                    self.stride *= 2;
                    keep_every_other(&mut self.x);
                    keep_every_other(&mut self.y);
                }
            }
            self.n_seen += 1;
        }
    }
}

impl KeptSites {
    /// Adds the corners of `extent`, so that maps made from the kept sites cover all samples.
    fn reach(&mut self, extent: &Extent) {
        self.x.extend([extent.min_x, extent.max_x]);
        self.y.extend([extent.min_y, extent.max_y]);
    }
}

fn keep_every_other(values: &mut Vec<f64>) {
    let mut keep = false;
    values.retain(|_| {
        keep = !keep;
        keep
    });
}

/// Reads the whole input once: checks every row, and holds the rows in memory where they fit.
pub(crate) fn scan(table: Table, names: &ColumnNames, options: ScanOptions, bars: &Bars) -> Result<Scan> {
    let (request, roles) = request(names, options);
    bars.begin("reading", table.n_rows());
    let mut held = may_fit(&table, &request, options.memory_bytes).then(Columns::default);
    let mut places = Places::new(table.path());
    let (mut seen_truth, mut seen_pred) = (Vec::new(), Vec::new());
    let mut batches = table.read(&request)?;
    for batch in batches.by_ref() {
        let mut columns = Columns::from_batch(batch?);
        columns.settle(&roles);
        let batch = columns.sample_batch(&roles, places.n_rows)?;
        places.add(&batch.sites, roles.x.is_some())?;
        mark(&mut seen_truth, columns.labels(Some(roles.truth)));
        mark(&mut seen_pred, columns.labels(Some(roles.pred)));
        wherefair_audit::Progress::advance(bars, columns.len() as u64);
        if let Some(all) = &mut held {
            if all.n_bytes() + columns.n_bytes() > options.memory_bytes {
                held = None;
            } else {
                all.append(columns);
            }
        }
    }
    let labels = batches.labels(roles.truth).to_vec();
    let groups = roles
        .group
        .map_or_else(Vec::new, |group| batches.labels(group).to_vec());
    let n_skipped = batches.n_skipped();
    drop(batches);
    bars.finish();
    if places.n_rows == 0 {
        bail!(
            "{}: every row was left out ({n_skipped} rows have missing or non-finite values)",
            table.path().display()
        );
    }
    if options.kind == OutcomeKind::Classes && !options.allow_unmatched_labels {
        check_labels(&table, names, &labels, &seen_truth, &seen_pred)?;
    }
    if let Some(held) = &mut held {
        held.settle(&roles);
    }
    places.settle(groups);
    Ok(Scan {
        source: TableSource {
            table,
            request,
            roles,
            held,
            n_classes: if options.kind == OutcomeKind::Classes {
                labels.len()
            } else {
                0
            },
        },
        n_skipped,
        labels,
        places,
    })
}

/// Whether the rows may fit in memory, as far as the format tells their number.
fn may_fit(table: &Table, request: &ReadRequest, memory_bytes: u64) -> bool {
    let width = |column: &ColumnRequest| match column.want {
        Want::Number => 8,
        Want::Label => 4,
    };
    let row_bytes: u64 = request.columns.iter().map(width).sum();
    table
        .n_rows()
        .is_none_or(|n| n.saturating_mul(row_bytes) <= memory_bytes)
}

fn request(names: &ColumnNames, options: ScanOptions) -> (ReadRequest, Roles) {
    let mut columns = Vec::new();
    let mut ask = |name: &str, want: Want| {
        let name = name.to_owned();
        columns.push(ColumnRequest { name, want });
        columns.len() - 1
    };
    let outcome = match options.kind {
        OutcomeKind::Classes => Want::Label,
        OutcomeKind::Values => Want::Number,
    };
    let truth = ask(&names.truth, outcome);
    let pred = ask(&names.pred, outcome);
    let base = names.base.as_ref().map(|base| ask(base, outcome));
    let coordinates = names
        .coordinates
        .as_ref()
        .map(|(x, y)| (ask(x, Want::Number), ask(y, Want::Number)));
    let time = names.time.as_ref().map(|time| ask(time, Want::Number));
    let group = names.group.as_ref().map(|group| ask(group, Want::Label));
    let shared = match options.kind {
        OutcomeKind::Classes => vec![[Some(truth), Some(pred), base].into_iter().flatten().collect()],
        OutcomeKind::Values => Vec::new(),
    };
    let request = ReadRequest {
        columns,
        batch_rows: BATCH_ROWS,
        missing: options.missing,
        shared_labels: shared,
    };
    let roles = Roles {
        x: coordinates.map(|(x, _)| x),
        y: coordinates.map(|(_, y)| y),
        truth,
        pred,
        base,
        time,
        group,
    };
    (request, roles)
}

fn mark(seen: &mut Vec<bool>, labels: Option<&[u32]>) {
    for &label in labels.unwrap_or_default() {
        let label = label as usize;
        if label >= seen.len() {
            seen.resize(label + 1, false);
        }
        seen[label] = true;
    }
}

/// Labels that only one of the columns holds are as often a mistake (codes against names, another legend) as a
/// class that the model never predicts.
fn check_labels(
    table: &Table,
    names: &ColumnNames,
    labels: &[String],
    seen_truth: &[bool],
    seen_pred: &[bool],
) -> Result<()> {
    let seen = |seen: &[bool], i: usize| seen.get(i).copied().unwrap_or(false);
    let only = |here: &[bool], there: &[bool]| -> Vec<String> {
        (0..labels.len())
            .filter(|&i| seen(here, i) && !seen(there, i))
            .map(|i| labels[i].clone())
            .collect()
    };
    let only_truth = only(seen_truth, seen_pred);
    let only_pred = only(seen_pred, seen_truth);
    if only_truth.is_empty() && only_pred.is_empty() {
        return Ok(());
    }
    let mut parts = Vec::new();
    for (name, labels) in [(&names.truth, &only_truth), (&names.pred, &only_pred)] {
        if !labels.is_empty() {
            parts.push(format!("only in column `{name}`: {}", preview(labels)));
        }
    }
    bail!(
        "{}: labels seen in one column only ({}); add --allow-unmatched-labels if that is right",
        table.path().display(),
        parts.join("; ")
    )
}

/// The sites of all seeds, as points.
pub(crate) fn points(x: &[f64], y: &[f64]) -> Vec<Point> {
    x.iter().zip(y).map(|(&x, &y)| Point::new(x, y)).collect()
}
