//! `wherefair bias`: is an outcome associated with a sensitive attribute beyond what both owe to their place?

mod args;
mod association;
mod command;
mod filters;
mod metrics;
mod page;
mod text;
mod together;
mod variables;

pub(crate) use args::BiasArgs;
pub(crate) use command::run;
