//! Real files, where they are at hand: the folder is `WHEREFAIR_REAL_DATA`, or `../shared/data` beside the
//! workspace.

use std::path::PathBuf;

use wherefair_data::{ColumnKind, Crs, MissingPolicy, PolygonLayer, Raster, RasterBand, Table};

use crate::reading::{error, numbers, read, request};

#[expect(clippy::print_stderr, reason = "a test that could not run says so")]
fn real_file(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WHEREFAIR_REAL_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("skipped: no real data");
        return None;
    }
    Some(path)
}

#[test]
fn chicago_tracts_are_796_polygons() {
    let Some(path) = real_file("chicago_tracts.geojson") else {
        return;
    };
    let layer = PolygonLayer::open(&path, None).unwrap();
    assert_eq!((layer.polygons.len(), layer.crs), (796, Crs::Epsg(4326)));
    let table = Table::open(&path).unwrap();
    let places = numbers(&table, &["x", "y"]);
    assert_eq!(places[0].len(), 796);
    assert!(places[0].iter().all(|x| (-88.0..-87.0).contains(x)));
    assert!(places[1].iter().all(|y| (41.0..43.0).contains(y)));
}

#[test]
fn modis_rasters_are_read_alone_and_in_pairs() {
    for name in ["ndvi.tif", "red.tif", "nir.tif"] {
        let Some(path) = real_file(name) else { return };
        let mut raster = Raster::open(&path).unwrap();
        assert_eq!(raster.width() * raster.height(), 37 * 27, "{name}");
        assert_eq!(raster.n_bands(), 137);
        assert!(raster.nodata().is_some_and(|nodata| nodata < -1e308));
        assert!(raster.transform().is_some());
        let rows = raster.height();
        let bands = raster.read_rows(0..rows).unwrap();
        let plausible = |value: &&f64| value.abs() < 20_000.0;
        let n_plausible = bands.iter().flatten().filter(plausible).count();
        let n_nodata = bands
            .iter()
            .flatten()
            .filter(|&&value| raster.is_nodata(value))
            .count();
        assert!(n_plausible > 0);
        assert_eq!(n_plausible + n_nodata, 137 * 37 * 27, "{name}");
    }
    let band = |name: &str, band| RasterBand::new(real_file(name).unwrap(), band);
    let table = Table::rasters(&band("red.tif", 3), &band("nir.tif", 3)).unwrap();
    let whole = read(&table, &request(&["x", "y", "truth", "pred"], &[])).unwrap();
    assert_eq!(whole.numbers[0].len() as u64 + whole.n_skipped, 37 * 27);
}

#[test]
fn california_crops_are_read_from_text_and_parquet() {
    let Some(path) = real_file("california_s2_cdl_aug2021.csv") else {
        return;
    };
    let table = Table::open(&path).unwrap();
    assert_eq!(table.coordinates(), Some(("lon".to_owned(), "lat".to_owned())));
    let cdl = table
        .columns()
        .iter()
        .find(|column| column.name == "cdl")
        .unwrap();
    assert_eq!(cdl.kind, ColumnKind::Integer);
    let whole = read(&table, &request(&["lon", "lat"], &["cdl"])).unwrap();
    assert_eq!(whole.numbers[0].len(), 9_882);

    let Some(path) = real_file("california_s2_cdl_2021_series.parquet") else {
        return;
    };
    let table = Table::open(&path).unwrap();
    assert_eq!(table.n_rows(), Some(10_020));
    let series = numbers(&table, &["B12_36", "B02_01", "lon"]);
    assert!(series.iter().all(|column| column.len() == 10_020));
}

#[test]
fn climate_stations_are_read_with_their_gaps() {
    let Some(path) = real_file("uscrn_daily_2020.parquet") else {
        return;
    };
    let table = Table::open(&path).unwrap();
    assert_eq!(
        table.coordinates(),
        Some(("longitude".to_owned(), "latitude".to_owned()))
    );
    let usable = table.columns().iter().filter(|column| column.unusable.is_none());
    let (mut n_gaps, mut n_columns) = (0, 0);
    for column in usable {
        let mut ask = request(&[], &[&column.name]);
        ask.missing = MissingPolicy::Skip;
        n_gaps += read(&table, &ask).unwrap().n_skipped;
        n_columns += 1;
    }
    assert!(n_columns > 5 && n_gaps > 0);
}

#[test]
fn an_archive_of_unlike_arrays_is_listed_but_not_read() {
    let Some(path) = real_file("chicago_accident_grid_20x20.npz") else {
        return;
    };
    let table = Table::open(&path).unwrap();
    assert!(table.columns().iter().any(|column| column.name == "all_data"));
    assert!(error(&table, &request(&["all_data"], &[])).contains("its shape is [5832, 41, 20, 20]"));
}

#[test]
fn block_groups_have_95_without_income() {
    let Some(path) = real_file("chicago_block_groups.csv") else {
        return;
    };
    let table = Table::open(&path).unwrap();
    let mut ask = request(&["lon", "median-household-income"], &[]);
    ask.missing = MissingPolicy::Skip;
    let whole = read(&table, &ask).unwrap();
    assert_eq!((whole.n_skipped, whole.numbers[0].len()), (95, 2_100));
}
