//! Clusters against those of scikit-learn and Python's hdbscan: `tests/golden/clusters.json`, made by `clusters.py` beside it.

use serde::Deserialize;
use wherefair_similarity::{Distances, HdbscanParams, cluster};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Golden {
    tools: Tools,
    cases: Vec<Case>,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Tools {
    scikit_learn: String,
    hdbscan: String,
    numpy: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    n: usize,
    /// The distances above the diagonal, row by row.
    upper: Vec<f64>,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    min_cluster_size: usize,
    min_samples: usize,
    allow_single_cluster: bool,
    labels: Vec<i64>,
}

impl Case {
    fn distances(&self) -> Distances {
        let mut upper = self.upper.iter().copied();
        let mut rows = vec![vec![0.0; self.n]; self.n];
        let pairs = (0..self.n).flat_map(|i| (i + 1..self.n).map(move |j| (i, j)));
        for (i, j) in pairs {
            let distance = upper.next().unwrap();
            rows[i][j] = distance;
            rows[j][i] = distance;
        }
        assert!(upper.next().is_none());
        Distances::from_rows(&rows).unwrap()
    }
}

#[test]
fn clusters_are_those_of_scikit_learn_and_of_hdbscan() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/clusters.json")).unwrap();
    let tools = Tools {
        scikit_learn: "1.9.1".to_owned(),
        hdbscan: "0.8.44".to_owned(),
        numpy: "2.4.6".to_owned(),
    };
    assert_eq!(golden.tools, tools);
    assert_eq!(golden.cases.len(), 7);
    let (mut n_runs, mut n_with_clusters, mut failed) = (0, 0, Vec::new());
    for case in &golden.cases {
        let distances = case.distances();
        for run in &case.runs {
            let config = HdbscanParams::default()
                .min_cluster_size(run.min_cluster_size)
                .min_samples(run.min_samples)
                .allow_single_cluster(run.allow_single_cluster)
                .check()
                .unwrap();
            let clustering = cluster(&distances, &config).unwrap();
            let labels: Vec<i64> = clustering
                .labels()
                .iter()
                .map(|label| label.map_or(-1, |label| i64::try_from(label).unwrap()))
                .collect();
            n_runs += 1;
            n_with_clusters += usize::from(clustering.n_clusters() > 1);
            if labels != run.labels {
                failed.push(format!(
                    "{}, min_cluster_size {}, min_samples {}, single {}:\n ours {labels:?}\n them {:?}",
                    case.name, run.min_cluster_size, run.min_samples, run.allow_single_cluster, run.labels
                ));
            }
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {n_runs}:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert_eq!((n_runs, n_with_clusters), (80, 42));
}
