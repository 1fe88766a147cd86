//! What can go wrong in spatial statistics.

use wherefair_core::ParamError;

/// Why a statistic or weights could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// A parameter lies outside its domain.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Two inputs differ in shape.
    #[error("{name} has shape ({given},), the spatial weights have {expected} units")]
    Shape {
        /// The input.
        name: &'static str,
        /// Its length.
        given: usize,
        /// The number of units.
        expected: usize,
    },
    /// A number is NaN or infinite.
    #[error("{name}[{index}] is {value} (accepted: finite numbers)")]
    NotFinite {
        /// The input.
        name: &'static str,
        /// Where.
        index: usize,
        /// What.
        value: f64,
    },
    /// All values are equal.
    #[error("{name} is constant: no autocorrelation is defined (accepted: at least two different values)")]
    Constant {
        /// The input.
        name: &'static str,
    },
    /// There are too few units.
    #[error("{n} units are too few (accepted: at least {at_least})")]
    TooFew {
        /// How many there are.
        n: usize,
        /// How many are needed.
        at_least: usize,
    },
    /// A unit is named as its own neighbour.
    #[error("unit {unit} is its own neighbour with weight {weight} (accepted: a zero diagonal)")]
    SelfNeighbour {
        /// The unit.
        unit: usize,
        /// Its weight on itself.
        weight: f64,
    },
    /// A neighbour does not exist.
    #[error("unit {unit} names neighbour {neighbour} (accepted: units below {n})")]
    UnknownNeighbour {
        /// The unit.
        unit: usize,
        /// The neighbour.
        neighbour: usize,
        /// The number of units.
        n: usize,
    },
    /// The neighbours of a unit are out of order or repeated.
    #[error("row {row} lists neighbour {next} after {previous} (accepted: strictly ascending neighbours)")]
    RowOrder {
        /// The row.
        row: usize,
        /// A neighbour.
        previous: u32,
        /// The one after it.
        next: u32,
    },
    /// A pair of units is given twice.
    #[error("the link from unit {from} to unit {to} is given twice (accepted: each ordered pair once)")]
    DuplicateLink {
        /// Where the link starts.
        from: usize,
        /// Where it ends.
        to: usize,
    },
    /// Two points coincide where their distance must not be zero.
    #[error("points {first} and {second} coincide (accepted: points at a distance above 0)")]
    DuplicatePoints {
        /// A point.
        first: usize,
        /// The other.
        second: usize,
    },
    /// Some units have no neighbours.
    #[error("{n_isolates} units have no neighbours, the first is {first} (accepted: none)")]
    Isolates {
        /// How many.
        n_isolates: usize,
        /// The first of them.
        first: usize,
    },
    /// The weights of a unit, or all of them, cannot be divided by their sum.
    #[error("the weights of {of} sum to {sum} (accepted: a finite sum other than 0)")]
    WeightSum {
        /// Whose weights.
        of: String,
        /// Their sum.
        sum: f64,
    },
    /// A weight is negative where it must not be.
    #[error("the weight from unit {from} to unit {to} is {weight} (accepted: at least 0)")]
    NegativeWeight {
        /// Where the link starts.
        from: usize,
        /// Where it ends.
        to: usize,
        /// Its weight.
        weight: f64,
    },
    /// The weights would not fit into memory.
    #[error(
        "{n_links} links do not fit into memory (accepted: fewer; lower the cut-off, bandwidth or order)"
    )]
    TooManyLinks {
        /// How many links there would be, at least.
        n_links: usize,
    },
    /// A weights file breaks its format.
    #[error("{format} {place}: {problem}")]
    WeightsFile {
        /// The format.
        format: &'static str,
        /// The line, row or column, lines and rows from 1.
        place: String,
        /// What is wrong, and what would be accepted.
        problem: String,
    },
    /// Reading or writing failed.
    #[error("{action} failed: {message}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// What the system says.
        message: String,
    },
    /// A covariate depends on the intercept and the covariates before it.
    #[error(
        "covariate {column} is a linear combination of the intercept and the covariates before it (accepted: linearly independent covariates)"
    )]
    RankDeficient {
        /// Which covariate, counted from 0.
        column: usize,
    },
    /// The weights do not sum to a number above 0.
    #[error("the weights sum to {sum} (accepted: a sum above 0)")]
    NoWeights {
        /// Their sum.
        sum: f64,
    },
    /// The eigenvectors of a matrix were not found.
    #[error(
        "the eigenvectors of the weights of {n} units were not found (accepted: finite weights of moderate size)"
    )]
    NoEigenvectors {
        /// The number of units.
        n: usize,
    },
    /// A filter could explain every variable in full.
    #[error(
        "{terms} eigenvectors and covariates leave no residual degree of freedom of {n} units (accepted: fewer than {n})"
    )]
    Saturated {
        /// The number of units.
        n: usize,
        /// The number of candidate eigenvectors, covariates and the intercept.
        terms: usize,
    },
    /// A variable of two values holds another one.
    #[error("{name}[{index}] is {value} (accepted: 0 and 1)")]
    NotBinary {
        /// The input.
        name: &'static str,
        /// Where.
        index: usize,
        /// What.
        value: f64,
    },
    /// A bias metric is not defined on the data.
    #[error("the bias metric {metric} is not defined {on} (accepted: data on which it is)")]
    UndefinedMetric {
        /// Its name.
        metric: String,
        /// On what.
        on: &'static str,
    },
    /// A statistic is the same for every order of the values.
    #[error(
        "the statistic {statistic} has variance {variance} under the null (accepted: weights and values for which it varies)"
    )]
    NoVariance {
        /// The statistic.
        statistic: f64,
        /// Its variance, up to rounding.
        variance: f64,
    },
    /// All units are of one category.
    #[error("{name} has the one category {category} (accepted: at least two)")]
    OneCategory {
        /// The input.
        name: &'static str,
        /// The category.
        category: u32,
    },
    /// A number that must not be negative is.
    #[error("{name}[{index}] is {value} (accepted: at least 0)")]
    Negative {
        /// The input.
        name: &'static str,
        /// Where.
        index: usize,
        /// What.
        value: f64,
    },
}
