//! From `--weights` to spatial weights.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;

use anyhow::{Context as _, Result};
use wherefair_core::Point;
use wherefair_stats::{
    Bandwidth, Contiguity, Isolates, Kernel, LabelledWeights, Metric, SpatialWeights, read_gal, read_gwt,
};

use crate::spatial_args::{DistancesArg, IsolatesArg, WeightArgs};
use crate::units::Units;

const ACCEPTED: &str = "accepted are knn:K, band:DISTANCE, idw[:POWER[:CUTOFF]], exp:RANGE[:CUTOFF], kernel:NAME:BANDWIDTH (NAME triangular, uniform, quadratic, quartic or gaussian; BANDWIDTH a distance or knnK), queen, rook, gal:FILE, gwt:FILE";

/// What `--weights` asks for.
#[derive(Debug, Clone, PartialEq)]
enum Spec {
    Nearest(usize),
    Band(f64),
    InverseDistance { power: f64, cutoff: f64 },
    Exponential { range: f64, cutoff: f64 },
    Kernel(Kernel, Bandwidth),
    Contiguity(Contiguity),
    Gal(String),
    Gwt(String),
}

/// Weights with what to call them.
#[derive(Debug)]
pub(crate) struct DescribedWeights {
    pub(crate) weights: SpatialWeights,
    pub(crate) description: String,
}

/// Makes the weights that the flags name.
pub(crate) fn spatial_weights(args: &WeightArgs, units: &Units) -> Result<DescribedWeights> {
    let fails = || format!("--weights {}", args.weights);
    let spec = parse(&args.weights)?;
    let metric = metric(args, units);
    let points = &units.points;
    let weights = match &spec {
        Spec::Nearest(k) => SpatialWeights::k_nearest(points, *k, metric),
        Spec::Band(threshold) => SpatialWeights::distance_band(points, *threshold, metric),
        Spec::InverseDistance { power, cutoff } => {
            SpatialWeights::inverse_distance(points, *power, *cutoff, metric)
        }
        Spec::Exponential { range, cutoff } => {
            SpatialWeights::exponential_covariance(points, *range, *cutoff, metric)
        }
        Spec::Kernel(kernel, bandwidth) => SpatialWeights::kernel(points, *kernel, *bandwidth, metric),
        Spec::Contiguity(contiguity) => match &units.grid {
            Some(grid) => {
                SpatialWeights::from_raster(grid.n_rows, grid.n_columns, Some(&grid.mask), *contiguity)
            }
            None => SpatialWeights::from_polygons(&areas(units).with_context(fails)?, *contiguity, None),
        },
        Spec::Gal(path) => in_order_of(read_gal(open(path)?), units).with_context(fails)?,
        Spec::Gwt(path) => in_order_of(read_gwt(open(path)?, Some(&units.ids)), units).with_context(fails)?,
    }
    .with_context(fails)?;
    let policy = match args.isolates {
        IsolatesArg::Error => Isolates::Error,
        IsolatesArg::Keep => Isolates::Keep,
        IsolatesArg::AttachNearest => Isolates::AttachNearest {
            points,
            metric,
            weight: 1.0,
        },
    };
    let weights = weights
        .with_isolates(policy)
        .with_context(|| format!("--isolates with {}", fails()))?;
    let weights = match args.transform.transform() {
        Some(transform) => weights.transform(transform).with_context(fails)?,
        None => weights,
    };
    Ok(DescribedWeights {
        description: format!("{}, {}", describe(&spec, metric), args.transform.describe()),
        weights,
    })
}

fn parse(text: &str) -> Result<Spec> {
    let refuse = || anyhow::anyhow!("--weights {text}: {ACCEPTED}");
    let (kind, rest) = text
        .split_once(':')
        .map_or((text, None), |(kind, rest)| (kind, Some(rest)));
    if let ("gal" | "gwt", Some(path)) = (kind, rest) {
        return Ok(if kind == "gal" {
            Spec::Gal(path.to_owned())
        } else {
            Spec::Gwt(path.to_owned())
        });
    }
    let parts: Vec<&str> = rest.map_or_else(Vec::new, |rest| rest.split(':').collect());
    let number = |i: usize| -> Result<Option<f64>> {
        parts
            .get(i)
            .map(|part| {
                part.parse::<f64>()
                    .ok()
                    .filter(|value| !value.is_nan())
                    .ok_or_else(refuse)
            })
            .transpose()
    };
    let spec = match (kind, parts.len()) {
        ("knn", 1) => Spec::Nearest(parts[0].parse().map_err(|_| refuse())?),
        ("band", 1) => Spec::Band(number(0)?.ok_or_else(refuse)?),
        ("idw", 0..=2) => Spec::InverseDistance {
            power: number(0)?.unwrap_or(1.0),
            cutoff: number(1)?.unwrap_or(f64::INFINITY),
        },
        ("exp", 1..=2) => Spec::Exponential {
            range: number(0)?.ok_or_else(refuse)?,
            cutoff: number(1)?.unwrap_or(f64::INFINITY),
        },
        ("kernel", 2) => {
            let kernel = match parts[0] {
                "triangular" => Kernel::Triangular,
                "uniform" => Kernel::Uniform,
                "quadratic" => Kernel::Quadratic,
                "quartic" => Kernel::Quartic,
                "gaussian" => Kernel::Gaussian,
                _ => return Err(refuse()),
            };
            let bandwidth = match parts[1].strip_prefix("knn") {
                Some(k) => Bandwidth::Adaptive(k.parse().map_err(|_| refuse())?),
                None => Bandwidth::Fixed(number(1)?.ok_or_else(refuse)?),
            };
            Spec::Kernel(kernel, bandwidth)
        }
        ("queen", 0) => Spec::Contiguity(Contiguity::Queen),
        ("rook", 0) => Spec::Contiguity(Contiguity::Rook),
        _ => return Err(refuse()),
    };
    Ok(spec)
}

fn metric(args: &WeightArgs, units: &Units) -> Metric {
    match args.distances {
        Some(DistancesArg::GreatCircle) => Metric::EARTH,
        None if units.geographic => Metric::EARTH,
        Some(DistancesArg::Planar) | None => Metric::Planar,
    }
}

fn describe(spec: &Spec, metric: Metric) -> String {
    let unit = if metric == Metric::Planar {
        "coordinate units"
    } else {
        "m along great circles"
    };
    let up_to = |cutoff: f64| {
        if cutoff.is_finite() {
            format!(" up to {cutoff} {unit}")
        } else {
            String::new()
        }
    };
    match spec {
        Spec::Nearest(k) => format!("{k} nearest neighbours"),
        Spec::Band(distance) => format!("all within {distance} {unit}"),
        Spec::InverseDistance { power, cutoff } => {
            format!("inverse distance to the power {power}{}", up_to(*cutoff))
        }
        Spec::Exponential { range, cutoff } => format!("exp(−d / {range} {unit}){}", up_to(*cutoff)),
        Spec::Kernel(kernel, Bandwidth::Fixed(h)) => {
            format!("{kernel:?} kernel, bandwidth {h} {unit}").to_lowercase()
        }
        Spec::Kernel(kernel, Bandwidth::Adaptive(k)) => {
            format!("{kernel:?} kernel, bandwidth at the {k}th neighbour").to_lowercase()
        }
        Spec::Contiguity(Contiguity::Queen) => "queen contiguity".to_owned(),
        Spec::Contiguity(Contiguity::Rook) => "rook contiguity".to_owned(),
        Spec::Gal(path) | Spec::Gwt(path) => format!("from {path}"),
    }
}

/// Whether the weights are of the rows of a file that must all be there: its polygons, or those that another file
/// names by number.
pub(crate) fn needs_all_rows(args: &WeightArgs) -> bool {
    matches!(
        parse(&args.weights),
        Ok(Spec::Contiguity(_) | Spec::Gal(_) | Spec::Gwt(_))
    )
}

/// Whether the weights link the cells of a raster by their place in it.
pub(crate) fn needs_grid(args: &WeightArgs) -> bool {
    matches!(parse(&args.weights), Ok(Spec::Contiguity(_)))
}

/// The rings of every unit's area.
fn areas(units: &Units) -> Result<Vec<Vec<Vec<Point>>>> {
    let polygons = units.polygons().context(
        "contiguity needs polygons (GeoJSON, Shapefile or GeoParquet) or a raster (GeoTIFF, npz) as input",
    )?;
    Ok(polygons
        .iter()
        .map(|polygons| polygons.iter().flatten().cloned().collect())
        .collect())
}

fn open(path: &str) -> Result<BufReader<File>> {
    Ok(BufReader::new(
        File::open(path).with_context(|| format!("--weights: {path}"))?,
    ))
}

/// Weights of a file in the order of the units.
fn in_order_of(
    read: Result<LabelledWeights, wherefair_stats::StatsError>,
    units: &Units,
) -> Result<Result<SpatialWeights, wherefair_stats::StatsError>> {
    let LabelledWeights { ids, weights } = read?;
    let place: HashMap<&str, usize> = units
        .ids
        .iter()
        .enumerate()
        .map(|(i, id)| (id.as_str(), i))
        .collect();
    let place_of = |id: &String| {
        let hint = "accepted are the ids of --id COLUMN, else row numbers from 1";
        place
            .get(id.as_str())
            .copied()
            .with_context(|| format!("no row has the id {id} ({hint})"))
    };
    let places: Vec<usize> = ids.iter().map(place_of).collect::<Result<_>>()?;
    let links = (0..weights.n()).flat_map(|i| {
        let (neighbours, values) = weights.row(i);
        let pairs: Vec<(usize, usize, f64)> = neighbours
            .iter()
            .zip(values)
            .map(|(&j, &value)| (places[i], places[j as usize], value))
            .collect();
        pairs
    });
    Ok(SpatialWeights::from_edges(units.points.len(), links))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_weights_is_read() {
        assert_eq!(parse("knn:8").unwrap(), Spec::Nearest(8));
        assert_eq!(parse("band:1.5").unwrap(), Spec::Band(1.5));
        let cutoff = f64::INFINITY;
        assert_eq!(
            parse("idw").unwrap(),
            Spec::InverseDistance { power: 1.0, cutoff }
        );
        assert_eq!(
            parse("idw:2:50").unwrap(),
            Spec::InverseDistance {
                power: 2.0,
                cutoff: 50.0
            }
        );
        assert_eq!(
            parse("exp:10").unwrap(),
            Spec::Exponential { range: 10.0, cutoff }
        );
        assert_eq!(
            parse("kernel:gaussian:knn12").unwrap(),
            Spec::Kernel(Kernel::Gaussian, Bandwidth::Adaptive(12))
        );
        assert_eq!(parse("queen").unwrap(), Spec::Contiguity(Contiguity::Queen));
        assert_eq!(parse("gal:a:b.gal").unwrap(), Spec::Gal("a:b.gal".to_owned()));
    }

    #[test]
    fn other_kinds_are_refused_with_the_accepted_ones() {
        for bad in [
            "",
            "knn",
            "knn:x",
            "knn:-1",
            "band:",
            "band:NaN",
            "idw:1:2:3",
            "kernel:box:3",
            "queen:2",
            "bishop",
        ] {
            let message = parse(bad).unwrap_err().to_string();
            assert!(message.contains("knn:K"), "{bad}: {message}");
        }
    }
}
