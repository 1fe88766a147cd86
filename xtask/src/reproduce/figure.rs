//! Figures: lines in panels, drawn as SVG.

use std::path::Path;

use anyhow::Context as _;
use serde::{Serialize, Serializer};
use wherefair::report::{LineChart, line_chart_svg};

/// How wide a panel is drawn, in pixels.
const PANEL_WIDTH: f64 = 330.0;

/// A figure with a name for its file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Figure {
    pub(super) name: &'static str,
    #[serde(serialize_with = "title", rename = "title")]
    pub(super) chart: LineChart,
}

fn title<S: Serializer>(chart: &LineChart, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&chart.title)
}

impl Figure {
    /// Writes `<name>.svg` into `folder`.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.join(format!("{}.svg", self.name));
        let width = (PANEL_WIDTH * self.chart.n_columns as f64).max(560.0);
        std::fs::write(&path, line_chart_svg(&self.chart, width))
            .with_context(|| format!("{} cannot be written", path.display()))
    }
}
