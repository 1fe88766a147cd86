//! Reading prediction tables and rasters in clean, streaming batches.

#![doc = include_str!("../README.md")]

mod batches;
mod block;
pub mod bundled;
mod cell;
mod column;
mod crs;
mod error;
mod format;
mod geokeys;
mod geometry;
mod guard;
mod input;
mod interner;
mod polygons;
mod raster;
mod raster_output;
mod request;
mod scene;
mod source;
mod table;
mod wkb;

pub use batches::Batches;
pub use column::{ColumnInfo, ColumnKind};
pub use crs::Crs;
pub use error::{DataError, RowNumber};
pub use format::Format;
pub use guard::is_decoding;
pub use polygons::{PolygonLayer, PolygonRings};
pub use raster::{GeoTransform, Raster};
pub use raster_output::{Pixels, geotiff_like};
pub use request::{
    Batch, ColumnRequest, ColumnValues, MissingPolicy, MissingReason, NO_LABEL, ReadRequest, SkippedColumn,
    Want,
};
pub use scene::{
    CropScene, CropSceneConfig, CropSceneParams, PalmScene, PalmSceneConfig, PalmSceneParams, SceneBlock,
    SceneBlocks,
};
pub use source::raster::RasterBand;
pub use table::Table;
pub use wherefair_core::LocationSplit;
