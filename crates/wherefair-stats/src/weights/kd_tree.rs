//! Nearest neighbours by a k-d tree whose answers do not depend on how it was built.
//!
//! Points at equal distance are ordered by index, so that every answer equals that of comparing all pairs. The
//! distance to a box never exceeds the distance, as computed, to a point in it: all steps of both round
//! monotonically.

use rayon::prelude::*;

/// Points of one leaf, at most.
const LEAF: usize = 12;

/// Points below which a subtree is built by one thread.
const SEQUENTIAL: usize = 4096;

/// Queries of one parallel piece.
const QUERIES_A_BLOCK: usize = 1024;

/// The smallest box around the points of a subtree.
#[derive(Debug, Clone, Copy)]
struct Node<const D: usize> {
    min: [f64; D],
    max: [f64; D],
    /// The smallest index of a point in the subtree, to prune among points at equal distance.
    first: u32,
}

impl<const D: usize> Node<D> {
    const EMPTY: Self = Self {
        min: [f64::INFINITY; D],
        max: [f64::NEG_INFINITY; D],
        first: u32::MAX,
    };

    fn around(points: &[([f64; D], u32)]) -> Self {
        points.iter().fold(Self::EMPTY, |mut node, (point, id)| {
            for (axis, &coordinate) in point.iter().enumerate() {
                node.min[axis] = node.min[axis].min(coordinate);
                node.max[axis] = node.max[axis].max(coordinate);
            }
            node.first = node.first.min(*id);
            node
        })
    }

    fn squared_distance(&self, point: &[f64; D]) -> f64 {
        let mut sum = 0.0;
        for (axis, &coordinate) in point.iter().enumerate() {
            let gap = (self.min[axis] - coordinate)
                .max(coordinate - self.max[axis])
                .max(0.0);
            sum += gap * gap;
        }
        sum
    }

    /// The squared distance of the farthest corner.
    fn squared_reach(&self, point: &[f64; D]) -> f64 {
        let mut sum = 0.0;
        for (axis, &coordinate) in point.iter().enumerate() {
            let reach = (coordinate - self.min[axis]).max(self.max[axis] - coordinate);
            sum += reach * reach;
        }
        sum
    }

    /// The axis along which the box is longest, `None` where all points coincide.
    fn longest_axis(&self) -> Option<usize> {
        let length = |axis: usize| self.max[axis] - self.min[axis];
        (0..D)
            .filter(|&axis| length(axis) > 0.0)
            .max_by(|&a, &b| length(a).total_cmp(&length(b)).then(b.cmp(&a)))
    }
}

/// The squared distance of two points.
pub(super) fn squared_distance<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    let mut sum = 0.0;
    for (a, b) in a.iter().zip(b) {
        let gap = a - b;
        sum += gap * gap;
    }
    sum
}

/// A balanced k-d tree over points of `D` dimensions.
///
/// Nodes are in pre-order: a node, its left subtree, its right subtree. A node of `m` points gives the first
/// `m / 2` to its left child, and all leaves lie at one depth, so neither ranges nor children are stored.
#[derive(Debug)]
pub(super) struct KdTree<const D: usize> {
    nodes: Vec<Node<D>>,
    /// Points in tree order with their indices.
    points: Vec<([f64; D], u32)>,
}

/// A neighbour: squared distance and index.
pub(super) type Neighbour = (f64, u32);

impl<const D: usize> KdTree<D> {
    /// The tree of finite `points`, of which there are fewer than 2³².
    pub(super) fn new(points: &[[f64; D]]) -> Self {
        let mut points: Vec<([f64; D], u32)> = points.iter().copied().zip(0..).collect();
        let n_leaves = points.len().div_ceil(LEAF).max(1).next_power_of_two();
        let mut nodes = vec![Node::EMPTY; 2 * n_leaves - 1];
        build(&mut nodes, &mut points);
        Self { nodes, points }
    }

    /// Every point's `k` nearest others, nearest first: of shape `(n, k)`, `k` below n.
    pub(super) fn nearest_of_all(&self, k: usize) -> (Vec<u32>, Vec<f64>) {
        let n = self.points.len();
        let mut in_tree_order = vec![(0.0, 0); n * k];
        in_tree_order
            .par_chunks_mut(k * QUERIES_A_BLOCK)
            .zip(self.points.par_chunks(QUERIES_A_BLOCK))
            .for_each(|(found, queries)| {
                let mut nearest = Nearest::new(k);
                for (found, (point, id)) in found.chunks_mut(k).zip(queries) {
                    nearest.search(self, point, *id);
                    found.copy_from_slice(&nearest.found);
                }
            });
        let places = self.places();
        let mut ids = vec![0; n * k];
        let mut squared = vec![0.0; n * k];
        ids.par_chunks_mut(k)
            .zip(squared.par_chunks_mut(k))
            .zip(places)
            .for_each(|((ids, squared), place)| {
                let found = &in_tree_order[place as usize * k..][..k];
                for ((id, squared), (distance, neighbour)) in ids.iter_mut().zip(squared).zip(found) {
                    *id = *neighbour;
                    *squared = *distance;
                }
            });
        (ids, squared)
    }

    /// The nearest point to `point` other than `id`.
    pub(super) fn nearest_of(&self, point: &[f64; D], id: u32) -> Option<Neighbour> {
        let mut nearest = Nearest::new(1);
        nearest.search(self, point, id);
        nearest.found.first().copied()
    }

    /// The number of ordered pairs of different points within `squared_radius`, without listing them: boxes that
    /// lie within the radius are counted whole.
    pub(super) fn n_pairs_within(&self, squared_radius: f64) -> usize {
        self.points
            .par_iter()
            .map(|(point, _)| {
                self.count_within(self.root(), point, squared_radius)
                    .saturating_sub(1)
            })
            .reduce(|| 0, usize::saturating_add)
    }

    /// Every point's others within `squared_radius`, ascending by index, in blocks of consecutive points of the
    /// tree's order.
    pub(super) fn all_within(&self, squared_radius: f64) -> Vec<RowBlock> {
        self.points
            .par_chunks(QUERIES_A_BLOCK)
            .map(|queries| {
                let mut block = RowBlock {
                    ends: vec![0],
                    entries: vec![],
                };
                let mut row: Vec<Neighbour> = vec![];
                for (point, id) in queries {
                    row.clear();
                    self.collect_within(self.root(), point, *id, squared_radius, &mut row);
                    row.sort_unstable_by_key(|&(_, other)| other);
                    block.entries.extend_from_slice(&row);
                    block.ends.push(block.entries.len());
                }
                block
            })
            .collect()
    }

    /// Where each point stands in the tree's order.
    pub(super) fn places(&self) -> Vec<u32> {
        let mut places = vec![0; self.points.len()];
        for ((_, id), place) in self.points.iter().zip(0..) {
            places[*id as usize] = place;
        }
        places
    }

    fn root(&self) -> Subtree {
        Subtree {
            node: 0,
            n_nodes: self.nodes.len(),
            start: 0,
            end: self.points.len(),
        }
    }

    fn points_of(&self, tree: Subtree) -> &[([f64; D], u32)] {
        &self.points[tree.start..tree.end]
    }

    fn count_within(&self, tree: Subtree, point: &[f64; D], squared_radius: f64) -> usize {
        let node = &self.nodes[tree.node];
        if tree.start == tree.end || node.squared_distance(point) > squared_radius {
            return 0;
        }
        if node.squared_reach(point) <= squared_radius {
            return tree.end - tree.start;
        }
        match tree.children() {
            Some((left, right)) => {
                self.count_within(left, point, squared_radius)
                    + self.count_within(right, point, squared_radius)
            }
            None => self
                .points_of(tree)
                .iter()
                .filter(|(other, _)| squared_distance(point, other) <= squared_radius)
                .count(),
        }
    }

    fn collect_within(
        &self,
        tree: Subtree,
        point: &[f64; D],
        id: u32,
        squared_radius: f64,
        row: &mut Vec<Neighbour>,
    ) {
        if tree.start == tree.end || self.nodes[tree.node].squared_distance(point) > squared_radius {
            return;
        }
        if let Some((left, right)) = tree.children() {
            self.collect_within(left, point, id, squared_radius, row);
            self.collect_within(right, point, id, squared_radius, row);
            return;
        }
        for (other, other_id) in self.points_of(tree) {
            let distance = squared_distance(point, other);
            if distance <= squared_radius && *other_id != id {
                row.push((distance, *other_id));
            }
        }
    }
}

/// Rows of neighbours: row `i` is `entries[ends[i]..ends[i + 1]]`.
#[derive(Debug)]
pub(super) struct RowBlock {
    ends: Vec<usize>,
    entries: Vec<Neighbour>,
}

/// Row number `place` of all `blocks`.
pub(super) fn row_at(blocks: &[RowBlock], place: u32) -> &[Neighbour] {
    let (block, row) = (place as usize / QUERIES_A_BLOCK, place as usize % QUERIES_A_BLOCK);
    let block = &blocks[block];
    &block.entries[block.ends[row]..block.ends[row + 1]]
}

/// A node with the nodes and points below it.
#[derive(Debug, Clone, Copy)]
struct Subtree {
    node: usize,
    n_nodes: usize,
    start: usize,
    end: usize,
}

impl Subtree {
    /// The left and the right half, `None` for a leaf.
    fn children(self) -> Option<(Self, Self)> {
        if self.n_nodes == 1 {
            return None;
        }
        let n_nodes = self.n_nodes / 2;
        let middle = self.start + (self.end - self.start) / 2;
        let left = Self {
            node: self.node + 1,
            n_nodes,
            start: self.start,
            end: middle,
        };
        let right = Self {
            node: self.node + 1 + n_nodes,
            n_nodes,
            start: middle,
            end: self.end,
        };
        Some((left, right))
    }
}

/// Builds the subtree of `points` into `nodes`, in pre-order.
fn build<const D: usize>(nodes: &mut [Node<D>], points: &mut [([f64; D], u32)]) {
    let Some((node, below)) = nodes.split_first_mut() else {
        return;
    };
    *node = Node::around(points);
    if below.is_empty() {
        return;
    }
    let middle = points.len() / 2;
    if middle > 0 {
        // Coinciding points are split by index, so that the smallest index prunes among them.
        match node.longest_axis() {
            Some(axis) => points.select_nth_unstable_by(middle, |a, b| a.0[axis].total_cmp(&b.0[axis])),
            None => points.select_nth_unstable_by(middle, |a, b| a.1.cmp(&b.1)),
        };
    }
    let is_large = points.len() > SEQUENTIAL;
    let (left_nodes, right_nodes) = below.split_at_mut(below.len() / 2);
    let (left, right) = points.split_at_mut(middle);
    if is_large {
        rayon::join(|| build(left_nodes, left), || build(right_nodes, right));
    } else {
        build(left_nodes, left);
        build(right_nodes, right);
    }
}

/// The nearest points found so far, nearest first, ties by index.
struct Nearest {
    k: usize,
    found: Vec<Neighbour>,
}

impl Nearest {
    fn new(k: usize) -> Self {
        Self {
            k,
            found: Vec::with_capacity(k + 1),
        }
    }

    fn search<const D: usize>(&mut self, tree: &KdTree<D>, point: &[f64; D], id: u32) {
        self.found.clear();
        let root = tree.root();
        self.descend(tree, root, tree.nodes[0].squared_distance(point), point, id);
    }

    /// Whether a point at `candidate` or farther can no longer enter.
    fn excludes(&self, candidate: Neighbour) -> bool {
        self.found.len() == self.k && self.found.last().is_none_or(|&last| !is_nearer(candidate, last))
    }

    fn descend<const D: usize>(
        &mut self,
        tree: &KdTree<D>,
        subtree: Subtree,
        distance: f64,
        point: &[f64; D],
        id: u32,
    ) {
        if subtree.start == subtree.end || self.excludes((distance, tree.nodes[subtree.node].first)) {
            return;
        }
        let Some((left, right)) = subtree.children() else {
            for (other, other_id) in tree.points_of(subtree) {
                if *other_id != id {
                    self.offer((squared_distance(point, other), *other_id));
                }
            }
            return;
        };
        let key = |half: Subtree| {
            let node = &tree.nodes[half.node];
            (node.squared_distance(point), node.first)
        };
        let (left_key, right_key) = (key(left), key(right));
        if is_nearer(right_key, left_key) {
            self.descend(tree, right, right_key.0, point, id);
            self.descend(tree, left, left_key.0, point, id);
        } else {
            self.descend(tree, left, left_key.0, point, id);
            self.descend(tree, right, right_key.0, point, id);
        }
    }

    fn offer(&mut self, candidate: Neighbour) {
        if self.excludes(candidate) {
            return;
        }
        if self.found.len() == self.k {
            self.found.pop();
        }
        let mut at = self.found.len();
        while at > 0 && is_nearer(candidate, self.found[at - 1]) {
            at -= 1;
        }
        self.found.insert(at, candidate);
    }
}

/// Whether `a` comes before `b`: by distance, then by index.
fn is_nearer(a: Neighbour, b: Neighbour) -> bool {
    a.0 < b.0 || (a.0 <= b.0 && a.1 < b.1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn brute_force(points: &[[f64; 2]], i: usize) -> Vec<Neighbour> {
        let mut all: Vec<Neighbour> = points
            .iter()
            .zip(0_u32..)
            .filter(|&(_, id)| id as usize != i)
            .map(|(point, id)| (squared_distance(&points[i], point), id))
            .collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all
    }

    proptest! {
        #[test]
        fn neighbours_equal_those_of_comparing_all_pairs(
            cells in proptest::collection::vec((0_u8..12, 0_u8..12), 2..120),
            k in 1_usize..20,
            radius in 0.0..6.0,
        ) {
            // Points of a small lattice, so that ties and duplicates abound.
            let points: Vec<[f64; 2]> = cells.iter().map(|&(x, y)| [f64::from(x) * 0.1, f64::from(y)]).collect();
            let k = k.min(points.len() - 1);
            let tree = KdTree::new(&points);
            let (ids, squared) = tree.nearest_of_all(k);
            let squared_radius = radius * radius;
            let blocks = tree.all_within(squared_radius);
            let places = tree.places();
            let mut n_pairs = 0;
            for i in 0..points.len() {
                let expected = brute_force(&points, i);
                for (at, expected) in expected.iter().take(k).enumerate() {
                    prop_assert_eq!(ids[i * k + at], expected.1);
                    prop_assert_eq!(squared[i * k + at].to_bits(), expected.0.to_bits());
                }
                let mut within: Vec<Neighbour> =
                    expected.into_iter().filter(|&(distance, _)| distance <= squared_radius).collect();
                within.sort_by_key(|&(_, id)| id);
                prop_assert_eq!(row_at(&blocks, places[i]), within.as_slice());
                n_pairs += within.len();
            }
            prop_assert_eq!(tree.n_pairs_within(squared_radius), n_pairs);
        }
    }

    #[test]
    fn many_coinciding_points_are_searched_quickly() {
        // Comparing all pairs would take 10^10 steps.
        let points = vec![[1.0, 2.0]; 100_000];
        let (ids, _) = KdTree::new(&points).nearest_of_all(3);
        assert_eq!(ids[..6], [1, 2, 3, 0, 2, 3]);
        assert_eq!(ids[ids.len() - 3..], [0, 1, 2]);
    }
}
