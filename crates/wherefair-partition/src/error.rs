//! What can be wrong with a partitioning, a distribution of them or a request to them.

use wherefair_core::ParamError;

/// The errors of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PartitionError {
    /// A parameter lies outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),

    /// A list that must not be empty is.
    #[error("no {what} given (accepted: at least 1)")]
    Empty {
        /// What the list holds.
        what: &'static str,
    },

    /// Two partitions of one partitioning have the same label.
    #[error("partitions {first} and {second} are both labelled {label:?} (accepted: distinct labels)")]
    DuplicateLabel {
        /// The label.
        label: String,
        /// Index of the first partition with it.
        first: usize,
        /// Index of the second partition with it.
        second: usize,
    },

    /// Two candidates of one distribution have the same name.
    #[error("two candidate partitionings are named {name:?} (accepted: distinct names)")]
    DuplicateName {
        /// The name.
        name: String,
    },

    /// Two seeds of a Voronoi partitioning lie at the same place.
    #[error("seeds {first} and {second} both lie at ({x}, {y}) (accepted: distinct seeds)")]
    DuplicateSeeds {
        /// Index of the first seed.
        first: usize,
        /// Index of the second seed.
        second: usize,
        /// Their x.
        x: f64,
        /// Their y.
        y: f64,
    },

    /// A ring of a polygon bounds no area.
    #[error("invalid ring {ring} of part {part} of polygon {index} ({label:?}): {reason}")]
    InvalidRing {
        /// Label of the polygon.
        label: String,
        /// Index of the polygon.
        index: usize,
        /// Index of the part within the polygon's shape.
        part: usize,
        /// Index of the ring within the part; 0 is the outer ring.
        ring: usize,
        /// What is wrong, and what would be accepted.
        reason: String,
    },

    /// The rings of one polygon are not nested as parts and their holes.
    #[error(
        "the rings of polygon {index} ({label:?}) enclose an area of {enclosed}, but its parts less their holes \
         have {nominal} (accepted: holes inside their part and apart, parts apart from each other)"
    )]
    InvalidNesting {
        /// Label of the polygon.
        label: String,
        /// Index of the polygon.
        index: usize,
        /// The area that the rings enclose by the even–odd rule.
        enclosed: f64,
        /// The sum of the areas of the outer rings less those of the holes.
        nominal: f64,
    },

    /// The interiors of two polygons of one partitioning share an area.
    #[error(
        "polygons {first:?} and {second:?} overlap around ({}, {}) (accepted: polygons that share no more than \
         their borders)", at.0, at.1
    )]
    OverlappingPolygons {
        /// Label of the first polygon.
        first: String,
        /// Label of the second polygon.
        second: String,
        /// A place, x then y, that lies in both.
        at: (f64, f64),
    },

    /// A partitioning that points alone do not locate, or whose partitions have no shape, has no overlaps.
    #[error("partitioning {name:?} has no areas to overlap (accepted: partitionings of the plane alone)")]
    NotPlanar {
        /// Name of the partitioning.
        name: String,
    },

    /// A partitioning without area cannot be normalised by its area.
    #[error("partitioning {name:?} covers an area of {area} (accepted: a positive, finite area)")]
    NoArea {
        /// Name of the partitioning.
        name: String,
        /// Its area.
        area: f64,
    },

    /// A partitioning reports cuts that are not those of a grid with its number of partitions.
    #[error(
        "partitioning {name:?} reports {n_x} cuts along x and {n_y} along y for {n_partitions} partitions \
         (accepted: finite, ascending cuts, (n_x - 1)(n_y - 1) partitions)"
    )]
    InvalidCuts {
        /// Name of the partitioning.
        name: String,
        /// Number of cuts along x.
        n_x: usize,
        /// Number of cuts along y.
        n_y: usize,
        /// Number of partitions.
        n_partitions: usize,
    },

    /// The samples fall into more lattice cells than 32 bits can number.
    #[error("the samples fall into more than {max} lattice cells (accepted: at most {max})")]
    TooManyCells {
        /// The largest number of cells.
        max: u32,
    },
}
