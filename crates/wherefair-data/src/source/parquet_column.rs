//! Arrow arrays: their kinds, and how they become raw columns.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Float16Type,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, PrimitiveArray};
use arrow_schema::{DataType, TimeUnit};

use crate::block::{ColumnBuffer, NotANumber};
use crate::cell::{write_date, write_timestamp};
use crate::column::ColumnKind;
use crate::request::{MissingReason, Want};

const MILLISECONDS_PER_DAY: i64 = 86_400_000;

/// The kind of a column of type `data_type`, or why it cannot be read.
pub(crate) fn kind_of(data_type: &DataType) -> Result<ColumnKind, String> {
    use DataType as T;
    match data_type {
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 | T::UInt64 => {
            Ok(ColumnKind::Integer)
        }
        T::Date32 | T::Date64 => Ok(ColumnKind::Integer),
        T::Float16 | T::Float32 | T::Float64 | T::Timestamp(..) => Ok(ColumnKind::Real),
        T::Decimal32(_, scale) | T::Decimal64(_, scale) | T::Decimal128(_, scale) => Ok(if *scale > 0 {
            ColumnKind::Real
        } else {
            ColumnKind::Integer
        }),
        T::Boolean => Ok(ColumnKind::Boolean),
        T::Utf8 | T::LargeUtf8 | T::Utf8View => Ok(ColumnKind::Text),
        T::Dictionary(_, values) => kind_of(values),
        other => Err(format!(
            "its type is {other} (accepted: integers, floats, decimals up to 128 bits, booleans, text, dates, timestamps)"
        )),
    }
}

/// A cell that is no number, with its row in the array; or a type that [`kind_of`] refuses.
pub(crate) type BadCell = (usize, NotANumber);

/// Appends a whole array.
pub(crate) fn append(array: &dyn Array, column: &mut ColumnBuffer) -> Result<(), BadCell> {
    use DataType as T;
    match array.data_type() {
        T::Float64 => reals::<Float64Type>(array, column, |value| value),
        T::Float32 if column.want == Want::Number => reals::<Float32Type>(array, column, f64::from),
        // The label of a single-precision number is its own shortest text, not that of the nearest double.
        T::Float32 => each(array.as_primitive::<Float32Type>(), column, |column, value| {
            let shortest = value.to_string().parse();
            column.push_real(shortest.unwrap_or(f64::NAN));
        }),
        T::Float16 => reals::<Float16Type>(array, column, f64::from),
        T::Int8 => integers::<Int8Type>(array, column),
        T::Int16 => integers::<Int16Type>(array, column),
        T::Int32 => integers::<Int32Type>(array, column),
        T::Int64 => each(
            array.as_primitive::<Int64Type>(),
            column,
            ColumnBuffer::push_integer,
        ),
        T::UInt8 => integers::<UInt8Type>(array, column),
        T::UInt16 => integers::<UInt16Type>(array, column),
        T::UInt32 => integers::<UInt32Type>(array, column),
        T::UInt64 => each(
            array.as_primitive::<UInt64Type>(),
            column,
            |column, value| match (i64::try_from(value), column.want) {
                (Ok(value), _) => column.push_integer(value),
                (Err(_), Want::Number) => column.push_real(value as f64),
                (Err(_), Want::Label) => column.push_label(&value.to_string()),
            },
        ),
        T::Boolean => {
            let values = array.as_boolean();
            for row in 0..values.len() {
                if values.is_null(row) {
                    column.push_missing(MissingReason::Empty, "");
                } else {
                    column.push_bool(values.value(row));
                }
            }
        }
        T::Decimal32(_, scale) => decimals::<Decimal32Type>(array, column, *scale, f64::from),
        T::Decimal64(_, scale) => decimals::<Decimal64Type>(array, column, *scale, |value| value as f64),
        T::Decimal128(_, scale) => decimals::<Decimal128Type>(array, column, *scale, |value| value as f64),
        T::Date32 => dates(array.as_primitive::<Date32Type>(), column, |day| day),
        T::Date64 => dates(array.as_primitive::<Date64Type>(), column, |ms| {
            let days = ms.div_euclid(MILLISECONDS_PER_DAY);
            i32::try_from(days).unwrap_or(if days < 0 { i32::MIN } else { i32::MAX })
        }),
        T::Timestamp(unit, _) => match unit {
            TimeUnit::Second => moments::<TimestampSecondType>(array, column, 1),
            TimeUnit::Millisecond => moments::<TimestampMillisecondType>(array, column, 1000),
            TimeUnit::Microsecond => moments::<TimestampMicrosecondType>(array, column, 1_000_000),
            TimeUnit::Nanosecond => moments::<TimestampNanosecondType>(array, column, 1_000_000_000),
        },
        T::Utf8 => return texts(array.as_string::<i32>().iter(), column),
        T::LargeUtf8 => return texts(array.as_string::<i64>().iter(), column),
        T::Utf8View => return texts(array.as_string_view().iter(), column),
        T::Dictionary(..) => return dictionary(array, column),
        other => return Err((0, NotANumber(other.to_string()))),
    }
    Ok(())
}

fn each<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    column: &mut ColumnBuffer,
    mut push: impl FnMut(&mut ColumnBuffer, T::Native),
) {
    if array.null_count() == 0 {
        return array.values().iter().for_each(|&value| push(column, value));
    }
    for value in array {
        match value {
            Some(value) => push(column, value),
            None => column.push_missing(MissingReason::Empty, ""),
        }
    }
}

fn reals<T: ArrowPrimitiveType>(
    array: &dyn Array,
    column: &mut ColumnBuffer,
    to_real: impl Fn(T::Native) -> f64,
) {
    let array = array.as_primitive::<T>();
    if column.want == Want::Number && array.null_count() == 0 {
        return column
            .numbers
            .extend(array.values().iter().map(|&value| to_real(value)));
    }
    each(array, column, |column, value| column.push_real(to_real(value)));
}

fn integers<T: ArrowPrimitiveType>(array: &dyn Array, column: &mut ColumnBuffer)
where
    T::Native: Into<i64>,
{
    let array = array.as_primitive::<T>();
    if column.want == Want::Number && array.null_count() == 0 {
        return column.numbers.extend(array.values().iter().map(|&value| {
            let value: i64 = value.into();
            value as f64
        }));
    }
    each(array, column, |column, value| column.push_integer(value.into()));
}

fn decimals<T: ArrowPrimitiveType>(
    array: &dyn Array,
    column: &mut ColumnBuffer,
    scale: i8,
    to_real: impl Fn(T::Native) -> f64,
) {
    let unit = 10_f64.powi(i32::from(scale).abs());
    let scaled = |value| {
        if scale > 0 {
            to_real(value) / unit
        } else {
            to_real(value) * unit
        }
    };
    each(array.as_primitive::<T>(), column, |column, value| {
        column.push_real(scaled(value));
    });
}

fn dates<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    column: &mut ColumnBuffer,
    to_day: impl Fn(T::Native) -> i32,
) {
    let mut label = String::new();
    each(array, column, |column, value| match column.want {
        Want::Number => column.push_integer(to_day(value).into()),
        Want::Label => {
            write_date(to_day(value), &mut label);
            column.push_label(&label);
        }
    });
}

fn moments<T: ArrowPrimitiveType<Native = i64>>(
    array: &dyn Array,
    column: &mut ColumnBuffer,
    ticks_per_second: i64,
) {
    let mut label = String::new();
    each(array.as_primitive::<T>(), column, |column, value| {
        match column.want {
            Want::Number => column.push_real(value as f64 / ticks_per_second as f64),
            Want::Label => {
                write_timestamp(value, ticks_per_second, &mut label);
                column.push_label(&label);
            }
        }
    });
}

fn texts<'a>(
    values: impl Iterator<Item = Option<&'a str>>,
    column: &mut ColumnBuffer,
) -> Result<(), BadCell> {
    for (row, value) in values.enumerate() {
        match value {
            Some(text) => column.push_text(text).map_err(|bad| (row, bad))?,
            None => column.push_missing(MissingReason::Empty, ""),
        }
    }
    Ok(())
}

/// Converts each distinct value once, on its first use, so that unused values cannot be errors.
fn dictionary(array: &dyn Array, column: &mut ColumnBuffer) -> Result<(), BadCell> {
    let Some(array) = array
        .as_any_dictionary_opt()
        .filter(|array| !array.values().is_empty())
    else {
        (0..array.len()).for_each(|_| column.push_missing(MissingReason::Empty, ""));
        return Ok(());
    };
    let values = array.values();
    let keys = array.normalized_keys();
    let mut rows_of_values = vec![None; values.len()];
    for (row, key) in keys.into_iter().enumerate() {
        if array.keys().is_null(row) || values.is_null(key) {
            column.push_missing(MissingReason::Empty, "");
            continue;
        }
        let first = *rows_of_values[key].get_or_insert(row);
        let pushed = match column.want {
            Want::Number => column.numbers.len(),
            Want::Label => column.codes.len(),
        };
        let source = pushed - (row - first);
        let is_missing = first == row
            || column
                .missing
                .binary_search_by_key(&source, |missing| missing.row)
                .is_ok();
        if is_missing {
            append(values.slice(key, 1).as_ref(), column).map_err(|(_, bad)| (row, bad))?;
        } else if column.want == Want::Number {
            column.numbers.push(column.numbers[source]);
        } else {
            column.codes.push(column.codes[source]);
        }
    }
    Ok(())
}
