//! Weights from lists of links.

use super::SpatialWeights;
use super::metric::check_n_links;
use crate::StatsError;

impl SpatialWeights {
    /// Weights of `n` units from links `(from, to, weight)` in any order.
    ///
    /// Links of weight 0 are dropped. A link is directed: give both directions for symmetric weights, or use
    /// [`symmetrize`](Self::symmetrize).
    ///
    /// # Errors
    /// [`StatsError`] when a unit does not exist, a link is given twice, leads from a unit to itself, or has a
    /// weight that is not finite, or the weights do not fit into memory.
    ///
    /// # Examples
    /// ```
    /// use wherefair_stats::SpatialWeights;
    ///
    /// let w = SpatialWeights::from_edges(3, [(2, 0, 0.5), (0, 1, 1.0), (0, 2, 2.0)])?;
    /// assert_eq!(w.row(0).0, [1, 2]);
    /// assert_eq!(w.weight(2, 0), 0.5);
    /// # Ok::<(), wherefair_stats::StatsError>(())
    /// ```
    pub fn from_edges<I>(n: usize, edges: I) -> Result<Self, StatsError>
    where
        I: IntoIterator<Item = (usize, usize, f64)>,
    {
        if u32::try_from(n).is_err() {
            return Err(StatsError::TooManyLinks { n_links: n });
        }
        let mut links: Vec<(u32, u32, f64)> = vec![];
        for (from, to, weight) in edges {
            let exists = |unit: usize| u32::try_from(unit).ok().filter(|_| unit < n);
            match (exists(from), exists(to)) {
                (Some(from), Some(to)) => links.push((from, to, weight)),
                _ => {
                    return Err(StatsError::UnknownNeighbour {
                        unit: from,
                        neighbour: if from < n { to } else { from },
                        n,
                    });
                }
            }
        }
        links.sort_by_key(|&(from, to, _)| (from, to));
        if let Some(pair) = links
            .windows(2)
            .find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1))
        {
            return Err(StatsError::DuplicateLink {
                from: pair[0].0 as usize,
                to: pair[0].1 as usize,
            });
        }
        check_n_links(n)?;
        let mut offsets = vec![0; n + 1];
        for &(from, _, _) in &links {
            offsets[from as usize + 1] += 1;
        }
        for i in 0..n {
            offsets[i + 1] += offsets[i];
        }
        let neighbours = links.iter().map(|link| link.1).collect();
        let values = links.iter().map(|link| link.2).collect();
        Self::from_rows(offsets, neighbours, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_given_twice_is_an_error() {
        let error = SpatialWeights::from_edges(3, [(0, 1, 1.0), (1, 0, 1.0), (0, 1, 1.0)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the link from unit 0 to unit 1 is given twice (accepted: each ordered pair once)"
        );
    }

    #[test]
    fn units_out_of_range_are_named() {
        for (edge, named) in [
            ((0, 3, 1.0), 3),
            ((4, 0, 1.0), 4),
            ((usize::MAX, 0, 1.0), usize::MAX),
        ] {
            let error = SpatialWeights::from_edges(3, [edge]).unwrap_err();
            assert!(
                matches!(error, StatsError::UnknownNeighbour { neighbour, .. } if neighbour == named),
                "{error}"
            );
        }
    }

    #[test]
    fn loops_and_weights_that_are_not_finite_are_errors() {
        assert!(matches!(
            SpatialWeights::from_edges(2, [(1, 1, 0.5)]),
            Err(StatsError::SelfNeighbour { unit: 1, .. })
        ));
        assert!(matches!(
            SpatialWeights::from_edges(2, [(1, 0, f64::NAN)]),
            Err(StatsError::NotFinite { .. })
        ));
        assert_eq!(
            SpatialWeights::from_edges(2, [(1, 1, 0.0)]).unwrap().n_nonzero(),
            0
        );
        assert_eq!(SpatialWeights::from_edges(0, []).unwrap().n(), 0);
    }
}
