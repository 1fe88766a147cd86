//! The loops in which permutation tests on sparse weights spend their time.
//!
//! [`LANES`] permutations are worked on at once: each weight is loaded once for all of them, and their values of
//! one unit fill one cache line. Lanes never mix, products and sums are never fused and always in the same
//! order: the widest vector instructions that the machine has give the same bits as any other.

#![expect(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function gets its vector instructions"
)]

use pulp::{Simd, WithSimd};

/// Permutations worked on at once.
pub(crate) const LANES: usize = 8;

/// The values of one unit under `L` permutations, in whole cache lines.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Lanes<const L: usize>(pub(crate) [f64; L]);

impl<const L: usize> Lanes<L> {
    pub(crate) const ZERO: Self = Self([0.0; L]);
}

/// Places whose values are put into lanes before the rows of these places are summed.
pub(crate) const PLACES: usize = 128;

/// The lower triangle of a sparse symmetric matrix T and a diagonal d.
///
/// Only the last places are in lanes at any time, each in the slot that is its number modulo the size of this window:
/// places that are linked lie close together, so that the window stays in the second-level cache.
#[derive(Debug, Clone, Default)]
pub(crate) struct SparseTriangle {
    /// How many places there are.
    pub(crate) n: usize,
    /// A multiple of [`PLACES`]; no link spans more places than this less [`PLACES`].
    pub(crate) window: usize,
    /// Rows of as many entries each; those of one [`PLACES`] places follow each other.
    pub(crate) groups: Vec<Group>,
    /// The slot of each row, in the order of the groups.
    pub(crate) rows: Vec<u32>,
    /// The slots of the entries, row by row.
    pub(crate) slots: Vec<u32>,
    pub(crate) values: Vec<f64>,
    /// Empty for none.
    pub(crate) diagonal: Vec<f64>,
}

/// Rows with as many entries each, at least one: a loop that ends at another length each time is mispredicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Group {
    /// Which [`PLACES`] places these are.
    pub(crate) block: usize,
    pub(crate) n_rows: usize,
    pub(crate) n_entries: usize,
}

/// Σᵢ dᵢ zᵢ² + Σ_{i<j} tᵢⱼ zᵢ zⱼ of each of the variables. `window` is for use by this function alone.
pub(crate) fn sparse_form(
    triangle: &SparseTriangle,
    variables: [&[f64]; LANES],
    window: &mut Vec<Lanes<LANES>>,
) -> [f64; LANES] {
    window.resize(triangle.window, Lanes::ZERO);
    pulp::Arch::new().dispatch(SparseForm {
        triangle,
        variables: variables.map(|variable| &variable[..triangle.n]),
        window,
    })
}

struct SparseForm<'a> {
    triangle: &'a SparseTriangle,
    variables: [&'a [f64]; LANES],
    window: &'a mut [Lanes<LANES>],
}

impl WithSimd for SparseForm<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f64; LANES] {
        let Self {
            triangle,
            variables,
            window,
        } = self;
        let mut total = [0.0; LANES];
        let mut groups = triangle.groups.iter().peekable();
        let (mut rows, mut slots, mut values) = (&*triangle.rows, &*triangle.slots, &*triangle.values);
        for (block, first) in (0..triangle.n).step_by(PLACES).enumerate() {
            let last = triangle.n.min(first + PLACES);
            let slot = first % triangle.window;
            let lanes = &mut window[slot..slot + last - first];
            put_into_lanes(lanes, variables.map(|variable| &variable[first..last]));
            for (d, z) in triangle.diagonal.iter().skip(first).zip(&*lanes) {
                total = add_product(total, *d, &z.0, &z.0);
            }
            while let Some(group) = groups.next_if(|group| group.block == block) {
                let Group {
                    n_rows, n_entries, ..
                } = *group;
                let (own_rows, own_slots, own_values);
                (own_rows, rows) = rows.split_at(n_rows);
                (own_slots, slots) = slots.split_at(n_rows * n_entries);
                (own_values, values) = values.split_at(n_rows * n_entries);
                let entries = own_slots
                    .chunks_exact(n_entries)
                    .zip(own_values.chunks_exact(n_entries));
                for (row, (slots, values)) in own_rows.iter().zip(entries) {
                    let mut sum = [0.0; LANES];
                    for (slot, t) in slots.iter().zip(values) {
                        sum = add_scaled(sum, *t, &window[*slot as usize].0);
                    }
                    total = add_products(total, &window[*row as usize].0, &sum);
                }
            }
        }
        total
    }
}

/// Writes each variable into its lane. With the widest vectors compilers scatter here, which takes several times as long.
#[inline(never)]
fn put_into_lanes(lanes: &mut [Lanes<LANES>], variables: [&[f64]; LANES]) {
    let [a, b, c, d, e, f, g, h] = variables.map(|variable| &variable[..lanes.len()]);
    for (at, lanes) in lanes.iter_mut().enumerate() {
        lanes.0 = [a[at], b[at], c[at], d[at], e[at], f[at], g[at], h[at]];
    }
}

/// sum + factor a.
#[inline(always)]
fn add_scaled(mut sum: [f64; LANES], factor: f64, a: &[f64; LANES]) -> [f64; LANES] {
    for lane in 0..LANES {
        sum[lane] += factor * a[lane];
    }
    sum
}

/// sum + a b.
#[inline(always)]
fn add_products(mut sum: [f64; LANES], a: &[f64; LANES], b: &[f64; LANES]) -> [f64; LANES] {
    for lane in 0..LANES {
        sum[lane] += a[lane] * b[lane];
    }
    sum
}

/// sum + factor a b.
#[inline(always)]
fn add_product(mut sum: [f64; LANES], factor: f64, a: &[f64; LANES], b: &[f64; LANES]) -> [f64; LANES] {
    for lane in 0..LANES {
        sum[lane] += factor * a[lane] * b[lane];
    }
    sum
}
