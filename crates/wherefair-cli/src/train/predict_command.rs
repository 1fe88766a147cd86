//! `wherefair predict`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use wherefair_data::{ColumnRequest, Format, Pixels, Raster, Table, geotiff_like};
use wherefair_train::{Dataset, FairModel, Feature, Response, Target};

use super::args::PredictArgs;
use super::command::advised;
use super::settings::unseen;
use crate::Outcome;
use crate::audit_command::{print, set_threads};
use crate::columns::{Cells, ReadColumns, extended_csv, read_columns};
use crate::measure::preview;
use crate::output::{Outputs, quoted};
use crate::progress::Bars;
use crate::table::grouped;

/// The predictions of the rows that were kept.
#[derive(Debug)]
struct Predictions {
    rows: Vec<u64>,
    n_read: u64,
    predicted: Response,
    /// `(n_rows, n_classes)`, where they were asked for.
    probabilities: Option<Vec<f32>>,
}

/// Applies a model to every row of the input.
pub(crate) fn run(args: &PredictArgs) -> Result<Outcome> {
    set_threads(&args.running)?;
    let mut outputs = Outputs::default();
    outputs.plan("--out", &args.out, args.force)?;
    let table = Table::open(&args.input)?;
    let model = FairModel::load(&args.model)?;
    let is_raster = check_output(args, &table, &model)?;
    let bars = Bars::new(args.running.quiet);
    bars.begin("predicting", None);
    let read = read_features(&table, &model, args)?;
    let left_out = read.left_out.clone();
    let predictions = predict(&table, &model, read, args)?;
    let contents = if is_raster {
        raster(args, &model, &predictions)?
    } else {
        csv(&table, &model, &predictions, args)?.into_bytes()
    };
    bars.finish();
    outputs.write(&[contents])?;
    let mut text = format!(
        "{} of {} predicted for {} rows\n",
        args.column,
        model.description().target_name,
        grouped(predictions.rows.len() as u64)
    );
    if let (true, Target::Classes { labels }) = (is_raster, &model.description().target)
        && codes(labels).is_none()
    {
        let legend: Vec<String> = (1..)
            .zip(labels)
            .map(|(code, label)| format!("{code} {label}"))
            .collect();
        let _ = writeln!(text, "Pixels: {}", legend.join(", "));
    }
    if let Some(note) = left_out {
        let _ = writeln!(text, "Note: {note}");
    }
    print(&format!("{text}Output: {}\n", args.out.display()))?;
    Ok(Outcome::Done)
}

/// Whether a raster is to be written; the flags must fit it and the model.
fn check_output(args: &PredictArgs, table: &Table, model: &FairModel) -> Result<bool> {
    let shown = args.out.display();
    let is_raster = match ending(&args.out).as_str() {
        "csv" => false,
        "tif" | "tiff" if table.format() == Format::GeoTiff => true,
        "tif" | "tiff" => bail!(
            "--out {shown}: {} is no raster (accepted: a .csv file)",
            args.input.display()
        ),
        _ => bail!("--out {shown}: accepted is a .csv file, or for rasters a .tif file"),
    };
    if args.probabilities {
        if is_raster {
            bail!("--probabilities: has no use with a raster of predictions (accepted: with --out FILE.csv)");
        }
        if matches!(model.description().target, Target::Value { .. }) {
            bail!(
                "--probabilities: {} predicts values of `{}`, not classes",
                args.model.display(),
                model.description().target_name
            );
        }
    }
    if !is_raster {
        for name in columns_added(args, model) {
            if table.columns().iter().any(|column| column.name == name) {
                bail!(
                    "--column {}: {} has a column `{name}` already (accepted: another name)",
                    args.column,
                    args.input.display()
                );
            }
        }
    }
    Ok(is_raster)
}

/// The names of the columns that are written behind those of the table.
fn columns_added(args: &PredictArgs, model: &FairModel) -> Vec<String> {
    let mut names = vec![args.column.clone()];
    if let (true, Target::Classes { labels }) = (args.probabilities, &model.description().target) {
        names.extend(labels.iter().map(|label| format!("{}_{label}", args.column)));
    }
    names
}

fn read_features(table: &Table, model: &FairModel, args: &PredictArgs) -> Result<ReadColumns> {
    let mut wanted = Vec::new();
    for feature in &model.description().encoding.features {
        let name = feature.name();
        table
            .column(name)
            .with_context(|| format!("{} needs the feature `{name}`", args.model.display()))?;
        wanted.push(match feature {
            Feature::Number { .. } => ColumnRequest::number(name),
            Feature::Category { .. } => ColumnRequest::label(name),
        });
    }
    read_columns(table, wanted, args.missing)
}

fn predict(table: &Table, model: &FairModel, read: ReadColumns, args: &PredictArgs) -> Result<Predictions> {
    let names = model.description().encoding.features.iter().map(Feature::name);
    let mut data = Dataset::new()
        .source(table.path().display().to_string())
        .row_numbers(read.rows.clone())?;
    for (name, column) in names.zip(read.columns) {
        data = data.feature(name, column)?;
    }
    let features = model.encoded(&data, unseen(args.unseen)).map_err(advised)?;
    let probabilities = args.probabilities.then(|| model.probabilities_encoded(&features));
    Ok(Predictions {
        predicted: model.predict_encoded(&features)?,
        probabilities: probabilities.transpose()?,
        n_read: read.n_read,
        rows: read.rows,
    })
}

/// The table with the predictions; cells of rows that were left out are empty.
fn csv(table: &Table, model: &FairModel, predictions: &Predictions, args: &PredictArgs) -> Result<String> {
    let cells = Cells::read(table)?;
    let labels = model.description().target.labels();
    let write_added = |at: usize, text: &mut String| {
        match &predictions.predicted {
            Response::Classes(classes) => text.push_str(&quoted(&labels[classes[at] as usize])),
            Response::Values(values) => {
                let _ = write!(text, "{}", values[at]);
            }
        }
        let probabilities = predictions.probabilities.iter().flat_map(|all| {
            let n = labels.len();
            &all[at * n..(at + 1) * n]
        });
        for probability in probabilities {
            let _ = write!(text, ",{probability}");
        }
    };
    Ok(extended_csv(
        (&cells.names, |row, text| cells.write_row(row, text)),
        (&columns_added(args, model), write_added),
        usize::try_from(predictions.n_read)?,
        &predictions.rows,
    ))
}

/// The predictions on the pixels of the input.
fn raster(args: &PredictArgs, model: &FairModel, predictions: &Predictions) -> Result<Vec<u8>> {
    let like = Raster::open(&args.input)?;
    let n_pixels = like.width() * like.height();
    let pixels_of = predictions.rows.iter().map(|&row| usize::try_from(row));
    let bytes = match (&predictions.predicted, &model.description().target) {
        (Response::Classes(classes), Target::Classes { labels }) => {
            let codes = codes(labels).unwrap_or_else(|| (1..).take(labels.len()).collect());
            let mut pixels = vec![Pixels::NODATA; n_pixels];
            for (pixel, &class) in pixels_of.zip(classes) {
                pixels[pixel?] = codes[class as usize];
            }
            geotiff_like(&like, Pixels::Integers(&pixels))
        }
        (Response::Values(values), _) => {
            let mut pixels = vec![f32::NAN; n_pixels];
            for (pixel, &value) in pixels_of.zip(values) {
                #[expect(clippy::cast_possible_truncation, reason = "to the precision of pixels")]
                let value = value as f32;
                pixels[pixel?] = value;
            }
            geotiff_like(&like, Pixels::Reals(&pixels))
        }
        (Response::Classes(_), Target::Value { .. }) => bail!(
            "{}: its predictions are no values (its classes are: {})",
            args.model.display(),
            preview(&[])
        ),
    };
    Ok(bytes?)
}

/// The labels as the codes of pixels, where all are whole numbers.
fn codes(labels: &[String]) -> Option<Vec<i32>> {
    labels
        .iter()
        .map(|label| label.parse().ok().filter(|&code| code != Pixels::NODATA))
        .collect()
}

/// The ending of a path, in lower case.
fn ending(path: &Path) -> String {
    path.extension()
        .map_or_else(String::new, |ending| ending.to_string_lossy().to_lowercase())
}
