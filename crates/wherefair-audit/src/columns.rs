//! An audit of four columns in one call.

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use wherefair_core::{Extent, ParamError, Sites};
use wherefair_metrics::{Averaging, ClassScore, ErrorKind, ValueScore, ZeroDivision};
use wherefair_partition::PartitioningDistribution;

use crate::source::check_column;
use crate::{Audit, AuditError, AuditParams, InMemory, Outcomes, Score, Silent, audit_source};

/// Rows and columns of the largest grid.
const MAX_GRID: (usize, usize) = (5, 5);

/// Labels shown in a note.
const MAX_SHOWN: usize = 12;

/// One truth or prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome<'a> {
    /// The name of a class.
    Text(&'a str),
    /// The number of a class; a value where the other column holds real numbers.
    Whole(i128),
    /// A value.
    Real(f64),
}

/// What a column of truth or predictions for [`audit`] may hold: text, integers and booleans are classes, `f32` and `f64`
/// are values. Implement it for a type of your own to audit that.
pub trait ToOutcome {
    /// The truth or prediction that this is.
    fn to_outcome(&self) -> Outcome<'_>;
}

/// Audits predictions at places as the program does by default: over all equal grids of up to 5 × 5 around the places, by the
/// weighted F1 of classes or the mean absolute error of values, with the defaults of [`AuditParams`].
///
/// Classes are numbered in the order in which rows show them. For other maps, scores or parameters, a base model or samples
/// larger than memory see [`audit_source`].
///
/// # Shapes
/// All columns are `(n_samples,)`.
///
/// # Errors
/// [`AuditError::Shape`] or [`AuditError::Param`] where columns differ in length, [`AuditError::Param`] for a coordinate or
/// value that is not finite, an empty label, truth and predictions of different kinds or without a label in common, and
/// places that leave no space to divide; [`AuditError::NoSamples`] without samples, and [`AuditError::NothingScored`] where
/// no partition holds 30.
///
/// # Examples
/// ```
/// // Right in the west, wrong in the east.
/// let x: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
/// let y: Vec<f64> = (0..400).map(|i| f64::from(i / 20)).collect();
/// let truth: Vec<&str> = (0..400).map(|i| if i % 3 == 0 { "wheat" } else { "maize" }).collect();
/// let pred: Vec<&str> = truth.iter().zip(&x).map(|(crop, x)| if *x < 10.0 { crop } else { "maize" }).collect();
///
/// let audit = wherefair_audit::audit(&truth, &pred, &x, &y)?;
/// assert!(audit.sentence().starts_with("The model does not work equally well everywhere"));
/// assert_eq!(audit.partitionings.len(), 24);
/// # Ok::<(), wherefair_audit::AuditError>(())
/// ```
pub fn audit<T: ToOutcome, P: ToOutcome>(
    truth: &[T],
    pred: &[P],
    x: &[f64],
    y: &[f64],
) -> Result<Audit, AuditError> {
    let sites = Sites::new(x, y)?;
    for (column, given) in [("truth", truth.len()), ("pred", pred.len())] {
        check_column(column, given, x.len())?;
    }
    let extent = Extent::of(&sites)?.ok_or(AuditError::NoSamples { n_outside: 0 })?;
    for (name, size, at) in [
        ("x", extent.width(), extent.min_x),
        ("y", extent.height(), extent.min_y),
    ] {
        if size <= 0.0 {
            let accepted = "coordinates that differ; maps of one row or one column are for `audit_source`";
            return Err(ParamError::new(name, format!("{at} for all samples"), accepted).into());
        }
    }
    let maps = PartitioningDistribution::equal_grids(extent, MAX_GRID.0, MAX_GRID.1)?;
    let run = |outcomes, score| {
        let config = AuditParams::new(score).check()?;
        audit_source(&mut InMemory::new(sites, outcomes)?, &maps, &config, &Silent)
    };
    let is_real =
        matches!(truth[0].to_outcome(), Outcome::Real(_)) || matches!(pred[0].to_outcome(), Outcome::Real(_));
    if is_real {
        let (truth, pred) = (values("truth", truth)?, values("pred", pred)?);
        let outcomes = Outcomes::Values {
            truth: &truth,
            pred: &pred,
            base: None,
        };
        let (error, score) = (ErrorKind::Difference, ValueScore::MeanAbsolute);
        return run(outcomes, Score::Value { error, score });
    }
    let classes = Classes::new(truth, pred)?;
    let outcomes = Outcomes::Classes {
        truth: &classes.truth,
        pred: &classes.pred,
        base: None,
    };
    let mut audit = run(
        outcomes,
        Score::Class(ClassScore::F1(Averaging::Weighted, ZeroDivision::Zero)),
    )?;
    audit.notes.extend(classes.note);
    Ok(audit)
}

fn wrong(name: &str, i: usize, given: &dyn ToString, accepted: &str) -> ParamError {
    ParamError::new(format!("{name} of sample {i}"), given.to_string(), accepted)
}

fn values(name: &str, column: &[impl ToOutcome]) -> Result<Vec<f64>, ParamError> {
    let value = |(i, outcome): (usize, Outcome<'_>)| match outcome {
        Outcome::Real(value) => Ok(value),
        Outcome::Whole(value) => Ok(value as f64),
        Outcome::Text(text) => Err(wrong(name, i, &text, "a number, as the other column holds")),
    };
    column
        .iter()
        .map(ToOutcome::to_outcome)
        .enumerate()
        .map(value)
        .collect()
}

/// Classes by their numbers.
struct Classes {
    truth: Vec<u32>,
    pred: Vec<u32>,
    /// Which labels only one of the columns holds.
    note: Option<String>,
}

impl Classes {
    fn new(truth: &[impl ToOutcome], pred: &[impl ToOutcome]) -> Result<Self, ParamError> {
        let mut numbers = HashMap::new();
        // Each label, and whether it is seen as a truth and as a prediction.
        let mut labels: Vec<(String, [bool; 2])> = Vec::new();
        let mut number = |column: usize, i: usize, outcome| {
            let (key, label) = match outcome {
                Outcome::Text(text) if !text.is_empty() => (Ok(text), text.to_owned()),
                Outcome::Whole(whole) => (Err(whole), whole.to_string()),
                other => {
                    let given = match other {
                        Outcome::Real(value) => value.to_string(),
                        _ => "\"\"".to_owned(),
                    };
                    let accepted = "a label that is not empty, or a whole number";
                    return Err(wrong(["truth", "pred"][column], i, &given, accepted));
                }
            };
            let number = *numbers.entry(key).or_insert(labels.len());
            if number == labels.len() {
                labels.push((label, [false; 2]));
            }
            labels[number].1[column] = true;
            u32::try_from(number).map_err(|_| ParamError::new("classes", number, "fewer than 4294967296"))
        };
        let (mut of_truth, mut of_pred) = (Vec::with_capacity(truth.len()), Vec::with_capacity(pred.len()));
        for (i, (truth, pred)) in truth.iter().zip(pred).enumerate() {
            of_truth.push(number(0, i, truth.to_outcome())?);
            of_pred.push(number(1, i, pred.to_outcome())?);
        }
        let only = |seen: [bool; 2]| {
            let some = labels.iter().filter(|label| label.1 == seen).take(MAX_SHOWN + 1);
            let mut some: Vec<&str> = some.map(|label| label.0.as_str()).collect();
            if some.len() > MAX_SHOWN {
                some[MAX_SHOWN] = "…";
            }
            some.join(", ")
        };
        let (only_truth, only_pred) = (only([true, false]), only([false, true]));
        if labels.iter().all(|label| label.1 != [true, true]) {
            return Err(ParamError::new(
                "pred",
                only_pred,
                format!("labels of truth: {only_truth}"),
            ));
        }
        let parts = [("truth", only_truth), ("pred", only_pred)]
            .into_iter()
            .filter(|(_, labels)| !labels.is_empty());
        let parts: Vec<String> = parts
            .map(|(name, labels)| format!("only in {name}: {labels}"))
            .collect();
        Ok(Self {
            truth: of_truth,
            pred: of_pred,
            note: (!parts.is_empty())
                .then(|| format!("Some labels are seen in one column only ({}).", parts.join("; "))),
        })
    }
}

/// One implementation a type: `self` as an outcome.
macro_rules! to_outcome {
    ($($($type:ty),+ => |$own:ident| $outcome:expr;)+) => { $($(
        impl ToOutcome for $type {
            fn to_outcome(&self) -> Outcome<'_> {
                let $own = self;
                $outcome
            }
        }
    )+)+ };
}

to_outcome! {
    str, String, Cow<'_, str> => |text| Outcome::Text(text);
    bool => |is| Outcome::Text(if *is { "true" } else { "false" });
    i8, i16, i32, i64, u8, u16, u32, u64 => |number| Outcome::Whole(i128::from(*number));
    isize, usize => |number| Outcome::Whole(*number as i128);
    f32 => |value| Outcome::Real(f64::from(*value));
    f64 => |value| Outcome::Real(*value);
}

macro_rules! to_outcome_through {
    ($($pointer:ty),+) => { $(
        impl<T: ToOutcome + ?Sized> ToOutcome for $pointer {
            fn to_outcome(&self) -> Outcome<'_> {
                (**self).to_outcome()
            }
        }
    )+ };
}

to_outcome_through!(&T, Box<T>, Rc<T>, Arc<T>);
