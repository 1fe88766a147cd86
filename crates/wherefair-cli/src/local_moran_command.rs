//! `wherefair local-moran`.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use wherefair_partition::Shape;
use wherefair_report::{Cluster, LocalMoranPage, LocalPlace};
use wherefair_stats::{LocalPermutationResult, Quadrant, moran_local_permutation};

use crate::Outcome;
use crate::audit_command::set_threads;
use crate::moran_command::{WeightSummary, context, inference_facts, notes, permutations, scatter};
use crate::output::{quoted, to_json};
use crate::progress::Bars;
use crate::spatial_args::LocalMoranArgs;
use crate::spatial_weights::{DescribedWeights, spatial_weights};
use crate::table::{align, grouped, number, p_value};
use crate::units::{Units, read_numbers};

/// How many of the strongest units the terminal lists.
const N_LISTED: usize = 10;

/// One unit in the outputs.
#[derive(Debug, Serialize)]
struct Unit<'a> {
    id: &'a str,
    x: f64,
    y: f64,
    value: f64,
    local_moran: f64,
    cluster: &'static str,
    pseudo_p_value: Option<f64>,
    q_value: Option<f64>,
}

/// What `--json` writes.
#[derive(Debug, Serialize)]
struct Document<'a> {
    wherefair: &'static str,
    input: &'a [(String, String)],
    sentence: &'a str,
    weights: WeightSummary,
    n_permutations: u32,
    false_discovery_rate: f64,
    units: &'a [Unit<'a>],
    notes: &'a [String],
}

/// Runs the test that the flags describe.
pub(crate) fn run(args: &LocalMoranArgs) -> Result<Outcome> {
    let spatial = &args.spatial;
    set_threads(&spatial.running)?;
    if !(args.fdr > 0.0 && args.fdr < 1.0) {
        bail!(
            "--fdr {}: accepted is a number between 0 and 1, both excluded",
            args.fdr
        );
    }
    let mut outputs = spatial.output.plan()?;
    if let Some(path) = &args.csv {
        outputs.plan("--csv", path, spatial.output.force)?;
    }
    let bars = Bars::new(spatial.running.quiet);
    bars.begin("reading", None);
    let (mut units, values) = read_numbers(&spatial.units, &spatial.value)?;
    units.facts.extend(inference_facts(spatial));
    bars.begin("weights", None);
    let weights = spatial_weights(&spatial.weights, &units)?;
    bars.begin("permuting", None);
    let alternative = spatial.alternative.alternative();
    let result = moran_local_permutation(&weights.weights, &values, alternative, permutations(spatial)?)
        .with_context(|| units.path.display().to_string())?;
    bars.finish();

    let q_values = result.adjusted_p_value();
    let clusters = clusters(&result, &q_values, args.fdr);
    let rows = rows(&units, &values, &result, &q_values, &clusters);
    let summary = WeightSummary::new(&weights);
    let sentence = sentence(args, &clusters);
    let text = format!(
        "Local Moran of `{}`, {} units, {} permutations each\n{}\n\n{}{}\n{sentence}\n",
        spatial.value,
        grouped(units.points.len() as u64),
        result.n_permutations,
        summary.line(),
        table(&rows, &clusters),
        notes(&units)
    );
    let html = spatial
        .output
        .report
        .as_ref()
        .map(|_| page(args, &units, &values, &weights, &rows, &clusters, &sentence))
        .transpose()?;
    let csv: Vec<Vec<u8>> = args.csv.iter().map(|_| csv(&rows).into_bytes()).collect();
    let document = Document {
        wherefair: env!("CARGO_PKG_VERSION"),
        input: &units.facts,
        sentence: &sentence,
        weights: summary,
        n_permutations: result.n_permutations,
        false_discovery_rate: args.fdr,
        units: &rows,
        notes: &units.notes,
    };
    spatial
        .output
        .finish(outputs, || to_json(&document), html, csv, text)?;
    Ok(Outcome::Done)
}

/// The cluster of every unit, where its adjusted p-value is at most the false discovery rate.
fn clusters(result: &LocalPermutationResult, q_values: &[Option<f64>], fdr: f64) -> Vec<Cluster> {
    q_values
        .iter()
        .zip(&result.quadrant)
        .map(|(q, quadrant)| match (q, quadrant) {
            (None, _) | (_, None) => Cluster::Isolate,
            (Some(q), _) if *q > fdr => Cluster::NotSignificant,
            (_, Some(Quadrant::HighHigh)) => Cluster::HighHigh,
            (_, Some(Quadrant::LowLow)) => Cluster::LowLow,
            (_, Some(Quadrant::HighLow)) => Cluster::HighLow,
            (_, Some(Quadrant::LowHigh)) => Cluster::LowHigh,
        })
        .collect()
}

/// The name in tables and files, in plain letters.
fn name(cluster: Cluster) -> &'static str {
    match cluster {
        Cluster::HighHigh => "high-high",
        Cluster::LowLow => "low-low",
        Cluster::HighLow => "high-low",
        Cluster::LowHigh => "low-high",
        Cluster::NotSignificant | Cluster::Isolate => cluster.name(),
    }
}

fn rows<'a>(
    units: &'a Units,
    values: &[f64],
    result: &LocalPermutationResult,
    q_values: &[Option<f64>],
    clusters: &[Cluster],
) -> Vec<Unit<'a>> {
    (0..units.points.len())
        .map(|i| Unit {
            id: &units.ids[i],
            x: units.points[i].x,
            y: units.points[i].y,
            value: values[i],
            local_moran: result.statistic[i],
            cluster: name(clusters[i]),
            pseudo_p_value: result.pseudo_p_value[i],
            q_value: q_values[i],
        })
        .collect()
}

fn count(clusters: &[Cluster], wanted: Cluster) -> usize {
    clusters.iter().filter(|&&cluster| cluster == wanted).count()
}

fn table(rows: &[Unit<'_>], clusters: &[Cluster]) -> String {
    let mut text = String::new();
    let mut counts = vec![["cluster".to_owned(), "units".to_owned()]];
    for cluster in Cluster::ALL {
        counts.push([name(cluster).to_owned(), grouped(count(clusters, cluster) as u64)]);
    }
    align(&counts, 0, &mut text);
    let mut strongest: Vec<&Unit<'_>> = rows
        .iter()
        .zip(clusters)
        .filter(|(_, cluster)| !matches!(cluster, Cluster::NotSignificant | Cluster::Isolate))
        .map(|(unit, _)| unit)
        .collect();
    strongest.sort_by(|a, b| b.local_moran.abs().total_cmp(&a.local_moran.abs()));
    if strongest.is_empty() {
        return text;
    }
    text.push_str("\nStrongest units\n");
    let mut listed = vec![["id", "cluster", "value", "local Moran", "p", "q (FDR)"].map(str::to_owned)];
    for unit in strongest.iter().take(N_LISTED) {
        listed.push([
            unit.id.to_owned(),
            unit.cluster.to_owned(),
            number(unit.value),
            number(unit.local_moran),
            unit.pseudo_p_value.map_or_else(String::new, p_value),
            unit.q_value.map_or_else(String::new, p_value),
        ]);
    }
    align(&listed, 1, &mut text);
    text
}

fn sentence(args: &LocalMoranArgs, clusters: &[Cluster]) -> String {
    let (hot, cold) = (
        count(clusters, Cluster::HighHigh),
        count(clusters, Cluster::LowLow),
    );
    let outliers = count(clusters, Cluster::HighLow) + count(clusters, Cluster::LowHigh);
    let rate = number(100.0 * args.fdr);
    if hot + cold + outliers == 0 {
        return format!(
            "No unit stands out from its neighbourhood beyond chance at a false discovery rate of {rate} %; more permutations allow smaller p-values."
        );
    }
    format!(
        "At a false discovery rate of {rate} %, {} units lie in clusters of high values, {} in clusters of low values, and {} differ from their neighbours.",
        grouped(hot as u64),
        grouped(cold as u64),
        grouped(outliers as u64)
    )
}

fn csv(rows: &[Unit<'_>]) -> String {
    let optional = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    let mut text = "id,x,y,value,local_moran,cluster,pseudo_p_value,q_value\n".to_owned();
    for unit in rows {
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{},{}",
            quoted(unit.id),
            unit.x,
            unit.y,
            unit.value,
            unit.local_moran,
            unit.cluster,
            optional(unit.pseudo_p_value),
            optional(unit.q_value)
        );
    }
    text
}

fn page(
    args: &LocalMoranArgs,
    units: &Units,
    values: &[f64],
    described: &DescribedWeights,
    rows: &[Unit<'_>],
    clusters: &[Cluster],
    sentence: &str,
) -> Result<String> {
    let spatial = &args.spatial;
    let (standardised, lag) = scatter(&described.weights, values)?;
    let mut shapes = shapes(units);
    let places = (0..units.points.len())
        .map(|i| LocalPlace {
            label: units.ids[i].clone(),
            point: units.points[i],
            shape: shapes.get_mut(i).and_then(Option::take),
            value: values[i],
            statistic: rows[i].local_moran,
            cluster: clusters[i],
            p_value: rows[i].pseudo_p_value,
            q_value: rows[i].q_value,
        })
        .collect();
    let measures = [
        Cluster::HighHigh,
        Cluster::LowLow,
        Cluster::HighLow,
        Cluster::LowHigh,
    ]
    .map(|cluster| (name(cluster).to_owned(), grouped(count(clusters, cluster) as u64)));
    let page = LocalMoranPage {
        variable: spatial.value.clone(),
        weights: described.description.clone(),
        measures: measures.to_vec(),
        standardised,
        lag,
        places,
        significance: format!("q ≤ {} (false discovery rate)", number(args.fdr)),
        method: vec![(
            "Permutations".to_owned(),
            format!(
                "{} for each place, independently of every other place.",
                spatial.permutations
            ),
        )],
        notes: units.notes.clone(),
    };
    let context = context(spatial, units, described, "Clusters and outliers", sentence);
    Ok(wherefair_report::local_moran_html(&page, &context))
}

/// The areas of the units, where the input has one for each.
pub(crate) fn shapes(units: &Units) -> Vec<Option<Shape>> {
    let polygons = units.polygons().unwrap_or_default();
    polygons
        .iter()
        .map(|polygons| {
            let polygons = polygons.clone();
            Some(Shape { polygons })
        })
        .collect()
}
