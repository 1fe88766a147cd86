//! Crop scenes: reproducible, the same in blocks, with the regions and the ranges that they promise.

use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use wherefair_core::Seed;
use wherefair_data::{CropScene, CropSceneParams, LocationSplit};

const WATER: u8 = 15;
const RICE: u8 = 9;
const COTTON: u8 = 4;
const ORANGES: u8 = 12;

fn scene(rows: usize, cols: usize, seed: u64) -> CropScene {
    let config = CropSceneParams::default().rows(rows).cols(cols).check().unwrap();
    config.generate(Seed::new(seed)).unwrap()
}

/// The share of a class among the pixels for which `is_inside(row, col)`.
fn share(scene: &CropScene, class: u8, is_inside: impl Fn(usize, usize) -> bool) -> f64 {
    let (mut n, mut of_class) = (0_u32, 0_u32);
    for (pixel, &label) in scene.classes().iter().enumerate() {
        if is_inside(pixel / scene.cols(), pixel % scene.cols()) {
            n += 1;
            of_class += u32::from(label == class);
        }
    }
    f64::from(of_class) / f64::from(n)
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let make = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| scene(150, 210, 3))
    };
    let alone = make(1);
    assert_eq!(alone, make(2));
    assert_eq!(alone, make(5));
}

#[test]
fn another_seed_gives_another_scene() {
    let (one, other) = (scene(90, 90, 1), scene(90, 90, 2));
    assert_ne!(one.classes(), other.classes());
    assert_ne!(one.features(), other.features());
}

#[test]
fn blocks_of_any_height_are_the_rows_of_the_whole() {
    let config = CropSceneParams::default().rows(170).cols(101).check().unwrap();
    let whole = config.generate(Seed::new(9)).unwrap();
    for height in [1, 7, 79, 80, 81, 169, 170, 100_000] {
        let (mut features, mut classes) = (Vec::new(), Vec::new());
        for block in config.blocks(Seed::new(9), height).unwrap() {
            assert_eq!(block.first_row() * block.cols(), classes.len());
            assert!(block.n_rows() <= height);
            features.extend_from_slice(block.features());
            classes.extend_from_slice(block.classes());
        }
        assert_eq!(features, whole.features(), "blocks of {height} rows");
        assert_eq!(classes, whole.classes(), "blocks of {height} rows");
    }
}

#[test]
fn crops_grow_where_they_should() {
    for seed in 1..=3 {
        let scene = scene(800, 800, seed);
        let north = |row, _| row < 260;
        let south = |row, _| row >= 540;
        let south_east = |row, col| row >= 540 && col >= 540;
        assert!(share(&scene, RICE, north) > 5.0 * share(&scene, RICE, south));
        assert!(share(&scene, COTTON, south) > 3.0 * share(&scene, COTTON, north));
        assert!(share(&scene, ORANGES, south_east) > 4.0 * share(&scene, ORANGES, north));
    }
}

#[test]
fn without_regional_mix_crops_grow_everywhere_alike() {
    let params = CropSceneParams::default().rows(1600).cols(800).regional_mix(0.0);
    let scene = params.check().unwrap().generate(Seed::new(4)).unwrap();
    let north = share(&scene, RICE, |row, _| row < 800);
    let south = share(&scene, RICE, |row, _| row >= 800);
    assert!((north / south - 1.0).abs() < 0.5, "{north} {south}");
}

/// The mean of a band over the pixels of rice, north of half-way and south of it, without any regional mix.
fn means_of_rice(spectral_drift: f64, band: usize) -> (f64, f64) {
    let params = CropSceneParams::default().rows(800).cols(800);
    let params = params
        .regional_mix(0.0)
        .label_noise(0.0)
        .spectral_drift(spectral_drift);
    let scene = params.check().unwrap().generate(Seed::new(6)).unwrap();
    let mut sums = [(0.0, 0.0); 2];
    for (pixel, _) in scene
        .classes()
        .iter()
        .enumerate()
        .filter(|&(_, &label)| label == RICE)
    {
        let half = &mut sums[pixel / scene.n_pixels().div_ceil(2)];
        half.0 += f64::from(scene.features()[pixel * 10 + band]);
        half.1 += 1.0;
    }
    (sums[0].0 / sums[0].1, sums[1].0 / sums[1].1)
}

#[test]
fn a_crop_looks_different_elsewhere_only_with_drift() {
    const RED: usize = 2;
    let (north, south) = means_of_rice(0.0, RED);
    let without = (north - south).abs();
    let (north, south) = means_of_rice(1.0, RED);
    assert!(
        (north - south).abs() > 3.0 * without,
        "{north} {south}, without {without}"
    );
}

#[test]
fn reflectances_are_those_of_august_in_the_valley() {
    let scene = scene(800, 800, 5);
    assert!(scene.features().iter().all(|value| (0.0..1.2).contains(value)));
    let all: Vec<u32> = (0..640_000).collect();
    let moments = scene.moments(&all).unwrap();
    // Blue, red, near infrared and short-wave infrared of real farmland in a dry summer.
    for (band, low, high) in [(0, 0.06, 0.16), (2, 0.08, 0.20), (6, 0.25, 0.42), (8, 0.18, 0.34)] {
        let (mean, sd) = moments[band];
        assert!((low..high).contains(&mean), "band {band}: mean {mean}");
        assert!((0.02..0.14).contains(&sd), "band {band}: sd {sd}");
    }
}

#[test]
fn water_is_dark_and_few_pixels() {
    let scene = scene(800, 800, 5);
    let water = share(&scene, WATER, |_, _| true);
    assert!((0.001..0.03).contains(&water), "{water}");
    let infrared = |is_water: bool| {
        let pixels = scene
            .classes()
            .iter()
            .enumerate()
            .filter(|&(_, &label)| (label == WATER) == is_water);
        let values: Vec<f32> = pixels
            .map(|(pixel, _)| scene.features()[pixel * 10 + 6])
            .collect();
        values.iter().sum::<f32>() / values.len() as f32
    };
    assert!(infrared(true) < 0.5 * infrared(false));
}

#[test]
fn label_noise_changes_labels_and_no_reflectance() {
    let make = |noise| {
        let params = CropSceneParams::default().rows(400).cols(400).label_noise(noise);
        params.check().unwrap().generate(Seed::new(8)).unwrap()
    };
    let (clean, wrong) = (make(0.0), make(0.4));
    assert_eq!(clean.features(), wrong.features());
    let n_changed = clean
        .classes()
        .iter()
        .zip(wrong.classes())
        .filter(|(a, b)| a != b)
        .count();
    let changed = n_changed as f64 / 160_000.0;
    // A part of the wrong labels is right by chance.
    assert!((0.2..0.4).contains(&changed), "{changed}");
}

#[test]
fn bands_are_the_features_transposed() {
    let scene = scene(20, 30, 1);
    let bands = scene.bands();
    for (index, value) in bands.iter().enumerate() {
        let (band, pixel) = (index / 600, index % 600);
        assert_eq!(value.to_bits(), scene.features()[pixel * 10 + band].to_bits());
    }
    assert_eq!(bands.len(), 6_000);
}

#[test]
fn points_are_centres_of_pixels_within_the_extent() {
    let scene = scene(20, 30, 1);
    let extent = scene.extent();
    assert_eq!(
        (extent.max_x.to_bits(), extent.max_y.to_bits()),
        (600_f64.to_bits(), 400_f64.to_bits())
    );
    let last = scene.point(599);
    assert_eq!(
        (last.x.to_bits(), last.y.to_bits()),
        (590_f64.to_bits(), 10_f64.to_bits())
    );
}

#[test]
fn parameters_outside_their_domain_are_rejected() {
    let good = CropSceneParams::default;
    for (params, message) in [
        (
            good().rows(0),
            "invalid rows: 0 (accepted: a whole number from 1 to 65536)",
        ),
        (
            good().cols(70_000),
            "invalid cols: 70000 (accepted: a whole number from 1 to 65536)",
        ),
        (
            good().n_classes(24),
            "invalid n_classes: 24 (accepted: a whole number from 18 to 23)",
        ),
        (
            good().n_classes(1),
            "invalid n_classes: 1 (accepted: a whole number from 18 to 23)",
        ),
        (
            good().section_px(2),
            "invalid section_px: 2 (accepted: a whole number from 16 to 1024)",
        ),
        (
            good().field_px(f64::NAN),
            "invalid field_px: NaN (accepted: 16 to 1048576)",
        ),
        (
            good().regional_mix(-0.1),
            "invalid regional_mix: -0.1 (accepted: 0 to 3)",
        ),
        (
            good().spectral_drift(f64::INFINITY),
            "invalid spectral_drift: inf (accepted: 0 to 3)",
        ),
        (
            good().field_variation(6.0),
            "invalid field_variation: 6 (accepted: 0 to 5)",
        ),
        (
            good().pixel_noise(f64::NAN),
            "invalid pixel_noise: NaN (accepted: 0 to 0.2)",
        ),
        (
            good().label_noise(f64::NAN),
            "invalid label_noise: NaN (accepted: 0 to 0.5)",
        ),
        (
            good().edge_mixing(0.3),
            "invalid edge_mixing: 0.3 (accepted: 0 to 0.2)",
        ),
    ] {
        assert_eq!(params.check().unwrap_err().to_string(), message);
    }
    let config = good().rows(8).cols(8).check().unwrap();
    assert!(config.blocks(Seed::new(1), 0).is_err());
    assert!(config.generate(Seed::new(1)).unwrap().moments(&[64]).is_err());
}

#[test]
fn locations_are_divided_by_bad_shares_never() {
    for (train, validation) in [(-0.1, 0.2), (0.2, f64::NAN), (0.8, 0.3), (1.1, 0.0)] {
        assert!(
            LocationSplit::new(10, train, validation, Seed::new(1)).is_err(),
            "{train} {validation}"
        );
    }
    let all = LocationSplit::new(10, 0.7, 0.3, Seed::new(1)).unwrap();
    assert!(all.test().is_empty());
}

#[test]
fn each_location_is_as_likely_to_be_trained_on() {
    let mut counts = [0_i32; 10];
    for seed in 0..20_000 {
        for &location in LocationSplit::new(10, 0.2, 0.2, Seed::new(seed)).unwrap().train() {
            counts[location as usize] += 1;
        }
    }
    let five_sigma = 5.0 * (20_000.0_f64 * 0.2 * 0.8).sqrt();
    assert!(
        counts.iter().all(|&n| f64::from(n - 4_000).abs() < five_sigma),
        "{counts:?}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_small_scene_is_whole_and_finite(
        rows in 1_usize..100,
        cols in 1_usize..100,
        section in 16_usize..100,
        n_classes in 18_usize..=23,
        seed: u64,
    ) {
        let params = CropSceneParams::default().rows(rows).cols(cols).section_px(section).n_classes(n_classes);
        let scene = params.check().unwrap().generate(Seed::new(seed)).unwrap();
        prop_assert_eq!(scene.classes().len(), rows * cols);
        prop_assert!(scene.classes().iter().all(|&class| usize::from(class) < n_classes));
        prop_assert!(scene.features().iter().all(|value| value.is_finite() && *value > 0.0));
    }

    #[test]
    fn a_split_has_each_location_once(n in 0_usize..500, train in 0.0..=0.6, seed: u64) {
        let split = LocationSplit::new(n, train, 0.3, Seed::new(seed)).unwrap();
        let mut all = [split.train(), split.validation(), split.test()].concat();
        all.sort_unstable();
        prop_assert!(all.iter().enumerate().all(|(index, &location)| index == location as usize));
        prop_assert_eq!(all.len(), n);
    }
}

#[test]
fn groups_of_locations_stay_together() {
    let group_of: Vec<u32> = (0..500_u32).map(|i| (i * 7919) % 40 * 3).collect();
    for seed in 0..20 {
        let split = LocationSplit::of_groups(&group_of, 0.5, 0.2, Seed::new(seed)).unwrap();
        let parts = [split.train(), split.validation(), split.test()];
        let mut all = parts.concat();
        all.sort_unstable();
        assert_eq!(all, (0..500).collect::<Vec<u32>>());
        let groups = parts.map(|part| {
            let groups = part.iter().map(|&location| group_of[location as usize]);
            groups.collect::<std::collections::BTreeSet<u32>>()
        });
        assert_eq!(
            groups.each_ref().map(std::collections::BTreeSet::len),
            [20, 8, 12]
        );
        assert!(
            groups[0].is_disjoint(&groups[1])
                && groups[0].is_disjoint(&groups[2])
                && groups[1].is_disjoint(&groups[2])
        );
    }
}
