//! The bundled data set is the one that its manifest describes.

use sha2::{Digest as _, Sha256};
use wherefair_data::{Crs, bundled};

use crate::reading::{read, request};

fn manifest_value(key: &str) -> &'static str {
    let line = bundled::LUCAS_COUNTY_HOUSES_MANIFEST
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{key} = ")));
    line.unwrap().trim_matches('"')
}

#[test]
fn the_file_has_the_hash_of_the_manifest() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/lucas_county_houses.csv.gz");
    let digest = Sha256::digest(std::fs::read(path).unwrap());
    assert_eq!(format!("{digest:x}"), manifest_value("sha256"));
}

#[test]
fn the_manifest_describes_rows_columns_and_crs() {
    let table = bundled::lucas_county_houses().unwrap();
    assert_eq!(*table.crs(), Crs::from_name(manifest_value("crs")));
    let whole = read(&table, &request(&["price"], &[])).unwrap();
    assert_eq!(
        whole.numbers[0].len(),
        manifest_value("n_rows").parse::<usize>().unwrap()
    );
    for column in table.columns() {
        assert!(!manifest_value(&column.name).is_empty());
    }
}
