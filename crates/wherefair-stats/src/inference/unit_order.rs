//! An order of units that keeps neighbours close in memory.

/// The units in breadth-first order over links `neighbours[offsets[i]..offsets[i + 1]]`, which go both ways.
///
/// Random permutations are as random in any order of units, but in this one the neighbours of consecutive units
/// lie together, so that sums over neighbours read from cache.
pub(crate) fn breadth_first(offsets: &[usize], neighbours: &[u32]) -> Vec<u32> {
    let n = offsets.len().saturating_sub(1);
    let mut seen = vec![false; n];
    let mut order = Vec::with_capacity(n);
    for (unit, id) in (0..n).zip(0_u32..) {
        if !seen[unit] {
            walk(id, offsets, neighbours, &mut seen, &mut order);
        }
    }
    order
}

/// Appends the units that can be reached from `start` and are not yet `seen`.
fn walk(start: u32, offsets: &[usize], neighbours: &[u32], seen: &mut [bool], reached: &mut Vec<u32>) {
    let mut next = reached.len();
    seen[start as usize] = true;
    reached.push(start);
    while let Some(&unit) = reached.get(next) {
        next += 1;
        for &to in &neighbours[offsets[unit as usize]..offsets[unit as usize + 1]] {
            if !seen[to as usize] {
                seen[to as usize] = true;
                reached.push(to);
            }
        }
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
}
