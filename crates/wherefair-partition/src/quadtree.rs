//! Quadtrees that are finer where there are more samples.

use wherefair_core::{Extent, ParamError, PartitionId, Site, Sites};

use crate::{PartitionError, Partitioning, Shape};

/// Rectangles that were halved along both axes until each held few samples.
///
/// Leaves are numbered depth first: south-west, south-east, north-west, north-east. A leaf holds its lower
/// borders but not its upper ones, unless these are the extent's.
#[derive(Debug, Clone, PartialEq)]
pub struct Quadtree {
    name: String,
    extent: Extent,
    nodes: Vec<Node>,
    leaves: Vec<Leaf>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Node {
    /// Points below `mid` of an axis go to the lower half; an axis that cannot be halved has no `mid`. The
    /// children are nodes `first`, `first + 1`, …: x varies fastest.
    Inner {
        mid_x: Option<f64>,
        mid_y: Option<f64>,
        first: usize,
    },
    Leaf(usize),
}

#[derive(Debug, Clone, PartialEq)]
struct Leaf {
    extent: Extent,
    label: String,
}

/// A node still to be split or made a leaf.
struct Pending {
    node: usize,
    extent: Extent,
    label: String,
    depth: usize,
    members: Vec<u32>,
}

impl Quadtree {
    /// Halves `extent` until a leaf holds at most `max_samples_per_leaf` of the `sites`, lies at `max_depth`, or
    /// cannot be halved further; named `quadtree {max_samples_per_leaf}, depth {max_depth}`.
    ///
    /// A leaf whose samples all lie at one point is not split, however many they are: no split could part
    /// them. Sites outside the extent, and sites without finite coordinates, are not counted. An axis without
    /// length is not halved.
    ///
    /// # Errors
    /// [`PartitionError::Param`] when `max_samples_per_leaf` is 0, when the extent's bounds are not finite and
    /// ordered, or when there are more than 4,294,967,294 sites.
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::{Extent, Site, Sites};
    /// use wherefair_partition::{Partitioning, Quadtree};
    ///
    /// let sites = Sites::new(&[0.1, 0.2, 0.9], &[0.1, 0.2, 0.9])?;
    /// let tree = Quadtree::by_count(sites, Extent::new(0.0, 0.0, 1.0, 1.0)?, 2, 8)?;
    /// assert_eq!(tree.n_partitions(), 4);
    /// assert_eq!(tree.label(tree.locate(&Site::at(0.5, 0.0)).unwrap()), "se");
    /// # Ok::<(), wherefair_partition::PartitionError>(())
    /// ```
    pub fn by_count(
        sites: Sites<'_>,
        extent: Extent,
        max_samples_per_leaf: usize,
        max_depth: usize,
    ) -> Result<Self, PartitionError> {
        let extent = Extent::new(extent.min_x, extent.min_y, extent.max_x, extent.max_y)?;
        if max_samples_per_leaf == 0 {
            return Err(ParamError::new("max samples per leaf", 0, "a whole number of at least 1").into());
        }
        let n_sites = PartitionId::from_index(sites.len())?.0;
        let members = (0..n_sites)
            .filter(|&i| extent.contains(sites.get(i as usize).point))
            .collect();
        let mut tree = Self {
            name: format!("quadtree {max_samples_per_leaf}, depth {max_depth}"),
            extent,
            nodes: vec![Node::Leaf(0)],
            leaves: Vec::new(),
        };
        let mut pending = vec![Pending {
            node: 0,
            extent,
            label: String::new(),
            depth: 0,
            members,
        }];
        while let Some(next) = pending.pop() {
            let splits = next.members.len() > max_samples_per_leaf
                && next.depth < max_depth
                && !all_at_one_point(&sites, &next.members);
            let (mid_x, mid_y) = if splits {
                (
                    midpoint(next.extent.min_x, next.extent.max_x),
                    midpoint(next.extent.min_y, next.extent.max_y),
                )
            } else {
                (None, None)
            };
            if mid_x.is_none() && mid_y.is_none() {
                tree.add_leaf(next)?;
                continue;
            }
            let first = tree.nodes.len();
            let mut children = split(&next, mid_x, mid_y, first, &sites);
            tree.nodes[next.node] = Node::Inner { mid_x, mid_y, first };
            tree.nodes.resize(first + children.len(), Node::Leaf(0));
            // The last one pushed is the first one taken: south-west first.
            children.reverse();
            pending.append(&mut children);
        }
        Ok(tree)
    }

    fn add_leaf(&mut self, leaf: Pending) -> Result<(), PartitionError> {
        PartitionId::from_index(self.leaves.len())?;
        self.nodes[leaf.node] = Node::Leaf(self.leaves.len());
        let whole = leaf.label.is_empty();
        self.leaves.push(Leaf {
            extent: leaf.extent,
            label: if whole {
                "whole extent".to_owned()
            } else {
                leaf.label
            },
        });
        Ok(())
    }

    /// The same tree called `name`.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }
}

/// The middle of an interval, or `None` when no number lies strictly inside.
fn midpoint(min: f64, max: f64) -> Option<f64> {
    let mid = min + (max - min) * 0.5;
    (min < mid && mid < max).then_some(mid)
}

fn all_at_one_point(sites: &Sites<'_>, members: &[u32]) -> bool {
    let mut points = members.iter().map(|&i| sites.get(i as usize).point);
    let first = points.next();
    points.all(|point| Some(point) == first)
}

/// Which half of an axis holds `value`: 0 for the lower one, or for an axis that is not halved.
fn half(mid: Option<f64>, value: f64) -> usize {
    usize::from(mid.is_some_and(|mid| value >= mid))
}

fn n_halves(mid: Option<f64>) -> usize {
    1 + usize::from(mid.is_some())
}

fn split(
    parent: &Pending,
    mid_x: Option<f64>,
    mid_y: Option<f64>,
    first: usize,
    sites: &Sites<'_>,
) -> Vec<Pending> {
    let whole = parent.extent;
    let mut children = Vec::with_capacity(4);
    for up in 0..n_halves(mid_y) {
        for across in 0..n_halves(mid_x) {
            let mut extent = whole;
            let mut label = parent.label.clone();
            if !label.is_empty() {
                label.push('.');
            }
            if let Some(mid) = mid_y {
                label.push(if up == 0 { 's' } else { 'n' });
                *(if up == 0 {
                    &mut extent.max_y
                } else {
                    &mut extent.min_y
                }) = mid;
            }
            if let Some(mid) = mid_x {
                label.push(if across == 0 { 'w' } else { 'e' });
                *(if across == 0 {
                    &mut extent.max_x
                } else {
                    &mut extent.min_x
                }) = mid;
            }
            children.push(Pending {
                node: first + children.len(),
                extent,
                label,
                depth: parent.depth + 1,
                members: Vec::new(),
            });
        }
    }
    for &i in &parent.members {
        let point = sites.get(i as usize).point;
        let child = half(mid_y, point.y) * n_halves(mid_x) + half(mid_x, point.x);
        children[child].members.push(i);
    }
    children
}

impl Partitioning for Quadtree {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn n_partitions(&self) -> usize {
        self.leaves.len()
    }

    fn locate(&self, site: &Site) -> Option<PartitionId> {
        if !self.extent.contains(site.point) {
            return None;
        }
        let mut node = 0;
        loop {
            match self.nodes[node] {
                Node::Leaf(leaf) => return PartitionId::from_index(leaf).ok(),
                Node::Inner { mid_x, mid_y, first } => {
                    node = first + half(mid_y, site.point.y) * n_halves(mid_x) + half(mid_x, site.point.x);
                }
            }
        }
    }

    fn label(&self, id: PartitionId) -> String {
        let leaf = self.leaves.get(id.index());
        leaf.map_or_else(|| format!("partition {id}"), |leaf| leaf.label.clone())
    }

    fn area(&self, id: PartitionId) -> Option<f64> {
        self.leaves.get(id.index()).map(|leaf| leaf.extent.area())
    }

    fn shape(&self, id: PartitionId) -> Option<Shape> {
        let leaf = self.leaves.get(id.index())?;
        Some(Shape::rectangle(&leaf.extent))
    }

    fn extent(&self) -> Option<Extent> {
        Some(self.extent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit() -> Extent {
        Extent::new(0.0, 0.0, 1.0, 1.0).unwrap()
    }

    #[test]
    fn duplicates_end_the_recursion() {
        let (x, y) = (vec![0.3; 1000], vec![0.3; 1000]);
        let sites = Sites::new(&x, &y).unwrap();
        let tree = Quadtree::by_count(sites, unit(), 1, usize::MAX).unwrap();
        assert_eq!(tree.n_partitions(), 1);
        assert_eq!(tree.label(PartitionId(0)), "whole extent");
    }

    #[test]
    fn two_nearly_equal_points_are_parted_at_last() {
        let x = [0.3, 0.3_f64.next_up()];
        let sites = Sites::new(&x, &[0.3; 2]).unwrap();
        let tree = Quadtree::by_count(sites, unit(), 1, usize::MAX).unwrap();
        assert!(tree.n_partitions() > 100);
        assert_ne!(tree.locate(&sites.get(0)), tree.locate(&sites.get(1)));
        let shallow = Quadtree::by_count(sites, unit(), 1, 3).unwrap();
        assert_eq!(shallow.n_partitions(), 10);
        assert_eq!(Quadtree::by_count(sites, unit(), 1, 0).unwrap().n_partitions(), 1);
    }

    #[test]
    fn leaves_hold_at_most_the_given_count() {
        let mut stream = wherefair_core::Seed::new(2).stream("sites");
        let x: Vec<f64> = (0..3000).map(|_| stream.uniform().powi(2)).collect();
        let y: Vec<f64> = (0..3000).map(|_| stream.uniform()).collect();
        let sites = Sites::new(&x, &y).unwrap();
        let tree = Quadtree::by_count(sites, unit(), 40, 30).unwrap();
        let mut counts = vec![0; tree.n_partitions()];
        for i in 0..sites.len() {
            counts[tree.locate(&sites.get(i)).unwrap().index()] += 1;
        }
        assert!(counts.iter().all(|&n| n <= 40));
        assert!(tree.n_partitions() < 4 * 3000 / 40 * 2);
    }

    #[test]
    fn borders_belong_to_the_upper_leaf_and_the_outer_ones_to_the_last() {
        let sites = Sites::new(&[0.1, 0.9], &[0.1, 0.9]).unwrap();
        let tree = Quadtree::by_count(sites, unit(), 1, 1).unwrap();
        for (x, y, label) in [
            (0.5, 0.0, "se"),
            (0.0, 0.5, "nw"),
            (0.5, 0.5, "ne"),
            (1.0, 1.0, "ne"),
            (0.0, 0.0, "sw"),
        ] {
            assert_eq!(tree.label(tree.locate(&Site::at(x, y)).unwrap()), label);
        }
        assert_eq!(tree.locate(&Site::at(1.1, 0.5)), None);
        assert_eq!(tree.locate(&Site::at(f64::NAN, 0.5)), None);
    }

    #[test]
    fn flat_extents_are_halved_along_one_axis() {
        let x = [0.1, 0.6, 0.9];
        let sites = Sites::new(&x, &[5.0; 3]).unwrap();
        let flat = Extent::new(0.0, 5.0, 1.0, 5.0).unwrap();
        let tree = Quadtree::by_count(sites, flat, 1, 9).unwrap();
        assert_eq!(tree.n_partitions(), 3);
        assert_eq!(tree.label(PartitionId(1)), "e.w");
    }

    #[test]
    fn no_samples_make_one_leaf_and_no_count_is_rejected() {
        let none = Sites::new(&[], &[]).unwrap();
        assert_eq!(Quadtree::by_count(none, unit(), 1, 9).unwrap().n_partitions(), 1);
        assert!(Quadtree::by_count(none, unit(), 0, 9).is_err());
        let odd = Sites::new(&[f64::NAN, f64::INFINITY, 7.0], &[0.5; 3]).unwrap();
        assert_eq!(Quadtree::by_count(odd, unit(), 1, 9).unwrap().n_partitions(), 1);
    }
}
