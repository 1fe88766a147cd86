//! Progress on the terminal.

use std::io::Write as _;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use wherefair_audit::{Progress, Stage};

/// A progress bar for the current stage; nothing where standard error is no terminal.
#[derive(Debug)]
pub(crate) struct Bars {
    quiet: bool,
    current: Mutex<ProgressBar>,
}

impl Bars {
    pub(crate) fn new(quiet: bool) -> Self {
        Self {
            quiet,
            current: Mutex::new(ProgressBar::hidden()),
        }
    }

    /// Begins a stage of our own.
    pub(crate) fn begin(&self, message: &'static str, total: Option<u64>) {
        self.finish();
        if self.quiet {
            return;
        }
        let bar = match total {
            Some(total) => ProgressBar::new(total)
                .with_style(style("{msg:<22} [{wide_bar}] {human_pos}/{human_len} {eta}")),
            None => ProgressBar::new_spinner().with_style(style("{msg:<22} {spinner} {human_pos}")),
        };
        bar.set_message(message);
        bar.enable_steady_tick(Duration::from_millis(200));
        if let Ok(mut current) = self.current.lock() {
            *current = bar;
        }
    }

    /// Begins to count the epochs of a training, of which `done` are done.
    pub(crate) fn begin_epochs(&self, total: u64, done: u64) {
        self.begin("training", Some(total));
        if let Ok(current) = self.current.lock() {
            current.set_style(style("{wide_msg} [{bar:24}] {human_pos}/{human_len} {eta}"));
            current.set_position(done);
        }
    }

    /// Says how the training stands, and that one of `total` epochs is done.
    pub(crate) fn epoch(&self, message: String, total: u64) {
        if let Ok(current) = self.current.lock() {
            current.set_length(total);
            current.set_message(message);
            current.inc(1);
        }
    }

    /// Says what the user should know before long work begins; without a standard error there is nobody to tell.
    pub(crate) fn say(note: &str) {
        writeln!(std::io::stderr(), "note: {note}").ok();
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        if let Ok(current) = self.current.lock() {
            current.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Progress for Bars {
    fn start(&self, stage: Stage, total: Option<u64>) {
        let message = match stage {
            Stage::Tallying => "tallying samples",
            Stage::NoiseFloor => "noise floor",
            Stage::Autocorrelation => "errors of neighbours",
            Stage::SpatialNoiseFloor => "spatial noise floor",
            Stage::WorstPlaces => "worst places",
            _ => "scoring",
        };
        self.begin(message, total);
    }

    fn advance(&self, n: u64) {
        if let Ok(current) = self.current.lock() {
            current.inc(n);
        }
    }
}
