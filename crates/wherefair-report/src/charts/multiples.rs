//! Small maps side by side, in the same colours.

use wherefair_audit::Audit;
use wherefair_core::Extent;

use super::choropleth::{Detail, choropleth};
use crate::markup::{Element, shortened};
use crate::number::number;
use crate::svg::Diverging;
use crate::verdict::{Side, mean_deviation, side_of_floor};

const WIDTH: f64 = 150.0;

/// One small map for each of `maps`; those of `large` lead to their large map.
pub(crate) fn multiples(
    audit: &Audit,
    maps: &[usize],
    large: &[usize],
    extent: &Extent,
    geographic: bool,
    colours: Diverging,
) -> Element {
    let items = maps.iter().filter_map(|&i| {
        let map = choropleth(audit, i, extent, geographic, colours, WIDTH, Detail::Outline)?;
        let partitioning = audit.partitionings.get(i)?;
        let above = side_of_floor(partitioning) == Side::Above;
        let deviation = mean_deviation(partitioning).map(|measure| measure.observed);
        let caption = Element::new("figcaption")
            .child(Element::of_text("b", shortened(&partitioning.name, 40)))
            .text(format!(" {}", crate::number::number_or_dash(deviation)))
            .children(above.then(|| {
                Element::of_text("span", " ●")
                    .class("above")
                    .attr("title", "above its noise floor")
            }));
        let figure = Element::new("figure").child(map).child(caption);
        Some(if large.contains(&i) {
            let text = format!("Show partitioning {} large", shortened(&partitioning.name, 40));
            let text = deviation.map_or(text.clone(), |deviation| {
                format!("{text}: mean deviation {}", number(deviation))
            });
            Element::new("a")
                .attr("href", format!("#map-{i}"))
                .attr("aria-label", text)
                .child(figure)
        } else {
            figure
        })
    });
    Element::new("div").class("multiples").children(items)
}
