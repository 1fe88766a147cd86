//! Named columns at places.

use wherefair_audit::ToOutcome;
use wherefair_audit::wording::preview;
use wherefair_core::{Extent, LocationSplit, Seed, Sites};
use wherefair_partition::{EqualGrid, Partitioning as _};

use super::fit::SplitBy;
use crate::{Column, DataFault, Fault, TrainError};

/// Named columns of features, with target and places where a model is to be fitted.
///
/// # Shapes
/// All columns are `(n_rows,)`.
///
/// # Examples
/// ```
/// use wherefair_train::Dataset;
///
/// let data = Dataset::new()
///     .positions(&[0.5, 1.5, 2.5], &[7.0, 7.5, 8.0])?
///     .numbers("rooms", &[3.0, 4.0, 7.0])?
///     .categories("wall", &["brick", "wood", "brick"])?
///     .values("price", &[60_000.0, 55_000.0, 180_000.0])?;
/// assert_eq!(data.n_rows(), 3);
/// let error = data.numbers("age", &[12.0, f64::NAN, 3.0]).unwrap_err();
/// assert_eq!(error.to_string(), "row 2 of the data, column `age`: NaN (accepted: finite numbers)");
/// # Ok::<(), wherefair_train::TrainError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Dataset {
    source: String,
    n_rows: Option<usize>,
    row_numbers: Option<Vec<u64>>,
    features: Vec<(String, Column)>,
    target: Option<(String, Column)>,
    positions: Option<Positions>,
    time: Option<Vec<f64>>,
    group: Option<Vec<u32>>,
}

#[derive(Debug, Clone)]
struct Positions {
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Dataset {
    /// A data set without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// What messages call the data set, such as the path of its file; nothing by default.
    #[must_use]
    pub fn source(mut self, name: impl Into<String>) -> Self {
        self.source = name.into();
        self
    }

    /// The row of the source, from 0, that each row was, for messages; the rows are those of the source by default.
    ///
    /// # Errors
    /// [`TrainError::Data`] for another number of rows.
    pub fn row_numbers(mut self, rows: Vec<u64>) -> Result<Self, TrainError> {
        self.check_length("row numbers", rows.len())?;
        self.row_numbers = Some(rows);
        Ok(self)
    }

    /// Adds a feature.
    ///
    /// # Errors
    /// [`TrainError::Data`] for another number of rows, a number that is not finite, or a name that is taken.
    pub fn feature(mut self, name: impl Into<String>, column: Column) -> Result<Self, TrainError> {
        let name = name.into();
        self.check_column(&name, &column)?;
        self.features.push((name, column));
        Ok(self)
    }

    /// Adds a feature of numbers.
    ///
    /// # Errors
    /// Those of [`feature`](Self::feature).
    pub fn numbers(self, name: impl Into<String>, values: &[f64]) -> Result<Self, TrainError> {
        self.feature(name, values.into())
    }

    /// Adds a feature of categories: text, integers or booleans.
    ///
    /// # Errors
    /// Those of [`feature`](Self::feature).
    pub fn categories(self, name: impl Into<String>, values: &[impl ToOutcome]) -> Result<Self, TrainError> {
        self.feature(name, Column::labels(values))
    }

    /// Sets what is to be predicted: labels for classes, numbers for values.
    ///
    /// # Errors
    /// Those of [`feature`](Self::feature).
    pub fn target(mut self, name: impl Into<String>, column: Column) -> Result<Self, TrainError> {
        let name = name.into();
        self.target = None;
        self.check_column(&name, &column)?;
        self.target = Some((name, column));
        Ok(self)
    }

    /// Sets a target of values.
    ///
    /// # Errors
    /// Those of [`feature`](Self::feature).
    pub fn values(self, name: impl Into<String>, values: &[f64]) -> Result<Self, TrainError> {
        self.target(name, values.into())
    }

    /// Sets a target of classes: text, integers or booleans.
    ///
    /// # Errors
    /// Those of [`feature`](Self::feature).
    pub fn classes(self, name: impl Into<String>, values: &[impl ToOutcome]) -> Result<Self, TrainError> {
        self.target(name, Column::labels(values))
    }

    /// Sets the places.
    ///
    /// # Errors
    /// [`TrainError::Data`] for another number of rows or a coordinate that is not finite.
    pub fn positions(mut self, x: &[f64], y: &[f64]) -> Result<Self, TrainError> {
        self.check_numbers("x", x)?;
        self.check_numbers("y", y)?;
        let (x, y) = (x.to_vec(), y.to_vec());
        self.positions = Some(Positions { x, y });
        Ok(self)
    }

    /// Sets the times, for partitionings of space and time.
    ///
    /// # Errors
    /// Those of [`positions`](Self::positions).
    pub fn times(mut self, times: &[f64]) -> Result<Self, TrainError> {
        self.check_numbers("time", times)?;
        self.time = Some(times.to_vec());
        Ok(self)
    }

    /// Sets the group of each row, by its number, for partitionings into groups.
    ///
    /// # Errors
    /// [`TrainError::Data`] for another number of rows.
    pub fn groups(mut self, groups: &[u32]) -> Result<Self, TrainError> {
        self.check_length("group", groups.len())?;
        self.group = Some(groups.to_vec());
        Ok(self)
    }

    pub(crate) fn name(&self) -> &str {
        &self.source
    }

    /// The number of rows; 0 without columns.
    pub fn n_rows(&self) -> usize {
        self.n_rows.unwrap_or(0)
    }

    /// The target.
    ///
    /// # Errors
    /// [`TrainError::Data`] where there is none.
    pub fn target_column(&self) -> Result<(&str, &Column), TrainError> {
        let target = self.target.as_ref().map(|(name, column)| (&name[..], column));
        target.ok_or_else(|| {
            self.fault(Fault::Missing, None, None, "no target", "values or classes")
                .into()
        })
    }

    /// The places.
    ///
    /// # Errors
    /// [`TrainError::Data`] where there are none.
    pub fn sites(&self) -> Result<Sites<'_>, TrainError> {
        let positions = self.positions.as_ref();
        let missing = || self.fault(Fault::Missing, None, None, "no positions", "x and y of each row");
        let Positions { x, y } = positions.ok_or_else(missing)?;
        let mut sites = Sites::new(x, y)?;
        if let Some(time) = &self.time {
            sites = sites.with_time(time)?;
        }
        if let Some(group) = &self.group {
            sites = sites.with_group(group)?;
        }
        Ok(sites)
    }

    pub(crate) fn features(&self) -> &[(String, Column)] {
        &self.features
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        let named = self.features.iter().find(|(known, _)| known == name)?;
        Some(&named.1)
    }

    /// The places of some rows, without columns.
    pub(crate) fn places(&self, rows: &[u32]) -> Self {
        let of = |column: &Vec<f64>| rows.iter().map(|&row| column[row as usize]).collect();
        let group = |group: &Vec<u32>| rows.iter().map(|&row| group[row as usize]).collect();
        let positions = self.positions.as_ref();
        Self {
            n_rows: Some(rows.len()),
            positions: positions.map(|Positions { x, y }| Positions { x: of(x), y: of(y) }),
            time: self.time.as_ref().map(of),
            group: self.group.as_ref().map(group),
            ..Self::default()
        }
    }

    /// Divides the rows; no part is empty.
    pub(crate) fn divided(
        &self,
        shares: [f64; 3],
        by: SplitBy,
        seed: Seed,
    ) -> Result<LocationSplit, TrainError> {
        let sum: f64 = shares.iter().sum();
        let (train, validation) = (shares[0] / sum, shares[1] / sum);
        let n = self.n_rows();
        let (split, what) = match by {
            SplitBy::Samples => {
                let split = LocationSplit::new(n, train, validation, seed)?;
                (split, "samples".to_owned())
            }
            SplitBy::Blocks { n_rows, n_columns } => {
                let sites = self.sites()?;
                let block_of = match Extent::of(&sites)? {
                    Some(extent) => {
                        let grid = EqualGrid::new(extent, n_rows, n_columns)?;
                        let block = |i| grid.locate(&sites.get(i)).map_or(0, |block| block.0);
                        (0..sites.len()).map(block).collect()
                    }
                    None => Vec::new(),
                };
                let split = LocationSplit::of_groups(&block_of, train, validation, seed)?;
                (split, format!("blocks of {n_rows}x{n_columns}"))
            }
        };
        let parts = [
            ("training", split.train()),
            ("validation", split.validation()),
            ("test", split.test()),
        ];
        if let Some((name, _)) = parts.into_iter().find(|(_, part)| part.is_empty()) {
            let problem = format!("the {name} part has none of the {n} samples, divided by {what}");
            let accepted = "more samples or other shares";
            return Err(self.fault(Fault::EmptyPart, None, None, problem, accepted).into());
        }
        Ok(split)
    }

    /// A fault of this data set, in a row counted from 0 and a column where these are known.
    pub(crate) fn fault(
        &self,
        fault: Fault,
        row: Option<usize>,
        column: Option<&str>,
        problem: impl Into<String>,
        accepted: impl Into<String>,
    ) -> DataFault {
        let number = |row: usize| match &self.row_numbers {
            Some(numbers) => numbers.get(row).map_or(0, |number| number + 1),
            None => row as u64 + 1,
        };
        DataFault {
            fault,
            source: self.source.clone(),
            row: row.map(number),
            column: column.map(str::to_owned),
            problem: problem.into(),
            accepted: accepted.into(),
        }
    }

    fn check_column(&mut self, name: &str, column: &Column) -> Result<(), TrainError> {
        let taken: Vec<String> = self
            .features
            .iter()
            .chain(&self.target)
            .map(|(name, _)| name.clone())
            .collect();
        if taken.iter().any(|taken| taken == name) {
            let accepted = format!("another name than {}", preview(&taken));
            return Err(self
                .fault(Fault::Duplicate, None, Some(name), "is there already", accepted)
                .into());
        }
        match column {
            Column::Numbers(values) => self.check_numbers(name, values),
            Column::Labels { codes, names } => {
                if let Some(row) = codes.iter().position(|&code| code as usize >= names.len()) {
                    let problem = format!("label {} of {}", codes[row], names.len());
                    let accepted = "indices below the number of labels";
                    return Err(self
                        .fault(Fault::Missing, Some(row), Some(name), problem, accepted)
                        .into());
                }
                self.check_length(name, codes.len())
            }
        }
    }

    fn check_numbers(&mut self, name: &str, values: &[f64]) -> Result<(), TrainError> {
        self.check_length(name, values.len())?;
        let Some(row) = values.iter().position(|value| !value.is_finite()) else {
            return Ok(());
        };
        let problem = values[row].to_string();
        Err(self
            .fault(Fault::NotFinite, Some(row), Some(name), problem, "finite numbers")
            .into())
    }

    fn check_length(&mut self, name: &str, n: usize) -> Result<(), TrainError> {
        let expected = *self.n_rows.get_or_insert(n);
        if n == expected {
            return Ok(());
        }
        let (problem, accepted) = (
            format!("has {n} rows"),
            format!("{expected}, as the columns before it"),
        );
        Err(self
            .fault(Fault::Length, None, Some(name), problem, accepted)
            .into())
    }
}
