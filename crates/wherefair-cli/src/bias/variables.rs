//! Outcome and sensitive attribute: how they are read, and what 1 and 0 stand for.

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use wherefair_data::{ColumnKind, ColumnRequest, Table};
use wherefair_stats::Variable;
use wherefair_train::Column;

use super::args::{BiasArgs, KindArg};
use crate::measure::preview;

/// Which of the two variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Outcome,
    Sensitive,
}

impl Role {
    /// Its column, its kind and the level asked for, as the flags say.
    fn asked(self, args: &BiasArgs) -> (&str, KindArg, Option<&str>) {
        match self {
            Self::Outcome => (&args.outcome, args.outcome_kind, args.positive.as_deref()),
            Self::Sensitive => (&args.sensitive, args.sensitive_kind, args.privileged.as_deref()),
        }
    }

    fn flags(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Outcome => ("--outcome", "--outcome-kind", "--positive"),
            Self::Sensitive => ("--sensitive", "--sensitive-kind", "--privileged"),
        }
    }
}

/// The levels of a variable and what 1 and 0 stand for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Levels {
    /// All levels, in the order in which the rows show them.
    pub(crate) names: Vec<String>,
    /// The level of each unit.
    #[serde(skip)]
    pub(crate) codes: Vec<u32>,
    /// What is 1: the favourable outcome, or the protected group.
    pub(crate) one: String,
    /// What is 0.
    pub(crate) zero: String,
    /// How many units are 1.
    pub(crate) n_ones: usize,
}

/// A variable, one value a unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct BiasVariable {
    pub(crate) name: String,
    /// Its numbers; 1 and 0 where it has levels.
    #[serde(skip)]
    pub(crate) values: Vec<f64>,
    /// None for numbers as they are.
    pub(crate) levels: Option<Levels>,
}

impl BiasVariable {
    pub(crate) fn is_binary(&self) -> bool {
        self.levels.is_some()
    }

    pub(crate) fn variable(&self) -> Variable<'_> {
        if self.is_binary() {
            Variable::Binary(&self.values)
        } else {
            Variable::Continuous(&self.values)
        }
    }

    /// The name with what is 1, such as `grade` = A.
    pub(crate) fn describe(&self) -> String {
        match &self.levels {
            Some(levels) => format!("`{}` = {}", self.name, levels.one),
            None => format!("`{}`", self.name),
        }
    }
}

/// As what a column is to be read.
pub(crate) fn request(table: &Table, args: &BiasArgs, role: Role) -> Result<ColumnRequest> {
    let (name, kind, level) = role.asked(args);
    let column = table.column(name).with_context(|| role.flags().0.to_owned())?;
    let is_number = matches!(column.kind, ColumnKind::Integer | ColumnKind::Real);
    Ok(match kind {
        KindArg::Continuous => {
            if let Some(level) = level {
                let (_, kind, flag) = role.flags();
                bail!("{flag} {level}: needs levels (accepted with {kind} continuous: no {flag})");
            }
            ColumnRequest::number(name)
        }
        KindArg::Auto if is_number && level.is_none() => ColumnRequest::number(name),
        KindArg::Auto | KindArg::Binary | KindArg::Category => ColumnRequest::label(name),
    })
}

/// The variable in a column that was read.
pub(crate) fn variable(column: Column, args: &BiasArgs, role: Role) -> Result<BiasVariable> {
    let (name, kind, level) = role.asked(args);
    let (codes, names) = match column {
        Column::Labels { codes, names } => (codes, names),
        Column::Numbers(values) => match two_levels(&values) {
            Some((codes, names)) if kind == KindArg::Auto => (codes, names),
            _ => return continuous(name, values, role),
        },
    };
    if names.len() < 2 {
        bail!("{} {name}: {}", role.flags().0, one_value(&preview(&names)));
    }
    if kind == KindArg::Binary && names.len() > 2 {
        bail!(
            "{} binary: `{name}` has {} levels: {} (accepted: two, or category with {} LEVEL)",
            role.flags().1,
            names.len(),
            preview(&names),
            role.flags().2
        );
    }
    let chosen = chosen_level(name, &names, level, role)?;
    let is_chosen = |code: u32| code as usize == chosen;
    // The favourable outcome is 1, the privileged group 0.
    let is_one = |code: u32| is_chosen(code) == (role == Role::Outcome);
    let values: Vec<f64> = codes
        .iter()
        .map(|&code| f64::from(u8::from(is_one(code))))
        .collect();
    let others: Vec<String> = (0..names.len())
        .filter(|&i| i != chosen)
        .map(|i| names[i].clone())
        .collect();
    let (one, zero) = match role {
        Role::Outcome => (names[chosen].clone(), preview(&others)),
        Role::Sensitive => (preview(&others), names[chosen].clone()),
    };
    Ok(BiasVariable {
        name: name.to_owned(),
        levels: Some(Levels {
            n_ones: codes.iter().filter(|&&code| is_one(code)).count(),
            names,
            codes,
            one,
            zero,
        }),
        values,
    })
}

fn continuous(name: &str, values: Vec<f64>, role: Role) -> Result<BiasVariable> {
    if let Some(first) = values
        .first()
        .filter(|first| values.iter().all(|value| (value - **first).abs() <= 0.0))
    {
        bail!("{} {name}: {}", role.flags().0, one_value(&first.to_string()));
    }
    Ok(BiasVariable {
        name: name.to_owned(),
        values,
        levels: None,
    })
}

fn one_value(value: &str) -> String {
    format!(
        "all rows hold {value}: nothing can be associated with it (accepted: at least two different values)"
    )
}

/// Codes and names where there are exactly two different numbers, the smaller one first.
fn two_levels(values: &[f64]) -> Option<(Vec<u32>, Vec<String>)> {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let is_either = |value: &f64| *value <= low || *value >= high;
    (low < high && values.iter().all(is_either)).then(|| {
        let codes = values.iter().map(|&value| u32::from(value >= high)).collect();
        (codes, vec![low.to_string(), high.to_string()])
    })
}

/// The level that is held against the others.
fn chosen_level(name: &str, names: &[String], level: Option<&str>, role: Role) -> Result<usize> {
    let (column, _, flag) = role.flags();
    if let Some(level) = level {
        return names.iter().position(|name| name == level).with_context(|| {
            format!(
                "{flag} {level}: no row of `{name}` holds it (accepted: {})",
                preview(names)
            )
        });
    }
    let rank = |text: &String| match text.as_str() {
        "true" => Some(1.0),
        "false" => Some(0.0),
        number => number.parse::<f64>().ok(),
    };
    let ranks: Option<Vec<f64>> = names.iter().map(rank).collect();
    if let Some([first, second]) = ranks.as_deref() {
        // The larger one is favourable, the smaller one privileged.
        return Ok(usize::from((first < second) == (role == Role::Outcome)));
    }
    let what = match role {
        Role::Outcome => "favourable",
        Role::Sensitive => "privileged",
    };
    bail!(
        "{column} {name}: has the levels {}: say which one is {what} with {flag} LEVEL",
        preview(names)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn of_two_numbers_the_larger_is_favourable_and_the_smaller_privileged() {
        for levels in [["0", "1"], ["false", "true"], ["-1", "2.5"]] {
            let [mut low_first, mut high_first] = [names(&levels), names(&levels)];
            high_first.reverse();
            for (role, wanted) in [(Role::Outcome, levels[1]), (Role::Sensitive, levels[0])] {
                for list in [&mut low_first, &mut high_first] {
                    let chosen = chosen_level("c", list, None, role).unwrap();
                    assert_eq!(list[chosen], wanted, "{role:?}");
                }
            }
        }
    }

    #[test]
    fn texts_and_more_than_two_levels_must_be_named() {
        for levels in [names(&["yes", "no"]), names(&["1", "2", "3"])] {
            let error = chosen_level("grade", &levels, None, Role::Outcome).unwrap_err();
            assert!(error.to_string().contains("--positive LEVEL"), "{error}");
            let error = chosen_level("grade", &levels, Some("A"), Role::Sensitive).unwrap_err();
            assert!(error.to_string().contains("--privileged A"), "{error}");
        }
    }

    #[test]
    fn two_numbers_are_levels() {
        let (codes, names) = two_levels(&[2.0, 7.5, 2.0]).unwrap();
        assert_eq!(
            (codes, names),
            (vec![0, 1, 0], vec!["2".to_owned(), "7.5".to_owned()])
        );
        assert_eq!(two_levels(&[1.0, 1.0]), None);
        assert_eq!(two_levels(&[1.0, 2.0, 3.0]), None);
        assert_eq!(two_levels(&[]), None);
    }
}
