//! The data sets of the journal paper, and where it reports of them.

use wherefair::audit::Score;

use super::super::scene::{self, Layout};
use super::super::trial::{LEARNING_RATE, Problem};
use super::super::{PLANTATIONS, UNWEIGHTED, WEIGHTED};

/// A data set with the network that is trained on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    /// Crops of one date.
    Crops,
    /// Oil palm in January.
    Palms,
    /// Oil palm in the months of a year, by an LSTM.
    Series,
}

/// A table of the paper.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scored {
    pub(super) score: Score,
    /// The table of the paper.
    pub(super) place: &'static str,
    /// Its score, and of what data, in words.
    pub(super) what: &'static str,
}

/// A figure of the paper, and its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) paper: &'static str,
    pub(super) file: &'static str,
}

/// The figures of a data set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places {
    /// The partitions of one partitioning; `None` where the paper shows none.
    pub(super) partitions: Option<Place>,
    /// The cost of all loops.
    pub(super) cost: Place,
    /// The cost to the first near-optimal model.
    pub(super) first: Place,
    /// The number of initial loops.
    pub(super) initial: Place,
}

const fn place(paper: &'static str, file: &'static str) -> Place {
    Place { paper, file }
}

impl Data {
    pub(super) fn problem(self, layout: &Layout<'_>) -> anyhow::Result<Problem> {
        match self {
            Self::Crops => scene::crops(layout),
            Self::Palms => scene::palms(layout),
            Self::Series => scene::palm_series(layout),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crops => "crops",
            Self::Palms => "oil palm, DNN",
            Self::Series => "oil palm, LSTM",
        }
    }

    /// `η_init` of the epochs after the base model's. With the base model's own, fairness of crops swings with every epoch; on
    /// oil palm a lower one saves no F1.
    pub(super) fn learning_rate(self) -> f64 {
        match self {
            Self::Crops => LEARNING_RATE / 10.0,
            Self::Palms | Self::Series => LEARNING_RATE,
        }
    }

    /// Its tables.
    pub(super) fn scored(self) -> &'static [Scored] {
        match self {
            Self::Crops => &[
                Scored {
                    score: WEIGHTED,
                    place: "Table 1",
                    what: "weighted F1",
                },
                Scored {
                    score: UNWEIGHTED,
                    place: "Table 2",
                    what: "unweighted F1",
                },
            ],
            Self::Palms => &[Scored {
                score: PLANTATIONS,
                place: "Table 3",
                what: "F1 of plantations, DNN",
            }],
            Self::Series => &[Scored {
                score: PLANTATIONS,
                place: "Table 4",
                what: "F1 of plantations, LSTM",
            }],
        }
    }

    pub(super) fn places(self) -> Places {
        match self {
            Self::Crops => Places {
                partitions: Some(place("Fig. 9", "figure_9")),
                cost: place("Fig. 11", "figure_11"),
                first: place("Fig. 15", "figure_15"),
                initial: place("Fig. 13", "figure_13"),
            },
            Self::Palms => Places {
                partitions: None,
                cost: place("Fig. 16", "figure_16"),
                first: place("Fig. 17", "figure_17"),
                initial: place("Fig. 18", "figure_18"),
            },
            Self::Series => Places {
                partitions: Some(place("Fig. 22", "figure_22")),
                cost: place("Fig. 19", "figure_19"),
                first: place("Fig. 20", "figure_20"),
                initial: place("Fig. 21", "figure_21"),
            },
        }
    }

    /// The files of a set of partitionings and the score of a number.
    pub(super) fn names(self, largest: usize, score: usize) -> Names {
        let of = |table, distances, clusters| Names {
            table,
            distances,
            clusters,
        };
        match (self, largest, score) {
            (Self::Crops, 5, 0) => of("table_1_24", "distances_weighted_24", "figure_14_24"),
            (Self::Crops, 5, _) => of("table_2_24", "distances_unweighted_24", "clusters_unweighted_24"),
            (Self::Crops, 10, 0) => of("table_1_99", "distances_weighted_99", "figure_14_99"),
            (Self::Crops, 10, _) => of("table_2_99", "distances_unweighted_99", "clusters_unweighted_99"),
            (Self::Crops, _, 0) => of("table_1_many", "distances_weighted_many", "figure_14_many"),
            (Self::Crops, ..) => of(
                "table_2_many",
                "distances_unweighted_many",
                "clusters_unweighted_many",
            ),
            (Self::Palms, ..) => of("table_3", "distances_palm", "clusters_palm"),
            (Self::Series, ..) => of("table_4", "distances_series", "clusters_series"),
        }
    }
}

/// Names of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Names {
    pub(super) table: &'static str,
    pub(super) distances: &'static str,
    pub(super) clusters: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_and_score_has_files_of_its_own() {
        let mut files = Vec::new();
        for data in [Data::Crops, Data::Palms, Data::Series] {
            let sets: &[usize] = if data == Data::Crops { &[5, 6, 10] } else { &[5] };
            for &largest in sets {
                for score in 0..data.scored().len() {
                    let names = data.names(largest, score);
                    files.extend([names.table, names.distances, names.clusters]);
                }
            }
            let places = data.places();
            let figures = [
                Some(places.cost),
                Some(places.first),
                Some(places.initial),
                places.partitions,
            ];
            files.extend(figures.into_iter().flatten().map(|place| place.file));
        }
        let n = files.len();
        files.sort_unstable();
        files.dedup();
        assert_eq!(files.len(), n);
    }
}
