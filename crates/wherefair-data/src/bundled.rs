//! Data sets that come with the crate.

use crate::{Crs, DataError, Format, Table};

const LUCAS_COUNTY_HOUSES: &[u8] = include_bytes!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/datasets/lucas_county_houses.csv.gz"
));

/// The description of [`lucas_county_houses`]: origin, licence, columns and units, in TOML.
pub const LUCAS_COUNTY_HOUSES_MANIFEST: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/datasets/lucas_county_houses.toml"
));

/// 25,357 single-family houses sold from 1993 to 1998 in Lucas County, Ohio.
///
/// The sale price in US dollars is `price`; `avalue` is what the county assessor had predicted. Coordinates
/// are `x_m` and `y_m`, in metres of NAD83 / Ohio North (EPSG:2834).
///
/// # Errors
/// [`DataError`] as [`Table::from_bytes`]; with the data as published there is none.
///
/// # Examples
/// ```
/// use wherefair_data::{ColumnRequest, ReadRequest, bundled};
///
/// let table = bundled::lucas_county_houses()?;
/// assert_eq!(table.coordinates(), Some(("x_m".to_owned(), "y_m".to_owned())));
/// let request = ReadRequest::new(vec![ColumnRequest::number("price"), ColumnRequest::number("avalue")]);
/// let n_houses: usize = table.read(&request)?.map(|batch| Ok(batch?.n_rows())).sum::<Result<_, wherefair_data::DataError>>()?;
/// assert_eq!(n_houses, 25_357);
/// # Ok::<(), wherefair_data::DataError>(())
/// ```
///
/// # References
/// Data set `house` of the R package spData 2.2.1, from the Spatial Econometrics Toolbox; CC0.
pub fn lucas_county_houses() -> Result<Table, DataError> {
    let table = Table::from_bytes("lucas_county_houses.csv.gz", LUCAS_COUNTY_HOUSES, Format::Csv)?;
    Ok(table.with_crs(Crs::Epsg(2834)))
}
