//! `wherefair simulate`.

use crate::workbench::{Workbench, texts};

const SOIL: &str =
    "site,soil_moisture,sand_percent,clay_percent,surface_temperature_k,deep_temperature_k,roughness_cm
dry,0.05,40,20,290,285,1
\"wet, low\",0.35,40,20,290,285,1
";

fn bench() -> Workbench {
    let bench = Workbench::new();
    bench.write("soil.csv", SOIL);
    bench
}

/// Runs and expects success without a word on standard error.
fn succeeds(bench: &Workbench, line: &str) -> String {
    let output = bench.run(line);
    let (out, err) = texts(&output);
    assert_eq!((output.status.code(), err.as_str()), (Some(0), ""), "{line}");
    out
}

/// Runs and expects the usage that the program prints for flags that it cannot read, and no new file.
fn refuses(bench: &Workbench, line: &str, words: &[&str]) {
    let before = bench.files();
    let output = bench.run(line);
    let (out, err) = texts(&output);
    assert_eq!((output.status.code(), out.as_str()), (Some(2), ""), "{line}");
    for word in words {
        assert!(err.contains(word), "{line}: `{word}` is not in: {err}");
    }
    assert_eq!(bench.files(), before, "{line} left files behind");
}

const BARE: &str =
    "simulate soil.csv --model cmem --sensor smap --tile bare-soil --atmosphere none --out tb.csv";

#[test]
fn the_table_is_written_with_the_outputs() {
    let bench = bench();
    let out = succeeds(&bench, BARE);
    assert!(
        out.contains("2 states simulated, 2 outputs") && out.contains("Output: tb.csv"),
        "{out}"
    );
    let table = bench.read("tb.csv");
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[0].ends_with("roughness_cm,tb_1.41ghz_h_k,tb_1.41ghz_v_k"),
        "{}",
        lines[0]
    );
    assert!(
        lines[2].starts_with("\"wet, low\",0.35,40,20,290,285,1,"),
        "{}",
        lines[2]
    );
    let last = |line: &str| line.rsplit(',').next().unwrap().parse::<f64>().unwrap();
    assert!(last(lines[1]) > last(lines[2]) + 20.0);
    bench.fails(BARE, &["--out tb.csv", "--force"]);
}

#[test]
fn derivatives_and_any_number_of_threads() {
    let bench = bench();
    succeeds(&bench, &format!("{BARE} --derivatives --threads 1"));
    let one = bench.read("tb.csv");
    let header = one.lines().next().unwrap();
    assert!(header.contains("d(tb_1.41ghz_h_k)/d(soil_moisture)"), "{header}");
    assert_eq!(header.split(',').count(), 7 + 2 + 2 * 6);
    succeeds(&bench, &format!("{BARE} --derivatives --threads 2 --force"));
    assert_eq!(bench.read("tb.csv"), one);
}

#[test]
fn inputs_come_from_columns_flags_and_usual_values() {
    let bench = bench();
    bench.write("t.csv", "w,ts\n0.2,295\n0.3,285\n");
    let line = "simulate t.csv --model cmem --sensor smap --tile bare-soil --out o.csv --force --column soil_moisture=w";
    bench.fails(
        line,
        &[
            "t.csv: has no column for sand_percent, clay_percent",
            "--defaults",
        ],
    );
    let out = succeeds(
        &bench,
        &format!("{line} --column surface_temperature_k=ts --set clay_percent=30 --defaults"),
    );
    assert!(
        out.contains("Note: Usual values were taken for sand_percent 40, deep_temperature_k 285"),
        "{out}"
    );
    bench.fails(
        &format!("{line} --set clay_percent=200"),
        &["--set clay_percent=200", "0 to 100"],
    );
    bench.fails(
        &format!("{line} --set soil_moisture=0.1 --defaults"),
        &["--set soil_moisture", "column `w`"],
    );
    bench.fails(
        &format!("{line} --set colour=1"),
        &["no input `colour`", "soil_moisture"],
    );
    bench.fails(&format!("{line} --column sand_percent=sand"), &["t.csv", "sand"]);
    bench.fails(
        "simulate t.csv --model thermal --out o2.csv --defaults",
        &["t.csv", "none of its columns", "emissivity"],
    );
}

#[test]
fn rows_outside_the_domain_are_named_or_masked() {
    let bench = bench();
    bench.write("soil.csv", SOIL.replace("0.35", "0.95"));
    bench.fails(
        BARE,
        &[
            "soil.csv: row 2 of the data, input `soil_moisture`: 0.95",
            "porosity",
            "--invalid mask",
        ],
    );
    let out = succeeds(&bench, &format!("{BARE} --invalid mask"));
    assert!(
        out.contains("1 state simulated, 2 outputs")
            && out.contains(
                "Note: 1 of the states lies outside the domain of the model and has no result: row 2."
            ),
        "{out}"
    );
    assert!(bench.read("tb.csv").trim_end().ends_with(",,"));
    bench.write("soil.csv", SOIL.replace("0.35", ""));
    bench.fails(
        &format!("{BARE} --force"),
        &["soil.csv", "line 3", "soil_moisture", "--missing skip"],
    );
    bench.fails(
        &format!("{BARE} --force --invalid mask"),
        &[
            "soil.csv, line 3",
            "soil_moisture",
            "missing value",
            "--missing skip",
        ],
    );
    let out = succeeds(&bench, &format!("{BARE} --missing skip --force"));
    assert!(
        out.contains("1 row with missing or non-finite values was left out: row 2"),
        "{out}"
    );
}

#[test]
fn flags_that_fit_no_model_are_refused() {
    let bench = bench();
    bench.fails(
        "simulate soil.csv --model cmem --sensor goes --out o.csv",
        &["--sensor goes", "amsr2"],
    );
    bench.fails(
        "simulate soil.csv --model cmem --frequency 50 --atmosphere liebe --out o.csv",
        &["frequency_ghz: 50", "1 to 37", "extended range"],
    );
    bench.fails(
        "simulate soil.csv --model cmem --frequency 200 --extended --angle 55 --out o.csv",
        &["frequency_ghz: 200", "0.3 to 100"],
    );
    bench.fails(
        "simulate --model thermal --extended --inputs",
        &["--extended", "thermal"],
    );
    let out = succeeds(
        &bench,
        "simulate --model cmem --frequency 50 --atmosphere liebe --extended --inputs",
    );
    assert!(out.contains("incidence_deg"), "{out}");
    bench.fails(
        "simulate soil.csv --model cmem --angle 50 --out o.csv",
        &["--angle", "--frequency"],
    );
    bench.fails(
        "simulate soil.csv --model cmem --band modis-band31 --out o.csv",
        &["--band modis-band31", "cmem"],
    );
    bench.fails(
        "simulate soil.csv --model thermal --tile bare-soil --out o.csv",
        &["--tile bare-soil", "thermal"],
    );
    bench.fails(
        "simulate soil.csv --model thermal --band modis-band31 --out o.csv",
        &["band: modis-band31", "landsat8-band10", "the atmosphere given"],
    );
    bench.fails(
        "simulate soil.csv --model cmem --out o.tif",
        &["--out o.tif", ".csv"],
    );
    bench.fails(
        "simulate --model cmem --sample 0 --out o.csv",
        &["--sample 0", "1 to 100,000,000 states"],
    );
    bench.write("bad.toml", "soil_dielectric = \"mud\"");
    bench.fails(
        "simulate soil.csv --model cmem --config bad.toml --out o.csv",
        &["bad.toml", "mud", "dobson"],
    );
}

#[test]
fn states_are_drawn_and_configurations_read() {
    let bench = bench();
    bench.write(
        "my.toml",
        "soil_dielectric = \"dobson\"\natmosphere = \"none\"\nsurface = { tile = \"bare-soil\" }\n",
    );
    let line = "simulate --model cmem --config my.toml --sample 64 --prior soil_moisture=0.1:0.2 --set clay_percent=20 --out";
    let out = succeeds(&bench, &format!("{line} a.csv"));
    assert!(out.contains("64 states simulated, 12 outputs"), "{out}");
    succeeds(&bench, &format!("{line} b.csv"));
    let table = bench.read("a.csv");
    assert_eq!(table, bench.read("b.csv"));
    assert_eq!(table.lines().count(), 65);
    for line in table.lines().skip(1) {
        let moisture: f64 = line.split(',').next().unwrap().parse().unwrap();
        assert!((0.1..=0.2).contains(&moisture));
    }
    bench.fails(
        &format!("{line} c.csv --prior sand_percent=a:b"),
        &["--prior sand_percent=a:b", "FROM:TO"],
    );
    let listing = succeeds(&bench, "simulate --model thermal --inputs");
    assert!(
        listing.contains("emissivity") && listing.contains("0.5 to 1"),
        "{listing}"
    );
}

const SCENE: &str = "surface_temperature_k,emissivity,water_vapour_g_cm2,view_angle_deg,air_temperature_k\n300,0.97,2,0,295\n300,0.97,2,50,295\n";

/// The cells of a column.
fn column(table: &str, name: &str) -> Vec<String> {
    let mut lines = table.lines();
    let at = lines.next().unwrap().split(',').position(|column| column == name);
    let at = at.unwrap_or_else(|| panic!("no column {name}"));
    lines
        .map(|line| line.split(',').nth(at).unwrap().to_owned())
        .collect()
}

fn numbers(table: &str, name: &str) -> Vec<f64> {
    column(table, name)
        .iter()
        .map(|cell| cell.parse().unwrap())
        .collect()
}

const KELVINS: &str = "brightness_temperature_k";

#[test]
fn the_view_angle_is_a_number_or_an_input_of_each_row() {
    let bench = bench();
    bench.write("scene.csv", SCENE);
    let line = "simulate scene.csv --model thermal --force --out o.csv";
    let out = succeeds(&bench, line);
    assert!(
        out.contains(
            "Note: The chosen components do not read the columns air_temperature_k, view_angle_deg."
        ),
        "{out}"
    );
    let nadir = numbers(&bench.read("o.csv"), KELVINS);
    assert!((nadir[0] - 296.4881).abs() < 1e-4 && (nadir[0] - nadir[1]).abs() < 1e-12);
    let out = succeeds(&bench, &format!("{line} --angle input"));
    assert!(
        out.contains("Note: The chosen components do not read the column air_temperature_k."),
        "{out}"
    );
    let each = numbers(&bench.read("o.csv"), KELVINS);
    assert!(
        (each[0] - nadir[0]).abs() < 1e-9 && each[1] < nadir[0] - 0.5,
        "{each:?}"
    );
    let out = succeeds(&bench, &format!("{line} --angle 50 --atmosphere air-temperature"));
    assert!(out.contains("do not read the column view_angle_deg."), "{out}");
    succeeds(&bench, &format!("{line} --angle 50"));
    let fixed = numbers(&bench.read("o.csv"), KELVINS);
    assert!((fixed[0] - each[1]).abs() < 1e-12 && (fixed[1] - each[1]).abs() < 1e-12);
    // A column that another input is read from is read.
    let out = succeeds(
        &bench,
        &format!("{line} --column water_vapour_g_cm2=view_angle_deg --invalid mask"),
    );
    assert!(out.contains("do not read the column air_temperature_k."), "{out}");
    let listing = succeeds(&bench, "simulate --model thermal --angle input --inputs");
    assert!(
        listing.contains("view_angle_deg") && listing.contains("0 to 85"),
        "{listing}"
    );
    bench.fails(
        &format!("{line} --angle 86"),
        &["view_angle_deg: 86", "0 to 85, or \"input\""],
    );
    bench.fails(&format!("{line} --angle -5"), &["view_angle_deg: -5", "0 to 85"]);
    refuses(
        &bench,
        &format!("{line} --angle side"),
        &["--angle", "side", "degrees, or input"],
    );
    // For cmem the input is what no angle means.
    let cmem = "simulate --model cmem --frequency 6.925 --inputs";
    let listing = succeeds(&bench, cmem);
    assert!(listing.contains("incidence_deg"), "{listing}");
    assert_eq!(succeeds(&bench, &format!("{cmem} --angle input")), listing);
    assert!(!succeeds(&bench, &format!("{cmem} --angle 55")).contains("incidence_deg"));
    bench.fails(
        "simulate --model cmem --angle input --inputs",
        &["--angle", "--frequency"],
    );
    // Land has inputs that some tiles do not read.
    bench.write("soil.csv", SOIL.replace("roughness_cm", "snow_depth_m"));
    let out = succeeds(&bench, &format!("{BARE} --defaults --force"));
    assert!(out.contains("do not read the column snow_depth_m."), "{out}");
}

#[test]
fn flags_override_a_configuration_and_lines_may_be_left_out() {
    let bench = bench();
    bench.write("scene.csv", SCENE);
    bench.write(
        "my.toml",
        "atmosphere = \"air-temperature\"\nclimate = \"tropical\"\nview_angle_deg = \"input\"\n",
    );
    let line = "simulate scene.csv --model thermal --config my.toml --force --out o.csv";
    let out = succeeds(&bench, line);
    assert!(!out.contains("Note:"), "{out}");
    let ten = numbers(&bench.read("o.csv"), KELVINS);
    bench.write(
        "band.toml",
        "band = \"landsat8-band10\"\n".to_owned() + &bench.read("my.toml"),
    );
    let line = line.replace("my.toml", "band.toml");
    succeeds(&bench, &line);
    assert_eq!(numbers(&bench.read("o.csv"), KELVINS), ten);
    succeeds(&bench, &format!("{line} --band landsat8-band11"));
    let eleven = numbers(&bench.read("o.csv"), KELVINS);
    assert!((eleven[0] - ten[0]).abs() > 0.1, "{ten:?} {eleven:?}");
    bench.fails(
        &format!("{line} --band landsat7-band6"),
        &[
            "band: landsat7-band6",
            "air-temperature landsat8-band10, landsat8-band11",
        ],
    );
    bench.write("bad.toml", "view_angle_deg = \"nadir\"\n");
    bench.fails(
        "simulate scene.csv --model thermal --config bad.toml --out p.csv",
        &["bad.toml", "expected degrees from nadir, 0 to 85, or \"input\""],
    );
}

#[test]
fn flags_that_would_have_no_effect_are_refused() {
    let bench = bench();
    bench.write("scene.csv", SCENE);
    let table = "simulate scene.csv --model thermal --out o.csv";
    for flag in ["--prior emissivity=0.9:0.95", "--sampling uniform", "--seed 3"] {
        let name = flag.split(' ').next().unwrap();
        refuses(
            &bench,
            &format!("{table} {flag}"),
            &[name, "[INPUT]", "cannot be used with"],
        );
    }
    let sample = "simulate --model thermal --sample 8 --out o.csv";
    for flag in [
        "--column emissivity=e",
        "--defaults",
        "--missing skip",
        "--invalid mask",
    ] {
        let name = flag.split(' ').next().unwrap();
        refuses(
            &bench,
            &format!("{sample} {flag}"),
            &[name, "--sample", "cannot be used with"],
        );
    }
    bench.fails(
        &format!("{sample} --prior emissivity=0.9:0.95 --set emissivity=0.92"),
        &["--prior emissivity=0.9:0.95", "--set", "one of both"],
    );
    succeeds(
        &bench,
        &format!("{sample} --prior emissivity=0.9:0.95 --set water_vapour_g_cm2=2 --seed 3"),
    );
}

#[test]
fn states_are_drawn_up_to_a_number() {
    let bench = bench();
    for n in [
        100_000_001_u64,
        2_147_483_649,
        1_000_000_000_000,
        usize::MAX as u64,
    ] {
        bench.fails(
            &format!("simulate --model thermal --sample {n} --out o.csv"),
            &[&format!("--sample {n}"), "1 to 100,000,000 states"],
        );
    }
}

#[test]
fn small_and_large_numbers_have_an_exponent() {
    let bench = bench();
    let names = "transmittance,upwelling_radiance,downwelling_radiance,view_angle_deg";
    bench.write(
        "dark.csv",
        format!("surface_temperature_k,emissivity,{names}\n150,0.5,0.01,0,0,85\n300,0.97,0.8,1.5,2.5,0\n"),
    );
    succeeds(
        &bench,
        "simulate dark.csv --model thermal --atmosphere given --angle input --derivatives --out o.csv",
    );
    let table = bench.read("o.csv");
    let dark = column(&table, "radiance_w_m2_sr_um");
    assert!(dark[0].contains("e-2") && !dark[1].contains('e'), "{dark:?}");
    assert!(
        table
            .lines()
            .all(|line| line.split(',').all(|cell| cell.len() < 60)),
        "{table}"
    );
    let model = numbers(&table, "radiance_w_m2_sr_um");
    assert!(model[0] > 0.0 && model[0] < 1e-20, "{model:?}");
    let slope = column(&table, "d(brightness_temperature_k)/d(upwelling_radiance)");
    assert!(slope[0].contains('e') && !slope[0].contains("e-"), "{slope:?}");
}
