//! Majumdar, Flynn and Mitra (2021): tests of bias in the presence of spatial autocorrelation.

mod calibration;
mod chicago;
mod chicago_tables;
mod claims;
mod design;
mod differences;
mod filtering;
mod power;
mod regional;
mod scene;
mod tile;

use wherefair::core::Point;
use wherefair::stats::Metric;

use self::chicago::BlockGroups;
use self::design::Design;
use self::filtering::{FilterPoint, Filters, Panel};
use self::power::PowerPoint;
use self::scene::{Scaling, Scene, random_points, sampled_indices};
use super::Setting;
use super::report::Report;

const PAPER: &str =
    "Majumdar, Flynn and Mitra (2021), Detecting Bias in the Presence of Spatial Autocorrelation";

/// Names of the places.
const RANDOM: &str = "random points";
const CHICAGO: &str = "Chicago block groups";

/// Runs all parts.
pub(super) fn run(setting: &Setting<'_>) -> anyhow::Result<Report> {
    let mut report = Report::new("autocorrelation", PAPER, setting);
    tile::run(&mut report)?;

    let block_groups = chicago::read(&setting.data)?;
    if block_groups.is_none() {
        let file = setting.data.join(chicago::FILE);
        report.skip(
            setting,
            format!(
                "all that needs Chicago's block groups: no real data ({}; WHEREFAIR_REAL_DATA names the folder)",
                file.display()
            ),
        );
    }
    let power = power_curves(setting, block_groups.as_ref())?;
    claims::of_power(&power, &mut report);
    report.tables.push(power::digest(&power));
    report.tables.push(power::table(&power));
    for (place, [third, fourth]) in [
        (RANDOM, ["figure_3_random", "figure_4_random"]),
        (CHICAGO, ["figure_3_chicago", "figure_4_chicago"]),
    ] {
        if power.iter().all(|point| point.scene != place) {
            continue;
        }
        let title = |figure: &str| format!("{figure}, {place}");
        let designs = [Design::ByAutocorrelation];
        let drawn = power::figure(
            third,
            &title("Fig. 3: association by autocorrelation"),
            &power,
            place,
            &designs,
        );
        report.figures.push(drawn);
        let designs = [Design::SensitiveAlone, Design::Inherited];
        let drawn = power::figure(
            fourth,
            &title("Fig. 4: association and autocorrelation"),
            &power,
            place,
            &designs,
        );
        report.figures.push(drawn);
    }

    let filtered = filtering_curves(setting, block_groups.as_ref())?;
    claims::of_filtering(&filtered, &mut report);
    report.tables.push(filtering::digest(&filtered));
    report.tables.push(filtering::table(&filtered));
    report.figures.push(filtering::figure(&filtered));

    if let Some(block_groups) = &block_groups {
        let effort = chicago_tables::Effort {
            n_permutations: setting.scale.pick(99, 999, 1000),
            n_places: setting.scale.pick(400, usize::MAX, usize::MAX),
        };
        chicago_tables::run(block_groups, effort, setting.seed, setting.progress, &mut report)?;
    }
    let effort = calibration::Effort {
        n_places: setting.scale.pick(100, 400, 400),
        tests: power::Effort {
            n_runs: setting.scale.pick(300, 1000, 1000),
            n_permutations: setting.scale.pick(99, 199, 999),
        },
        regional: regional::Effort {
            side: setting.scale.pick(10, 16, 16),
            n_runs: setting.scale.pick(40, 1000, 1000),
        },
        thorough: setting.scale.pick(false, true, true),
    };
    calibration::run(effort, setting.seed, setting.progress, &mut report)?;
    report.differences = differences::all();
    Ok(report)
}

/// Some of Chicago's block groups.
fn places(block_groups: &BlockGroups, n: usize, setting: &Setting<'_>) -> Vec<Point> {
    sampled_indices(block_groups.points.len(), n, setting.seed)
        .into_iter()
        .map(|i| block_groups.points[i])
        .collect()
}

/// Figs. 3 and 4.
fn power_curves(
    setting: &Setting<'_>,
    block_groups: Option<&BlockGroups>,
) -> anyhow::Result<Vec<PowerPoint>> {
    let effort = |n_runs, n_permutations| power::Effort {
        n_runs,
        n_permutations,
    };
    let three = &Design::ALL[..3];
    let mut points = Vec::new();
    let mut add = |scene: &Scene, designs: &[Design], effort| -> anyhow::Result<()> {
        points.extend(power::simulate(
            scene,
            designs,
            effort,
            setting.seed,
            setting.progress,
        )?);
        Ok(())
    };
    let small = setting
        .scale
        .pick(effort(60, 99), effort(400, 199), effort(1000, 1000));
    let n = setting.scale.pick(100, 400, 1000);
    let random = random_points(n, setting.seed);
    for scaling in [Scaling::UnitRadius, Scaling::Row] {
        let scene = Scene::new(RANDOM, &random, Metric::Planar, scaling)?;
        let designs = if scaling == Scaling::UnitRadius {
            &Design::ALL
        } else {
            three
        };
        add(&scene, designs, small)?;
    }
    let Some(block_groups) = block_groups else {
        return Ok(points);
    };
    let sizes: &[usize] = setting
        .scale
        .pick(&[150], &[1000, 1500, 2080], &[1000, 1500, 2080]);
    let effort = setting
        .scale
        .pick(effort(40, 99), effort(100, 199), effort(1000, 1000));
    for &n in sizes {
        let own = places(block_groups, n, setting);
        let scene = Scene::new(CHICAGO, &own, Metric::EARTH, Scaling::UnitRadius)?;
        add(&scene, three, effort)?;
    }
    Ok(points)
}

/// Fig. 5.
fn filtering_curves(
    setting: &Setting<'_>,
    block_groups: Option<&BlockGroups>,
) -> anyhow::Result<Vec<FilterPoint>> {
    let range = |from: i32, to: i32, step: i32| -> Vec<f64> {
        (from..=to)
            .filter(|i| (i - from) % step == 0)
            .map(|i| f64::from(i) / 20.0)
            .collect()
    };
    // In twentieths: ρ₂ = −0.9, −0.85, …, 0.9 and β = 0, 0.1, …, 1.
    let rhos = range(-18, 18, setting.scale.pick(9, 2, 1));
    let coarse = range(-18, 18, setting.scale.pick(18, 6, 3));
    let slopes = range(0, 20, setting.scale.pick(10, 4, 2));
    let scene = |n: usize| -> anyhow::Result<Scene> {
        match block_groups {
            Some(block_groups) => Scene::new(
                CHICAGO,
                &places(block_groups, n, setting),
                Metric::EARTH,
                Scaling::UnitRadius,
            ),
            None => Scene::new(
                RANDOM,
                &random_points(n, setting.seed),
                Metric::Planar,
                Scaling::UnitRadius,
            ),
        }
    };
    let large = scene(setting.scale.pick(100, 1000, 2080))?;
    let small = scene(setting.scale.pick(80, 200, 400))?;
    let continuous = filtering::Effort {
        n_runs: setting.scale.pick(60, 200, 1000),
        n_copies: 1,
    };
    let discrete = filtering::Effort {
        n_runs: setting.scale.pick(20, 60, 200),
        n_copies: setting.scale.pick(99, 199, 1000),
    };
    let mut points = Vec::new();
    let mut add = |scene: &Scene, panels: &[Panel], effort| -> anyhow::Result<()> {
        let filters = Filters::new(scene.filter_basis()?)?;
        for &panel in panels {
            let xs = match panel {
                Panel::Continuous => &rhos,
                Panel::Discrete => &coarse,
                Panel::BeforeLag | Panel::AfterLag => &slopes,
            };
            let (seed, progress) = (setting.seed, setting.progress);
            points.extend(filtering::simulate(
                scene, &filters, panel, xs, effort, seed, progress,
            )?);
        }
        Ok(())
    };
    add(&large, &Panel::ALL[..1], continuous)?;
    add(&small, &Panel::ALL[1..], discrete)?;
    Ok(points)
}
