//! Self-contained HTML reports of audits, with inline SVG charts and maps.
//!
#![doc = include_str!("../README.md")]

mod charts;
mod context;
mod markup;
mod number;
mod page;
mod sections;
mod svg;
mod verdict;

pub use context::Context;
pub use page::{html, svg_of_map};
