//! Scores of class predictions, computed from the counts of one cell.

use serde::{Deserialize, Serialize};

use crate::class_tally::ClassCounts;

/// How the scores of single classes become one score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Averaging {
    /// The mean over classes weighted by support.
    #[default]
    Weighted,
    /// The plain mean over classes.
    Macro,
    /// The score of one class.
    Binary {
        /// That class.
        positive: u32,
    },
}

/// What stands for the score of a class where it is 0/0.
///
/// Precision is 0/0 for a class never predicted, recall for a class without support, F1 and Jaccard for a
/// class that is neither. A class that is neither true nor predicted anywhere in the cell belongs to no
/// mean, except under [`MeanOfOthers`](Self::MeanOfOthers), which gives it a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZeroDivision {
    /// 0, as scikit-learn does by default.
    #[default]
    Zero,
    /// 1, as scikit-learn does with `zero_division=1`.
    One,
    /// The class is left out of the mean, as scikit-learn does with `zero_division=nan`.
    Exclude,
    /// The mean of the other classes' values in the same cell, the rule of the code released with SPAD. For
    /// F1 the rule fills in precision and recall, from which F1 follows.
    ///
    /// DIFFERENCE: as in that code, the mean is over all classes of the table, also those that do not occur
    /// in the cell; macro F1 therefore depends on the number of classes.
    MeanOfOthers,
}

/// A score of class predictions.
///
/// # Formula
/// With tp, s (support) and p (predicted) of a class and n = Σ s: precision tp/p, recall tp/s,
/// F1 2·tp/(s + p), Jaccard tp/(s + p − tp), accuracy Σ tp / n, balanced accuracy = mean of recall over the
/// classes with support, kappa 1 − n(n − Σ tp)/(n² − Σ s·p),
/// Matthews (n Σ tp − Σ s·p) / √((n² − Σ p²)(n² − Σ s²)).
///
/// # Examples
/// ```
/// use wherefair_metrics::{Averaging, ClassCounts, ClassScore, ZeroDivision};
///
/// let counts = ClassCounts { true_positives: &[2, 1], support: &[3, 1], predicted: &[2, 2] };
/// assert_eq!(ClassScore::Accuracy.evaluate(counts), Some(0.75));
/// let precision = ClassScore::Precision(Averaging::Macro, ZeroDivision::Zero);
/// assert_eq!(precision.evaluate(counts), Some(0.75));
/// ```
///
/// # References
/// Sokolova and Lapalme (2009), doi:10.1016/j.ipm.2009.03.002 (precision, recall, F1); Cohen (1960),
/// doi:10.1177/001316446002000104 (kappa); Gorodkin (2004), doi:10.1016/j.compbiolchem.2004.09.006 (Matthews'
/// coefficient for many classes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassScore {
    /// The share of samples predicted right.
    Accuracy,
    /// The mean of recall over the classes with support.
    BalancedAccuracy,
    /// Of the samples predicted as a class, the share that is of that class.
    Precision(Averaging, ZeroDivision),
    /// Of the samples of a class, the share that is predicted as that class.
    Recall(Averaging, ZeroDivision),
    /// The harmonic mean of precision and recall.
    F1(Averaging, ZeroDivision),
    /// Intersection over union.
    Jaccard(Averaging, ZeroDivision),
    /// Cohen's kappa: agreement beyond chance, −1 to 1.
    CohenKappa,
    /// Matthews' correlation coefficient, −1 to 1.
    ///
    /// DIFFERENCE: where truth or prediction is a single class it is undefined; scikit-learn gives 0.
    Matthews,
    /// The share of samples predicted as the positive class.
    SelectionRate {
        /// The positive class.
        positive: u32,
    },
    /// The share of samples of the positive class; says nothing of the predictions.
    BaseRate {
        /// The positive class.
        positive: u32,
    },
    /// Of the samples of the positive class, the share predicted as such.
    TruePositiveRate {
        /// The positive class.
        positive: u32,
    },
    /// Of the samples of other classes, the share predicted as the positive class.
    FalsePositiveRate {
        /// The positive class.
        positive: u32,
    },
    /// Of the samples of the positive class, the share predicted as another class.
    FalseNegativeRate {
        /// The positive class.
        positive: u32,
    },
}

impl ClassScore {
    /// The score of the samples counted in `counts`, or `None` where it is undefined: no sample, a rate 0/0
    /// (unless a [`ZeroDivision`] says what stands for it), or a positive class that the table does not have.
    pub fn evaluate(&self, counts: ClassCounts<'_>) -> Option<f64> {
        let n = counts.n_samples();
        if n == 0 {
            return None;
        }
        match *self {
            Self::Accuracy => ratio(counts.true_positives.iter().sum(), n),
            Self::BalancedAccuracy => balanced_accuracy(counts),
            Self::Precision(averaging, zero) => Measure::Precision.averaged(averaging, zero, counts),
            Self::Recall(averaging, zero) => Measure::Recall.averaged(averaging, zero, counts),
            Self::F1(averaging, zero) => Measure::F1.averaged(averaging, zero, counts),
            Self::Jaccard(averaging, zero) => Measure::Jaccard.averaged(averaging, zero, counts),
            Self::CohenKappa => cohen_kappa(counts, n),
            Self::Matthews => matthews(counts, n),
            Self::SelectionRate { positive } => ratio(class(counts, positive)?.predicted, n),
            Self::BaseRate { positive } => ratio(class(counts, positive)?.support, n),
            Self::TruePositiveRate { positive } => {
                let class = class(counts, positive)?;
                ratio(class.true_positives, class.support)
            }
            Self::FalsePositiveRate { positive } => {
                let class = class(counts, positive)?;
                ratio(
                    class.predicted.saturating_sub(class.true_positives),
                    n.saturating_sub(class.support),
                )
            }
            Self::FalseNegativeRate { positive } => {
                let class = class(counts, positive)?;
                ratio(class.support.saturating_sub(class.true_positives), class.support)
            }
        }
    }

    /// Whether a higher score is a better one. Selection and base rate describe rather than judge; they count
    /// as better when higher, being selected as the benefit.
    pub fn higher_is_better(&self) -> bool {
        !matches!(
            self,
            Self::FalsePositiveRate { .. } | Self::FalseNegativeRate { .. }
        )
    }

    /// The name of the score for tables and plots, such as `weighted F1`; unique among scores.
    pub fn name(&self) -> String {
        let (measure, averaging, zero) = match *self {
            Self::Accuracy => return "accuracy".to_owned(),
            Self::BalancedAccuracy => return "balanced accuracy".to_owned(),
            Self::CohenKappa => return "Cohen's kappa".to_owned(),
            Self::Matthews => return "Matthews correlation".to_owned(),
            Self::SelectionRate { positive } => return format!("selection rate of class {positive}"),
            Self::BaseRate { positive } => return format!("base rate of class {positive}"),
            Self::TruePositiveRate { positive } => return format!("true positive rate of class {positive}"),
            Self::FalsePositiveRate { positive } => {
                return format!("false positive rate of class {positive}");
            }
            Self::FalseNegativeRate { positive } => {
                return format!("false negative rate of class {positive}");
            }
            Self::Precision(averaging, zero) => ("precision", averaging, zero),
            Self::Recall(averaging, zero) => ("recall", averaging, zero),
            Self::F1(averaging, zero) => ("F1", averaging, zero),
            Self::Jaccard(averaging, zero) => ("Jaccard", averaging, zero),
        };
        let rule = match zero {
            ZeroDivision::Zero => "",
            ZeroDivision::One => " (0/0 as 1)",
            ZeroDivision::Exclude => " (0/0 left out)",
            ZeroDivision::MeanOfOthers => " (0/0 as mean of others)",
        };
        match averaging {
            Averaging::Weighted => format!("weighted {measure}{rule}"),
            Averaging::Macro => format!("macro {measure}{rule}"),
            Averaging::Binary { positive } => format!("{measure} of class {positive}{rule}"),
        }
    }
}

/// The counts of one class.
#[derive(Clone, Copy)]
struct OneClass {
    true_positives: u64,
    support: u64,
    predicted: u64,
}

fn classes(counts: ClassCounts<'_>) -> impl Iterator<Item = OneClass> + '_ {
    counts
        .true_positives
        .iter()
        .zip(counts.support)
        .zip(counts.predicted)
        .map(|((&true_positives, &support), &predicted)| OneClass {
            true_positives,
            support,
            predicted,
        })
}

fn class(counts: ClassCounts<'_>, positive: u32) -> Option<OneClass> {
    let i = positive as usize;
    Some(OneClass {
        true_positives: *counts.true_positives.get(i)?,
        support: *counts.support.get(i)?,
        predicted: *counts.predicted.get(i)?,
    })
}

#[inline]
fn ratio(numerator: u64, denominator: u64) -> Option<f64> {
    (denominator > 0).then(|| numerator as f64 / denominator as f64)
}

/// A score of one class that is a quotient of counts.
#[derive(Clone, Copy)]
enum Measure {
    Precision,
    Recall,
    F1,
    Jaccard,
}

impl Measure {
    #[inline]
    fn value(self, class: OneClass) -> Option<f64> {
        let OneClass {
            true_positives: tp,
            support: s,
            predicted: p,
        } = class;
        match self {
            Self::Precision => ratio(tp, p),
            Self::Recall => ratio(tp, s),
            Self::F1 => ratio(2 * tp, s + p),
            Self::Jaccard => ratio(tp, (s + p).saturating_sub(tp)),
        }
    }

    fn averaged(self, averaging: Averaging, zero: ZeroDivision, counts: ClassCounts<'_>) -> Option<f64> {
        let stand_in = match zero {
            ZeroDivision::Zero => Some(0.0),
            ZeroDivision::One => Some(1.0),
            ZeroDivision::Exclude => None,
            ZeroDivision::MeanOfOthers => self.mean_of_defined(counts),
        };
        if let Averaging::Binary { positive } = averaging {
            return self.value(class(counts, positive)?).or(stand_in);
        }
        let absent_counts = zero == ZeroDivision::MeanOfOthers;
        let (mut sum, mut n, mut weighted_sum, mut weight) = (0.0, 0_u64, 0.0, 0_u64);
        for class in classes(counts) {
            if !absent_counts && class.support == 0 && class.predicted == 0 {
                continue;
            }
            if let Some(value) = self.value(class).or(stand_in) {
                sum += value;
                n += 1;
                weighted_sum += value * class.support as f64;
                weight += class.support;
            }
        }
        // A weighted mean whose classes all have weight 0 (each class with support was left out) falls back
        // to the plain mean, so that a cell predicted wrong throughout keeps its score of 0.
        if averaging == Averaging::Weighted && weight > 0 {
            return Some(weighted_sum / weight as f64);
        }
        (n > 0).then(|| sum / n as f64)
    }

    /// The mean over the classes for which the measure is defined; for a class for which it is not, these are
    /// the others.
    fn mean_of_defined(self, counts: ClassCounts<'_>) -> Option<f64> {
        if matches!(self, Self::F1) {
            let precision = Self::Precision.mean_of_defined(counts)?;
            let recall = Self::Recall.mean_of_defined(counts)?;
            let sum = precision + recall;
            return Some(if sum > 0.0 {
                2.0 * precision * recall / sum
            } else {
                0.0
            });
        }
        mean(classes(counts).filter_map(|class| self.value(class)))
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0_u64, 0.0), |(n, sum), value| (n + 1, sum + value));
    (n > 0).then(|| sum / n as f64)
}

fn balanced_accuracy(counts: ClassCounts<'_>) -> Option<f64> {
    mean(classes(counts).filter_map(|class| Measure::Recall.value(class)))
}

/// Σ over classes of a product of two counts, exact.
fn sum_of_products(left: &[u64], right: &[u64]) -> u128 {
    left.iter()
        .zip(right)
        .map(|(&left, &right)| u128::from(left) * u128::from(right))
        .sum()
}

fn cohen_kappa(counts: ClassCounts<'_>, n: u64) -> Option<f64> {
    let correct: u64 = counts.true_positives.iter().sum();
    let n = u128::from(n);
    let room = (n * n).saturating_sub(sum_of_products(counts.support, counts.predicted));
    let wrong = n * n.saturating_sub(u128::from(correct));
    (room > 0).then(|| 1.0 - wrong as f64 / room as f64)
}

fn matthews(counts: ClassCounts<'_>, n: u64) -> Option<f64> {
    let correct: u64 = counts.true_positives.iter().sum();
    let n = u128::from(n);
    let agreed = n * u128::from(correct);
    let chance = sum_of_products(counts.support, counts.predicted);
    let covariance = if agreed >= chance {
        (agreed - chance) as f64
    } else {
        -((chance - agreed) as f64)
    };
    let truth = (n * n).saturating_sub(sum_of_products(counts.support, counts.support));
    let pred = (n * n).saturating_sub(sum_of_products(counts.predicted, counts.predicted));
    (truth > 0 && pred > 0).then(|| covariance / ((truth as f64).sqrt() * (pred as f64).sqrt()))
}

#[cfg(test)]
mod tests;
