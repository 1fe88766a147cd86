//! `wherefair train` and `wherefair predict`.

mod args;
mod checkpoint;
mod command;
mod comparison;
mod dataset;
mod outcome;
mod page;
mod predict_command;
mod settings;
mod split;

pub(crate) use args::{PredictArgs, TrainArgs};
pub(crate) use command::{run, train_table};
pub(crate) use outcome::Trained;
pub(crate) use predict_command::run as predict;
