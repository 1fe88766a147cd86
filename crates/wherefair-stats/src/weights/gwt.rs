//! GWT files: links with weights.

use std::collections::BTreeSet;
use std::io::{BufWriter, Read, Write};

use super::SpatialWeights;
use super::text::{LabelledWeights, broken, check_ids, header, read_text, write_error};
use crate::StatsError;

const FORMAT: &str = "GWT";

/// Reads weights from a GWT file: a header, then one line `from to weight` a link.
///
/// The file says nothing of units without links: `ids` gives all ids in the order of units. Without `ids`, units
/// are numbered as their ids first appear at the start of a line, then as they first appear as a neighbour, and
/// there must be as many as the header says. Links of weight 0 are dropped.
///
/// # Errors
/// [`StatsError`] with the line when the file breaks the format, holds an id that is not in `ids`, or has another
/// number of units; when an id is given twice; and as [`SpatialWeights::from_edges`].
///
/// # Examples
/// ```
/// use wherefair_stats::read_gwt;
///
/// let read = read_gwt("0 2 stations id\nA B 0.5\nB A 0.25\n".as_bytes(), None)?;
/// assert_eq!(read.ids, ["A", "B"]);
/// assert_eq!(read.weights.weight(1, 0), 0.25);
/// # Ok::<(), wherefair_stats::StatsError>(())
/// ```
pub fn read_gwt(mut reader: impl Read, ids: Option<&[String]>) -> Result<LabelledWeights, StatsError> {
    let text = read_text(&mut reader)?;
    let mut lines = text.lines();
    let n = header(FORMAT, lines.next())?;
    let links = lines
        .zip(2..)
        .filter(|(line, _)| !line.trim().is_empty())
        .map(|(line, number)| parse_link(line, number))
        .collect::<Result<Vec<_>, _>>()?;
    let ids = match ids {
        Some(ids) => ids.to_vec(),
        None => found_ids(&links, n)?,
    };
    let units = check_ids(&ids, n)?;
    let unit = |line: usize, id: &str| {
        units
            .get(id)
            .copied()
            .ok_or_else(|| broken(FORMAT, line, format!("{id:?} is not the id of a unit")))
    };
    let edges = links
        .iter()
        .map(|&(line, from, to, weight)| Ok((unit(line, from)?, unit(line, to)?, weight)))
        .collect::<Result<Vec<_>, StatsError>>()?;
    let weights = SpatialWeights::from_edges(n, edges)?;
    Ok(LabelledWeights { ids, weights })
}

/// Writes the weights as a GWT file, with as many digits as it takes to read the same numbers back.
///
/// The file does not hold isolates: whoever reads it needs the ids as well.
///
/// # Errors
/// As [`write_gal`](super::write_gal).
pub fn write_gwt(writer: impl Write, weights: &SpatialWeights, ids: &[String]) -> Result<(), StatsError> {
    check_ids(ids, weights.n())?;
    let mut writer = BufWriter::new(writer);
    let mut write = || {
        writeln!(writer, "0 {} weights id", weights.n())?;
        for (i, id) in ids.iter().enumerate() {
            let (neighbours, values) = weights.row(i);
            for (&j, value) in neighbours.iter().zip(values) {
                writeln!(writer, "{id} {} {value:?}", ids[j as usize])?;
            }
        }
        writer.flush()
    };
    write().map_err(write_error)
}

/// A link: line, from, to, weight.
type Link<'a> = (usize, &'a str, &'a str, f64);

fn parse_link(line: &str, number: usize) -> Result<Link<'_>, StatsError> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [from, to, weight] = words[..] else {
        let problem = format!("{} words (accepted: from, to, weight)", words.len());
        return Err(broken(FORMAT, number, problem));
    };
    match weight.parse::<f64>() {
        Ok(weight) if weight.is_finite() => Ok((number, from, to, weight)),
        _ => Err(broken(
            FORMAT,
            number,
            format!("weight {weight:?} (accepted: a finite number)"),
        )),
    }
}

/// The ids of `links` in the order of units.
fn found_ids(links: &[Link<'_>], n: usize) -> Result<Vec<String>, StatsError> {
    let mut seen = BTreeSet::new();
    let starts = links.iter().map(|link| link.1);
    let ends = links.iter().map(|link| link.2);
    let ids: Vec<String> = starts
        .chain(ends)
        .filter(|&id| seen.insert(id))
        .map(str::to_owned)
        .collect();
    if ids.len() != n {
        let problem = format!(
            "the header names {n} units, the links {} (accepted: the same number, or all ids given apart)",
            ids.len()
        );
        return Err(broken(FORMAT, 1, problem));
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_files_name_the_line_and_the_problem() {
        for (file, expected) in [
            (
                "",
                "GWT line 1: header \"\" names no number of units (accepted: n, or 0 n name id)",
            ),
            ("2\na b\n", "GWT line 2: 2 words (accepted: from, to, weight)"),
            (
                "2\n\na b NaN\n",
                "GWT line 3: weight \"NaN\" (accepted: a finite number)",
            ),
            (
                "2\na b x\n",
                "GWT line 2: weight \"x\" (accepted: a finite number)",
            ),
            (
                "3\na b 1\n",
                "GWT line 1: the header names 3 units, the links 2 (accepted: the same number, or all ids given \
                 apart)",
            ),
        ] {
            assert_eq!(read_gwt(file.as_bytes(), None).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn given_ids_order_the_units_and_bring_the_isolates() {
        let ids: Vec<String> = ["c", "b", "a"].map(str::to_owned).to_vec();
        let read = read_gwt("3\na c 2.5\n".as_bytes(), Some(&ids)).unwrap();
        assert_eq!(read.weights.row(2), ([0].as_slice(), [2.5].as_slice()));
        assert_eq!(read.weights.isolates(), [0, 1]);
        assert_eq!(
            read_gwt("3\na d 2.5\n".as_bytes(), Some(&ids))
                .unwrap_err()
                .to_string(),
            "GWT line 2: \"d\" is not the id of a unit"
        );
        assert!(read_gwt("2\n".as_bytes(), Some(&ids)).is_err());
    }

    #[test]
    fn loops_are_an_error_unless_they_weigh_nothing() {
        assert!(matches!(
            read_gwt("2\na a 1\na b 1\n".as_bytes(), None),
            Err(StatsError::SelfNeighbour { .. })
        ));
        assert_eq!(
            read_gwt("2\na a 0\na b 1\n".as_bytes(), None)
                .unwrap()
                .weights
                .n_nonzero(),
            1
        );
    }
}
