//! The penalty of the baseline REG: unfairness as a term of the loss.

use serde::{Deserialize, Serialize};
use wherefair_audit::Score;
use wherefair_core::{ParamError, narrowed};
use wherefair_metrics::{Averaging, ClassScore, Distance, ErrorKind, ValueScore};
use wherefair_nn::softmax_backward;

/// γ: the probability above which a class counts as predicted.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    /// 1/2: no more than one class of a sample can exceed it. The default: a sample then counts for at most one class,
    /// as it does in the score that is approximated.
    #[default]
    Half,
    /// 1 / number of classes: the class that is predicted always exceeds it, others may too.
    Uniform,
    /// This number, at least 0 and below 1.
    Given(f64),
}

/// The penalty λ · `M_fair` (Eq. 2) of the baseline REG, with scores that can be differentiated.
///
/// # Formula
/// A class counts as predicted by 1 − ReLU(1 − A · ReLU(ŷ − γ)), which is 0 up to γ, 1 from γ + 1/A, and straight
/// between; F1 and accuracy follow from sums of that in place of counts. Scores of values need no approximation.
///
/// With A = 10,000 only samples whose probability lies within 10⁻⁴ above γ have a derivative: the penalty steers little.
///
/// # References
/// Xie et al. (2022), AAAI-22, experiments, "REG": A = 10,000 and λ = 5; γ is not given there, and is a named choice
/// here.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Regularizer {
    /// λ, at least 0.
    pub weight: f64,
    /// A, above 0.
    pub amplification: f64,
    /// γ.
    pub threshold: Threshold,
}

impl Default for Regularizer {
    fn default() -> Self {
        Self {
            weight: 5.0,
            amplification: 10_000.0,
            threshold: Threshold::Half,
        }
    }
}

impl Regularizer {
    pub(crate) fn check(&self, score: Score) -> Result<(), ParamError> {
        if !(0.0..f64::INFINITY).contains(&self.weight) {
            let accepted = "a finite number of at least 0";
            return Err(ParamError::new(
                "weight of the regularizer",
                self.weight,
                accepted,
            ));
        }
        if !(self.amplification > 0.0 && self.amplification.is_finite()) {
            let accepted = "a finite number above 0";
            return Err(ParamError::new(
                "amplification of the regularizer",
                self.amplification,
                accepted,
            ));
        }
        if let Threshold::Given(threshold) = self.threshold
            && !(0.0..1.0).contains(&threshold)
        {
            let accepted = "at least 0 and below 1";
            return Err(ParamError::new(
                "threshold of the regularizer",
                threshold,
                accepted,
            ));
        }
        let has_derivative = match score {
            Score::Class(ClassScore::F1(..) | ClassScore::Accuracy) => true,
            Score::Value { score, .. } => score != ValueScore::RSquared,
            _ => false,
        };
        if !has_derivative {
            let accepted = "F1, accuracy, root mean square, mean absolute or mean signed error";
            return Err(ParamError::new(
                "score of the regularized strategy",
                score.name(),
                accepted,
            ));
        }
        Ok(())
    }
}

/// A batch of samples of one partitioning.
pub(crate) struct Batch<'a> {
    /// The partition of each row, `(n_rows,)`.
    pub(crate) partitions: &'a [Option<usize>],
    pub(crate) n_partitions: usize,
    pub(crate) truth: Truth<'a>,
    /// What the partitions are expected to score.
    pub(crate) expectation: f64,
    pub(crate) distance: Distance,
}

/// What is true of the rows of a batch, and what the model says.
pub(crate) enum Truth<'a> {
    Classes {
        /// `(n_rows,)`.
        labels: &'a [u32],
        /// `(n_rows, n_classes)`.
        probabilities: &'a [f32],
        n_classes: usize,
        score: ClassScore,
    },
    Values {
        /// `(n_rows,)`.
        values: &'a [f32],
        /// `(n_rows,)`.
        predicted: &'a [f32],
        error: ErrorKind,
        score: ValueScore,
    },
}

/// The penalty of a batch, and its derivatives by the outputs of the model (before softmax), `(n_rows, n_outputs)`.
pub(crate) fn penalty(regularizer: &Regularizer, batch: &Batch<'_>) -> (f64, Vec<f32>) {
    match batch.truth {
        Truth::Classes {
            labels,
            probabilities,
            n_classes,
            score,
        } => of_classes(regularizer, batch, labels, probabilities, n_classes, score),
        Truth::Values {
            values,
            predicted,
            error,
            score,
        } => of_values(regularizer, batch, values, predicted, error, score),
    }
}

/// The penalty of partitions with these scores, and its derivative by each score.
fn by_scores(regularizer: &Regularizer, batch: &Batch<'_>, scores: &[Option<f64>]) -> (f64, Vec<f64>) {
    let n_scored = scores.iter().flatten().count().max(1) as f64;
    let scale = regularizer.weight / n_scored;
    let mut sum = 0.0;
    let slopes = scores
        .iter()
        .map(|score| {
            let Some(score) = score else { return 0.0 };
            let difference = score - batch.expectation;
            sum += scale * batch.distance.between(*score, batch.expectation);
            match batch.distance {
                Distance::Absolute if difference > 0.0 => scale,
                Distance::Absolute if difference < 0.0 => -scale,
                Distance::Absolute => 0.0,
                Distance::Squared => scale * 2.0 * difference,
            }
        })
        .collect();
    (sum, slopes)
}

/// Sums of one class in one partition.
#[derive(Clone, Copy, Default)]
struct SoftCounts {
    true_positives: f64,
    support: f64,
    predicted: f64,
}

/// Derivatives of a score by what one sample adds to a class.
#[derive(Clone, Copy, Default)]
struct SoftSlopes {
    /// Where the class is the true one.
    of_true: f64,
    /// Where it is not.
    of_false: f64,
}

fn of_classes(
    regularizer: &Regularizer,
    batch: &Batch<'_>,
    labels: &[u32],
    probabilities: &[f32],
    n_classes: usize,
    score: ClassScore,
) -> (f64, Vec<f32>) {
    let amplification = regularizer.amplification;
    let threshold = match regularizer.threshold {
        Threshold::Half => 0.5,
        Threshold::Uniform => 1.0 / n_classes as f64,
        Threshold::Given(threshold) => threshold,
    };
    let amplified = |probability: f32| amplification * (f64::from(probability) - threshold);
    let mut counts = vec![SoftCounts::default(); batch.n_partitions * n_classes];
    let rows = || {
        let rows = batch
            .partitions
            .iter()
            .zip(labels)
            .zip(probabilities.chunks_exact(n_classes));
        rows.map(|((&partition, &label), probabilities)| (partition, label as usize, probabilities))
    };
    for (partition, label, probabilities) in rows() {
        let Some(partition) = partition else { continue };
        let counts = &mut counts[partition * n_classes..(partition + 1) * n_classes];
        counts[label].support += 1.0;
        for (class, &probability) in probabilities.iter().enumerate() {
            let counted = amplified(probability).clamp(0.0, 1.0);
            counts[class].predicted += counted;
            if class == label {
                counts[class].true_positives += counted;
            }
        }
    }
    let mut slopes = vec![SoftSlopes::default(); counts.len()];
    let scores: Vec<Option<f64>> = counts
        .chunks_exact(n_classes)
        .zip(slopes.chunks_exact_mut(n_classes))
        .map(|(counts, slopes)| soft_score(score, counts, slopes))
        .collect();
    let (sum, by_score) = by_scores(regularizer, batch, &scores);
    let mut derivatives = vec![0.0; probabilities.len()];
    let mut by_probability = vec![0.0; n_classes];
    for ((partition, label, probabilities), derivatives) in
        rows().zip(derivatives.chunks_exact_mut(n_classes))
    {
        let Some(partition) = partition else { continue };
        let slopes = &slopes[partition * n_classes..(partition + 1) * n_classes];
        for (class, &probability) in probabilities.iter().enumerate() {
            let counted = amplified(probability);
            by_probability[class] = if counted > 0.0 && counted < 1.0 {
                let slope = if class == label {
                    slopes[class].of_true
                } else {
                    slopes[class].of_false
                };
                by_score[partition] * slope * amplification
            } else {
                0.0
            };
        }
        for (derivative, slope) in derivatives
            .iter_mut()
            .zip(softmax_backward(probabilities, &by_probability))
        {
            *derivative = narrowed(slope);
        }
    }
    (sum, derivatives)
}

/// The score of a partition from sums in place of counts, and its derivatives.
fn soft_score(score: ClassScore, counts: &[SoftCounts], slopes: &mut [SoftSlopes]) -> Option<f64> {
    let n: f64 = counts.iter().map(|class| class.support).sum();
    if n <= 0.0 {
        return None;
    }
    let ClassScore::F1(averaging, _) = score else {
        // Accuracy: the check of the regularizer lets nothing else pass.
        slopes.fill(SoftSlopes {
            of_true: 1.0 / n,
            of_false: 0.0,
        });
        return Some(counts.iter().map(|class| class.true_positives).sum::<f64>() / n);
    };
    let occurs = |class: &SoftCounts| class.support + class.predicted > 0.0;
    let n_occurring = counts.iter().filter(|class| occurs(class)).count() as f64;
    let mut sum = 0.0;
    for (index, (class, slopes)) in counts.iter().zip(slopes).enumerate() {
        if !occurs(class) {
            continue;
        }
        let weight = match averaging {
            Averaging::Weighted => class.support / n,
            Averaging::Macro => 1.0 / n_occurring,
            Averaging::Binary { positive } if positive as usize == index => 1.0,
            Averaging::Binary { .. } => 0.0,
        };
        let size = class.support + class.predicted;
        let f1 = 2.0 * class.true_positives / size;
        sum += weight * f1;
        slopes.of_false = -weight * f1 / size;
        slopes.of_true = weight * (2.0 - f1) / size;
    }
    Some(sum)
}

fn of_values(
    regularizer: &Regularizer,
    batch: &Batch<'_>,
    values: &[f32],
    predicted: &[f32],
    kind: ErrorKind,
    score: ValueScore,
) -> (f64, Vec<f32>) {
    let mut n = vec![0.0; batch.n_partitions];
    let mut sums = vec![0.0; batch.n_partitions];
    let rows = || {
        let rows = batch.partitions.iter().zip(values.iter().zip(predicted));
        rows.map(|(&partition, (&truth, &pred))| {
            let (truth, pred) = (f64::from(truth), f64::from(pred));
            let by_pred = match kind {
                ErrorKind::Difference => 1.0,
                ErrorKind::LogRatio => 1.0 / pred,
                ErrorKind::RelativeDifference => 1.0 / truth,
            };
            (partition, kind.error(truth, pred), by_pred)
        })
    };
    for (partition, error, _) in rows() {
        let Some(partition) = partition else { continue };
        n[partition] += 1.0;
        sums[partition] += match score {
            ValueScore::MeanAbsolute => error.abs(),
            ValueScore::MeanSigned => error,
            ValueScore::RootMeanSquare | ValueScore::RSquared => error * error,
        };
    }
    let scores: Vec<Option<f64>> = n
        .iter()
        .zip(&sums)
        .map(|(&n, &sum)| {
            let mean: f64 = (n > 0.0).then(|| sum / n)?;
            let score = if score == ValueScore::RootMeanSquare {
                mean.sqrt()
            } else {
                mean
            };
            score.is_finite().then_some(score)
        })
        .collect();
    let (sum, by_score) = by_scores(regularizer, batch, &scores);
    let derivatives = rows().map(|(partition, error, by_pred)| {
        let Some(partition) = partition else { return 0.0 };
        let Some(of_partition) = scores[partition] else {
            return 0.0;
        };
        let by_error = match score {
            ValueScore::MeanAbsolute if error > 0.0 => 1.0,
            ValueScore::MeanAbsolute if error < 0.0 => -1.0,
            ValueScore::MeanSigned => 1.0,
            ValueScore::RootMeanSquare | ValueScore::RSquared if of_partition > 0.0 => error / of_partition,
            _ => 0.0,
        };
        narrowed(by_score[partition] * by_error * by_pred / n[partition])
    });
    (sum, derivatives.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wherefair_metrics::ZeroDivision;

    /// Step and tolerance of central differences of 64-bit sums over 32-bit outputs.
    const STEP: f32 = 1e-2;
    const TOLERANCE: f64 = 2e-3;

    fn softmax(outputs: &[f32], n_classes: usize) -> Vec<f32> {
        let rows = outputs.chunks_exact(n_classes).flat_map(|row| {
            let sum: f32 = row.iter().map(|value| value.exp()).sum();
            row.iter().map(move |value| value.exp() / sum)
        });
        rows.collect()
    }

    fn assert_differences(outputs: &[f32], penalty_of: impl Fn(&[f32]) -> (f64, Vec<f32>)) {
        let (_, derivatives) = penalty_of(outputs);
        assert!(derivatives.iter().any(|derivative| derivative.abs() > 1e-2));
        for index in 0..outputs.len() {
            let at = |step: f32| {
                let mut moved = outputs.to_vec();
                moved[index] += step;
                penalty_of(&moved).0
            };
            let difference = (at(STEP) - at(-STEP)) / f64::from(2.0 * STEP);
            let ours = f64::from(derivatives[index]);
            assert!(
                (ours - difference).abs() < TOLERANCE,
                "{index}: {ours} and {difference}"
            );
        }
    }

    #[test]
    fn derivatives_of_class_scores_are_those_of_central_differences() {
        let outputs = [0.3, -0.2, 0.1, 0.0, 0.4, -0.5, 1.0, 0.2, 0.3, -0.1, 0.0, 0.25];
        let f1 = |averaging| ClassScore::F1(averaging, ZeroDivision::Zero);
        for score in [
            f1(Averaging::Weighted),
            f1(Averaging::Macro),
            f1(Averaging::Binary { positive: 1 }),
            ClassScore::Accuracy,
        ] {
            for distance in [Distance::Absolute, Distance::Squared] {
                // A gentle slope, so that all probabilities lie on it.
                let regularizer = Regularizer {
                    weight: 3.0,
                    amplification: 1.2,
                    threshold: Threshold::Given(0.05),
                };
                assert_differences(&outputs, |outputs| {
                    let probabilities = softmax(outputs, 3);
                    let batch = Batch {
                        partitions: &[Some(0), Some(1), Some(0), Some(1)],
                        n_partitions: 3,
                        truth: Truth::Classes {
                            labels: &[0, 1, 1, 2],
                            probabilities: &probabilities,
                            n_classes: 3,
                            score,
                        },
                        expectation: 0.9,
                        distance,
                    };
                    penalty(&regularizer, &batch)
                });
            }
        }
    }

    #[test]
    fn derivatives_of_value_scores_are_those_of_central_differences() {
        for score in [
            ValueScore::MeanAbsolute,
            ValueScore::RootMeanSquare,
            ValueScore::MeanSigned,
        ] {
            for error in [
                ErrorKind::Difference,
                ErrorKind::LogRatio,
                ErrorKind::RelativeDifference,
            ] {
                assert_differences(&[1.5, 2.0, 0.7, 3.0], |predicted| {
                    let batch = Batch {
                        partitions: &[Some(0), Some(1), Some(0), None],
                        n_partitions: 2,
                        truth: Truth::Values {
                            values: &[1.0, 2.5, 1.0, 9.0],
                            predicted,
                            error,
                            score,
                        },
                        expectation: 0.05,
                        distance: Distance::Absolute,
                    };
                    penalty(&Regularizer::default(), &batch)
                });
            }
        }
    }

    #[test]
    fn the_amplified_probability_counts_as_a_prediction() {
        let batch = Batch {
            partitions: &[Some(0), Some(0)],
            n_partitions: 1,
            truth: Truth::Classes {
                labels: &[0, 1],
                probabilities: &[0.7, 0.3, 0.6, 0.4],
                n_classes: 2,
                score: ClassScore::Accuracy,
            },
            expectation: 1.0,
            distance: Distance::Absolute,
        };
        let (sum, derivatives) = penalty(&Regularizer::default(), &batch);
        assert_eq!((sum, derivatives), (2.5, vec![0.0; 4]));
    }
}
