//! Cells of text: when they are numbers, when they are missing, and what label a number is.

use std::fmt::Write as _;

use crate::request::MissingReason;

/// What a cell of text is where a number is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum NumberCell {
    Number(f64),
    Missing(MissingReason),
    NotANumber,
}

pub(crate) fn parse_number(cell: &[u8]) -> NumberCell {
    let cell = cell.trim_ascii();
    let parsed = std::str::from_utf8(cell)
        .ok()
        .and_then(|text| text.parse::<f64>().ok());
    match parsed {
        Some(value) if value.is_finite() => NumberCell::Number(value),
        Some(_) => NumberCell::Missing(MissingReason::NotFinite),
        None if is_missing_mark(cell) => NumberCell::Missing(MissingReason::Empty),
        None => NumberCell::NotANumber,
    }
}

/// Whether a trimmed cell says that a number is missing.
fn is_missing_mark(cell: &[u8]) -> bool {
    cell.is_empty()
        || [&b"NA"[..], b"N/A", b"null", b"none"]
            .iter()
            .any(|mark| cell.eq_ignore_ascii_case(mark))
}

/// The truth value that a trimmed cell spells, in any case.
pub(crate) fn parse_bool(cell: &[u8]) -> Option<bool> {
    match cell.trim_ascii() {
        cell if cell.eq_ignore_ascii_case(b"true") => Some(true),
        cell if cell.eq_ignore_ascii_case(b"false") => Some(false),
        _ => None,
    }
}

/// The whole number that equals `value`, where doubles are dense enough to tell.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked first")]
pub(crate) fn as_integer(value: f64) -> Option<i64> {
    const LAST_EXACT: f64 = 9_007_199_254_740_992.0;
    (value.abs() <= LAST_EXACT && value.fract() == 0.0).then_some(value as i64)
}

/// Writes the label of a finite number that is no whole number below 2⁵³.
pub(crate) fn write_real(value: f64, label: &mut String) {
    label.clear();
    let _infallible = write!(label, "{value}");
}

/// The civil date, as year, month and day, of a day counted from 1970-01-01.
fn civil_date(day: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that the leap day is the last of its year.
    const DAYS_TO_EPOCH: i64 = 719_468;
    const DAYS_PER_ERA: i64 = 146_097;
    let day = day + DAYS_TO_EPOCH;
    let (era, day) = (day.div_euclid(DAYS_PER_ERA), day.rem_euclid(DAYS_PER_ERA));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 {
        (year, month + 3)
    } else {
        (year + 1, month - 9)
    };
    (era * 400 + year, month, day)
}

/// Writes `2020-02-29`.
pub(crate) fn write_date(day: i32, label: &mut String) {
    let (year, month, day) = civil_date(i64::from(day));
    label.clear();
    let _infallible = write!(label, "{year:04}-{month:02}-{day:02}");
}

/// Writes `2020-02-29T12:00:00`, with as many decimals as `ticks_per_second` has, where they are not 0.
pub(crate) fn write_timestamp(ticks: i64, ticks_per_second: i64, label: &mut String) {
    let (second, fraction) = (
        ticks.div_euclid(ticks_per_second),
        ticks.rem_euclid(ticks_per_second),
    );
    let (year, month, day) = civil_date(second.div_euclid(86_400));
    let second = second.rem_euclid(86_400);
    label.clear();
    let _infallible = write!(
        label,
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    if fraction != 0 {
        let width = ticks_per_second.ilog10() as usize;
        let _infallible = write!(label, ".{fraction:0width$}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_numbers_missing_or_neither() {
        use MissingReason::{Empty, NotFinite};
        use NumberCell::{Missing, NotANumber, Number};
        for (cell, parsed) in [
            ("1", Number(1.0)),
            (" -2.5e3 ", Number(-2500.0)),
            ("+.5", Number(0.5)),
            ("", Missing(Empty)),
            (" \t", Missing(Empty)),
            ("NA", Missing(Empty)),
            ("n/a", Missing(Empty)),
            ("NULL", Missing(Empty)),
            ("nan", Missing(NotFinite)),
            ("-Infinity", Missing(NotFinite)),
            ("1e999", Missing(NotFinite)),
            ("1,5", NotANumber),
            ("12abc", NotANumber),
            ("0x10", NotANumber),
            ("1 2", NotANumber),
        ] {
            assert_eq!(parse_number(cell.as_bytes()), parsed, "{cell}");
        }
        assert_eq!(parse_number(&[0xff]), NotANumber);
    }

    #[test]
    fn whole_reals_are_integers() {
        assert_eq!(as_integer(-0.0), Some(0));
        assert_eq!(as_integer(3.0), Some(3));
        assert_eq!(as_integer(3.5), None);
        assert_eq!(as_integer(1e300), None);
        assert_eq!(as_integer(f64::NAN), None);
    }

    #[test]
    fn dates_and_timestamps_read_as_iso_8601() {
        let mut label = String::new();
        for (day, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (18_321, "2020-02-29"),
            (11_017, "2000-03-01"),
            (-25_509, "1900-02-28"),
        ] {
            write_date(day, &mut label);
            assert_eq!(label, text);
        }
        for (ticks, per_second, text) in [
            (0, 1, "1970-01-01T00:00:00"),
            (-1, 1000, "1969-12-31T23:59:59.999"),
            (1_582_977_600_000_000, 1_000_000, "2020-02-29T12:00:00"),
            (
                1_582_977_600_000_000_007,
                1_000_000_000,
                "2020-02-29T12:00:00.000000007",
            ),
        ] {
            write_timestamp(ticks, per_second, &mut label);
            assert_eq!(label, text);
        }
        for extreme in [i64::MIN, i64::MAX] {
            write_timestamp(extreme, 1, &mut label);
        }
        write_date(i32::MIN, &mut label);
    }
}
