//! `wherefair simulate`.

mod args;
mod command;
mod forward;
mod inputs;

pub(crate) use args::SimulateArgs;
pub(crate) use command::run;
