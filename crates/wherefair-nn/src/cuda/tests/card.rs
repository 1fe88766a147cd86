//! The kernels compiled for graphics cards, and run on one where there is one.

use super::{Case, assert_agree, assert_train_alike};
use crate::cuda::card::{compile, on_card};
use crate::cuda::plan::Plan;
use crate::{MlpShape, NnError};

/// The oldest architecture that CUDA 13 compiles for, and one of large shared memories.
const CAPABILITIES: [(i32, i32); 2] = [(7, 5), (9, 0)];

/// Largest difference for many samples: some lie on a kink of `ReLU` or of the absolute error, but for a rounding, and
/// count on one side only.
const AT_KINKS: f32 = 1e-3;

#[expect(clippy::print_stderr, reason = "a test that shows nothing must say so")]
fn skipped(error: &NnError) {
    eprintln!("skipped: {error}");
}

#[test]
fn the_kernels_compile_for_old_and_new_architectures() {
    for hidden in [vec![10; 7], vec![64, 33], vec![128; 7], vec![]] {
        let shape = MlpShape::new(10, &hidden, 23).unwrap();
        for limit in [48 << 10, 227 << 10] {
            let plan = Plan::new(&shape, limit).unwrap();
            for capability in CAPABILITIES {
                match compile(0, &plan, capability) {
                    Ok(ptx) => {
                        let text = ptx.to_src();
                        for kernel in ["gradient", "dice_sums", "outputs", "add_up"] {
                            assert!(
                                text.contains(&format!(".entry {kernel}(")),
                                "{hidden:?}: {kernel}"
                            );
                        }
                    }
                    Err(error) if error.to_string().contains("is not installed") => return skipped(&error),
                    Err(error) => panic!("{hidden:?}, {capability:?}: {error}"),
                }
            }
        }
    }
}

#[test]
fn a_graphics_card_computes_what_the_fused_engine_does() {
    for (widths, n) in [
        (&[10, 10, 10, 10, 10, 10, 10, 10, 23][..], 70_000),
        (&[4, 3, 5], 4),
        (&[10, 64, 33, 9], 5_000),
        (&[17, 128, 128, 65], 3_000),
    ] {
        let case = Case::new(widths, n);
        let engine = || on_card(0, &case.shape);
        if let Err(error) = engine() {
            return skipped(&error);
        }
        assert_agree(&case, AT_KINKS, || engine().unwrap(), &format!("{widths:?}"));
    }
}

#[test]
fn a_short_training_on_a_graphics_card_is_that_of_the_fused_engine() {
    let case = Case::new(&[10, 10, 10, 5], 20_000);
    match on_card(0, &case.shape) {
        Ok(_) => assert_train_alike(&case, || on_card(0, &case.shape).unwrap()),
        Err(error) => skipped(&error),
    }
}
