//! Self-contained HTML reports of audits and of spatial autocorrelation, with inline SVG charts and maps.
//!
#![doc = include_str!("../README.md")]

mod autocorrelation;
mod charts;
mod context;
mod document;
mod markup;
mod number;
mod page;
mod sections;
mod svg;
mod verdict;

pub use autocorrelation::{Cluster, LocalMoranPage, LocalPlace, MoranPage, local_moran_html, moran_html};
pub use context::Context;
pub use page::{html, svg_of_map};
