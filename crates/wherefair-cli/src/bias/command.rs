//! The run of `wherefair bias`.

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use wherefair_core::Seed;
use wherefair_data::Table;
use wherefair_stats::BiasCase;

use super::args::{AdjustArg, BiasArgs};
use super::association::{Association, associations, case};
use super::filters::{self, Filtered, PatternSummary, filtered, patterns};
use super::page::page;
use super::text::{csv, sentence, text};
use super::together::{self, Autocorrelation, Together, autocorrelation, together};
use super::variables::{BiasVariable, Role, request, variable};
use crate::Outcome;
use crate::audit_command::set_threads;
use crate::moran_command::WeightSummary;
use crate::output::to_json;
use crate::progress::Bars;
use crate::spatial_weights::{DescribedWeights, spatial_weights};
use crate::table::grouped;
use crate::units::{Units, read_units};

/// All that was found.
#[derive(Debug)]
pub(crate) struct Findings {
    pub(crate) units: Units,
    pub(crate) weights: DescribedWeights,
    pub(crate) variables: [BiasVariable; 2],
    pub(crate) autocorrelation: [Autocorrelation; 2],
    pub(crate) together: Together,
    pub(crate) patterns: PatternSummary,
    pub(crate) filtered: Option<[Filtered; 2]>,
    pub(crate) associations: Vec<Association>,
    pub(crate) notes: Vec<String>,
}

/// A variable with all that was found of it.
#[derive(Debug, Serialize)]
struct VariableDocument<'a> {
    #[serde(flatten)]
    variable: &'a BiasVariable,
    autocorrelation: &'a Autocorrelation,
    filter: Option<&'a Filtered>,
}

/// What `--json` writes.
#[derive(Debug, Serialize)]
struct Document<'a> {
    wherefair: &'static str,
    input: &'a [(String, String)],
    sentence: &'a str,
    weights: WeightSummary,
    case: BiasCase,
    outcome: VariableDocument<'a>,
    sensitive: VariableDocument<'a>,
    together: &'a Together,
    patterns: &'a PatternSummary,
    associations: &'a [Association],
    notes: &'a [String],
}

/// Runs the tests that the flags describe.
pub(crate) fn run(args: &BiasArgs) -> Result<Outcome> {
    set_threads(&args.running)?;
    together::check(args)?;
    let mut outputs = args.output.plan()?;
    if let Some(path) = &args.csv {
        outputs.plan("--csv", path, args.output.force)?;
    }
    let bars = Bars::new(args.running.quiet);
    let found = find(args, &bars)?;
    bars.finish();

    let sentence = sentence(args, &found);
    let summary = WeightSummary::new(&found.weights);
    let text = text(args, &found, &summary, &sentence);
    let html = args.output.report.as_ref().map(|_| page(args, &found, &sentence));
    let csv: Vec<Vec<u8>> = args.csv.iter().map(|_| csv(&found).into_bytes()).collect();
    let [outcome, sensitive] = [0, 1].map(|i| VariableDocument {
        variable: &found.variables[i],
        autocorrelation: &found.autocorrelation[i],
        filter: found.filtered.as_ref().map(|both| &both[i]),
    });
    let document = Document {
        wherefair: env!("CARGO_PKG_VERSION"),
        input: &found.units.facts,
        sentence: &sentence,
        weights: summary,
        case: case(&found.variables[0], &found.variables[1]),
        outcome,
        sensitive,
        together: &found.together,
        patterns: &found.patterns,
        associations: &found.associations,
        notes: &found.notes,
    };
    args.output
        .finish(outputs, || to_json(&document), html, csv, text)?;
    Ok(Outcome::Done)
}

fn find(args: &BiasArgs, bars: &Bars) -> Result<Findings> {
    bars.begin("reading", None);
    let (mut units, variables) = read(args)?;
    let file = || units.path.display().to_string();
    let [outcome, sensitive] = &variables;
    filters::check(&args.filter, [outcome, sensitive])?;
    bars.begin("weights", None);
    let weights = spatial_weights(&args.weights, &units)?;
    let w = &weights.weights;
    bars.begin("autocorrelation", None);
    let autocorrelation = [
        autocorrelation(outcome, w).with_context(file)?,
        autocorrelation(sensitive, w).with_context(file)?,
    ];
    bars.begin("spatial patterns", None);
    let strongest_z = autocorrelation
        .iter()
        .map(|found| found.moran.z_score)
        .fold(f64::NEG_INFINITY, f64::max);
    let patterns = patterns(&args.filter, w, strongest_z, Seed::new(args.seed))?;
    let together = together(args, w, &patterns.basis, [outcome, sensitive]).with_context(file)?;
    let filtered = if args.filter.adjust == AdjustArg::None {
        None
    } else {
        let split = |variable: &BiasVariable| {
            filtered(variable, &args.filter, &patterns, w).with_context(|| format!("`{}`", variable.name))
        };
        Some([split(outcome)?, split(sensitive)?])
    };
    bars.begin("testing", None);
    let both = filtered.as_ref().map(|[y, a]| [y, a]);
    let associations = associations(args, [outcome, sensitive], both, &patterns).with_context(file)?;
    let mut notes = units.notes.clone();
    notes.extend(more_notes(
        args,
        &weights,
        &variables,
        filtered.as_ref(),
        &associations,
    ));
    notes.extend(patterns.summary.notes.iter().cloned());
    if together.equivalence.is_none() {
        notes.push(format!(
            "The test of equivalence was left out: it takes all eigenvectors of the weights, which are found for up to {} units.",
            grouped(filters::MOST_DENSE as u64)
        ));
    }
    let facts = [
        ("outcome", outcome.describe()),
        ("sensitive attribute", sensitive.describe()),
        ("adjustment", patterns.summary.adjust.clone()),
        ("permutations", args.permutations.to_string()),
        ("orders or copies", args.copies.to_string()),
        ("seed", args.seed.to_string()),
    ];
    units
        .facts
        .extend(facts.map(|(name, value)| (name.to_owned(), value)));
    Ok(Findings {
        units,
        weights,
        variables,
        autocorrelation,
        together,
        patterns: patterns.summary,
        filtered,
        associations,
        notes,
    })
}

fn read(args: &BiasArgs) -> Result<(Units, [BiasVariable; 2])> {
    if args.outcome == args.sensitive {
        bail!(
            "--sensitive {}: is the outcome too (accepted: another column)",
            args.sensitive
        );
    }
    let table = Table::open(&args.units.input)?;
    let wanted = [
        request(&table, args, Role::Outcome)?,
        request(&table, args, Role::Sensitive)?,
    ];
    let (units, columns) = read_units(&table, &args.units, &wanted)?;
    let mut columns = columns.into_iter();
    let mut next = |role| -> Result<BiasVariable> {
        let column = columns.next().context("a column was not read")?;
        variable(column, args, role).with_context(|| units.path.display().to_string())
    };
    let variables = [next(Role::Outcome)?, next(Role::Sensitive)?];
    Ok((units, variables))
}

/// What a reader should know before trusting the figures.
fn more_notes(
    args: &BiasArgs,
    weights: &DescribedWeights,
    variables: &[BiasVariable; 2],
    filtered: Option<&[Filtered; 2]>,
    associations: &[Association],
) -> Vec<String> {
    let mut notes = Vec::new();
    let n_isolates = weights.weights.isolates().len();
    if n_isolates > 0 {
        notes.push(format!(
            "{} units have no neighbours: no spatial pattern reaches them, so that they stay as they are.",
            grouped(n_isolates as u64)
        ));
    }
    for (variable, filter) in variables.iter().zip(filtered.into_iter().flatten()) {
        let name = &variable.name;
        if filter.separated {
            notes.push(format!(
                "Space alone tells the levels of `{name}` apart: its copies hardly differ from it, and the adjusted tests have little power."
            ));
        }
        if !filter.converged {
            notes.push(format!(
                "The filter of `{name}` did not converge at every penalty."
            ));
        }
        if filter.at_end {
            notes.push(format!(
                "The criterion would let more patterns explain `{name}` than the path of penalties does."
            ));
        }
        match &filter.residual_moran {
            Some(moran) if filter.is_autocorrelated(args.level) => {
                notes.push(format!(
                    "`{name}` is still autocorrelated after filtering (Moran's I of the rest {:.3}, p = {}): where that holds for both variables, adjusted p-values are too small.",
                    moran.statistic,
                    crate::table::p_value(moran.p_value)
                ));
            }
            None if !filter.separated => {
                notes.push(format!(
                    "Nothing is left of `{name}` once spatial patterns are taken out."
                ));
            }
            _ => {}
        }
    }
    for association in associations {
        for (which, copies) in [
            ("random orders", &association.permutations),
            ("copies", &association.copies),
        ] {
            if let Some(copies) = copies.as_ref().filter(|copies| copies.n_undefined > 0) {
                notes.push(format!(
                    "{} was not defined on {} of {} {which}, which count for neither side.",
                    association.metric,
                    grouped(copies.n_undefined.into()),
                    grouped(copies.n_copies.into())
                ));
            }
        }
    }
    notes
}
