//! What the statistic would be by chance.

use crate::autocorrelation::MoranPage;
use crate::charts::null_distribution;
use crate::markup::Element;
use crate::sections::{paragraph, plot, section};

/// "What chance alone gives"; `None` without permutations.
pub(crate) fn chance(page: &MoranPage) -> Option<Element> {
    let chart = null_distribution(&page.into())?;
    let section = section("chance", "What chance alone gives").child(paragraph(
        "Moran’s I after the values were dealt to the places at random, many times over. The farther the observed \
         one lies from the bulk, the less chance explains it.",
    ));
    Some(section.child(plot(chart)))
}
