//! One file a format: how a table of that format is opened, and how its rows are read.

pub(crate) mod csv;
pub(crate) mod geojson;
pub(crate) mod geoparquet;
pub(crate) mod memory;
pub(crate) mod npy;
pub(crate) mod npz;
pub(crate) mod parquet;
pub(crate) mod parquet_column;
pub(crate) mod raster;
pub(crate) mod shapefile;
