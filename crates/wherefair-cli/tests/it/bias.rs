//! `bias`.

use std::f64::consts::PI;
use std::fmt::Write as _;

use serde_json::Value;
use wherefair_core::{Point, Seed};
use wherefair_stats::{
    AdjustedBiasParams, Alternative, BiasMetric, CandidateRule, Coefficients, ContinuousPart, L1Params,
    Metric, PValueForm, Permutations, Projection, SpatialWeights, T2Tail, Transform, Variable, adjusted_bias,
    candidates, dense_eigenbasis, equivalence_test, intersection_union_tests, lee_ogburn_phi,
};

use crate::workbench::{Workbench, texts};

/// The side of the field.
const SIDE: u32 = 15;
/// What writing and reading a number as text loses.
const ROUNDING: f64 = 1e-12;

/// One unit: place, two smooth variables that share nothing but space, a third that follows the first one.
struct Unit {
    point: Point,
    y: f64,
    a: f64,
    follows: f64,
}

fn units() -> Vec<Unit> {
    let mut stream = Seed::new(5).stream("field");
    (0..SIDE * SIDE)
        .map(|i| {
            // Eigenvectors of the links along rows and columns; the first one is common to both variables.
            let wave = |step: u32, n: f64| (n * PI * f64::from(step + 1) / f64::from(SIDE + 1)).sin();
            let product = |across: f64, up: f64| 5.0 * wave(i % SIDE, across) * wave(i / SIDE, up);
            let (common, own) = (product(2.0, 1.0), 0.3 * product(1.0, 2.0));
            let y = common + own + stream.standard_normal();
            Unit {
                point: Point::new(f64::from(i % SIDE), f64::from(i / SIDE)),
                y,
                a: common - own + stream.standard_normal(),
                follows: y + 0.5 * stream.standard_normal(),
            }
        })
        .collect()
}

/// Writes `field.csv`; `hit` and `rich` are the smooth variables as levels.
fn field(bench: &Workbench) -> Vec<Unit> {
    let units = units();
    let mut table = "id,x,y,out,sens,follows,hit,rich,level,flat,word\n".to_owned();
    for (i, unit) in units.iter().enumerate() {
        let Unit { point, y, a, follows } = unit;
        let _ = writeln!(
            table,
            "u{i},{},{},{y},{a},{follows},{},{},{},1,same",
            point.x,
            point.y,
            u8::from(*y > 0.0),
            if *a > 0.0 { "rich" } else { "poor" },
            i % 3
        );
    }
    bench.write("field.csv", table);
    units
}

fn run(bench: &Workbench, line: &str) -> String {
    let output = bench.run(&format!(
        "bias field.csv --distances planar {line} --permutations 99 --copies 199"
    ));
    let (out, err) = texts(&output);
    assert_eq!(
        (output.status.code(), err.as_str()),
        (Some(0), ""),
        "{line}\n{out}"
    );
    out
}

fn json(bench: &Workbench, line: &str) -> Value {
    serde_json::from_str(&run(bench, &format!("{line} --json -"))).unwrap()
}

fn close(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap();
    assert!(
        (found - wanted).abs() <= ROUNDING * wanted.abs().max(1.0),
        "{found} {wanted}"
    );
}

#[test]
fn what_only_space_links_is_explained_by_space() {
    let bench = Workbench::new();
    field(&bench);
    let text = run(
        &bench,
        "--outcome out --sensitive sens --weights band:1.1 --transform binary",
    );
    assert!(text.contains("is explained by spatial autocorrelation"), "{text}");
    let text = run(
        &bench,
        "--outcome out --sensitive follows --weights band:1.1 --transform binary",
    );
    assert!(
        text.contains("is not explained by spatial autocorrelation"),
        "{text}"
    );
    let text = run(
        &bench,
        "--outcome out --sensitive sens --weights band:1.1 --transform binary --adjust none",
    );
    assert!(text.contains("which was not taken into account"), "{text}");
}

fn mean_where(values: &[f64], by: &[f64], level: f64) -> f64 {
    let group = values.iter().zip(by).filter(|(_, by)| (**by - level).abs() < 0.5);
    let (n, sum) = group.fold((0.0, 0.0), |(n, sum), (value, _)| (n + 1.0, sum + value));
    sum / n
}

/// T1, T2 and the test of equivalence against the library.
fn check_together(found: &Value, w: &SpatialWeights, y: &[f64], a: &[f64]) {
    let permutations = Permutations::new(99, Seed::new(3)).unwrap();
    for (name, tail) in [("t2_small", T2Tail::Small), ("t2_large", T2Tail::Large)] {
        let form = PValueForm::WithData;
        let wanted = intersection_union_tests(w, y, a, 1.0, tail, form, permutations).unwrap();
        close(&found["together"][name]["t1_p_value"], wanted.t1_p_value);
        close(&found["together"][name]["t2_p_value"], wanted.t2_p_value);
    }
    let wanted = equivalence_test(w, y, a, 1.0, permutations).unwrap();
    close(&found["together"]["equivalence"]["p_value"], wanted.p_value);
}

#[test]
fn figures_are_those_of_the_library() {
    let bench = Workbench::new();
    let units = field(&bench);
    let points: Vec<Point> = units.iter().map(|unit| unit.point).collect();
    let y: Vec<f64> = units.iter().map(|unit| unit.y).collect();
    let a: Vec<f64> = units.iter().map(|unit| unit.a).collect();
    let hit: Vec<f64> = y.iter().map(|&y| f64::from(u8::from(y > 0.0))).collect();
    let poor: Vec<f64> = a.iter().map(|&a| f64::from(u8::from(a <= 0.0))).collect();
    let w = SpatialWeights::inverse_distance(&points, 1.0, f64::INFINITY, Metric::Planar).unwrap();
    let w = w.transform(Transform::Row).unwrap();
    let basis = dense_eigenbasis(&w, Projection::Mean).unwrap();
    let chosen = candidates(&basis, CandidateRule::AllPositive).unwrap();
    let filter = L1Params::default()
        .n_penalties(30)
        .least_penalty(0.05)
        .coefficients(Coefficients::Refitted);
    let params = AdjustedBiasParams::new(Alternative::TwoSided)
        .filter(filter)
        .n_copies(199)
        .continuous_part(ContinuousPart::Observed);
    let difference = |y: &[f64], a: &[f64]| Some(mean_where(y, a, 1.0) - mean_where(y, a, 0.0));
    let impact = |y: &[f64], a: &[f64]| Some(mean_where(y, a, 1.0) / mean_where(y, a, 0.0));
    let (difference, impact) = (
        BiasMetric::Function {
            name: "mean difference",
            metric: &difference,
        },
        BiasMetric::Function {
            name: "disparate impact",
            metric: &impact,
        },
    );
    let levels = "--sensitive rich --privileged rich";
    for (flags, case, outcome, sensitive, metric) in [
        (
            "--outcome out --sensitive sens".to_owned(),
            "both_continuous",
            Variable::Continuous(&y),
            Variable::Continuous(&a),
            BiasMetric::Correlation,
        ),
        (
            format!("--outcome hit {levels}"),
            "both_binary",
            Variable::Binary(&hit),
            Variable::Binary(&poor),
            impact,
        ),
        (
            format!("--outcome out {levels}"),
            "mixed",
            Variable::Continuous(&y),
            Variable::Binary(&poor),
            difference,
        ),
    ] {
        let found = json(&bench, &format!("{flags} --weights idw --seed 3"));
        let wanted = adjusted_bias(
            outcome,
            sensitive,
            &[],
            &basis,
            &chosen,
            metric,
            params,
            Seed::new(3),
        )
        .unwrap();
        let first = &found["associations"][0];
        assert_eq!(found["case"], case);
        assert_eq!(first["metric"], wanted.metric.as_str());
        close(&first["statistic"], wanted.statistic);
        close(&first["p_value"], wanted.p_value);
        close(&first["adjusted_p_value"], wanted.adjusted_p_value);
        let n_taken = |name: &str| found[name]["filter"]["n_selected"].as_u64().unwrap();
        assert_eq!(n_taken("outcome"), wanted.outcome_filter.selected.len() as u64);
        assert_eq!(
            n_taken("sensitive"),
            wanted.sensitive_filter.selected.len() as u64
        );

        check_together(&found, &w, outcome.values(), sensitive.values());
        if case != "both_continuous" {
            let codes: Vec<u32> = poor.iter().map(|&poor| u32::from(poor < 0.5)).collect();
            let wanted = lee_ogburn_phi(&w, &codes, Alternative::TwoSided).unwrap();
            close(
                &found["sensitive"]["autocorrelation"]["phi"]["z_score"],
                wanted.z_score,
            );
        }
    }
}

#[test]
fn every_adjustment_runs_and_all_outputs_are_written() {
    let bench = Workbench::new();
    field(&bench);
    let pair = "--outcome out --sensitive sens --weights knn:4";
    for (i, flags) in [
        "--adjust esf-aic",
        "--adjust esf-forward",
        "--adjust none",
        "--coefficients penalised --candidates relative:0.25",
        "--candidates chun --likelihood profiled-variance",
        "--eigenvectors 20 --alternative greater",
    ]
    .iter()
    .enumerate()
    {
        run(
            &bench,
            &format!("{pair} {flags} --csv {i}.csv --report {i}.html --json {i}.json --id id"),
        );
        let csv = bench.read(&format!("{i}.csv"));
        assert_eq!(csv.lines().count(), 1 + (SIDE * SIDE) as usize, "{flags}");
        assert!(csv.lines().all(|line| line.split(',').count() == 9), "{flags}");
        let page = bench.read(&format!("{i}.html"));
        assert!(
            page.contains("<h2>Before and after</h2>") && page.contains("<h2>Where</h2>"),
            "{flags}"
        );
        assert!(page.contains("<h2>What chance alone gives</h2>"), "{flags}");
    }
    let mixed = "--outcome hit --sensitive sens --weights knn:4 --continuous-part fitted --report mixed.html";
    assert!(run(&bench, mixed).contains("case III"));
}

#[test]
fn the_spatial_part_and_the_rest_are_the_variable() {
    let bench = Workbench::new();
    let units = field(&bench);
    run(
        &bench,
        "--outcome out --sensitive rich --privileged rich --weights knn:4 --csv split.csv",
    );
    for (line, unit) in bench.read("split.csv").lines().skip(1).zip(&units) {
        let cells: Vec<f64> = line
            .split(',')
            .skip(1)
            .map(|cell| cell.parse().unwrap())
            .collect();
        assert!((cells[4] + cells[5] - unit.y).abs() < 1e-9, "{line}");
        assert!(
            (cells[6] + cells[7] - cells[3]).abs() < 1e-9 && (0.0..=1.0).contains(&cells[6]),
            "{line}"
        );
    }
}

#[test]
fn the_number_of_threads_does_not_show() {
    let bench = Workbench::new();
    field(&bench);
    for pair in [
        "--outcome out --sensitive sens",
        "--outcome hit --sensitive rich --privileged poor",
    ] {
        let with = |threads: u32| {
            let html = format!("{threads}.html");
            let flags = format!("{pair} --weights knn:4 --threads {threads} --report {html} --force");
            (run(&bench, &format!("{flags} --json -")), bench.read(&html))
        };
        assert!(with(1) == with(3), "{pair}");
    }
}

#[test]
fn bad_input_is_refused_in_one_line() {
    let bench = Workbench::new();
    field(&bench);
    let fails = |flags: &str, words: &[&str]| bench.fails(&format!("bias field.csv {flags}"), words);
    let pair = "--outcome out --sensitive sens";
    fails(
        "--outcome out --sensitive sense",
        &["--sensitive", "sense", "sens"],
    );
    fails("--outcome out --sensitive out", &["--sensitive out", "outcome"]);
    fails(
        "--outcome flat --sensitive sens",
        &["--outcome flat", "all rows hold 1"],
    );
    fails(
        "--outcome out --sensitive word",
        &["--sensitive word", "all rows hold same"],
    );
    fails("--outcome out --sensitive rich", &["--privileged LEVEL", "rich"]);
    fails("--outcome rich --sensitive sens", &["--positive LEVEL", "poor"]);
    fails(
        "--outcome rich --sensitive sens --positive riche",
        &["--positive riche", "poor"],
    );
    fails(
        "--outcome rich --sensitive sens --outcome-kind continuous",
        &["field.csv", "line 2"],
    );
    fails(
        "--outcome level --sensitive sens --outcome-kind binary",
        &["3 levels", "--positive"],
    );
    fails(
        "--outcome level --sensitive sens --outcome-kind category",
        &["--positive LEVEL"],
    );
    fails(
        &format!("{pair} --outcome-kind continuous --positive 1"),
        &["--positive 1", "levels"],
    );
    fails(&format!("{pair} --delta 0"), &["--delta 0"]);
    fails(&format!("{pair} --delta nan"), &["--delta NaN"]);
    fails(&format!("{pair} --level 1"), &["--level 1"]);
    fails(&format!("{pair} --copies 0"), &["--copies 0"]);
    fails(&format!("{pair} --permutations 0"), &["--permutations 0"]);
    fails(
        &format!("{pair} --candidates all"),
        &["--candidates all", "relative:SHARE"],
    );
    fails(&format!("{pair} --eigenvectors 0"), &["--eigenvectors 0", "225"]);
    fails(&format!("{pair} --eigenvectors 226"), &["--eigenvectors 226"]);
    fails(
        &format!("{pair} --weights queen"),
        &["--weights queen", "polygons"],
    );
    fails(
        "--outcome hit --sensitive sens --adjust esf-forward",
        &["--adjust esf-forward", "hit"],
    );
    fails(
        &format!("{pair} --csv field.csv"),
        &["--csv field.csv", "--force"],
    );
    bench.write("few.csv", "x,y,a,b\n0,0,1,2\n1,0,2,2.5\n0,1,5,4\n");
    bench.fails(
        "bias few.csv --outcome a --sensitive b --weights knn:2",
        &["few.csv", "3"],
    );
    bench.write("gap.csv", "x,y,a,b\n0,0,1,2\n1,0,NaN,2.5\n0,1,5,4\n");
    bench.fails(
        "bias gap.csv --outcome a --sensitive b --weights knn:1",
        &["gap.csv", "line 3"],
    );
}

#[test]
fn rows_left_out_are_named() {
    let bench = Workbench::new();
    field(&bench);
    let table = bench.read("field.csv");
    let rows = table.lines().enumerate().map(|(i, line)| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if i == 3 {
            cells[3] = "NA";
        }
        cells.join(",")
    });
    bench.write("field.csv", rows.collect::<Vec<_>>().join("\n"));
    let text = run(
        &bench,
        "--outcome out --sensitive sens --weights knn:4 --missing skip",
    );
    assert!(
        text.contains("1 row with missing or non-finite values was left out: row 3."),
        "{text}"
    );
}

#[test]
fn levels_that_space_tells_apart_are_said_to_be() {
    let bench = Workbench::new();
    field(&bench);
    let mut table = "x,y,out,side\n".to_owned();
    for (i, unit) in units().iter().enumerate() {
        let side = if unit.point.x < 7.5 { "west" } else { "east" };
        let _ = writeln!(
            table,
            "{},{},{},{side}",
            unit.point.x,
            unit.point.y,
            (i * 37) % 11
        );
    }
    bench.write("field.csv", table);
    let text = run(
        &bench,
        "--outcome out --sensitive side --privileged west --weights knn:4",
    );
    assert!(
        text.contains("Space alone tells the levels of `side` apart"),
        "{text}"
    );
}

#[test]
fn areas_are_drawn_as_areas() {
    let bench = Workbench::new();
    let mut features = Vec::new();
    for i in 0..36_u32 {
        let (x, y) = (f64::from(i % 6), f64::from(i / 6));
        let ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
            .map(|(dx, dy)| format!("[{},{}]", x + dx, y + dy))
            .join(",");
        let (a, b) = (x + f64::from((i * 7) % 5), y - x + f64::from((i * 11) % 7));
        features.push(format!(
            r#"{{"type":"Feature","properties":{{"a":{a},"b":{b}}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#
        ));
    }
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    bench.write("cells.geojson", text);
    let out = bench.run(
        "bias cells.geojson --outcome a --sensitive b --weights queen --permutations 99 --copies 99 --report page.html",
    );
    assert_eq!(out.status.code(), Some(0), "{:?}", texts(&out));
    // Four maps of 36 areas.
    assert_eq!(bench.read("page.html").matches("<path").count(), 4 * 36);
}
