//! Progress on the terminal.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for the current part of a suite; only its name where standard error is no terminal.
#[derive(Debug)]
pub(super) struct Progress {
    quiet: bool,
    bar: Mutex<ProgressBar>,
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        Self {
            quiet,
            bar: Mutex::new(ProgressBar::hidden()),
        }
    }

    /// Begins a part of `total` steps.
    pub(super) fn begin(&self, part: &str, total: usize) {
        self.finish();
        if self.quiet {
            return;
        }
        if !std::io::stderr().is_terminal() {
            eprintln!("{part}");
            return;
        }
        let style = ProgressStyle::with_template("{msg:<34} [{wide_bar}] {human_pos}/{human_len} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(total as u64).with_style(style);
        bar.set_message(part.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        if let Ok(mut current) = self.bar.lock() {
            *current = bar;
        }
    }

    /// Counts `n` more steps as done.
    pub(super) fn advance(&self, n: usize) {
        if let Ok(bar) = self.bar.lock() {
            bar.inc(n as u64);
        }
    }

    /// Says something that stays on the terminal.
    pub(super) fn say(&self, text: &str) {
        if let (false, Ok(bar)) = (self.quiet, self.bar.lock()) {
            bar.suspend(|| eprintln!("{text}"));
        }
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        if let Ok(bar) = self.bar.lock() {
            bar.finish_and_clear();
        }
    }
}
