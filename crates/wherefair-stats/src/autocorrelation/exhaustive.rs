//! All orders of a few values, against which exact moments are tested.

use crate::SpatialWeights;

/// Seven units, asymmetric weights, one unit without outgoing links.
pub(crate) fn asymmetric_weights() -> SpatialWeights {
    let links = [
        (0, 1, 1.0),
        (1, 0, 0.5),
        (1, 2, 2.0),
        (2, 5, 0.25),
        (3, 4, 1.5),
        (4, 3, 1.5),
        (4, 6, 0.75),
        (5, 0, 3.0),
        (5, 6, -0.5),
    ];
    SpatialWeights::from_edges(7, links).unwrap()
}

/// All n! orders of `values`, equal ones included.
pub(crate) fn orders<T: Copy>(values: &[T]) -> Vec<Vec<T>> {
    if values.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in 0..values.len() {
        let mut rest = values.to_vec();
        let head = rest.remove(first);
        all.extend(orders(&rest).into_iter().map(|tail| {
            let mut order = vec![head];
            order.extend(tail);
            order
        }));
    }
    all
}

/// The values of a statistic.
pub(crate) struct Spread(Vec<f64>);

impl FromIterator<f64> for Spread {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Spread {
    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }

    pub(crate) fn variance(&self) -> f64 {
        let mean = self.mean();
        self.0.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / self.0.len() as f64
    }
}
