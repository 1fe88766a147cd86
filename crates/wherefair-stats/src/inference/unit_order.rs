//! An order of units that keeps neighbours close in memory.

/// The units in breadth-first order over links `neighbours[offsets[i]..offsets[i + 1]]`.
///
/// Random permutations are as random in any order of units, but in this one the neighbours of consecutive units
/// lie together, so that sums over neighbours read from cache. Units that no link leads to would come last, far from
/// those that they link to: they are put beside them.
pub(crate) fn breadth_first(offsets: &[usize], neighbours: &[u32]) -> Vec<u32> {
    let n = offsets.len().saturating_sub(1);
    let mut walk = Walk {
        offsets,
        neighbours,
        places: vec![UNSEEN; n],
        order: Vec::with_capacity(n),
    };
    // By place, the place after which the unit is to come.
    let mut anchors: Vec<u32> = Vec::with_capacity(n);
    let mut is_moved = false;
    for (unit, id) in (0..n).zip(0_u32..) {
        if walk.places[unit] == UNSEEN {
            let first = walk.order.len();
            walk.reach(id);
            let back = walk.order[first..].iter().flat_map(|&unit| walk.links(unit));
            let back = back.filter_map(|&to| anchors.get(walk.places[to as usize] as usize));
            match back.copied().max() {
                None => anchors.extend((0_u32..).take(walk.order.len()).skip(first)),
                Some(anchor) => {
                    anchors.resize(walk.order.len(), anchor);
                    is_moved = true;
                }
            }
        }
    }
    if !is_moved {
        return walk.order;
    }
    let mut anchored: Vec<(u32, u32)> = anchors.into_iter().zip(walk.order).collect();
    anchored.sort_by_key(|&(anchor, _)| anchor);
    anchored.into_iter().map(|(_, unit)| unit).collect()
}

/// The place of a unit that was not reached.
const UNSEEN: u32 = u32::MAX;

struct Walk<'a> {
    offsets: &'a [usize],
    neighbours: &'a [u32],
    /// Of each unit.
    places: Vec<u32>,
    order: Vec<u32>,
}

impl<'a> Walk<'a> {
    fn links(&self, unit: u32) -> &'a [u32] {
        &self.neighbours[self.offsets[unit as usize]..self.offsets[unit as usize + 1]]
    }

    /// Appends the units that can be reached from `start` and have no place.
    fn reach(&mut self, start: u32) {
        let mut next = self.order.len();
        self.append(start);
        while let Some(&unit) = self.order.get(next) {
            next += 1;
            for &to in self.links(unit) {
                if self.places[to as usize] == UNSEEN {
                    self.append(to);
                }
            }
        }
    }

    fn append(&mut self, unit: u32) {
        // Units are numbered by 32 bits.
        self.places[unit as usize] = u32::try_from(self.order.len()).unwrap_or(UNSEEN);
        self.order.push(unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_comes_once_beside_its_neighbours() {
        // The path 2 - 0 - 3 - 1, and the isolate 4.
        let order = breadth_first(&[0, 2, 3, 4, 6, 6], &[2, 3, 3, 0, 0, 1]);
        assert_eq!(order, [0, 2, 3, 1, 4]);
    }

    #[test]
    fn units_that_no_link_leads_to_come_beside_those_that_they_link_to() {
        // The path 0 - 1 - 2 - 3 - 4, and from outside 5 → 1, 6 → 5 and 7 → 6.
        let links: [&[u32]; 8] = [&[1], &[0, 2], &[1, 3], &[2, 4], &[3], &[1], &[5], &[6]];
        let mut offsets = vec![0];
        for links in links {
            offsets.push(offsets[offsets.len() - 1] + links.len());
        }
        let order = breadth_first(&offsets, &links.concat());
        assert_eq!(order, [0, 1, 5, 6, 7, 2, 3, 4]);
    }
}
