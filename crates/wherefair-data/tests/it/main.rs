//! Tests of reading: one module a format, and what all formats share.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod bundled;
mod csv;
mod missing;
mod numpy;
mod palm_scene;
mod parquet;
mod raster;
mod reading;
mod real_data;
mod round_trip;
mod scene;
mod shapes;
mod truncation;
