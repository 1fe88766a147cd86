//! Files that were cut off or damaged: an error or the same data, never a panic.

use std::path::Path;

use wherefair_data::{ColumnRequest, Format, MissingPolicy, PolygonLayer, ReadRequest, Table};

use crate::reading::{Whole, fixture, read};

/// Cut lengths are tried all where they are few, else about this many of them.
const N_CUTS: usize = 300;

/// Reads all usable columns as labels.
fn read_all(table: &Table) -> Result<Whole, String> {
    let usable = table.columns().iter().filter(|column| column.unusable.is_none());
    let mut request = ReadRequest::new(usable.map(|column| ColumnRequest::label(&column.name)).collect());
    request.missing = MissingPolicy::Skip;
    let whole = read(table, &request);
    whole.map_err(|error| error.to_string())
}

fn check_cuts(name: &str, bytes: &[u8], format: Format) {
    let open = |bytes: &[u8]| {
        Table::from_bytes(name, bytes.to_vec(), format)
            .map_err(|error| error.to_string())
            .and_then(|table| read_all(&table))
    };
    let whole = open(bytes).unwrap();
    let step = (bytes.len() / N_CUTS).max(1);
    let mut n_errors = 0;
    for n in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
        match open(&bytes[..n]) {
            Ok(cut) => assert_eq!(cut, whole, "{name} cut to {n} bytes"),
            Err(message) => {
                assert!(message.starts_with(name), "{name} cut to {n} bytes: {message}");
                n_errors += 1;
            }
        }
    }
    assert!(n_errors > 0, "{name}");
    // Damage may pass unseen where a format has no check sums, but must not panic.
    for n in (0..bytes.len()).step_by(step) {
        for damage in [0xff, 0x80, 0x01] {
            let mut damaged = bytes.to_vec();
            damaged[n] ^= damage;
            let _ = open(&damaged);
        }
    }
}

#[test]
fn cut_rasters_are_errors() {
    for name in [
        "strips_deflate.tif",
        "tiles_lzw.tif",
        "planar.tif",
        "planar_tiles.tif",
        "big.tif",
        "type_i2.tif",
    ] {
        check_cuts(name, &std::fs::read(fixture(name)).unwrap(), Format::GeoTiff);
    }
}

#[test]
fn cut_parquet_files_are_errors() {
    for name in [
        "groups.parquet",
        "points.parquet",
        "types.parquet",
        "areas.parquet",
    ] {
        check_cuts(name, &std::fs::read(fixture(name)).unwrap(), Format::Parquet);
    }
}

#[test]
fn cut_arrays_are_errors() {
    for name in ["matrix_c.npy", "matrix_fortran.npy", "vector_i2.npy"] {
        check_cuts(name, &std::fs::read(fixture(name)).unwrap(), Format::Npy);
    }
    for name in ["columns.npz", "bands.npz"] {
        check_cuts(name, &std::fs::read(fixture(name)).unwrap(), Format::Npz);
    }
}

#[test]
fn cut_geojson_is_an_error() {
    check_cuts(
        "areas.geojson",
        &std::fs::read(fixture("areas.geojson")).unwrap(),
        Format::GeoJson,
    );
}

#[test]
fn cut_gzip_is_an_error() {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    for i in 0..500 {
        let line = if i == 0 {
            "a,b\n".to_owned()
        } else {
            format!("{},{}\n", i * 7919 % 1000, i % 13)
        };
        encoder.write_all(line.as_bytes()).unwrap();
    }
    check_cuts("t.csv.gz", &encoder.finish().unwrap(), Format::Csv);
}

fn copy_with(folder: &Path, ending: &str, bytes: &[u8]) {
    for other in ["shp", "dbf", "shx", "prj", "cpg"] {
        std::fs::copy(
            fixture(&format!("areas.{other}")),
            folder.join(format!("areas.{other}")),
        )
        .unwrap();
    }
    std::fs::write(folder.join(format!("areas.{ending}")), bytes).unwrap();
}

#[test]
fn cut_and_damaged_shapefiles_are_errors_or_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("areas.shp");
    let whole = PolygonLayer::open(fixture("areas.shp"), None).unwrap();
    for ending in ["shp", "dbf", "shx"] {
        let bytes = std::fs::read(fixture(&format!("areas.{ending}"))).unwrap();
        for n in 0..bytes.len() {
            copy_with(folder.path(), ending, &bytes[..n]);
            if let Ok(layer) = PolygonLayer::open(&path, None) {
                assert_eq!(layer, whole, "{ending} cut to {n} bytes");
            }
            for damage in [0xff, 0x80, 0x01] {
                let mut damaged = bytes.clone();
                damaged[n] ^= damage;
                copy_with(folder.path(), ending, &damaged);
                let _ = PolygonLayer::open(&path, None);
                let _ = Table::open(&path);
            }
        }
    }
}
