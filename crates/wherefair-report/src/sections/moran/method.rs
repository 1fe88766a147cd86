//! How the figures on spatial autocorrelation came to be.

use crate::Context;
use crate::autocorrelation::{LocalMoranPage, MoranPage};
use crate::markup::{Element, MAX_TEXT, shortened};
use crate::number::counted;
use crate::sections::prose::{
    BENJAMINI_HOCHBERG, facts, formula, notes, references, subscript, term, variable,
};
use crate::sections::{paragraph, section};

const MORAN: &str =
    "Moran, P. A. P. (1950): Notes on continuous stochastic phenomena. Biometrika 37(1/2), 17–23.";
const CLIFF_ORD: &str =
    "Cliff, A. D., Ord, J. K. (1981): Spatial processes: models and applications. Pion, London.";
const ANSELIN: &str = "Anselin, L. (1995): Local indicators of spatial association – LISA. Geographical Analysis \
     27(2), 93–115.";

/// "How this was computed", of Moran's I.
pub(crate) fn global_method(page: &MoranPage, context: &Context) -> Element {
    let terms = Element::new("dl")
        .children(term("Variable and weights", data(&page.variable, &page.weights)))
        .children(term("Moran’s I", global()))
        .children(term("Expectation and p-value", global_chance(page)));
    section("method", "How this was computed")
        .children(notes(&page.notes))
        .child(terms)
        .children(caveats(&[EXCHANGEABLE, CHOICE, CAUSE]))
        .children(facts("This run", context))
        .children(references(&[MORAN, CLIFF_ORD, ANSELIN]))
}

/// "How this was computed", of the local Moran's I.
pub(crate) fn local_method(page: &LocalMoranPage, context: &Context) -> Element {
    let mut terms = Element::new("dl")
        .children(term("Variable and weights", data(&page.variable, &page.weights)))
        .children(term("Moran’s I", global()))
        .children(term("Local Moran’s I", local()))
        .children(term("Clusters and outliers", [quarters(page)]))
        .children(term("p-values", local_chance(page)))
        .children(term("False discovery rate", [discovery()]));
    for (heading, text) in &page.method {
        terms = terms.children(term(heading, [paragraph(text)]));
    }
    section("method", "How this was computed")
        .children(notes(&page.notes))
        .child(terms)
        .children(caveats(&[MULTIPLE, EXCHANGEABLE, CHOICE, CAUSE]))
        .children(facts("This run", context))
        .children(references(&[MORAN, ANSELIN, CLIFF_ORD, BENJAMINI_HOCHBERG]))
}

const MULTIPLE: &str = "Every place is a test of its own. Among many places some are significant by chance alone, and \
     the tests of neighbours share values, so that false ones come in clusters too. Trust those that survive the \
     control of the false discovery rate, and take p-values without it as a guide for the eye.";
const EXCHANGEABLE: &str = "The null hypothesis takes the values as exchangeable over the places. Values with \
     different variances, such as rates over small and large populations, are not, and neither are values with a \
     trend; both show up as autocorrelation.";
const CHOICE: &str = "The figures belong to the chosen weights: other neighbours or another standardisation give \
     others. See whether the finding holds with more and with fewer neighbours.";
const CAUSE: &str = "Autocorrelation tells that like values lie near one another, not why.";

fn caveats(texts: &[&str]) -> Vec<Element> {
    let heading = Element::of_text("h3", "How far the figures carry");
    std::iter::once(heading)
        .chain(texts.iter().map(paragraph))
        .collect()
}

fn data(name: &str, weights: &str) -> [Element; 2] {
    let variable = Element::new("p")
        .text("The variable ")
        .child(variable("y"))
        .text(format!(" is {}. ", or_unnamed(name)))
        .text("The weight ")
        .child(subscript("w", "ij"))
        .text(" of place j for place i comes from: ")
        .text(or_unnamed(weights))
        .text(".");
    let scaled = formula()
        .child(subscript("z", "i"))
        .text(" = (")
        .child(subscript("y", "i"))
        .text(" − ȳ) ⁄ s,  spatial lag of ")
        .child(subscript("z", "i"))
        .text(" = ")
        .child(sum("j"))
        .child(subscript("w", "ij"))
        .text(" ")
        .child(subscript("z", "j"));
    [variable, scaled]
}

fn or_unnamed(text: &str) -> String {
    if text.trim().is_empty() {
        "not named".to_owned()
    } else {
        shortened(text, MAX_TEXT)
    }
}

fn sum(over: &str) -> Element {
    Element::new("span")
        .text("Σ")
        .child(Element::of_text("sub", over))
        .text(" ")
}

fn global() -> [Element; 2] {
    let moran = formula()
        .child(variable("I"))
        .text(" = (n ⁄ ")
        .child(subscript("S", "0"))
        .text(") · ")
        .child(sum("i"))
        .child(sum("j"))
        .child(subscript("w", "ij"))
        .text(" ")
        .child(subscript("z", "i"))
        .text(" ")
        .child(subscript("z", "j"))
        .text(" ⁄ ")
        .child(sum("i"))
        .child(subscript("z", "i"))
        .text("²,  with  ")
        .child(subscript("S", "0"))
        .text(" = ")
        .child(sum("i"))
        .child(sum("j"))
        .child(subscript("w", "ij"));
    let reading = paragraph(
        "Above its expectation like values lie near one another, below it unlike ones do. When the weights sum to n, \
         as row-standardised ones do without isolates, I is the slope of the line through the origin of the Moran \
         scatterplot; with other weights the slope is I · S₀ ⁄ n.",
    );
    [moran, reading]
}

fn global_chance(page: &MoranPage) -> Vec<Element> {
    let expectation = formula().text("E[").child(variable("I")).text("] = −1 ⁄ (n − 1)");
    if page.draws.is_empty() {
        let text = "No permutations were drawn. A z-score and a p-value, where they are shown, come from the \
                    expectation and the variance of I under the null hypothesis, taking I as normally distributed.";
        return vec![expectation, paragraph(text)];
    }
    let draws = paragraph(format!(
        "The values were dealt to the places at random in {}.",
        counted(page.draws.len(), "permutation", "permutations")
    ));
    vec![expectation, draws, permutation_p(), as_extreme()]
}

fn permutation_p() -> Element {
    formula().text("p = (M + 1) ⁄ (R + 1)")
}

fn as_extreme() -> Element {
    paragraph(
        "M of the R permutations gave a statistic at least as extreme as the observed one, in the direction that was \
         asked for. No p-value can be smaller than 1 ⁄ (R + 1).",
    )
}

fn local() -> [Element; 2] {
    let moran = formula()
        .child(subscript("I", "i"))
        .text(" = ")
        .child(subscript("z", "i"))
        .text(" · ")
        .child(sum("j"))
        .child(subscript("w", "ij"))
        .text(" ")
        .child(subscript("z", "j"));
    let reading = paragraph(
        "Positive where a place is on the same side of the mean as its neighbours, negative where it is on the other. \
         The sum over all places is proportional to Moran’s I.",
    );
    [moran, reading]
}

fn quarters(page: &LocalMoranPage) -> Element {
    let when = if page.significance.trim().is_empty() {
        String::new()
    } else {
        format!(" ({})", shortened(&page.significance, MAX_TEXT))
    };
    paragraph(format!(
        "Significant places{when} are named by their quarter of the Moran scatterplot: first the value of the place, \
         then that of its neighbours, high or low against the mean."
    ))
}

fn local_chance(page: &LocalMoranPage) -> Vec<Element> {
    if page.places.iter().all(|place| place.p_value.is_none()) {
        return vec![paragraph("No place has a p-value.")];
    }
    let conditional = paragraph(
        "A permutation for place i leaves its own value where it is and deals the other values at random to its \
         neighbours (conditional permutation).",
    );
    vec![conditional, permutation_p(), as_extreme()]
}

fn discovery() -> Element {
    paragraph(
        "The q-value of a place, where one is shown, is its p-value adjusted over all places by the procedure of \
         Benjamini and Hochberg: among the places with q at most 0.05, say, about 5 % are expected to be false.",
    )
}
