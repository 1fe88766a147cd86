//! The samples of a training, in memory.

use anyhow::{Context as _, Result, bail};
use wherefair_data::{ColumnKind, ColumnRequest, Format, Table};
use wherefair_train::{Column, Dataset, Response, Target};

use super::args::TrainArgs;
use crate::args::Metric;
use crate::columns::read_columns;
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

/// All samples of the input.
#[derive(Debug)]
pub(crate) struct Samples {
    pub(crate) data: Dataset,
    /// Predictions of other models.
    others: Vec<(String, Column)>,
    rows: Vec<u64>,
    pub(crate) places: Places,
    pub(crate) left_out: Option<String>,
}

/// The metric that was asked for, or the one that the target calls for.
pub(crate) fn choose_metric(table: &Table, target: &str, asked: Option<Metric>) -> Result<Metric> {
    let kind = table.column(target)?.kind;
    let file = table.path().display();
    let metric = match asked {
        Some(metric) => metric,
        None if table.format() == Format::GeoTiff => bail!(
            "{file}: pixels may be classes or values: say which with --metric f1 (classes) or --metric mae (values)"
        ),
        None => match kind {
            ColumnKind::Text | ColumnKind::Boolean => Metric::F1,
            ColumnKind::Integer => bail!(
                "{file}: column `{target}` holds whole numbers, which may be classes or values: say which with --metric f1 (classes) or --metric mae (values)"
            ),
            _ => Metric::Mae,
        },
    };
    if matches!(
        metric,
        Metric::MedianError | Metric::MedianLogRatio | Metric::Mape
    ) {
        bail!(
            "--metric {}: cannot be trained for (accepted for values: mae, rmse, bias, r2, log-ratio or log-ratio-bias)",
            metric.flag()
        );
    }
    Ok(metric)
}

impl TrainColumns {
    /// The columns that the flags name.
    pub(crate) fn choose(table: &Table, args: &TrainArgs) -> Result<Self> {
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
        if coordinates.is_none() && (args.maps.needs_coordinates() || args.split.split_by != "random") {
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
    pub(crate) fn read(self, table: &Table, metric: Metric, args: &TrainArgs) -> Result<Samples> {
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
        let target = next()?;
        let mut data = Dataset::new().source(&file).row_numbers(read.rows.clone())?;
        for name in self.numbers.into_iter().chain(self.categories) {
            data = data.feature(name, next()?)?;
        }
        data = data.target(self.target, target)?;
        let mut others = Vec::new();
        for name in self.compare {
            others.push((name, next()?));
        }
        let mut numbers = |is_there: bool| match is_there.then(&mut next).transpose()? {
            Some(Column::Numbers(values)) => Ok(Some(values)),
            Some(Column::Labels { .. }) | None => Ok::<_, anyhow::Error>(None),
        };
        let has_coordinates = self.coordinates.is_some();
        let nowhere = || vec![0.0; read.rows.len()];
        let x = numbers(has_coordinates)?.unwrap_or_else(nowhere);
        let y = numbers(has_coordinates)?.unwrap_or_else(nowhere);
        data = data.positions(&x, &y)?;
        if let Some(time) = numbers(self.time.is_some())? {
            data = data.times(&time)?;
        }
        let mut groups = Vec::new();
        if let Some(Column::Labels { codes, names }) = self.group.map(|_| next()).transpose()? {
            data = data.groups(&codes)?;
            groups = names;
        }
        let mut places = Places::new(table.path());
        places.add(&data.sites()?, has_coordinates)?;
        places.settle(groups);
        Ok(Samples {
            data,
            others,
            rows: read.rows,
            places,
            left_out: read.left_out,
        })
    }
}

impl Samples {
    /// The labels of the classes; none of values.
    pub(crate) fn labels(&self) -> Result<&[String]> {
        Ok(match self.data.target_column()?.1 {
            Column::Labels { names, .. } => names,
            Column::Numbers(_) => &[],
        })
    }

    /// What the other models predict of the rows `rows`, by column.
    pub(crate) fn others(&self, target: &Target, rows: &[u32]) -> Result<Vec<(String, Response)>> {
        let target_name = self.data.target_column()?.0;
        let of = |(name, column): &(String, Column)| {
            let predicted = match (column, target) {
                (Column::Labels { codes, names }, Target::Classes { labels }) => {
                    let mut classes = Vec::with_capacity(rows.len());
                    for &row in rows {
                        let label = &names[codes[row as usize] as usize];
                        let class = labels.iter().position(|known| known == label).with_context(|| {
                            format!(
                                "--compare {name}: {}: row {} of the data has {label}, no class of `{target_name}` (accepted: {})",
                                self.places.file.display(),
                                self.rows[row as usize] + 1,
                                preview(labels)
                            )
                        })?;
                        classes.push(u32::try_from(class)?);
                    }
                    Response::Classes(classes)
                }
                (Column::Numbers(values), Target::Value { .. }) => {
                    Response::Values(rows.iter().map(|&row| values[row as usize]).collect())
                }
                _ => bail!("--compare {name}: is not of the kind of `{target_name}`"),
            };
            Ok((name.clone(), predicted))
        };
        self.others.iter().map(of).collect()
    }
}
