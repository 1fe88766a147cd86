//! Where the inputs of a model come from: columns of the table, flags, usual values.

use anyhow::{Result, bail};
use wherefair_data::Table;
use wherefair_physics::{Prior, Variable};

use super::args::SimulateArgs;
use crate::measure::preview;

/// Where one input comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum InputSource {
    Column(String),
    Constant(f64),
    /// The usual value, for want of another.
    Usual(f64),
}

/// Where each input comes from, in the order of the model.
pub(super) fn sources(args: &SimulateArgs, inputs: &[Variable], table: &Table) -> Result<Vec<InputSource>> {
    let renamed = pairs("--column", &args.column, inputs)?;
    let constants = constants(args, inputs)?;
    let file = table.path().display();
    let mut missing = Vec::new();
    let mut sources = Vec::new();
    for (i, input) in inputs.iter().enumerate() {
        let column = renamed
            .iter()
            .find(|(at, _)| *at == i)
            .map(|(_, column)| column.as_str());
        let constant = constants.iter().find(|(at, _)| *at == i).map(|(_, value)| *value);
        if let Some(column) = column {
            table.column(column)?;
        }
        let column = column.or_else(|| table.column(input.name).is_ok().then_some(input.name));
        sources.push(match (column, constant) {
            (Some(column), Some(_)) => bail!(
                "--set {}: {file} has it as column `{column}` (accepted: inputs that are not in the table)",
                input.name
            ),
            (Some(column), None) => InputSource::Column(column.to_owned()),
            (None, Some(value)) => InputSource::Constant(value),
            (None, None) => {
                if !args.defaults {
                    missing.push(input.name.to_owned());
                }
                InputSource::Usual(input.default)
            }
        });
    }
    if !missing.is_empty() {
        bail!(
            "{file}: has no column for {} of the model (accepted: such columns, --column INPUT=COLUMN, --set INPUT=VALUE, or --defaults for usual values)",
            preview(&missing)
        );
    }
    Ok(sources)
}

/// The inputs that `--set` gives one value, by their place in the model.
pub(super) fn constants(args: &SimulateArgs, inputs: &[Variable]) -> Result<Vec<(usize, f64)>> {
    let pairs = pairs("--set", &args.set, inputs)?;
    let value = |(at, text): (usize, String)| {
        let input = &inputs[at];
        match text.parse::<f64>() {
            Ok(value) if input.domain.contains(value) => Ok((at, value)),
            _ => bail!(
                "--set {}={text}: accepted is a number of {}",
                input.name,
                input.domain
            ),
        }
    };
    pairs.into_iter().map(value).collect()
}

/// The ranges that states are drawn from: `--prior`, and `--set` as a range of one value; one of both an input.
pub(super) fn priors(args: &SimulateArgs, inputs: &[Variable]) -> Result<Vec<Prior>> {
    let mut priors = Vec::new();
    let constants = constants(args, inputs)?;
    let is_constant = |at| constants.iter().any(|&(constant, _)| constant == at);
    for &(at, value) in &constants {
        priors.push(Prior {
            input: inputs[at].name.to_owned(),
            from: value,
            to: value,
        });
    }
    for (at, text) in pairs("--prior", &args.prior, inputs)? {
        if is_constant(at) {
            bail!(
                "--prior {name}={text}: --set gives {name} one value (accepted: one of both)",
                name = inputs[at].name
            );
        }
        let ends = text
            .split_once(':')
            .and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
        let Some((from, to)) = ends else {
            bail!(
                "--prior {}={text}: accepted are two numbers, FROM:TO",
                inputs[at].name
            );
        };
        priors.push(Prior {
            input: inputs[at].name.to_owned(),
            from,
            to,
        });
    }
    Ok(priors)
}

/// Splits `INPUT=TEXT`; each input at most once.
fn pairs(flag: &str, given: &[String], inputs: &[Variable]) -> Result<Vec<(usize, String)>> {
    let mut pairs: Vec<(usize, String)> = Vec::new();
    for pair in given {
        let Some((name, text)) = pair.split_once('=') else {
            bail!(
                "{flag} {pair}: accepted is INPUT={}",
                if flag == "--column" { "COLUMN" } else { "VALUE" }
            );
        };
        let Some(at) = inputs.iter().position(|input| input.name == name) else {
            let names: Vec<&str> = inputs.iter().map(|input| input.name).collect();
            bail!(
                "{flag} {pair}: the model has no input `{name}` (accepted: {})",
                names.join(", ")
            );
        };
        if pairs.iter().any(|(other, _)| *other == at) {
            bail!("{flag} {pair}: `{name}` is given twice");
        }
        pairs.push((at, text.to_owned()));
    }
    Ok(pairs)
}
