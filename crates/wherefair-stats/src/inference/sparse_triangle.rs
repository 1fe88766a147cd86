//! Triangles of sparse weights, as [`kernel`](super::kernel) reads them.

use std::ops::Range;

use rayon::prelude::*;

use super::kernel::{Link, SparseTriangle};
use crate::SpatialWeights;
use crate::weights::merge;

/// Rows of sparse weights that are put into order by one thread at a time.
const ROWS_A_PART: usize = 4096;

/// Rows of sparse weights that are copied at once.
const ROWS_COPIED: usize = 64;

/// The triangle of W + Wᵀ times `factor`, with the units in `order`; `diagonal` is empty for none.
pub(super) fn sparse_triangle(
    w: &SpatialWeights,
    order: &[u32],
    factor: f64,
    diagonal: &[f64],
) -> SparseTriangle {
    let mut place = vec![0; order.len()];
    for (&unit, at) in order.iter().zip(0_u32..) {
        place[unit as usize] = at;
    }
    // Rows of `w` lie all over memory: they are visited once, by all threads.
    let parts: Vec<OrderedRows> = order
        .par_chunks(ROWS_A_PART)
        .map(|units| OrderedRows::of(w, units, &place))
        .collect();
    let back = LinksBack::of(&parts, order.len());
    let links: Vec<Vec<Link>> = parts.par_iter().map(|part| part.merged(&back, factor)).collect();
    SparseTriangle {
        links: links.concat(),
        diagonal: if diagonal.is_empty() {
            Vec::new()
        } else {
            order.iter().map(|&unit| diagonal[unit as usize]).collect()
        },
    }
}

/// Links of consecutive places.
struct OrderedRows {
    places: Range<u32>,
    /// Where each row ends in `ahead` and `values`.
    ends: Vec<usize>,
    /// Later places in ascending order, row by row.
    ahead: Vec<u32>,
    values: Vec<f64>,
    /// Links to earlier places.
    back: Vec<LinkBack>,
}

struct LinkBack {
    to: u32,
    from: u32,
    weight: f64,
}

impl OrderedRows {
    /// The rows of `units`, which follow each other in order.
    fn of(w: &SpatialWeights, units: &[u32], place: &[u32]) -> Self {
        let n_links = units.iter().map(|&unit| w.row(unit as usize).0.len()).sum();
        let first = units.first().map_or(0, |&unit| place[unit as usize]);
        let end = units.last().map_or(0, |&unit| place[unit as usize] + 1);
        let mut rows = Self {
            places: first..end,
            ends: Vec::with_capacity(units.len()),
            ahead: Vec::with_capacity(n_links),
            values: Vec::with_capacity(n_links),
            back: Vec::with_capacity(n_links),
        };
        let mut places = first..end;
        let mut row: Vec<(u32, f64)> = Vec::new();
        // A few rows are copied before any is looked at, so that many reads of memory are under way at once.
        let (mut neighbours, mut weights, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        for units in units.chunks(ROWS_COPIED) {
            neighbours.clear();
            weights.clear();
            ends.clear();
            for &unit in units {
                let (to, weight) = w.row(unit as usize);
                neighbours.extend_from_slice(to);
                weights.extend_from_slice(weight);
                ends.push(neighbours.len());
            }
            let mut start = 0;
            for (&end, from) in ends.iter().zip(&mut places) {
                row.clear();
                for (&to, &weight) in neighbours[start..end].iter().zip(&weights[start..end]) {
                    let to = place[to as usize];
                    if to > from {
                        row.push((to, weight));
                    } else {
                        rows.back.push(LinkBack { to, from, weight });
                    }
                }
                start = end;
                row.sort_unstable_by_key(|&(to, _)| to);
                rows.ahead.extend(row.iter().map(|&(to, _)| to));
                rows.values.extend(row.iter().map(|&(_, weight)| weight));
                rows.ends.push(rows.ahead.len());
            }
        }
        rows
    }

    /// These rows with the links back to them, each pair once, times `factor`.
    fn merged(&self, back: &LinksBack, factor: f64) -> Vec<Link> {
        let mut links = Vec::with_capacity(self.ahead.len());
        let mut start = 0;
        for (&end, i) in self.ends.iter().zip(self.places.clone()) {
            let ahead = (&self.ahead[start..end], &self.values[start..end]);
            links.extend(merge(ahead, back.row(i)).map(|(j, there, back)| Link {
                i,
                j,
                t: there * factor + back * factor,
            }));
            start = end;
        }
        links
    }
}

/// Links to each place from later ones, in ascending order.
struct LinksBack {
    offsets: Vec<usize>,
    others: Vec<u32>,
    values: Vec<f64>,
}

impl LinksBack {
    fn of(parts: &[OrderedRows], n_places: usize) -> Self {
        let links = || parts.iter().flat_map(|part| &part.back);
        let mut ends = vec![0; n_places + 1];
        for link in links() {
            ends[link.to as usize + 1] += 1;
        }
        for at in 0..n_places {
            ends[at + 1] += ends[at];
        }
        let offsets = ends.clone();
        let n_links = ends[n_places];
        let (mut others, mut values) = (vec![0; n_links], vec![0.0; n_links]);
        // Rows come in order, so each row here comes out ascending.
        for link in links() {
            let end = &mut ends[link.to as usize];
            others[*end] = link.from;
            values[*end] = link.weight;
            *end += 1;
        }
        Self {
            offsets,
            others,
            values,
        }
    }

    fn row(&self, at: u32) -> (&[u32], &[f64]) {
        let range = self.offsets[at as usize]..self.offsets[at as usize + 1];
        (&self.others[range.clone()], &self.values[range])
    }
}
