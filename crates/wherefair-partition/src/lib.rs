//! Partitionings of space, their distribution and their common refinement.
//!
#![doc = include_str!("../README.md")]

mod axis_index;
mod cuts;
mod dense_lattice;
mod distribution;
mod edge;
mod edge_bands;
mod equal_grid;
mod error;
mod groups;
mod intersection;
mod lattice;
mod mutual_information;
mod overlap;
mod partition_labels;
mod partitioning;
mod polygon_check;
mod polygons;
mod quadtree;
mod ring;
mod seed_index;
mod space_time;
mod sparse_lattice;
mod unequal_grid;
mod voronoi;

pub use dense_lattice::DenseLattice;
pub use distribution::PartitioningDistribution;
pub use equal_grid::EqualGrid;
pub use error::PartitionError;
pub use groups::Groups;
pub use lattice::Lattice;
pub use mutual_information::mutual_information;
pub use overlap::overlap_areas;
pub use partitioning::{AxisCuts, Partitioning, Ring, Shape};
pub use polygons::Polygons;
pub use quadtree::Quadtree;
pub use space_time::SpaceTime;
pub use unequal_grid::UnequalGrid;
pub use voronoi::Voronoi;
