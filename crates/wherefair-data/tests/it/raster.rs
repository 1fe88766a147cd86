//! TIFF rasters, alone and in pairs.

use wherefair_data::{Crs, DataError, MissingPolicy, Pixels, Raster, RasterBand, Table, geotiff_like};

use crate::reading::{error, fixture, numbers, read, request};

/// What `fixtures/make.py` puts into a pixel.
fn pixel(band: usize, row: usize, column: usize) -> f64 {
    (100 * band + 10 * row + column) as f64
}

#[test]
fn every_sample_type_is_read() {
    for name in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"] {
        let mut raster = Raster::open(fixture(&format!("type_{name}.tif"))).unwrap();
        assert_eq!((raster.width(), raster.height(), raster.n_bands()), (7, 5, 1));
        assert_eq!(*raster.crs(), Crs::Epsg(32_633));
        let shift = if name.starts_with('u') { 0.0 } else { 5.0 };
        let values = raster.read_rows(0..5).unwrap();
        for (i, value) in values[0].iter().enumerate() {
            assert_eq!(
                value.to_bits(),
                (pixel(0, i / 7, i % 7) - shift + 0.0).to_bits(),
                "{name} {i}"
            );
        }
    }
}

#[test]
fn strips_tiles_and_planes_are_read_in_any_range_of_rows() {
    // The larger rasters repeat the 5 × 7 pixels.
    for (name, height, width) in [
        ("strips_deflate.tif", 5, 7),
        ("planar.tif", 5, 7),
        ("tiles_lzw.tif", 25, 28),
        ("planar_tiles.tif", 25, 28),
    ] {
        let mut raster = Raster::open(fixture(name)).unwrap();
        assert_eq!(
            (raster.height(), raster.width(), raster.n_bands()),
            (height, width, 3),
            "{name}"
        );
        for start in 0..height {
            for end in start..=height {
                let bands = raster.read_bands(start..end, &[2, 0]).unwrap();
                for (values, band) in bands.iter().zip([2, 0]) {
                    assert_eq!(values.len(), (end - start) * width);
                    for (i, value) in values.iter().enumerate() {
                        let expected = pixel(band, (start + i / width) % 5, i % width % 7);
                        assert_eq!(value.to_bits(), expected.to_bits(), "{name} {start}..{end} {i}");
                    }
                }
            }
        }
    }
}

#[test]
fn big_endian_big_tiff_is_read() {
    let mut raster = Raster::open(fixture("big.tif")).unwrap();
    assert_eq!(raster.transform(), None);
    assert_eq!(
        raster.read_rows(4..5).unwrap()[0][6].to_bits(),
        pixel(1, 4, 6).to_bits()
    );
}

#[test]
fn ranges_and_bands_that_do_not_exist_are_rejected() {
    let mut raster = Raster::open(fixture("planar.tif")).unwrap();
    assert!(
        raster
            .read_rows(4..6)
            .unwrap_err()
            .to_string()
            .contains("a range within 0..5")
    );
    let backwards = std::ops::Range { start: 3, end: 2 };
    assert!(raster.read_rows(backwards).is_err());
    assert!(
        raster
            .read_bands(0..1, &[3])
            .unwrap_err()
            .to_string()
            .contains("an index below 3")
    );
}

#[test]
fn a_raster_is_a_table_of_pixel_centres_and_bands() {
    let table = Table::open(fixture("strips_deflate.tif")).unwrap();
    assert_eq!(table.coordinates(), Some(("x".to_owned(), "y".to_owned())));
    assert_eq!(table.n_rows(), Some(35));
    // 112 is the mark for no data, and stands in band 2, row 1, column 2.
    let message = error(&table, &request(&["x", "band_2"], &[]));
    assert!(
        message.contains("row 10, column \"band_2\": no data: \"112\""),
        "{message}"
    );
    let mut ask = request(&["x", "y", "band_2", "band_1"], &[]);
    ask.missing = MissingPolicy::Skip;
    let whole = read(&table, &ask).unwrap();
    assert_eq!((whole.n_skipped, whole.skipped[2].n_nodata), (1, 1));
    assert_eq!(whole.numbers[0][..2], [500_005.0, 500_015.0]);
    assert_eq!(whole.numbers[1][..1], [4_600_045.0]);
    assert_eq!(whole.numbers[1].last(), Some(&4_600_005.0));
    assert_eq!(whole.numbers[2].last(), Some(&pixel(1, 4, 6)));
    for batch_rows in [1, 3, 7, 8, 15, 34] {
        ask.batch_rows = batch_rows;
        assert_eq!(read(&table, &ask).unwrap(), whole, "{batch_rows}");
    }
}

#[test]
fn a_pair_is_read_in_step_and_skips_pixels_without_data() {
    let truth = RasterBand::new(fixture("strips_deflate.tif"), 2);
    let pred = RasterBand::new(fixture("type_f8.tif"), 1);
    let table = Table::rasters(&truth, &pred).unwrap();
    assert_eq!(*table.crs(), Crs::Epsg(32_633));
    let ask = request(&["truth", "pred"], &[]);
    assert_eq!(ask.missing, MissingPolicy::Error);
    let whole = read(&table, &ask).unwrap();
    assert_eq!(
        (
            whole.n_skipped,
            whole.skipped[0].n_nodata,
            whole.skipped[1].n_nodata
        ),
        (1, 1, 0)
    );
    assert_eq!(whole.numbers[0].len(), 34);
    assert!(
        whole.numbers[0]
            .iter()
            .zip(&whole.numbers[1])
            .all(|(truth, pred)| truth.to_bits() == (pred + 105.0).to_bits())
    );
}

#[test]
fn rasters_on_other_pixels_do_not_pair() {
    let pair = |a: &str, b: &str, band| {
        Table::rasters(
            &RasterBand::new(fixture(a), 1),
            &RasterBand::new(fixture(b), band),
        )
    };
    let message = pair("type_u1.tif", "tiles_lzw.tif", 1).unwrap_err().to_string();
    assert!(
        message.contains("7 × 5 pixels") && message.contains("28 × 25 pixels"),
        "{message}"
    );
    let message = pair("type_u1.tif", "big.tif", 1).unwrap_err().to_string();
    assert!(
        message.contains("georeference") && message.contains("has none"),
        "{message}"
    );
    assert!(matches!(
        pair("type_u1.tif", "strips_deflate.tif", 4),
        Err(DataError::Param(_))
    ));
    assert!(matches!(
        pair("type_u1.tif", "strips_deflate.tif", 0),
        Err(DataError::Param(_))
    ));
    assert_eq!(
        numbers(&pair("big.tif", "planar.tif", 2).unwrap(), &["y"])[0].len(),
        35
    );
}

#[test]
fn a_raster_written_like_another_has_its_pixels_and_georeference() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["type_f4.tif", "big.tif"] {
        let like = Raster::open(fixture(name)).unwrap();
        let n_pixels = like.width() * like.height();
        let mut reals: Vec<f32> = (0..n_pixels).map(|i| i as f32 / 4.0).collect();
        reals[3] = f32::NAN;
        let mut integers: Vec<i32> = (0..n_pixels).map(|i| 7 - i32::try_from(i).unwrap()).collect();
        integers[3] = Pixels::NODATA;
        let doubles: [Vec<f64>; 2] = [
            reals.iter().copied().map(f64::from).collect(),
            integers.iter().copied().map(f64::from).collect(),
        ];
        for (pixels, expected) in [Pixels::Reals(&reals), Pixels::Integers(&integers)]
            .into_iter()
            .zip(doubles)
        {
            let path = folder.path().join("out.tif");
            std::fs::write(&path, geotiff_like(&like, pixels).unwrap()).unwrap();
            let mut written = Raster::open(&path).unwrap();
            assert_eq!((written.width(), written.height()), (like.width(), like.height()));
            assert_eq!(written.transform(), like.transform(), "{name}");
            assert_eq!(written.crs(), like.crs(), "{name}");
            let rows = 0..written.height();
            for (value, expected) in written.read_rows(rows).unwrap()[0].iter().zip(&expected) {
                assert!(value.to_bits() == expected.to_bits() || (value.is_nan() && expected.is_nan()));
            }
            let mut request = request(&["band_1"], &[]);
            request.missing = MissingPolicy::Skip;
            let whole = read(&Table::open(&path).unwrap(), &request).unwrap();
            assert_eq!(
                (whole.numbers[0].len(), whole.skipped[0].n_nodata),
                (n_pixels - 1, 1)
            );
        }
        let error = geotiff_like(&like, Pixels::Reals(&[0.0])).unwrap_err();
        assert!(matches!(error, DataError::Param(_)), "{error}");
    }
}
