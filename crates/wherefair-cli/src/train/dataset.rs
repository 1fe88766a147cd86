//! The samples of a training, in memory.

use anyhow::{Context as _, Result, bail};
use wherefair_core::Sites;
use wherefair_data::{ColumnKind, ColumnRequest, LocationSplit, Table};
use wherefair_nn::Samples;
use wherefair_partition::PartitioningDistribution;
use wherefair_spad::SpatialSamples;

use super::args::{TrainArgs, UnseenArg};
use super::encoding::{Encoding, Source};
use super::target::{Target, Truth};
use crate::args::Metric;
use crate::columns::{UnitColumn, read_columns};
use crate::measure::{OutcomeKind, preview};
use crate::scan::Places;

/// The columns of a training, all of them there.
#[derive(Debug)]
pub(crate) struct TrainColumns {
    target: String,
    numbers: Vec<String>,
    categories: Vec<String>,
    compare: Vec<String>,
    pub(crate) coordinates: Option<(String, String)>,
    time: Option<String>,
    group: Option<String>,
}

/// Coordinates, and what else decides in which partition a sample lies.
#[derive(Debug, Default)]
pub(crate) struct Positions {
    x: Vec<f64>,
    y: Vec<f64>,
    time: Option<Vec<f64>>,
    group: Option<Vec<u32>>,
}

/// All samples of the input.
#[derive(Debug)]
pub(crate) struct Dataset {
    pub(crate) file: String,
    features: Vec<(String, UnitColumn)>,
    target: (String, UnitColumn),
    /// Predictions of other models.
    others: Vec<(String, UnitColumn)>,
    positions: Positions,
    rows: Vec<u64>,
    pub(crate) places: Places,
    pub(crate) left_out: Option<String>,
}

/// What another model predicts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Predicted {
    Classes(Vec<u32>),
    Values(Vec<f64>),
}

/// One part of the samples, encoded.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) features: Vec<f32>,
    pub(crate) truth: Truth,
    pub(crate) positions: Positions,
}

impl TrainColumns {
    /// The columns that the flags name.
    pub(crate) fn choose(table: &Table, args: &TrainArgs, split_needs_coordinates: bool) -> Result<Self> {
        let file = table.path().display();
        let all = || {
            let names: Vec<String> = table.columns().iter().map(|column| column.name.clone()).collect();
            preview(&names)
        };
        let columns = &args.columns;
        let mut numbers: Vec<String> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for (flag, names) in [
            ("--features", &columns.features),
            ("--categorical", &columns.categorical),
        ] {
            for name in names.iter().map(|name| name.trim()) {
                let info = table.column(name).context(flag)?;
                if *name == columns.target {
                    bail!("{flag} {name}: is what is predicted, and no feature");
                }
                let is_category = columns.categorical.iter().any(|other| other.trim() == name);
                if flag == "--features" && !is_category {
                    if info.kind == ColumnKind::Text {
                        bail!(
                            "{flag} {name}: {file}: the column holds text (accepted: numbers; categories go with --categorical)"
                        );
                    }
                    numbers.push(name.to_owned());
                }
                if flag == "--categorical" || !is_category {
                    if seen.contains(&name) {
                        bail!("{flag} {name}: is named twice");
                    }
                    seen.push(name);
                }
            }
        }
        let named = [args.maps.group.as_ref(), args.maps.time.as_ref()];
        for name in named.into_iter().flatten().chain(&columns.compare) {
            table.column(name)?;
        }
        table.column(&columns.target).context("--target")?;
        let coordinates = match (&columns.x, &columns.y) {
            (Some(x), Some(y)) => {
                table.column(x)?;
                table.column(y)?;
                Some((x.clone(), y.clone()))
            }
            _ => table.coordinates(),
        };
        if coordinates.is_none() && (args.maps.needs_coordinates() || split_needs_coordinates) {
            bail!(
                "{file}: no coordinates found: give --x COLUMN and --y COLUMN (the columns are: {})",
                all()
            );
        }
        Ok(Self {
            target: columns.target.clone(),
            numbers,
            categories: columns
                .categorical
                .iter()
                .map(|name| name.trim().to_owned())
                .collect(),
            compare: columns.compare.clone(),
            coordinates,
            time: args.maps.time.clone(),
            group: args.maps.group.clone(),
        })
    }

    /// Reads the columns of all rows.
    pub(crate) fn read(self, table: &Table, metric: Metric, args: &TrainArgs) -> Result<Dataset> {
        let outcome = |name: &String| match metric.outcome_kind() {
            OutcomeKind::Classes => ColumnRequest::label(name),
            OutcomeKind::Values => ColumnRequest::number(name),
        };
        let mut wanted = vec![outcome(&self.target)];
        wanted.extend(self.numbers.iter().map(ColumnRequest::number));
        wanted.extend(self.categories.iter().map(ColumnRequest::label));
        wanted.extend(self.compare.iter().map(outcome));
        wanted.extend(
            self.coordinates
                .iter()
                .flat_map(|(x, y)| [x, y])
                .map(ColumnRequest::number),
        );
        wanted.extend(self.time.iter().map(ColumnRequest::number));
        wanted.extend(self.group.iter().map(ColumnRequest::label));
        let read = read_columns(table, wanted, args.columns.missing)?;
        let file = table.path().display().to_string();
        let mut columns = read.columns.into_iter();
        let mut next = || {
            columns
                .next()
                .with_context(|| format!("{file}: a column cannot be read"))
        };
        let target = (self.target, next()?);
        let named = |name: String, column: Result<UnitColumn>| column.map(|column| (name, column));
        let mut features = Vec::new();
        for name in self.numbers.into_iter().chain(self.categories) {
            features.push(named(name, next())?);
        }
        let mut others = Vec::new();
        for name in self.compare {
            others.push(named(name, next())?);
        }
        let mut numbers = |is_there: bool| match is_there.then(&mut next).transpose()? {
            Some(UnitColumn::Numbers(values)) => Ok(Some(values)),
            Some(UnitColumn::Labels { .. }) | None => Ok::<_, anyhow::Error>(None),
        };
        let has_coordinates = self.coordinates.is_some();
        let nowhere = || vec![0.0; read.rows.len()];
        let x = numbers(has_coordinates)?.unwrap_or_else(nowhere);
        let y = numbers(has_coordinates)?.unwrap_or_else(nowhere);
        let time = numbers(self.time.is_some())?;
        let (group, group_names) = match self.group.map(|_| next()).transpose()? {
            Some(UnitColumn::Labels { codes, names }) => (Some(codes), names),
            _ => (None, Vec::new()),
        };
        let positions = Positions { x, y, time, group };
        let mut places = Places::new(table.path());
        places.add(&positions.sites()?, has_coordinates)?;
        places.settle(group_names);
        Ok(Dataset {
            file,
            features,
            target,
            others,
            positions,
            rows: read.rows,
            places,
            left_out: read.left_out,
        })
    }
}

impl Positions {
    pub(crate) fn sites(&self) -> Result<Sites<'_>> {
        let mut sites = Sites::new(&self.x, &self.y)?;
        if let Some(time) = &self.time {
            sites = sites.with_time(time)?;
        }
        if let Some(group) = &self.group {
            sites = sites.with_group(group)?;
        }
        Ok(sites)
    }

    fn of(&self, rows: &[u32]) -> Self {
        let numbers = |column: &Vec<f64>| rows.iter().map(|&row| column[row as usize]).collect();
        Self {
            x: numbers(&self.x),
            y: numbers(&self.y),
            time: self.time.as_ref().map(numbers),
            group: self
                .group
                .as_ref()
                .map(|group| rows.iter().map(|&row| group[row as usize]).collect()),
        }
    }
}

impl Dataset {
    pub(crate) fn source(&self) -> Source<'_> {
        Source {
            file: &self.file,
            columns: &self.features,
            rows: &self.rows,
        }
    }

    pub(crate) fn target(&self) -> (&str, &UnitColumn) {
        (&self.target.0, &self.target.1)
    }

    pub(crate) fn sites(&self) -> Result<Sites<'_>> {
        self.positions.sites()
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// The three parts, encoded.
    pub(crate) fn parts(
        &self,
        split: &LocationSplit,
        (encoding, target): (&Encoding, &Target),
        unseen: UnseenArg,
    ) -> Result<[Part; 3]> {
        let part = |rows: &[u32]| {
            Ok::<_, anyhow::Error>(Part {
                features: encoding.encode(self.source(), rows, unseen)?,
                truth: target.truth(self.source(), &self.target.1, rows)?,
                positions: self.positions.of(rows),
            })
        };
        Ok([
            part(split.train())?,
            part(split.validation())?,
            part(split.test())?,
        ])
    }

    /// What the other models predict of the rows `rows`, by column.
    pub(crate) fn others(&self, target: &Target, rows: &[u32]) -> Result<Vec<(String, Predicted)>> {
        let of = |(name, column): &(String, UnitColumn)| {
            let predicted = match (column, target) {
                (UnitColumn::Labels { codes, names }, Target::Classes { labels }) => {
                    let mut classes = Vec::with_capacity(rows.len());
                    for &row in rows {
                        let label = &names[codes[row as usize] as usize];
                        let class = labels.iter().position(|known| known == label).with_context(|| {
                            format!(
                                "--compare {name}: {} has {label}, no class of `{}` (accepted: {})",
                                self.source().row(row),
                                self.target.0,
                                preview(labels)
                            )
                        })?;
                        classes.push(u32::try_from(class)?);
                    }
                    Predicted::Classes(classes)
                }
                (UnitColumn::Numbers(values), Target::Value { .. }) => {
                    Predicted::Values(rows.iter().map(|&row| values[row as usize]).collect())
                }
                _ => bail!("--compare {name}: is not of the kind of `{}`", self.target.0),
            };
            Ok((name.clone(), predicted))
        };
        self.others.iter().map(of).collect()
    }
}

impl Part {
    pub(crate) fn n_samples(&self) -> usize {
        self.positions.x.len()
    }

    /// The samples, placed in all maps.
    pub(crate) fn placed(&self, maps: &PartitioningDistribution, target: &Target) -> Result<SpatialSamples> {
        let n_features = self.features.len() / self.n_samples().max(1);
        let samples = match &self.truth {
            Truth::Classes(labels) => {
                Samples::classes(&self.features, n_features, labels, target.n_outputs())?
            }
            Truth::Values { scaled, .. } => Samples::values(&self.features, n_features, scaled, 1)?,
        };
        Ok(SpatialSamples::new(maps, self.positions.sites()?, &samples)?)
    }
}
