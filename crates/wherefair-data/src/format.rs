//! File formats, told by the file name.

use std::fmt;
use std::path::Path;

use crate::DataError;

pub(crate) const ACCEPTED: &str =
    ".csv, .csv.gz, .tsv, .tsv.gz, .parquet, .geoparquet, .geojson, .json, .shp, .tif, .tiff, .npy, .npz";

/// A file format that this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Delimited text (comma, semicolon or tab), plain or compressed with gzip.
    Csv,
    /// Apache Parquet, also `GeoParquet`.
    Parquet,
    /// GeoJSON: a feature collection, a feature or a geometry.
    GeoJson,
    /// ESRI Shapefile, with its `.dbf` and, where there is one, its `.prj` beside it.
    Shapefile,
    /// TIFF, with or without georeference.
    GeoTiff,
    /// One `NumPy` array.
    Npy,
    /// A zip archive of `NumPy` arrays.
    Npz,
}

impl Format {
    /// The format that the ending of `path` names, upper or lower case.
    ///
    /// # Errors
    /// [`DataError::UnknownFormat`], which lists what is accepted.
    ///
    /// # Examples
    /// ```
    /// use wherefair_data::Format;
    ///
    /// assert_eq!(Format::of("houses.CSV.gz").unwrap(), Format::Csv);
    /// assert!(Format::of("houses.xlsx").unwrap_err().to_string().contains(".parquet"));
    /// ```
    pub fn of(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        let stem = name.strip_suffix(".gz");
        let ending = |name: &str| name.rsplit_once('.').map(|(_, ending)| ending.to_owned());
        match (ending(stem.unwrap_or(&name)).as_deref(), stem.is_some()) {
            (Some("csv" | "tsv"), _) => Ok(Self::Csv),
            (Some("parquet" | "geoparquet"), false) => Ok(Self::Parquet),
            (Some("geojson" | "json"), false) => Ok(Self::GeoJson),
            (Some("shp"), false) => Ok(Self::Shapefile),
            (Some("tif" | "tiff"), false) => Ok(Self::GeoTiff),
            (Some("npy"), false) => Ok(Self::Npy),
            (Some("npz"), false) => Ok(Self::Npz),
            _ => Err(DataError::UnknownFormat {
                file: path.display().to_string(),
            }),
        }
    }

    /// The name of the format in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Parquet => "Parquet",
            Self::GeoJson => "GeoJSON",
            Self::Shapefile => "Shapefile",
            Self::GeoTiff => "GeoTIFF",
            Self::Npy => "npy",
            Self::Npz => "npz",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_name_formats_in_any_case() {
        for (path, format) in [
            ("a.csv", Format::Csv),
            ("a.b.TSV", Format::Csv),
            ("dir.x/a.tsv.GZ", Format::Csv),
            ("a.GeoParquet", Format::Parquet),
            ("a.json", Format::GeoJson),
            ("a.SHP", Format::Shapefile),
            ("a.tiff", Format::GeoTiff),
            ("a.npy", Format::Npy),
            ("a.npz", Format::Npz),
        ] {
            assert_eq!(Format::of(path).unwrap(), format, "{path}");
        }
    }

    #[test]
    fn other_endings_are_rejected_with_the_accepted_ones() {
        for path in ["a", "", "a.xlsx", "a.parquet.gz", "csv", "a.gz"] {
            let message = Format::of(path).unwrap_err().to_string();
            assert!(message.contains(".npz") && message.contains(path), "{message}");
        }
    }
}
