//! What a run took.

use std::hint::black_box;
use std::time::Instant;

use serde::Serialize;

use super::process::processor_seconds;

/// What one run took.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    /// Of all threads, in hundredths: what a busy machine does not stretch.
    pub(crate) processor_seconds: Option<f64>,
}

/// What was spent between two readings of processor time.
pub(crate) fn spent(before: Option<f64>, after: Option<f64>) -> Option<f64> {
    Some(after? - before?)
}

/// Runs `work` once; its result is dropped outside the time.
pub(crate) fn timed<T>(mut work: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<Run> {
    let before = processor_seconds("self");
    let start = Instant::now();
    let result = black_box(work()?);
    let run = Run {
        seconds: start.elapsed().as_secs_f64(),
        processor_seconds: spent(before, processor_seconds("self")),
    };
    drop(result);
    Ok(run)
}

/// The best of `n` times, in seconds.
pub(crate) fn best_of<T>(n: usize, mut work: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..n {
        best = best.min(timed(&mut work)?.seconds);
    }
    Ok(best)
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let (below, above) = (values.len().saturating_sub(1) / 2, values.len() / 2);
    values
        .get(below)
        .zip(values.get(above))
        .map_or(f64::NAN, |(below, above)| 0.5 * (below + above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        for (values, expected) in [(vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 8.0], 3.0)] {
            assert!((median(values) - expected).abs() < 1e-15);
        }
        assert!(median(vec![]).is_nan());
    }
}
