//! Pages on spatial autocorrelation made by hand.

use wherefair_core::Point;
use wherefair_report::{Cluster, LocalMoranPage, LocalPlace, MoranPage};

pub(crate) fn global(n: usize) -> MoranPage {
    let standardised: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin()).collect();
    let lag: Vec<f64> = standardised.iter().map(|z| z / 2.0).collect();
    MoranPage {
        variable: "income".into(),
        weights: "8 nearest neighbours, row-standardised".into(),
        standardised,
        lag,
        measures: vec![("Moran's I".into(), "0.500".into())],
        statistic: 0.5,
        expectation: -0.01,
        draws: (0..99).map(|i| f64::from(i % 10) / 50.0 - 0.1).collect(),
        notes: Vec::new(),
    }
}

fn place(i: usize) -> LocalPlace {
    LocalPlace {
        label: format!("place {i}"),
        point: Point::new((i % 200) as f64, (i / 200) as f64),
        shape: None,
        value: i as f64,
        statistic: i as f64 / 10.0,
        cluster: Cluster::ALL[i % Cluster::ALL.len()],
        p_value: Some(0.01),
        q_value: Some(0.03),
    }
}

pub(crate) fn local(n: usize) -> LocalMoranPage {
    let page = global(n);
    LocalMoranPage {
        variable: page.variable,
        weights: page.weights,
        measures: page.measures,
        standardised: page.standardised,
        lag: page.lag,
        places: (0..n).map(place).collect(),
        significance: "q ≤ 0.05".into(),
        method: vec![("Permutation".into(), "499 a place".into())],
        notes: Vec::new(),
    }
}
