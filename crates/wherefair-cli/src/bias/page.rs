//! The page of `wherefair bias`.
use super::args::BiasArgs;
use super::command::Findings;
pub(crate) fn page(_args: &BiasArgs, _found: &Findings, sentence: &str) -> String { sentence.to_owned() }
