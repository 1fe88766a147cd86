//! GAL files: neighbours without weights.

use std::collections::BTreeMap;
use std::io::{BufWriter, Read, Write};

use super::SpatialWeights;
use super::text::{LabelledWeights, broken, check_ids, header, read_text, write_error};
use crate::StatsError;

const FORMAT: &str = "GAL";

/// Reads binary weights from a GAL file: a header, then for each unit its id, the number of its neighbours and
/// their ids.
///
/// Line breaks count as spaces after the header, so files with and without an empty line for isolates are read.
///
/// # Errors
/// [`StatsError`] with the line when the file breaks the format, is cut short, goes on after the last unit, gives
/// an id twice or names one that it does not define.
///
/// # Examples
/// ```
/// use wherefair_stats::read_gal;
///
/// let file = "0 3 tracts POLY_ID\nA 1\nB\nB 2\nA C\nC 1\nB\n";
/// let read = read_gal(file.as_bytes())?;
/// assert_eq!(read.ids, ["A", "B", "C"]);
/// assert_eq!(read.weights.row(1).0, [0, 2]);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
pub fn read_gal(mut reader: impl Read) -> Result<LabelledWeights, StatsError> {
    let text = read_text(&mut reader)?;
    let mut lines = text.lines();
    let n = header(FORMAT, lines.next())?;
    let last_line = text.lines().count();
    let mut words = lines
        .zip(2..)
        .flat_map(|(line, number)| line.split_whitespace().map(move |word| (number, word)));
    let mut next = |wanted: &str| {
        words
            .next()
            .ok_or_else(|| broken(FORMAT, last_line, format!("the file ends before {wanted}")))
    };
    let mut ids: Vec<String> = vec![];
    let mut units: BTreeMap<&str, usize> = BTreeMap::new();
    let mut named: Vec<(usize, usize, &str)> = vec![];
    for unit in 0..n {
        let (line, id) = next(&format!("unit {} of {n}", unit + 1))?;
        if units.insert(id, unit).is_some() {
            return Err(broken(
                FORMAT,
                line,
                format!("id {id:?} is given twice (accepted: each id once)"),
            ));
        }
        ids.push(id.to_owned());
        let (line, degree) = next("a number of neighbours")?;
        let n_neighbours: usize = degree.parse().map_err(|_| {
            broken(
                FORMAT,
                line,
                format!("{degree:?} is no number of neighbours (accepted: a whole number)"),
            )
        })?;
        for _ in 0..n_neighbours {
            let (line, neighbour) = next("the last neighbour")?;
            named.push((line, unit, neighbour));
        }
    }
    if let Some((line, word)) = words.next() {
        return Err(broken(
            FORMAT,
            line,
            format!("{word:?} follows the last unit (accepted: {n} units)"),
        ));
    }
    let mut links = vec![];
    for (line, unit, neighbour) in named {
        let to = units.get(neighbour).ok_or_else(|| {
            broken(
                FORMAT,
                line,
                format!("neighbour {neighbour:?} is not the id of a unit"),
            )
        })?;
        links.push((unit, *to, 1.0));
    }
    let weights = SpatialWeights::from_edges(n, links)?;
    Ok(LabelledWeights { ids, weights })
}

/// Writes the neighbours, without their weights, as a GAL file.
///
/// # Errors
/// [`StatsError`] when ids are not one a unit, one is given twice, is empty or holds white space, or when writing
/// fails.
pub fn write_gal(writer: impl Write, weights: &SpatialWeights, ids: &[String]) -> Result<(), StatsError> {
    check_ids(ids, weights.n())?;
    let mut writer = BufWriter::new(writer);
    let mut write = || {
        writeln!(writer, "0 {} weights id", weights.n())?;
        for (i, id) in ids.iter().enumerate() {
            let (neighbours, _) = weights.row(i);
            writeln!(writer, "{id} {}", neighbours.len())?;
            let names: Vec<&str> = neighbours.iter().map(|&j| ids[j as usize].as_str()).collect();
            writeln!(writer, "{}", names.join(" "))?;
        }
        writer.flush()
    };
    write().map_err(write_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(file: &str) -> String {
        read_gal(file.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn isolates_with_and_without_an_empty_line_are_read() {
        for file in ["3\n1 1\n2\n2 1\n1\n3 0\n", "3\n3 0\n\n1 1\n2\n2 1\n1\n"] {
            let read = read_gal(file.as_bytes()).unwrap();
            assert_eq!(read.weights.n_nonzero(), 2);
            assert_eq!(read.ids[read.weights.isolates()[0]], "3");
        }
    }

    #[test]
    fn broken_files_name_the_line_and_the_problem() {
        for (file, expected) in [
            (
                "",
                "GAL line 1: header \"\" names no number of units (accepted: n, or 0 n name id)",
            ),
            (
                "x\n",
                "GAL line 1: header \"x\" names no number of units (accepted: n, or 0 n name id)",
            ),
            ("2\na 1\nb\n", "GAL line 3: the file ends before unit 2 of 2"),
            (
                "1\na one\n",
                "GAL line 2: \"one\" is no number of neighbours (accepted: a whole number)",
            ),
            (
                "1\na 99999999999\na\n",
                "GAL line 3: the file ends before the last neighbour",
            ),
            (
                "1\na 1\nb\n",
                "GAL line 3: neighbour \"b\" is not the id of a unit",
            ),
            (
                "2\na 0\na 0\n",
                "GAL line 3: id \"a\" is given twice (accepted: each id once)",
            ),
            (
                "1\na 0\nb 0\n",
                "GAL line 3: \"b\" follows the last unit (accepted: 1 units)",
            ),
            (
                "4294967295\n",
                "GAL line 1: the file ends before unit 1 of 4294967295",
            ),
            (
                "-1\n",
                "GAL line 1: header \"-1\" names no number of units (accepted: n, or 0 n name id)",
            ),
        ] {
            assert_eq!(problem(file), expected);
        }
        assert!(matches!(
            read_gal("1\na 1\na\n".as_bytes()),
            Err(StatsError::SelfNeighbour { .. })
        ));
        assert!(matches!(
            read_gal("2\na 2\nb b\nb 0\n".as_bytes()),
            Err(StatsError::DuplicateLink { .. })
        ));
        assert!(matches!(
            read_gal([0xff, 0xfe].as_slice()),
            Err(StatsError::Io { .. })
        ));
    }

    #[test]
    fn ids_that_a_file_cannot_hold_are_errors() {
        let w = SpatialWeights::from_edges(2, []).unwrap();
        for ids in [
            vec![],
            vec!["a".to_owned(); 2],
            vec!["a b".into(), "c".into()],
            vec![String::new(), "c".into()],
        ] {
            assert!(write_gal(&mut vec![], &w, &ids).is_err(), "{ids:?}");
        }
    }
}
