//! `wherefair moran`.

use anyhow::{Context as _, Result};
use serde::Serialize;
use wherefair_core::Seed;
use wherefair_report::{Context as ReportContext, MoranPage};
use wherefair_stats::{
    Alternative, LocalNull, MoranResult, PermutationResult, Permutations, SpatialWeights, moran, moran_local,
    moran_permutation,
};

use crate::Outcome;
use crate::audit_command::set_threads;
use crate::output::to_json;
use crate::progress::Bars;
use crate::spatial_args::{MoranArgs, SpatialArgs};
use crate::spatial_weights::{DescribedWeights, spatial_weights};
use crate::table::{align, grouped, number, p_value};
use crate::units::{Units, read_numbers};

/// The weights in a few numbers.
#[derive(Debug, Serialize)]
pub(crate) struct WeightSummary {
    description: String,
    n_units: usize,
    n_links: usize,
    n_isolates: usize,
    n_components: usize,
    symmetric: bool,
}

impl WeightSummary {
    pub(crate) fn new(described: &DescribedWeights) -> Self {
        let w = &described.weights;
        Self {
            description: described.description.clone(),
            n_units: w.n(),
            n_links: w.n_nonzero(),
            n_isolates: w.isolates().len(),
            n_components: w.components().n_components,
            symmetric: w.is_symmetric(),
        }
    }

    pub(crate) fn line(&self) -> String {
        let mean = self.n_links as f64 / self.n_units as f64;
        format!(
            "weights: {}; {} links, {} a unit on average, {} without neighbours, {} connected parts",
            self.description,
            grouped(self.n_links as u64),
            number(mean),
            self.n_isolates,
            self.n_components
        )
    }
}

/// What `--json` writes.
#[derive(Debug, Serialize)]
struct Document<'a> {
    wherefair: &'static str,
    input: &'a [(String, String)],
    sentence: &'a str,
    weights: WeightSummary,
    moran: MoranResult,
    permutation: &'a PermutationResult,
    notes: &'a [String],
}

/// Runs the test that the flags describe.
pub(crate) fn run(args: &MoranArgs) -> Result<Outcome> {
    let spatial = &args.spatial;
    set_threads(&spatial.running)?;
    let outputs = spatial.output.plan()?;
    let bars = Bars::new(spatial.running.quiet);
    bars.begin("reading", None);
    let (mut units, values) = read_numbers(&spatial.units, &spatial.value)?;
    units.facts.extend(inference_facts(spatial));
    bars.begin("weights", None);
    let weights = spatial_weights(&spatial.weights, &units)?;
    bars.begin("permuting", None);
    let file = || units.path.display().to_string();
    let alternative = spatial.alternative.alternative();
    let result = moran(&weights.weights, &values, args.null.null(), alternative).with_context(file)?;
    let permutations = permutations(spatial)?.keep_draws();
    let permutation =
        moran_permutation(&weights.weights, &values, alternative, permutations).with_context(file)?;
    bars.finish();

    let summary = WeightSummary::new(&weights);
    let sentence = sentence(&spatial.value, &result, &permutation);
    let text = table(spatial, &summary, &result, &permutation);
    let html = spatial
        .output
        .report
        .as_ref()
        .map(|_| {
            page(
                spatial,
                &units,
                &values,
                &weights,
                (&result, &permutation),
                &sentence,
            )
        })
        .transpose()?;
    let document = Document {
        wherefair: env!("CARGO_PKG_VERSION"),
        input: &units.facts,
        sentence: &sentence,
        weights: summary,
        moran: result,
        permutation: &permutation,
        notes: &units.notes,
    };
    let text = format!("{text}{}\n{sentence}\n", notes(&units));
    spatial
        .output
        .finish(outputs, || to_json(&document), html, Vec::new(), text)?;
    Ok(Outcome::Done)
}

/// What `moran` and `local-moran` add to the facts of a run.
pub(crate) fn inference_facts(args: &SpatialArgs) -> [(String, String); 3] {
    [
        ("variable".to_owned(), args.value.clone()),
        ("permutations".to_owned(), args.permutations.to_string()),
        ("seed".to_owned(), args.seed.to_string()),
    ]
}

pub(crate) fn permutations(args: &SpatialArgs) -> Result<Permutations> {
    Permutations::new(args.permutations, Seed::new(args.seed))
        .with_context(|| format!("--permutations {}", args.permutations))
}

pub(crate) fn notes(units: &Units) -> String {
    units
        .notes
        .iter()
        .fold(String::new(), |text, note| text + "\nNote: " + note + "\n")
}

fn table(
    args: &SpatialArgs,
    summary: &WeightSummary,
    result: &MoranResult,
    permutation: &PermutationResult,
) -> String {
    let mut text = format!(
        "Moran's I of `{}`, {} units\n{}\n\n",
        args.value,
        grouped(result.n_units as u64),
        summary.line()
    );
    let rows = [
        ["", "I", "expected", "sd", "z", "p"].map(str::to_owned),
        [
            format!("{:?}", result.null).to_lowercase(),
            number(result.statistic),
            number(result.expectation),
            number(result.variance.sqrt()),
            number(result.z_score),
            p_value(result.p_value),
        ],
        [
            format!("{} permutations", permutation.n_permutations),
            number(permutation.statistic),
            number(permutation.permutation_mean),
            permutation.permutation_sd.map_or_else(|| "–".to_owned(), number),
            "–".to_owned(),
            p_value(permutation.pseudo_p_value),
        ],
    ];
    align(&rows, 0, &mut text);
    text
}

fn sentence(variable: &str, result: &MoranResult, permutation: &PermutationResult) -> String {
    let p = p_value(permutation.pseudo_p_value);
    let alternative = match permutation.alternative {
        Alternative::TwoSided => "two-sided",
        Alternative::Greater => "against positive autocorrelation",
        Alternative::Less => "against negative autocorrelation",
    };
    if permutation.pseudo_p_value > 0.05 {
        return format!(
            "No evidence of spatial autocorrelation: `{variable}` at neighbouring places is no more alike or unlike than chance would have it (pseudo p = {p}, {alternative})."
        );
    }
    let direction = if result.statistic > result.expectation {
        "alike: values cluster in space"
    } else {
        "unlike: high and low values alternate in space"
    };
    format!(
        "Neighbouring places are {direction} (Moran's I of `{variable}` = {}, pseudo p = {p}, {alternative}).",
        number(result.statistic)
    )
}

fn page(
    args: &SpatialArgs,
    units: &Units,
    values: &[f64],
    described: &DescribedWeights,
    (result, permutation): (&MoranResult, &PermutationResult),
    sentence: &str,
) -> Result<String> {
    let (standardised, lag) = scatter(&described.weights, values)?;
    let measures = [
        ("Moran's I", number(result.statistic)),
        ("expected", number(result.expectation)),
        ("z-score", number(result.z_score)),
        ("p, from moments", p_value(result.p_value)),
        ("pseudo p, by permutation", p_value(permutation.pseudo_p_value)),
    ];
    let page = MoranPage {
        variable: args.value.clone(),
        weights: described.description.clone(),
        standardised,
        lag,
        measures: measures.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        statistic: result.statistic,
        expectation: result.expectation,
        draws: permutation.draws.clone().unwrap_or_default(),
        notes: units.notes.clone(),
    };
    Ok(wherefair_report::moran_html(
        &page,
        &context(args, units, described, "Spatial autocorrelation", sentence),
    ))
}

/// The axes of the Moran scatterplot.
pub(crate) fn scatter(w: &SpatialWeights, values: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
    let local = moran_local(w, values, LocalNull::Conditional, Alternative::TwoSided)?;
    Ok((local.standardized, local.lag))
}

pub(crate) fn context(
    args: &SpatialArgs,
    units: &Units,
    described: &DescribedWeights,
    title: &str,
    sentence: &str,
) -> ReportContext {
    report_context(format!("{title}: {}", args.value), units, described, sentence)
}

/// What every page on the units says beside its figures.
pub(crate) fn report_context(
    title: String,
    units: &Units,
    described: &DescribedWeights,
    sentence: &str,
) -> ReportContext {
    let mut facts = units.facts.clone();
    facts.push(("weights".to_owned(), described.description.clone()));
    ReportContext {
        title,
        sentence: sentence.to_owned(),
        facts,
        unit: None,
        geographic: units.geographic,
    }
}
