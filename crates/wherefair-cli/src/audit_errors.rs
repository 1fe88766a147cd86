//! `wherefair audit --weights`: the errors of neighbours.

use std::cell::OnceCell;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use wherefair_audit::{
    Audit, AuditConfig, ErrorsInSpace, SampleErrors, TwoNulls, errors_in_space, sample_errors,
};
use wherefair_core::Point;
use wherefair_data::Format;
use wherefair_partition::PartitioningDistribution;
use wherefair_report::{Cluster, ErrorsPage, LocalPlace};
use wherefair_stats::Quadrant;

use crate::args::AuditArgs;
use crate::grid::Grid;
use crate::moran_command::{WeightSummary, scatter};
use crate::progress::Bars;
use crate::scan::Scan;
use crate::spatial_weights::{needs_all_rows, needs_grid, spatial_weights};
use crate::table::{align, grouped, number, p_value};
use crate::units::Units;

/// The tests of the errors with what the reader needs to know about the weights.
#[derive(Debug, Serialize)]
pub(crate) struct AuditedErrors {
    weights: WeightSummary,
    #[serde(flatten)]
    found: ErrorsInSpace,
    #[serde(skip)]
    description: String,
    #[serde(skip)]
    points: Vec<Point>,
    #[serde(skip)]
    values: Vec<f64>,
    #[serde(skip)]
    standardised: Vec<f64>,
    #[serde(skip)]
    lag: Vec<f64>,
}

/// What `--weights` finds.
#[derive(Debug)]
pub(crate) enum Found {
    Tested(Box<AuditedErrors>),
    /// Why there is nothing to test.
    Nothing(String),
}

/// Tests the errors of the scanned samples, where `--weights` asks for it.
pub(crate) fn errors(
    scan: &mut Scan,
    args: &AuditArgs,
    maps: &PartitioningDistribution,
    config: &AuditConfig,
    geographic: bool,
    bars: &Bars,
) -> Result<Option<Found>> {
    let Some(asked) = args.neighbours.asked() else {
        return Ok(None);
    };
    let flag = format!("--weights {}", asked.weights);
    let file = scan.source.table.path().display().to_string();
    if scan.places.extent.is_none() {
        bail!("{flag}: {file} has no coordinates (give --x COLUMN and --y COLUMN)");
    }
    let pixels = scan.source.table.format() == Format::GeoTiff;
    if scan.n_skipped > 0 && needs_all_rows(&asked) && !pixels {
        bail!(
            "{flag}: needs every row, and {} have missing or non-finite values (accepted: knn, band, idw, exp or kernel with --missing skip)",
            grouped(scan.n_skipped)
        );
    }
    bars.begin("weights", None);
    let errors = sample_errors(&mut scan.source, config.score()).context(file.clone())?;
    if let Some(why) = nothing_to_test(&errors) {
        return Ok(Some(Found::Nothing(why)));
    }
    let points = errors.points();
    let grid = if pixels && needs_grid(&asked) {
        Some(Grid::of_pixel_centres(&points).with_context(|| format!("{file}: {flag}"))?)
    } else {
        None
    };
    let units = Units {
        path: scan.source.table.path().to_path_buf(),
        ids: if needs_all_rows(&asked) {
            (1..=scan.places.n_rows).map(|row| row.to_string()).collect()
        } else {
            Vec::new()
        },
        rows: (0..scan.places.n_rows).collect(),
        points,
        geographic,
        facts: Vec::new(),
        notes: Vec::new(),
        grid,
        polygons: OnceCell::new(),
    };
    let described = spatial_weights(&asked, &units)?;
    let Some(found) = errors_in_space(&errors, &described.weights, maps, config, bars)
        .with_context(|| format!("{file}: {flag}"))?
    else {
        return Ok(Some(Found::Nothing("All errors are equal.".to_owned())));
    };
    let (standardised, lag) = scatter(&described.weights, errors.errors())?;
    Ok(Some(Found::Tested(Box::new(AuditedErrors {
        weights: WeightSummary::new(&described),
        found,
        description: described.description,
        points: units.points,
        values: errors.errors().to_vec(),
        standardised,
        lag,
    }))))
}

/// Why errors that are all equal cannot be tested.
fn nothing_to_test(errors: &SampleErrors) -> Option<String> {
    let values = errors.errors();
    let first = *values.first()?;
    if values.iter().any(|&error| (error - first).abs() > 0.0) {
        return None;
    }
    Some(if first.abs() > 0.0 {
        format!(
            "Every sample has the same {}, {}: there is no autocorrelation to test.",
            errors.name(),
            number(first)
        )
    } else {
        "No sample has any error: there is no autocorrelation to test.".to_owned()
    })
}

impl AuditedErrors {
    /// The section of the terminal's table.
    pub(crate) fn table(&self, audit: &Audit) -> String {
        let found = &self.found;
        let mut text = format!(
            "Is it more than neighbours being alike?\nerror of a sample: {}, mean {}\n{}\n",
            found.error,
            number(found.mean),
            self.weights.line()
        );
        let p = found
            .permutation
            .as_ref()
            .map_or_else(String::new, |permutation| {
                format!(", p {} by permutation", p_value(permutation.pseudo_p_value))
            });
        let _ = writeln!(
            text,
            "Moran's I {} (expected {}), p {} from moments{p}",
            number(found.moran.statistic),
            number(found.moran.expectation),
            p_value(found.moran.p_value)
        );
        if let Some(clusters) = &found.clusters {
            let _ = writeln!(
                text,
                "clusters: {} samples of high error among high{}, {} low among low, {} high among low, {} low among high",
                grouped(clusters.n_high_high as u64),
                clusters
                    .mean_in_high_high
                    .map_or_else(String::new, |mean| format!(" (mean {})", number(mean))),
                grouped(clusters.n_low_low as u64),
                grouped(clusters.n_high_low as u64),
                grouped(clusters.n_low_high as u64)
            );
        }
        self.tests(audit, &mut text);
        text
    }

    fn tests(&self, audit: &Audit, text: &mut String) {
        let Some(test) = &self.found.test else {
            return;
        };
        let _ = writeln!(
            text,
            "autocorrelation allowed for: rho {}, noise {} of the variance, {} units\n",
            number(test.spectrum.rho),
            number(test.spectrum.noise),
            grouped(test.n_units as u64)
        );
        let mut rows = vec![
            [
                "of mean errors",
                "observed",
                "by chance",
                "p",
                "as alike",
                "spatial p",
            ]
            .map(str::to_owned),
        ];
        let mut add = |name: &str, both: TwoNulls| {
            rows.push([
                name.to_owned(),
                number(both.observed),
                number(both.exchangeable.mean),
                p_value(both.exchangeable.p_value),
                number(both.spatial.mean),
                p_value(both.spatial.p_value),
            ]);
        };
        add("expected mean deviation", test.expectation);
        add("S(d)mean, sum over maps", test.sum_of_means);
        add("S(d)max, sum over maps", test.sum_of_maxima);
        align(&rows, 0, text);
        let mut rows =
            vec![["worst places", "map", "mean error", "p", "spatial p", "spatial q"].map(str::to_owned)];
        for place in &audit.worst_places {
            let partition = test
                .partitionings
                .get(place.partitioning_idx)
                .and_then(|partitioning| partitioning.partitions.get(place.partition_idx));
            let Some(partition) = partition else { continue };
            let shown =
                |value: Option<f64>, show: fn(f64) -> String| value.map_or_else(|| "–".to_owned(), show);
            rows.push([
                place.label.clone(),
                place.partitioning.clone(),
                shown(partition.mean_error, number),
                shown(partition.exchangeable_p_value, p_value),
                shown(partition.spatial_p_value, p_value),
                shown(partition.spatial_q_value, p_value),
            ]);
        }
        if rows.len() > 1 {
            text.push('\n');
            align(&rows, 1, text);
        }
    }

    /// The verdict in a sentence.
    pub(crate) fn sentence(&self) -> String {
        wherefair_report::errors_in_words(&self.found)
    }

    /// What the report shows.
    pub(crate) fn page(&self) -> ErrorsPage<'_> {
        let clusters = self
            .found
            .clusters
            .as_ref()
            .map(|clusters| clusters.clusters.as_slice());
        let places = (0..self.points.len())
            .map(|i| LocalPlace {
                label: String::new(),
                point: self.points[i],
                shape: None,
                value: self.values[i],
                statistic: self.standardised[i] * self.lag[i],
                cluster: match clusters.and_then(|clusters| clusters.get(i)).copied().flatten() {
                    Some(Quadrant::HighHigh) => Cluster::HighHigh,
                    Some(Quadrant::LowLow) => Cluster::LowLow,
                    Some(Quadrant::HighLow) => Cluster::HighLow,
                    Some(Quadrant::LowHigh) => Cluster::LowHigh,
                    None => Cluster::NotSignificant,
                },
                p_value: None,
                q_value: None,
            })
            .collect();
        ErrorsPage {
            found: &self.found,
            weights: self.description.clone(),
            standardised: self.standardised.clone(),
            lag: self.lag.clone(),
            places,
        }
    }
}
