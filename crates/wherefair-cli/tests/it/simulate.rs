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
        out.contains("1 states simulated") && out.contains("rows 2."),
        "{out}"
    );
    assert!(bench.read("tb.csv").trim_end().ends_with(",,"));
    bench.write("soil.csv", SOIL.replace("0.35", ""));
    bench.fails(
        &format!("{BARE} --force"),
        &["soil.csv", "line 3", "soil_moisture"],
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
        "simulate soil.csv --model cmem --frequency 200 --angle 55 --out o.csv",
        &["frequency_ghz: 200", "0.3 to 100"],
    );
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
