//! From named columns to a fair model and back: data set, encoding, training, file.

mod column;
mod dataset;
mod encoding;
mod fair_model;
mod fault;
mod fit;
mod prepared;
mod target;

pub use column::{Column, Response};
pub use dataset::Dataset;
pub use encoding::{Encoding, Feature, Scaling, Unseen};
pub use fair_model::{Description, FairModel, Fitted};
pub use fault::{DataFault, Fault};
pub use fit::{FitConfig, FitParams, SplitBy};
pub use prepared::{Part, Prepared};
pub use target::{AbsentClass, Target};
