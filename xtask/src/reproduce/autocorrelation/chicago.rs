//! Chicago's block groups, which do not ship with the project.

use std::path::Path;

use anyhow::{Context as _, ensure};
use wherefair::core::{Point, Seed};
use wherefair::data::{ColumnRequest, MissingPolicy, ReadRequest, Table};

/// The file in the folder of real data.
pub(super) const FILE: &str = "chicago_block_groups.csv";

const COLUMNS: [&str; 6] = [
    "lon",
    "lat",
    "divvy_n800m_2017",
    "divvy_n800m_2022",
    "pct-af-am",
    "median-household-income",
];

/// Block groups that have all values.
#[derive(Debug)]
pub(super) struct BlockGroups {
    /// Longitude and latitude in degrees.
    pub(super) points: Vec<Point>,
    /// Bikeshare stations within 800 m of the centroid in 2017.
    pub(super) stations: Vec<f64>,
    /// The same in 2022.
    pub(super) stations_2022: Vec<f64>,
    /// Percentage of African American population.
    pub(super) african_american: Vec<f64>,
    /// Median household income in USD.
    pub(super) income: Vec<f64>,
}

/// The block groups, or `None` where the file is not there.
pub(super) fn read(folder: &Path) -> anyhow::Result<Option<BlockGroups>> {
    let path = folder.join(FILE);
    if !path.exists() {
        return Ok(None);
    }
    let table = Table::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let mut request = ReadRequest::new(COLUMNS.map(ColumnRequest::number).to_vec());
    request.missing = MissingPolicy::Skip;
    let mut columns = vec![Vec::new(); COLUMNS.len()];
    for batch in table.read(&request)? {
        for ((column, values), name) in columns.iter_mut().zip(&batch?.columns).zip(COLUMNS) {
            let values = values
                .numbers()
                .with_context(|| format!("column `{name}` of {FILE} holds no numbers"))?;
            column.extend_from_slice(values);
        }
    }
    let mut columns = columns.into_iter();
    let mut next = || columns.next().unwrap_or_default();
    let (lon, lat) = (next(), next());
    ensure!(!lon.is_empty(), "{FILE} has no complete row");
    let points = lon.iter().zip(&lat).map(|(&x, &y)| Point::new(x, y)).collect();
    Ok(Some(BlockGroups {
        points,
        stations: next(),
        stations_2022: next(),
        african_american: next(),
        income: next(),
    }))
}

impl BlockGroups {
    /// `n` of them at random, in their order; all where there are no more.
    pub(super) fn sampled(&self, n: usize, seed: Seed) -> Self {
        let kept = super::scene::sampled_indices(self.points.len(), n, seed);
        let pick = |values: &[f64]| kept.iter().map(|&i| values[i]).collect();
        Self {
            points: kept.iter().map(|&i| self.points[i]).collect(),
            stations: pick(&self.stations),
            stations_2022: pick(&self.stations_2022),
            african_american: pick(&self.african_american),
            income: pick(&self.income),
        }
    }
}
