//! Columns: what a table says it has, and how a requested one is found.

use std::collections::HashMap;

use crate::DataError;

/// The kind of values in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Whole numbers.
    Integer,
    /// Real numbers.
    Real,
    /// Text.
    Text,
    /// Truth values.
    Boolean,
    /// Shapes; their coordinates are columns of their own.
    Geometry,
}

/// The name and kind of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// The name.
    pub name: String,
    /// The kind; guessed from the first 10,000 rows of a CSV file, and then never binding.
    pub kind: ColumnKind,
    /// Why the column cannot be read, where it cannot.
    pub unusable: Option<String>,
}

impl ColumnInfo {
    pub(crate) fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            name: name.into(),
            kind,
            unusable: None,
        }
    }

    pub(crate) fn unusable(name: impl Into<String>, kind: ColumnKind, reason: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            unusable: Some(reason.into()),
        }
    }
}

pub(crate) fn check_unique(file: &str, columns: &[ColumnInfo]) -> Result<(), DataError> {
    let mut seen = HashMap::new();
    for (i, column) in columns.iter().enumerate() {
        if let Some(first) = seen.insert(column.name.as_str(), i) {
            return Err(DataError::DuplicateColumn {
                file: file.to_owned(),
                name: column.name.clone(),
                first: first + 1,
                second: i + 1,
            });
        }
    }
    Ok(())
}

/// The index of the usable column `name`.
pub(crate) fn find(file: &str, columns: &[ColumnInfo], name: &str) -> Result<usize, DataError> {
    let Some(index) = columns.iter().position(|column| column.name == name) else {
        return Err(DataError::MissingColumn {
            file: file.to_owned(),
            name: name.to_owned(),
            nearest: nearest(columns.iter().map(|column| column.name.as_str()), name),
            columns: columns.iter().map(|column| column.name.clone()).collect(),
        });
    };
    match &columns[index].unusable {
        None => Ok(index),
        Some(reason) => Err(DataError::UnusableColumn {
            file: file.to_owned(),
            name: name.to_owned(),
            reason: reason.clone(),
        }),
    }
}

/// Names for the coordinates that a geometry gives: `x` and `y` unless one of them is taken.
pub(crate) fn coordinate_names(taken: &[ColumnInfo]) -> (String, String) {
    let is_free = |x: &str, y: &str| taken.iter().all(|column| column.name != x && column.name != y);
    let mut prefix = String::new();
    loop {
        let (x, y) = (format!("{prefix}x"), format!("{prefix}y"));
        if is_free(&x, &y) {
            return (x, y);
        }
        prefix.push_str("geometry_");
    }
}

const COORDINATE_PAIRS: [(&str, &str); 12] = [
    ("x", "y"),
    ("lon", "lat"),
    ("longitude", "latitude"),
    ("lng", "lat"),
    ("long", "lat"),
    ("easting", "northing"),
    ("eastings", "northings"),
    ("x_m", "y_m"),
    ("coord_x", "coord_y"),
    ("x_coord", "y_coord"),
    ("point_x", "point_y"),
    ("decimallongitude", "decimallatitude"),
];

/// The pair of usable columns whose names are customary for coordinates, x first.
pub(crate) fn guess_coordinates(columns: &[ColumnInfo]) -> Option<(String, String)> {
    let named = |wanted: &str| {
        let column = columns
            .iter()
            .find(|column| column.unusable.is_none() && column.name.trim().eq_ignore_ascii_case(wanted));
        column.map(|column| column.name.clone())
    };
    COORDINATE_PAIRS
        .iter()
        .find_map(|(x, y)| Some((named(x)?, named(y)?)))
}

/// The name most like `wanted`, if one is near: at most a third of its letters (and at least two) differ.
fn nearest<'a>(names: impl Iterator<Item = &'a str>, wanted: &str) -> Option<String> {
    let wanted = wanted.trim().to_lowercase();
    let limit = (wanted.chars().count() / 3).max(2);
    names
        .map(|name| (edit_distance(&name.trim().to_lowercase(), &wanted), name))
        .filter(|(distance, name)| *distance <= limit && *distance < name.chars().count().max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name.to_owned())
}

/// Levenshtein distance, in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<ColumnInfo> {
        names
            .iter()
            .map(|&name| ColumnInfo::new(name, ColumnKind::Real))
            .collect()
    }

    #[test]
    fn a_missing_column_is_answered_with_the_nearest_name() {
        let columns = columns(&["price", "avalue", "Population"]);
        let ask = |name| find("t.csv", &columns, name).unwrap_err().to_string();
        assert_eq!(
            ask("pirce"),
            "t.csv: no column \"pirce\"; did you mean \"price\"? (columns: price, avalue, Population)"
        );
        assert!(ask("population").contains("did you mean \"Population\"?"));
        assert!(!ask("zzz").contains("did you mean"));
    }

    #[test]
    fn duplicate_names_are_rejected_with_their_places() {
        let error = check_unique("t.csv", &columns(&["a", "b", "a"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "t.csv: column name \"a\" appears twice (columns 1 and 3)"
        );
    }

    #[test]
    fn coordinates_are_found_by_customary_names() {
        let pair = |names: &[&str]| guess_coordinates(&columns(names));
        assert_eq!(
            pair(&["v", "LAT", "Lon"]),
            Some(("Lon".to_owned(), "LAT".to_owned()))
        );
        assert_eq!(pair(&["y_m", "x_m"]), Some(("x_m".to_owned(), "y_m".to_owned())));
        assert_eq!(pair(&["x", "lat"]), None);
    }

    #[test]
    fn taken_coordinate_names_are_avoided() {
        assert_eq!(coordinate_names(&columns(&["a"])).0, "x");
        assert_eq!(coordinate_names(&columns(&["y"])).0, "geometry_x");
        assert_eq!(
            coordinate_names(&columns(&["x", "geometry_y"])).1,
            "geometry_geometry_y"
        );
    }

    #[test]
    fn edit_distance_counts_changes() {
        for (a, b, distance) in [
            ("", "", 0),
            ("", "ab", 2),
            ("kitten", "sitting", 3),
            ("same", "same", 0),
        ] {
            assert_eq!(edit_distance(a, b), distance);
            assert_eq!(edit_distance(b, a), distance);
        }
    }
}
