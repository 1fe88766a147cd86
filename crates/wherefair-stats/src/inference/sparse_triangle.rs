//! Triangles of sparse weights, as [`kernel`](super::kernel) reads them.

use std::ops::Range;

use rayon::prelude::*;

use super::kernel::{Group, PLACES, SparseTriangle};
use crate::SpatialWeights;
use crate::weights::merge;

/// Rows of sparse weights that are put into order by one thread at a time, a multiple of [`PLACES`].
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
    let onward = LinksOnward::of(&parts, order.len());
    let span = parts
        .iter()
        .map(OrderedRows::span)
        .max()
        .unwrap_or(0)
        .max(onward.span());
    let window = (span + PLACES).min(order.len()).max(1).next_multiple_of(PLACES);
    let pieces: Vec<SparseTriangle> = parts
        .par_iter()
        .map(|part| part.merged(&onward, factor, window))
        .collect();
    SparseTriangle {
        n: order.len(),
        window,
        groups: concat(&pieces, |piece| &piece.groups),
        rows: concat(&pieces, |piece| &piece.rows),
        slots: concat(&pieces, |piece| &piece.slots),
        values: concat(&pieces, |piece| &piece.values),
        diagonal: if diagonal.is_empty() {
            Vec::new()
        } else {
            order.iter().map(|&unit| diagonal[unit as usize]).collect()
        },
    }
}

fn concat<T: Copy>(pieces: &[SparseTriangle], of: impl Fn(&SparseTriangle) -> &[T]) -> Vec<T> {
    pieces.iter().map(of).collect::<Vec<_>>().concat()
}

/// Links of consecutive places.
struct OrderedRows {
    places: Range<u32>,
    /// Where each row ends in `earlier` and `values`.
    ends: Vec<usize>,
    /// Earlier places in ascending order, row by row.
    earlier: Vec<u32>,
    values: Vec<f64>,
    /// Links to later places.
    onward: Vec<LinkOnward>,
}

struct LinkOnward {
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
            earlier: Vec::with_capacity(n_links),
            values: Vec::with_capacity(n_links),
            onward: Vec::with_capacity(n_links),
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
                    if to < from {
                        row.push((to, weight));
                    } else {
                        rows.onward.push(LinkOnward { to, from, weight });
                    }
                }
                start = end;
                row.sort_unstable_by_key(|&(to, _)| to);
                rows.earlier.extend(row.iter().map(|&(to, _)| to));
                rows.values.extend(row.iter().map(|&(_, weight)| weight));
                rows.ends.push(rows.earlier.len());
            }
        }
        rows
    }

    /// How many places the longest link back spans.
    fn span(&self) -> usize {
        let mut start = 0;
        let rows = self
            .ends
            .iter()
            .zip(self.places.clone())
            .filter_map(|(&end, from)| {
                let first = self.earlier[start..end].first();
                start = end;
                first.map(|&to| (from - to) as usize)
            });
        rows.max().unwrap_or(0)
    }

    /// The rows of these places: links back from them and on to them, each pair once, times `factor`.
    fn merged(&self, onward: &LinksOnward, factor: f64, window: usize) -> SparseTriangle {
        let slot = |place: u32| u32::try_from(place as usize % window).unwrap_or_default();
        let mut triangle = SparseTriangle::default();
        triangle.slots.reserve(self.earlier.len());
        triangle.values.reserve(self.earlier.len());
        let (mut slots, mut values, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        let mut start = 0;
        let places: Vec<u32> = self.places.clone().collect();
        for (places, row_ends) in places.chunks(PLACES).zip(self.ends.chunks(PLACES)) {
            slots.clear();
            values.clear();
            rows.clear();
            for (&place, &end) in places.iter().zip(row_ends) {
                let back = (&self.earlier[start..end], &self.values[start..end]);
                let first = slots.len();
                for (to, back, there) in merge(back, onward.row(place)) {
                    slots.push(slot(to));
                    values.push(back * factor + there * factor);
                }
                if slots.len() > first {
                    rows.push((slots.len() - first, place, first));
                }
                start = end;
            }
            rows.sort_unstable();
            for group in rows.chunk_by(|(a, ..), (b, ..)| a == b) {
                let n_entries = group[0].0;
                triangle.groups.push(Group {
                    block: places[0] as usize / PLACES,
                    n_rows: group.len(),
                    n_entries,
                });
                for &(_, place, first) in group {
                    triangle.rows.push(slot(place));
                    triangle.slots.extend_from_slice(&slots[first..first + n_entries]);
                    triangle
                        .values
                        .extend_from_slice(&values[first..first + n_entries]);
                }
            }
        }
        triangle
    }
}

/// Links to each place from earlier ones, in ascending order.
struct LinksOnward {
    offsets: Vec<usize>,
    others: Vec<u32>,
    values: Vec<f64>,
}

impl LinksOnward {
    fn of(parts: &[OrderedRows], n_places: usize) -> Self {
        let links = || parts.iter().flat_map(|part| &part.onward);
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

    /// How many places the longest of these links spans.
    fn span(&self) -> usize {
        let rows = self.offsets.windows(2).enumerate();
        let spans = rows.filter_map(|(to, ends)| {
            let first = self.others[ends[0]..ends[1]].first();
            first.map(|&from| to - from as usize)
        });
        spans.max().unwrap_or(0)
    }

    fn row(&self, at: u32) -> (&[u32], &[f64]) {
        let range = self.offsets[at as usize]..self.offsets[at as usize + 1];
        (&self.others[range.clone()], &self.values[range])
    }
}
