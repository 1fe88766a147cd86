//! Oil-palm scenes: reproducible, with the seasons, the regions and the ranges that they promise.

use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use wherefair_core::Seed;
use wherefair_data::{PalmScene, PalmSceneParams};

const RED: usize = 0;
const INFRARED: usize = 1;

fn made(params: PalmSceneParams, seed: u64) -> PalmScene {
    params.check().unwrap().generate(Seed::new(seed)).unwrap()
}

fn scene(rows: usize, cols: usize, seed: u64) -> PalmScene {
    made(PalmSceneParams::default().rows(rows).cols(cols), seed)
}

/// The share of plantations among the pixels for which `is_inside(row, col)`.
fn share(scene: &PalmScene, is_inside: impl Fn(usize, usize) -> bool) -> f64 {
    let inside = (0..scene.n_pixels()).filter(|pixel| is_inside(pixel / scene.cols(), pixel % scene.cols()));
    let (n, planted) = inside.fold((0_u32, 0_u32), |(n, planted), pixel| {
        (n + 1, planted + u32::from(scene.classes()[pixel]))
    });
    f64::from(planted) / f64::from(n)
}

/// The mean of the vegetation index in a month over pixels of one label.
fn greenness(scene: &PalmScene, month: usize, label: u8) -> f64 {
    let bands = scene.month(month).unwrap();
    let pixels = bands.chunks_exact(scene.n_bands()).zip(scene.classes());
    let of_label = pixels.filter(|&(_, &class)| class == label);
    let (sum, n) = of_label.fold((0.0, 0.0), |(sum, n), (bands, _)| {
        let (red, infrared) = (f64::from(bands[RED]), f64::from(bands[INFRARED]));
        (sum + (infrared - red) / (infrared + red), n + 1.0)
    });
    sum / n
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let make = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| scene(60, 75, 3))
    };
    let alone = make(1);
    assert_eq!(alone, make(2));
    assert_eq!(alone, make(5));
}

#[test]
fn another_seed_gives_another_scene() {
    let (one, other) = (scene(40, 40, 1), scene(40, 40, 2));
    assert_ne!(one.classes(), other.classes());
    assert_ne!(one.series(), other.series());
}

#[test]
fn the_share_of_plantations_depends_on_the_place_only_with_a_regional_mix() {
    /// The shares in 16 blocks.
    fn shares(mix: f64, seed: u64) -> Vec<f64> {
        let params = PalmSceneParams::default().rows(240).cols(240).concession_px(6.0);
        let scene = made(params.regional_mix(mix), seed);
        let block = |number: usize| {
            let (down, right) = (number / 4, number % 4);
            share(&scene, |row, col| row / 60 == down && col / 60 == right)
        };
        (0..16).map(block).collect()
    }
    let range = |shares: &[f64]| {
        let least = shares.iter().copied().fold(1.0, f64::min);
        shares.iter().copied().fold(0.0, f64::max) - least
    };
    for seed in 1..=3 {
        let (with, without) = (range(&shares(1.0, seed)), range(&shares(0.0, seed)));
        assert!(with > 0.4 && with > 2.0 * without, "{with} {without}");
        assert!(without < 0.25, "{without}");
    }
}

#[test]
fn seasons_are_there_only_where_they_are_asked_for() {
    let quiet = PalmSceneParams::default().rows(150).cols(150).cloudiness(0.0);
    let quiet = quiet.spectral_drift(0.0).label_noise(0.0);
    let swing = |scene: &PalmScene, label| {
        let months: Vec<f64> = (0..12).map(|month| greenness(scene, month, label)).collect();
        let least = months.iter().copied().fold(1.0, f64::min);
        months.iter().copied().fold(0.0, f64::max) - least
    };
    let without = made(quiet.seasonality(0.0), 4);
    let with = made(quiet.seasonality(1.0), 4);
    for label in [0, 1] {
        assert!(swing(&without, label) < 2e-3, "{}", swing(&without, label));
    }
    for label in [0, 1] {
        assert!(swing(&with, label) > 5e-3, "{}", swing(&with, label));
    }
    // And not in the same way: what tells them apart changes from the wet season to the dry one.
    let apart = |month| greenness(&with, month, 1) - greenness(&with, month, 0);
    let change = apart(7) - apart(1);
    assert!(change < -3e-3, "{change}");
}

#[test]
fn one_cover_looks_different_elsewhere_only_with_drift() {
    let difference = |drift: f64| {
        let params = PalmSceneParams::default().rows(200).cols(200).regional_mix(0.0);
        let params = params.seasonality(0.0).parcel_variation(0.0).label_noise(0.0);
        let scene = made(params.spectral_drift(drift), 6);
        // Plantations in the four quarters.
        let mut sums = [(0.0, 0.0); 4];
        let pixels = scene.series().chunks_exact(84).zip(scene.classes());
        for (pixel, (bands, _)) in pixels.enumerate().filter(|(_, (_, class))| **class == 1) {
            let sums = &mut sums[pixel / 200 / 100 * 2 + pixel % 200 / 100];
            sums.0 += f64::from(bands[INFRARED]);
            sums.1 += 1.0;
        }
        let means = sums.map(|(sum, n)| sum / n);
        means.into_iter().fold(0.0, f64::max) - means.into_iter().fold(1.0, f64::min)
    };
    let (with, without) = (difference(1.0), difference(0.0));
    assert!(with > 3.0 * without, "{with} {without}");
}

#[test]
fn reflectances_are_those_of_a_wet_green_land() {
    let scene = scene(200, 200, 5);
    assert!(scene.series().iter().all(|value| (0.0..1.2).contains(value)));
    let all: Vec<u32> = (0..40_000).collect();
    let moments = scene.moments(&all, 0..12).unwrap();
    for (band, low, high) in [(0, 0.03, 0.12), (1, 0.24, 0.42), (3, 0.04, 0.13), (6, 0.05, 0.18)] {
        let (mean, sd) = moments[band];
        assert!((low..high).contains(&mean), "band {band}: mean {mean}");
        assert!((0.01..0.12).contains(&sd), "band {band}: sd {sd}");
    }
    let plantations = share(&scene, |_, _| true);
    assert!((0.1..0.45).contains(&plantations), "{plantations}");
}

#[test]
fn label_noise_changes_labels_and_no_reflectance() {
    let params = PalmSceneParams::default().rows(120).cols(120);
    let (clean, wrong) = (made(params.label_noise(0.0), 8), made(params.label_noise(0.5), 8));
    assert_eq!(clean.series(), wrong.series());
    let pairs = clean.classes().iter().zip(wrong.classes());
    let changed = pairs.filter(|(a, b)| a != b).count() as f64 / 14_400.0;
    // Most of what is drawn anew is right by chance.
    assert!((0.03..0.3).contains(&changed), "{changed}");
}

#[test]
fn clouds_brighten_and_only_where_they_are_asked_for() {
    let params = PalmSceneParams::default().rows(80).cols(80);
    let (clear, cloudy) = (made(params.cloudiness(0.0), 2), made(params.cloudiness(1.0), 2));
    assert_eq!(clear.classes(), cloudy.classes());
    let red = |scene: &PalmScene| {
        let values = scene.series().iter().step_by(7);
        values.map(|&value| f64::from(value)).sum::<f64>() / 76_800.0
    };
    // 15 % of cloud on average.
    let brightened = (red(&cloudy) - red(&clear)) / (0.62 - red(&clear));
    assert!((brightened - 0.15).abs() < 0.01, "{brightened}");
}

#[test]
fn a_month_is_the_slice_of_the_series() {
    let scene = scene(9, 11, 1);
    for month in [0, 5, 11] {
        let bands = scene.month(month).unwrap();
        assert_eq!(bands.len(), 99 * 7);
        for (pixel, bands) in bands.chunks_exact(7).enumerate() {
            assert_eq!(bands, &scene.series()[pixel * 84 + month * 7..][..7]);
        }
    }
    assert_eq!(
        scene.month(12).unwrap_err().to_string(),
        "invalid month: 12 (accepted: a whole number from 0 to 11)"
    );
}

#[test]
fn moments_are_those_of_the_pixels_and_months_that_are_named() {
    let scene = scene(9, 11, 1);
    let (pixels, months) = ([3_u32, 50, 98], 2..5_usize);
    let moments = scene.moments(&pixels, months.clone()).unwrap();
    for (band, (mean, sd)) in moments.into_iter().enumerate() {
        let values: Vec<f64> = pixels
            .iter()
            .flat_map(|&pixel| {
                months
                    .clone()
                    .map(move |month| pixel as usize * 84 + month * 7 + band)
            })
            .map(|index| f64::from(scene.series()[index]))
            .collect();
        let n = values.len() as f64;
        let expected = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|value| (value - expected).powi(2)).sum::<f64>() / n;
        assert!((mean - expected).abs() < 1e-12 && (sd - variance.sqrt()).abs() < 1e-12);
    }
    assert!(
        scene
            .moments(&[], 0..12)
            .unwrap()
            .iter()
            .all(|&(mean, sd)| mean.abs() + sd < 1e-300)
    );
    assert_eq!(
        scene.moments(&[99], 0..1).unwrap_err().to_string(),
        "invalid pixel: 99 (accepted: below 99, the number of pixels)"
    );
    assert_eq!(
        scene.moments(&[0], 3..13).unwrap_err().to_string(),
        "invalid months: 3..13 (accepted: up to 12)"
    );
}

#[test]
fn points_are_centres_of_pixels_within_the_extent() {
    let scene = scene(20, 30, 1);
    let (extent, last) = (scene.extent(), scene.point(599));
    assert_eq!(
        (extent.max_x.to_bits(), extent.max_y.to_bits()),
        (15_000_f64.to_bits(), 10_000_f64.to_bits())
    );
    assert_eq!(
        (last.x.to_bits(), last.y.to_bits()),
        (14_750_f64.to_bits(), 250_f64.to_bits())
    );
}

#[test]
fn parameters_outside_their_domain_are_rejected() {
    let good = PalmSceneParams::default;
    for (params, message) in [
        (
            good().rows(0),
            "invalid rows: 0 (accepted: a whole number from 1 to 16384)",
        ),
        (
            good().cols(20_000),
            "invalid cols: 20000 (accepted: a whole number from 1 to 16384)",
        ),
        (
            good().concession_px(f64::NAN),
            "invalid concession_px: NaN (accepted: 4 to 1024)",
        ),
        (good().parcel_px(0.0), "invalid parcel_px: 0 (accepted: 1 to 256)"),
        (
            good().regional_mix(-0.1),
            "invalid regional_mix: -0.1 (accepted: 0 to 3)",
        ),
        (
            good().spectral_drift(f64::INFINITY),
            "invalid spectral_drift: inf (accepted: 0 to 3)",
        ),
        (
            good().parcel_variation(6.0),
            "invalid parcel_variation: 6 (accepted: 0 to 5)",
        ),
        (
            good().seasonality(f64::NAN),
            "invalid seasonality: NaN (accepted: 0 to 3)",
        ),
        (
            good().cloudiness(1.5),
            "invalid cloudiness: 1.5 (accepted: 0 to 1)",
        ),
        (
            good().pixel_noise(f64::NAN),
            "invalid pixel_noise: NaN (accepted: 0 to 0.2)",
        ),
        (
            good().label_noise(0.6),
            "invalid label_noise: 0.6 (accepted: 0 to 0.5)",
        ),
        (good().blur(f64::NAN), "invalid blur: NaN (accepted: 0 to 0.5)"),
    ] {
        assert_eq!(params.check().unwrap_err().to_string(), message);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_small_scene_is_whole_and_finite(
        rows in 1_usize..50,
        cols in 1_usize..50,
        parcel in 1.0..60.0,
        concession in 4.0..200.0,
        blur in 0.0..=0.5,
        seed: u64,
    ) {
        let params = PalmSceneParams::default().rows(rows).cols(cols).parcel_px(parcel);
        let scene = made(params.concession_px(concession).blur(blur), seed);
        prop_assert_eq!(scene.classes().len(), rows * cols);
        prop_assert!(scene.classes().iter().all(|&class| class < 2));
        prop_assert_eq!(scene.series().len(), rows * cols * 84);
        prop_assert!(scene.series().iter().all(|value| value.is_finite() && *value > 0.0));
    }
}
