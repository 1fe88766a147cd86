//! How the figures came to be.

use wherefair_audit::{Audit, NullMethod, Orientation, ReferenceRule};
use wherefair_metrics::Distance;

use super::prose::{BENJAMINI_HOCHBERG, facts, formula, notes, references, subscript, term, variable};
use super::{paragraph, section};
use crate::Context;
use crate::markup::Element;
use crate::number::{count, counted, number, percent};

/// The paper that the measures are from.
pub(super) const SPAD: &str = "Xie, Y. et al. (2022): Fairness by “where”: a statistically-robust and model-agnostic \
     bi-level learning framework. AAAI-22 (SPAD: space as a distribution of partitionings).";

/// "How this was computed".
pub(crate) fn method(audit: &Audit, context: &Context) -> Element {
    let terms = Element::new("dl")
        .children(term("Score", [paragraph(score(audit))]))
        .children(term("Reference", [reference(audit)]))
        .children(term("Deviation of a partitioning", deviation(audit)))
        .children(term("Expected deviation", expectation(audit)))
        .children(term("S(d)mean and S(d)max", [sums()]))
        .children(term("Noise floor and p-values", noise_floor(audit)))
        .children(term("False discovery rate", [discovery(audit)]))
        .children(term("Intervals of the worst places", [intervals(audit)]))
        .children(term("Samples and seed", [samples(audit)]));
    section("method", "How this was computed")
        .children(notes(&audit.notes))
        .child(terms)
        .child(Element::of_text("h3", "How far the figures carry"))
        .child(paragraph(
            "The permutations take the errors as exchangeable over the locations. Errors that are alike at nearby \
             places, whatever the cause, break this and show up as deviations too, above all on maps of small \
             partitions. A deviation tells that the score differs by place, not why: the places may differ in \
             difficulty, in the quality of the truth or in how well they were represented when the model was made.",
        ))
        .children(facts("This audit", context))
        .children(references(&[
            SPAD,
            BENJAMINI_HOCHBERG,
        ]))
}

fn score(audit: &Audit) -> String {
    let better = match audit.orientation {
        Orientation::HigherIsBetter => "More is better.",
        Orientation::LowerIsBetter => "Less is better.",
        Orientation::NearestZeroIsBetter => "The nearer to zero the better.",
    };
    format!(
        "The score m(p) of a partition p is the {} of its samples. {better} Partitions with fewer than {} samples are not scored.",
        audit.score,
        count(audit.config.min_samples())
    )
}

fn reference(audit: &Audit) -> Element {
    paragraph(match audit.config.reference() {
        ReferenceRule::PartitionMean => {
            "E is the mean score over the scored partitions of the same partitioning, each counted once.".to_owned()
        }
        ReferenceRule::WeightedPartitionMean => {
            "E is the mean score over the scored partitions of the same partitioning, weighted by their samples."
                .to_owned()
        }
        ReferenceRule::Global => "E is the score of all samples together.".to_owned(),
        ReferenceRule::Fixed(value) => format!("E is the given value {}.", number(value)),
        ReferenceRule::BaseModel => {
            "E is the mean over the partitions of the scores of the base model (SPAD, Eq. 3).".to_owned()
        }
        ReferenceRule::WeightedBaseModel => {
            "E is the mean over the partitions of the scores of the base model, weighted by their samples.".to_owned()
        }
    })
}

fn deviation(audit: &Audit) -> [Element; 2] {
    let distance = match audit.config.distance() {
        Distance::Absolute => "d(m, E) = |m − E|",
        Distance::Squared => "d(m, E) = (m − E)²",
    };
    [
        formula()
            .child(subscript("M", "fair"))
            .text("(")
            .child(variable("P"))
            .text(") = (1 ⁄ |")
            .child(variable("P"))
            .text("|) · Σ")
            .child(Element::of_text("sub", "p ∈ P"))
            .text(" d(m(p), E),  with  ")
            .text(distance),
        paragraph(
            "The sum is over the scored partitions of the partitioning P (SPAD, Eq. 2). The largest deviation is \
             the largest of the terms.",
        ),
    ]
}

fn expectation(audit: &Audit) -> [Element; 2] {
    [
        formula()
            .text("E[")
            .child(subscript("M", "fair"))
            .text("] = Σ")
            .child(Element::of_text("sub", "P"))
            .text(" w(P) · ")
            .child(subscript("M", "fair"))
            .text("(")
            .child(variable("P"))
            .text(")"),
        paragraph(format!(
            "The sum is over the {} with a score, out of {}; the weights w are their prior probabilities and sum to 1 \
             (SPAD, Eq. 1). All scores are sums over a lattice of {}, the common refinement of all partitionings.",
            counted(audit.spad.n_scored, "partitioning", "partitionings"),
            count(audit.partitionings.len() as u64),
            counted(audit.n_cells, "cell", "cells"),
        )),
    ]
}

fn sums() -> Element {
    paragraph(
        "The sums over all scored partitionings of the mean deviation and of the largest deviation. They grow with \
         the number of partitionings: compare them only between audits over the same ones.",
    )
}

fn noise_floor(audit: &Audit) -> Vec<Element> {
    let Some(method) = audit.noise_floor else {
        return vec![paragraph("No noise floor was drawn, so there are no p-values.")];
    };
    let how = match method {
        NullMethod::TallyPermutation => {
            "The pairs of truth and prediction were dealt to the lattice cells without replacement, each cell getting as \
             many as it has: an exact permutation of the samples over the locations."
        }
        NullMethod::RowPermutation => {
            "The samples were shuffled over the locations, each lattice cell getting as many as it has: an exact permutation."
        }
        NullMethod::SampledSums => {
            "Lattice cells of up to 4,096 samples got errors from a uniform sample of 65,536 errors; the sums of larger \
             cells were drawn from their normal limit. This approximates a permutation."
        }
        NullMethod::QuantileCounts => {
            "The errors were sorted into quantile classes and the lattice cells got counts of each class, dealt without \
             replacement; medians are interpolated within a class. This approximates a permutation."
        }
        NullMethod::SpatialSurrogates => {
            "Fields with the fitted spatial autocorrelation of the errors were drawn over the places of the samples."
        }
    };
    vec![
        paragraph(format!(
            "What every figure would be if errors did not depend on location, from {}. {how}",
            counted(
                usize::try_from(audit.config.n_permutations()).unwrap_or(usize::MAX),
                "permutation",
                "permutations"
            ),
        )),
        formula().text("p = (M + 1) ⁄ (R + 1)"),
        paragraph(
            "M of the R permutations gave at least the observed figure. The noise floor is the 95 % quantile of the \
             permutations.",
        ),
    ]
}

fn discovery(audit: &Audit) -> Element {
    paragraph(format!(
        "The q-value of a partition is its p-value adjusted over all partitions of all partitionings by the procedure of \
         Benjamini and Hochberg. Partitions with q at most {} are called different.",
        number(audit.config.false_discovery_rate())
    ))
}

fn intervals(audit: &Audit) -> Element {
    paragraph(if audit.config.n_bootstrap() == 0 {
        "No bootstrap was asked for.".to_owned()
    } else {
        format!(
            "Percentiles of the score over {} bootstrap copies of the place's own samples, at a confidence of {}. Each \
             interval stands for its place taken by itself: it does not know that the place was picked as one of the worst.",
            count(u64::from(audit.config.n_bootstrap())),
            percent(audit.config.confidence())
        )
    })
}

fn samples(audit: &Audit) -> Element {
    let outside = if audit.n_outside == 0 {
        "none lies outside".to_owned()
    } else {
        format!("{} outside all of them were left out", count(audit.n_outside))
    };
    paragraph(format!(
        "{} samples lie in at least one partition, {outside}. All randomness comes from seed {}; the same seed gives the \
         same figures. Engine version {}.",
        count(audit.n_samples),
        audit.config.seed().value(),
        audit.version
    ))
}
