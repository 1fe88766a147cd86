//! The pseudo-inverse of a small symmetric matrix.

use faer::{MatRef, Side};

/// The inverse of a symmetric non-negative `(p, p)` matrix, without the directions in which it is smaller than
/// `least`; also how many of them there are. A matrix without eigenvalues gives zeros.
pub(crate) fn pseudo_inverse(p: usize, matrix: &[f64], least: f64) -> (Vec<f64>, usize) {
    let mut inverse = vec![0.0; p * p];
    let Ok(eigen) = MatRef::from_row_major_slice(matrix, p, p).self_adjoint_eigen(Side::Lower) else {
        return (inverse, p);
    };
    let mut lost = 0;
    for k in 0..p {
        let value = eigen.S()[k];
        if value < least {
            lost += 1;
            continue;
        }
        for a in 0..p {
            for b in 0..p {
                inverse[a * p + b] += eigen.U()[(a, k)] * eigen.U()[(b, k)] / value;
            }
        }
    }
    (inverse, lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_singular_matrix_is_inverted_where_it_can_be() {
        // Eigenvalue 4 along (1, 1), 0 along (1, −1).
        let (inverse, lost) = pseudo_inverse(2, &[2.0, 2.0, 2.0, 2.0], 1e-9);
        assert_eq!(lost, 1);
        assert!(inverse.iter().all(|entry| (entry - 0.125).abs() < 1e-14));
    }
}
