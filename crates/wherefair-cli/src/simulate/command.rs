//! Runs a forward model over a table.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, anyhow, bail};
use wherefair_audit::Progress as _;
use wherefair_core::Seed;
use wherefair_data::{ColumnRequest, DataError, Table};
use wherefair_physics::{OutOfDomain, PhysicsError, Sampling, Simulation, Variable};
use wherefair_train::Column;

use super::args::{InvalidArg, SamplingArg, SimulateArgs};
use super::forward::AnyModel;
use super::inputs::{InputSource, priors, sources};
use crate::Outcome;
use crate::audit_command::{print, set_threads};
use crate::columns::{Cells, extended_csv, read_columns};
use crate::output::Outputs;
use crate::progress::Bars;
use crate::table::{align, grouped, number};

/// States between two steps of the progress bar.
const BLOCK: usize = 1 << 15;
/// How many of the masked rows are named.
const N_NAMED: usize = 12;
/// The most states that are drawn at a time.
const MAX_SAMPLE: usize = 100_000_000;

/// States with what the model makes of them.
#[derive(Debug, Default)]
struct Results {
    n_outputs: usize,
    /// `(n_states, n_outputs)`
    values: Vec<f64>,
    /// `(n_states, n_outputs, n_inputs)`, where they were asked for.
    derivatives: Vec<f64>,
    /// States outside the domain.
    masked: Vec<usize>,
}

/// The states to simulate.
#[derive(Debug)]
struct States {
    /// One column an input; constants have one value.
    columns: Vec<Vec<f64>>,
    n: usize,
    /// The rows of the table they come from, from 0.
    rows: Vec<u64>,
    n_read: usize,
    /// For the reader.
    notes: Vec<String>,
}

/// Simulates what the flags describe.
pub(crate) fn run(args: &SimulateArgs) -> Result<Outcome> {
    set_threads(&args.running)?;
    let model = AnyModel::of(args)?;
    if args.inputs {
        print(&listing(model.inputs()))?;
        return Ok(Outcome::Done);
    }
    let out = args.out.as_ref().context("--out is missing")?;
    if !out
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
    {
        bail!("--out {}: accepted is a .csv file", out.display());
    }
    let mut outputs = Outputs::default();
    outputs.plan("--out", out, args.force)?;
    let bars = Bars::new(args.running.quiet);
    bars.begin(
        if args.sample.is_some() {
            "sampling"
        } else {
            "reading"
        },
        None,
    );
    let table = args.input.as_deref().map(Table::open).transpose()?;
    let states = match &table {
        Some(table) => read(args, &model, table)?,
        None => draw(args, &model)?,
    };
    if let Some(table) = &table {
        check_names(table, &names(&model, args))?;
    }
    let results = simulate(args, &model, &states, table.as_ref(), &bars)?;
    bars.begin("writing", None);
    let csv = csv(args, &model, &states, &results, table.as_ref())?;
    bars.finish();
    outputs.write(&[csv])?;
    let mut text = summary(&model, &results, states.n);
    for note in &states.notes {
        let _ = writeln!(text, "Note: {note}");
    }
    if !results.masked.is_empty() {
        let _ = writeln!(text, "Note: {}", masked(&results.masked, &states.rows));
    }
    print(&format!("{text}Output: {}\n", out.display()))?;
    Ok(Outcome::Done)
}

/// Which states have no result.
fn masked(masked: &[usize], rows: &[u64]) -> String {
    let named = masked.iter().take(N_NAMED).map(|&state| grouped(rows[state] + 1));
    let named = named.collect::<Vec<_>>().join(", ");
    let more = masked.len().saturating_sub(N_NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    match masked.len() {
        1 => format!("1 of the states lies outside the domain of the model and has no result: row {named}."),
        n => format!(
            "{} of the states lie outside the domain of the model and have no result: rows {named}{more}.",
            grouped(n as u64)
        ),
    }
}

fn read(args: &SimulateArgs, model: &AnyModel, table: &Table) -> Result<States> {
    let sources = sources(args, model.inputs(), table)?;
    let wanted: Vec<ColumnRequest> = sources
        .iter()
        .filter_map(|source| match source {
            InputSource::Column(column) => Some(ColumnRequest::number(column.as_str())),
            InputSource::Constant(_) | InputSource::Usual(_) => None,
        })
        .collect();
    if wanted.is_empty() {
        let names: Vec<&str> = model.inputs().iter().map(|input| input.name).collect();
        bail!(
            "{}: none of its columns is an input of the model (accepted: at least one of {})",
            table.path().display(),
            names.join(", ")
        );
    }
    let unread = unread(model, table, &sources);
    let read = read_columns(table, wanted, args.missing).map_err(missing)?;
    let usual: Vec<String> = sources
        .iter()
        .zip(model.inputs())
        .filter_map(|(source, input)| match source {
            InputSource::Usual(value) => Some(format!("{} {value}", input.name)),
            _ => None,
        })
        .collect();
    let usual = (!usual.is_empty()).then(|| format!("Usual values were taken for {}.", usual.join(", ")));
    let mut numbers = read.columns.into_iter();
    let column = |source: InputSource| match source {
        InputSource::Constant(value) | InputSource::Usual(value) => Ok(vec![value]),
        InputSource::Column(column) => match numbers.next() {
            Some(Column::Numbers(values)) => Ok(values),
            _ => Err(anyhow!(
                "{}: column `{column}` holds no numbers",
                table.path().display()
            )),
        },
    };
    Ok(States {
        columns: sources.into_iter().map(column).collect::<Result<_>>()?,
        n: read.rows.len(),
        rows: read.rows,
        n_read: usize::try_from(read.n_read)?,
        notes: usual.into_iter().chain(unread).chain(read.left_out).collect(),
    })
}

/// Columns named as inputs that the chosen components do not read.
fn unread(model: &AnyModel, table: &Table, sources: &[InputSource]) -> Option<String> {
    let is_read = |name: &str| {
        let is_source =
            |source: &InputSource| matches!(source, InputSource::Column(column) if column == name);
        sources.iter().any(is_source)
    };
    let mut names = model.unread();
    names.retain(|name| table.column(name).is_ok() && !is_read(name));
    let noun = if names.len() == 1 { "column" } else { "columns" };
    (!names.is_empty()).then(|| {
        format!(
            "The chosen components do not read the {noun} {}.",
            names.join(", ")
        )
    })
}

/// The error of a missing cell with the flag that leaves its row out.
fn missing(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref() {
        Some(DataError::MissingValue {
            file,
            row,
            column,
            text,
            reason,
        }) => anyhow!(
            "{file}, {row}, column \"{column}\": {reason}: \"{text}\" (accepted: a value, or --missing skip to leave such rows out)"
        ),
        _ => error,
    }
}

fn draw(args: &SimulateArgs, model: &AnyModel) -> Result<States> {
    let n = args.sample.unwrap_or(0);
    if !(1..=MAX_SAMPLE).contains(&n) {
        bail!(
            "--sample {n}: accepted are 1 to {} states at a time",
            grouped(MAX_SAMPLE as u64)
        );
    }
    let sampling = match args.sampling {
        SamplingArg::Sobol => Sampling::Sobol,
        SamplingArg::LatinHypercube => Sampling::LatinHypercube,
        SamplingArg::Uniform => Sampling::Uniform,
    };
    let priors = priors(args, model.inputs())?;
    let columns = model
        .sample(n, &priors, sampling, Seed::new(args.seed))
        .with_context(|| format!("--sample {n}"))?;
    Ok(States {
        columns,
        n,
        rows: (0..n as u64).collect(),
        n_read: n,
        notes: Vec::new(),
    })
}

fn simulate(
    args: &SimulateArgs,
    model: &AnyModel,
    states: &States,
    table: Option<&Table>,
    bars: &Bars,
) -> Result<Results> {
    let out_of_domain = match args.invalid {
        InvalidArg::Error => OutOfDomain::Fail,
        InvalidArg::Mask => OutOfDomain::Mask,
    };
    let mut results = Results {
        n_outputs: model.outputs().len(),
        ..Results::default()
    };
    let mut block = Simulation::default();
    bars.begin("simulating", Some(states.n as u64));
    for first in (0..states.n).step_by(BLOCK) {
        let n = BLOCK.min(states.n - first);
        let constants: Vec<Vec<f64>> = states
            .columns
            .iter()
            .map(|column| {
                if column.len() == states.n {
                    Vec::new()
                } else {
                    vec![column[0]; n]
                }
            })
            .collect();
        let views: Vec<&[f64]> = states
            .columns
            .iter()
            .zip(&constants)
            .map(|(column, constant)| {
                if constant.is_empty() {
                    &column[first..first + n]
                } else {
                    constant.as_slice()
                }
            })
            .collect();
        model
            .simulate(&views, out_of_domain, args.derivatives, &mut block)
            .map_err(|error| located(error, first, states, table))?;
        results.values.extend(&block.values);
        results.derivatives.extend(block.derivatives.iter().flatten());
        results
            .masked
            .extend(block.masked.iter().map(|state| state + first));
        bars.advance(n as u64);
    }
    Ok(results)
}

/// The error with file and row, counted from 1 among the rows of data.
fn located(error: PhysicsError, first: usize, states: &States, table: Option<&Table>) -> anyhow::Error {
    let PhysicsError::Domain {
        field,
        index: Some(index),
        value,
        accepted,
    } = &error
    else {
        return error.into();
    };
    let row = states.rows[first + index] + 1;
    let file = table.map_or_else(
        || "--sample".to_owned(),
        |table| table.path().display().to_string(),
    );
    anyhow!(
        "{file}: row {row} of the data, input `{field}`: {value} (accepted: {accepted}; or --invalid mask)"
    )
}

/// The names of the columns that are added.
fn names(model: &AnyModel, args: &SimulateArgs) -> Vec<String> {
    let mut names = model.outputs().to_vec();
    if args.derivatives {
        for output in model.outputs() {
            names.extend(
                model
                    .inputs()
                    .iter()
                    .map(|input| format!("d({output})/d({})", input.name)),
            );
        }
    }
    names
}

fn check_names(table: &Table, added: &[String]) -> Result<()> {
    for column in table.columns() {
        if added.contains(&column.name) {
            bail!(
                "{}: has a column `{}` already, as the output of the model (accepted: tables without)",
                table.path().display(),
                column.name
            );
        }
    }
    Ok(())
}

/// The table, or the inputs that were drawn, with the outputs; cells of rows without a result are empty.
fn csv(
    args: &SimulateArgs,
    model: &AnyModel,
    states: &States,
    results: &Results,
    table: Option<&Table>,
) -> Result<String> {
    let n_derivatives = results.n_outputs * model.inputs().len();
    let added = names(model, args);
    let write_added = |state: usize, text: &mut String| {
        let values = &results.values[state * results.n_outputs..(state + 1) * results.n_outputs];
        let derivatives = results
            .derivatives
            .get(state * n_derivatives..(state + 1) * n_derivatives)
            .unwrap_or_default();
        for (i, value) in values.iter().chain(derivatives).enumerate() {
            if i > 0 {
                text.push(',');
            }
            if !value.is_nan() {
                write_number(*value, text);
            }
        }
    };
    let (n, rows) = (states.n_read, &states.rows);
    if let Some(table) = table {
        let cells = Cells::read(table)?;
        let copied = |row: usize, text: &mut String| cells.write_row(row, text);
        return Ok(extended_csv(
            (&cells.names, copied),
            (&added, write_added),
            n,
            rows,
        ));
    }
    let inputs: Vec<String> = model.inputs().iter().map(|input| input.name.to_owned()).collect();
    let drawn = |row: usize, text: &mut String| {
        for column in &states.columns {
            write_number(column[row], text);
            text.push(',');
        }
    };
    Ok(extended_csv((&inputs, drawn), (&added, write_added), n, rows))
}

/// Writes all digits of a number, with an exponent where it would have many zeros.
fn write_number(value: f64, text: &mut String) {
    let is_plain = value == 0.0 || (1e-5..1e16).contains(&value.abs());
    let _ = if is_plain {
        write!(text, "{value}")
    } else {
        write!(text, "{value:e}")
    };
}

/// How many states, and the range of each output.
fn summary(model: &AnyModel, results: &Results, n: usize) -> String {
    let n_simulated = n - results.masked.len();
    let mut text = format!(
        "{} {} simulated, {} {}\n\n",
        grouped(n_simulated as u64),
        if n_simulated == 1 { "state" } else { "states" },
        results.n_outputs,
        if results.n_outputs == 1 {
            "output"
        } else {
            "outputs"
        }
    );
    let mut rows = vec![["output", "least", "mean", "greatest"].map(str::to_owned)];
    for (i, output) in model.outputs().iter().enumerate() {
        let values = || {
            let of_output = results.values.iter().skip(i).step_by(results.n_outputs);
            of_output.copied().filter(|value| !value.is_nan())
        };
        let n_values = values().count();
        let shown = |value: f64| {
            if n_values == 0 {
                "–".to_owned()
            } else {
                number(value)
            }
        };
        rows.push([
            output.clone(),
            shown(values().fold(f64::INFINITY, f64::min)),
            shown(values().sum::<f64>() / n_values as f64),
            shown(values().fold(f64::NEG_INFINITY, f64::max)),
        ]);
    }
    align(&rows, 0, &mut text);
    text.push('\n');
    text
}

/// The inputs of the model with their domains.
fn listing(inputs: &[Variable]) -> String {
    let mut rows = vec![["input", "accepted", "usual", "drawn from", "meaning"].map(str::to_owned)];
    for input in inputs {
        rows.push([
            input.name.to_owned(),
            input.domain.to_string(),
            input.default.to_string(),
            format!("{} to {}", input.prior[0], input.prior[1]),
            input.meaning.to_owned(),
        ]);
    }
    let mut text = String::new();
    align(&rows, 4, &mut text);
    text
}
