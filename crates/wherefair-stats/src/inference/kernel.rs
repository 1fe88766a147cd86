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

/// Sums that do not wait for each other.
const SUMS: usize = 4;

/// The values of one unit under `L` permutations, in whole cache lines.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Lanes<const L: usize>(pub(crate) [f64; L]);

impl<const L: usize> Lanes<L> {
    pub(crate) const ZERO: Self = Self([0.0; L]);
}

/// The upper triangle of a sparse symmetric matrix T and a diagonal d.
#[derive(Debug, Clone)]
pub(crate) struct SparseTriangle {
    /// Entries row by row.
    pub(crate) links: Vec<Link>,
    /// Empty for none.
    pub(crate) diagonal: Vec<f64>,
}

/// An entry tᵢⱼ with i < j.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub(crate) i: u32,
    pub(crate) j: u32,
    pub(crate) t: f64,
}

/// Σᵢ dᵢ zᵢ² + Σ_{i<j} tᵢⱼ zᵢ zⱼ, a sum a lane.
pub(crate) fn sparse_form(triangle: &SparseTriangle, z: &[Lanes<LANES>]) -> [f64; LANES] {
    pulp::Arch::new().dispatch(SparseForm { triangle, z })
}

struct SparseForm<'a> {
    triangle: &'a SparseTriangle,
    z: &'a [Lanes<LANES>],
}

impl WithSimd for SparseForm<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f64; LANES] {
        let Self { triangle, z } = self;
        let mut total = [0.0; LANES];
        for (d, z) in triangle.diagonal.iter().zip(z) {
            total = add_product(total, *d, &z.0, &z.0);
        }
        // One loop over all links: a loop a row would end at another length each time, which processors mispredict.
        let mut sums = [[0.0; LANES]; SUMS];
        let (chunks, rest) = triangle.links.as_chunks::<SUMS>();
        for links in chunks {
            for (sum, link) in sums.iter_mut().zip(links) {
                *sum = add_link(*sum, *link, z);
            }
        }
        for (sum, link) in sums.iter_mut().zip(rest) {
            *sum = add_link(*sum, *link, z);
        }
        for sum in sums {
            for (total, sum) in total.iter_mut().zip(sum) {
                *total += sum;
            }
        }
        total
    }
}

#[inline(always)]
fn add_link(sum: [f64; LANES], link: Link, z: &[Lanes<LANES>]) -> [f64; LANES] {
    add_product(sum, link.t, &z[link.i as usize].0, &z[link.j as usize].0)
}

/// sum + factor a b.
#[inline(always)]
fn add_product(mut sum: [f64; LANES], factor: f64, a: &[f64; LANES], b: &[f64; LANES]) -> [f64; LANES] {
    for lane in 0..LANES {
        sum[lane] += factor * a[lane] * b[lane];
    }
    sum
}
