//! Tables 1 and 2: mean and standard deviation over seeds, the paper's number beside ours.

use super::super::comparison::{Comparison, Verdict};
use super::super::report::Report;
use super::super::table::{Cell, Table};
use super::methods::Method;
use super::trial::{Found, Tested};

/// One method over several seeds.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) method: Method,
    runs: Vec<Found>,
}

/// Mean and standard deviation; the latter NaN for a single number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) mean: f64,
    pub(super) sd: f64,
    n: usize,
}

impl Spread {
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().collect();
        let n = values.len();
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (squares / (n as f64 - 1.0)).sqrt();
        Self { mean, sd, n }
    }

    pub(super) fn text(self) -> String {
        if self.n < 2 {
            return format!("{:.3}", self.mean);
        }
        format!("{:.3} ± {:.3}", self.mean, self.sd)
    }
}

/// Which model of a training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Model {
    /// The fairest that is good enough.
    Kept,
    /// That of the last epoch.
    Last,
}

impl Model {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Last => "last epoch",
        }
    }

    fn of(self, found: &Found) -> &Tested {
        match self {
            Self::Kept => &found.kept,
            Self::Last => &found.last,
        }
    }
}

/// What is measured of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Quality,
    DeviationMean,
    DeviationMax,
}

impl Measure {
    pub(super) const ALL: [Self; 3] = [Self::Quality, Self::DeviationMean, Self::DeviationMax];

    fn of(self, tested: &Tested) -> f64 {
        let measured = &tested.measured;
        match self {
            Self::Quality => measured.quality.unwrap_or(f64::NAN),
            Self::DeviationMean => measured.deviation_mean,
            Self::DeviationMax => measured.deviation_max,
        }
    }
}

impl Summary {
    /// Epochs since the base model, the mean over seeds.
    pub(super) fn n_epochs(&self) -> f64 {
        Spread::of(self.runs.iter().map(|run| run.n_epochs() as f64)).mean
    }

    pub(super) fn n_seeds(&self) -> usize {
        self.runs.len()
    }

    pub(super) fn spread(&self, model: Model, measure: Measure) -> Spread {
        Spread::of(self.runs.iter().map(|found| measure.of(model.of(found))))
    }

    /// The mean over seeds of the distance in one partitioning, with its standard error where there is one.
    pub(super) fn distance(&self, model: Model, partitioning: usize) -> (f64, Option<f64>) {
        let all = self
            .runs
            .iter()
            .map(|found| model.of(found).distances[partitioning]);
        let spread = Spread::of(all);
        let error = spread.sd / (spread.n as f64).sqrt();
        (spread.mean, error.is_finite().then_some(error))
    }

    /// The model of the first seed.
    pub(super) fn first_run(&self, model: Model) -> Option<&Tested> {
        self.runs.first().map(|found| model.of(found))
    }

    pub(super) fn n_partitionings(&self) -> usize {
        self.runs.first().map_or(0, |found| found.kept.distances.len())
    }

    pub(super) fn seconds(&self) -> f64 {
        Spread::of(self.runs.iter().map(|found| found.seconds)).mean
    }

    pub(super) fn updates(&self) -> f64 {
        Spread::of(self.runs.iter().map(|found| found.n_updates as f64)).mean
    }

    /// The first seeds alone, as many as `n`.
    pub(super) fn first(&self, n: usize) -> Self {
        Self {
            method: self.method.clone(),
            runs: self.runs[..n.min(self.runs.len())].to_vec(),
        }
    }
}

/// Gathers the runs of all seeds by method, in the order of `methods`.
pub(super) fn summaries(methods: &[Method], runs: &[Found]) -> Vec<Summary> {
    let of = |method: &Method| Summary {
        method: method.clone(),
        runs: runs.iter().filter(|run| run.method == *method).cloned().collect(),
    };
    let all = methods.iter().map(of);
    all.filter(|summary| summary.n_seeds() > 0).collect()
}

/// The summary of a method by its name.
pub(super) fn named<'a>(summaries: &'a [Summary], name: &str) -> Option<&'a Summary> {
    summaries.iter().find(|summary| summary.method.name() == name)
}

/// A table of all methods.
pub(super) fn table(
    name: &'static str,
    title: String,
    quality: &'static str,
    summaries: &[Summary],
    score: usize,
) -> Table {
    let columns = [
        "method",
        "model",
        "seeds",
        quality,
        "S(d)mean",
        "S(d)max",
        "updates",
        "paper: F1",
        "paper: S(d)mean",
        "paper: S(d)max",
    ];
    let mut table = Table::new(name, title, &columns);
    for summary in summaries {
        for model in [Model::Kept, Model::Last] {
            let [quality, mean, max] = Measure::ALL.map(|measure| summary.spread(model, measure).text());
            let paper = summary.method.paper.map(|rows| rows[score]);
            let of_paper = |column: usize| Cell::from(paper.map(|row| row[column]));
            table.push([
                summary.method.name().into(),
                model.name().into(),
                summary.n_seeds().into(),
                quality.into(),
                mean.into(),
                max.into(),
                Cell::Number(summary.updates()),
                of_paper(0),
                of_paper(1),
                of_paper(2),
            ]);
        }
    }
    table
}

/// A table of the distances in each partitioning, for programs.
pub(super) fn by_partitioning(
    name: &'static str,
    title: String,
    summaries: &[Summary],
    grids: &[String],
) -> Table {
    let mut table = Table::new(
        name,
        title,
        &[
            "method",
            "model",
            "partitioning",
            "mean distance",
            "standard error",
        ],
    );
    for summary in summaries {
        for (model, (partitioning, grid)) in [Model::Kept, Model::Last].into_iter().flat_map(|model| {
            let all = grids.iter().enumerate().take(summary.n_partitionings());
            all.map(move |one| (model, one))
        }) {
            let (distance, error) = summary.distance(model, partitioning);
            table.push([
                summary.method.name().into(),
                model.name().into(),
                grid.as_str().into(),
                distance.into(),
                error.into(),
            ]);
        }
    }
    table.only_as_file()
}

/// The numbers of a table of the paper beside ours: other data, so side by side.
pub(super) fn beside(place: &'static str, summaries: &[Summary], score: usize, report: &mut Report) {
    for summary in summaries {
        let Some(rows) = summary.method.paper else {
            continue;
        };
        for (measure, (what, paper)) in Measure::ALL
            .into_iter()
            .zip(["F1", "S(d)mean", "S(d)max"].into_iter().zip(rows[score]))
        {
            report.comparisons.push(Comparison::number(
                place,
                format!("{}: {what}", summary.method.name()),
                paper,
                Some(summary.spread(Model::Kept, measure).mean),
                Verdict::NotComparable,
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_are_in_words_and_one_number_has_none() {
        assert_eq!(Spread::of([1.0, 2.0, 3.0]).text(), "2.000 ± 1.000");
        assert_eq!(Spread::of([0.25]).text(), "0.250");
        assert!(Spread::of([]).mean.is_nan());
    }
}
