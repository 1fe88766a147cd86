//! Random permutations of many values.

use super::Permutations;
use super::generator::Generator;

/// The stream of permutation `p` is number `p` of this name.
const STREAM: &str = "permutation";

/// Variables longer than this leave the second-level cache, where swaps at random places wait for memory.
const LONG: usize = 1 << 17;

/// Into so many parts a long variable is dealt.
const PARTS: usize = 256;

/// Makes permutations.
#[derive(Debug, Default)]
pub(crate) struct Shuffler {
    /// The part that each value is dealt to.
    parts: Vec<u8>,
}

impl Shuffler {
    /// Permutation number `index` of `z`, all n! of them equally likely.
    ///
    /// A long variable is first dealt to parts at random, each value on its own, and each part is then shuffled:
    /// all places of a part fit into cache. All orders stay equally likely: given the sizes of the parts, every
    /// way to deal is as likely, and so is every order within each part.
    ///
    /// # References
    /// Rao (1961), Generation of random permutation of given number of elements using random sampling numbers,
    /// Sankhyā A 23; Sandelius (1962), doi:10.1111/j.2517-6161.1962.tb00474.x.
    pub(crate) fn permute(
        &mut self,
        z: &[f64],
        shuffled: &mut [f64],
        permutations: Permutations,
        index: u64,
    ) {
        let mut generator = Generator::start(permutations.seed().indexed(STREAM, index));
        if z.len() <= LONG {
            shuffled.copy_from_slice(z);
            generator.shuffle(shuffled);
        } else {
            self.deal(z, shuffled, &mut generator);
        }
    }

    fn deal(&mut self, z: &[f64], shuffled: &mut [f64], generator: &mut Generator) {
        self.parts.resize(z.len(), 0);
        let mut sizes = [0_usize; PARTS];
        for parts in self.parts.chunks_mut(8) {
            let bytes = generator.next_u64().to_le_bytes();
            parts.copy_from_slice(&bytes[..parts.len()]);
            for &part in parts.iter() {
                sizes[part as usize] += 1;
            }
        }
        let mut ends = [0; PARTS];
        let mut total = 0;
        for (end, size) in ends.iter_mut().zip(sizes) {
            *end = total;
            total += size;
        }
        for (&value, &part) in z.iter().zip(&self.parts) {
            let end = &mut ends[part as usize];
            shuffled[*end] = value;
            *end += 1;
        }
        for (end, size) in ends.into_iter().zip(sizes) {
            generator.shuffle(&mut shuffled[end - size..end]);
        }
    }
}

#[cfg(test)]
mod tests {
    use wherefair_core::Seed;

    use super::*;

    #[test]
    fn dealing_makes_every_order_equally_likely() {
        let mut generator = Generator::start(Seed::new(3).stream("orders"));
        let mut shuffler = Shuffler::default();
        let z = [0.0, 1.0, 2.0, 3.0];
        let mut counts = vec![0_i32; 256];
        let mut shuffled = [0.0; 4];
        for _ in 0..24 * 2_000 {
            shuffler.deal(&z, &mut shuffled, &mut generator);
            let code = shuffled.iter().fold(0.0, |code, value| code * 4.0 + value);
            let at = (0..256_u16).find(|&at| (f64::from(at) - code).abs() < 0.5);
            counts[usize::from(at.unwrap())] += 1;
        }
        let seen: Vec<i32> = counts.into_iter().filter(|&count| count > 0).collect();
        assert_eq!(seen.len(), 24);
        let five_sigma = 5.0 * 2_000.0_f64.sqrt();
        assert!(
            seen.iter()
                .all(|&count| f64::from(count - 2_000).abs() < five_sigma)
        );
    }

    #[test]
    fn long_variables_keep_their_values_and_leave_their_places() {
        let z: Vec<f64> = (0..200_000).map(f64::from).collect();
        let permutations = Permutations::new(2, Seed::new(1)).unwrap();
        let mut shuffled = vec![0.0; z.len()];
        let mut shuffler = Shuffler::default();
        shuffler.permute(&z, &mut shuffled, permutations, 1);
        // The expected number of values at their own place is 1, and the rank correlation with the old order 0.
        let at_home = z.iter().zip(&shuffled).filter(|(a, b)| a.total_cmp(b).is_eq());
        assert!(at_home.count() < 12);
        let n = z.len() as f64;
        let mean = (n - 1.0) / 2.0;
        let products: f64 = z
            .iter()
            .zip(&shuffled)
            .map(|(a, b)| (a - mean) * (b - mean))
            .sum();
        let correlation = products / (n * (n * n - 1.0) / 12.0);
        assert!(correlation.abs() < 5.0 / n.sqrt(), "{correlation}");
        shuffled.sort_by(f64::total_cmp);
        assert_eq!(shuffled, z);
    }
}
