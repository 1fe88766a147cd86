//! The kernels run on the processor: the same source, compiled by the C++ compiler.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;

use super::{Case, TOLERANCE, assert_agree, assert_train_alike};
use crate::cuda::engine::{Call, CudaMlp, Kernels, TargetsOf, Truth};
use crate::cuda::plan::{Kind, Plan};
use crate::{NnError, Targets};

/// Shared memory of the smallest cards, and of large ones.
const LIMITS: [usize; 2] = [48 << 10, 227 << 10];

/// The kernels of one network as a program.
#[derive(Debug, Clone)]
struct Emulated {
    folder: Arc<tempfile::TempDir>,
}

impl Emulated {
    /// Compiles the kernels; `None`, with a word to the developer, where there is no C++ compiler.
    fn new(plan: &Plan) -> Option<Self> {
        let compiler = std::env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("kernels.cu", plan.source()),
            ("emulator.cpp", include_str!("emulator.cpp").to_owned()),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let compiled = Command::new(&compiler)
            .args(["-std=c++17", "-O1", "-o", "emulator", "emulator.cpp"])
            .current_dir(folder.path())
            .output();
        let Ok(output) = compiled else {
            skipped(&format!("`{compiler}` is not installed"));
            return None;
        };
        let errors = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() && !errors.contains("kernels.cu") {
            skipped(&format!("`{compiler}` does not compile the emulator: {errors}"));
            return None;
        }
        assert!(output.status.success(), "the kernels do not compile: {errors}");
        let folder = Arc::new(folder);
        Some(Self { folder })
    }

    /// Runs a kernel; `numbers` are stage or kind, scale and threshold, `arrays` labels, values and slopes.
    fn run(
        &self,
        kernel: u32,
        call: &Call<'_>,
        (stage, scale, threshold): (u32, f32, f32),
        (labels, values, slopes): (&[u32], &[f32], &[f32]),
    ) -> Vec<u8> {
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<u32>>();
        let mut input = vec![kernel, call.n_blocks, call.places.n_runs, call.size, stage];
        input.extend([scale.to_bits(), threshold.to_bits()]);
        for array in [
            bits(call.parameters),
            bits(call.features.values()),
            call.places.words.clone(),
            labels.to_vec(),
            bits(values),
            bits(slopes),
        ] {
            input.push(u32::try_from(array.len()).unwrap());
            input.extend(array);
        }
        let input: Vec<u8> = input.into_iter().flat_map(u32::to_le_bytes).collect();
        let mut process = Command::new(self.folder.path().join("emulator"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        process.stdin.take().unwrap().write_all(&input).unwrap();
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", output.status);
        output.stdout
    }
}

#[expect(clippy::print_stderr, reason = "a test that shows nothing must say so")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}, so that the kernels cannot be run on the processor");
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    let (numbers, _) = bytes.as_chunks();
    numbers.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()
}

fn labels_and_values(targets: TargetsOf<'_>) -> (&[u32], &[f32]) {
    match targets {
        TargetsOf::Samples(Targets::Classes { labels, .. }) => (labels, &[]),
        TargetsOf::Samples(Targets::Values { values, .. }) | TargetsOf::Batch(values) => (&[], values),
    }
}

impl Kernels for Emulated {
    fn gradient(&mut self, call: &Call<'_>, truth: &Truth<'_>) -> Result<Vec<f32>, NnError> {
        let (labels, values) = labels_and_values(truth.targets);
        let head = (truth.stage as u32, truth.scale, truth.threshold);
        Ok(numbers(&self.run(0, call, head, (labels, values, truth.slopes))))
    }

    fn dice_sums(&mut self, call: &Call<'_>, labels: Targets<'_>) -> Result<Vec<f32>, NnError> {
        let (labels, _) = labels_and_values(TargetsOf::Samples(labels));
        Ok(numbers(&self.run(1, call, (0, 0.0, 0.0), (labels, &[], &[]))))
    }

    fn classes(&mut self, call: &Call<'_>, classes: &mut [u32]) -> Result<(), NnError> {
        let bytes = self.run(2, call, (Kind::Classes as u32, 0.0, 0.0), (&[], &[], &[]));
        let (written, _) = bytes.as_chunks();
        classes.copy_from_slice(
            &written
                .iter()
                .map(|&bytes| u32::from_le_bytes(bytes))
                .collect::<Vec<_>>(),
        );
        Ok(())
    }

    fn values(&mut self, call: &Call<'_>, kind: Kind, values: &mut [f32]) -> Result<(), NnError> {
        let bytes = self.run(2, call, (kind as u32, 0.0, 0.0), (&[], &[], &[]));
        values.copy_from_slice(&numbers(&bytes));
        Ok(())
    }
}

/// Makes engines whose kernels are compiled once.
fn emulated(case: &Case, plan: Plan) -> Option<impl FnMut() -> CudaMlp + use<>> {
    let (kernels, shape) = (Emulated::new(&plan)?, case.shape.clone());
    Some(move || CudaMlp::new(shape.clone(), plan.clone(), Box::new(kernels.clone())))
}

fn smallest(case: &Case) -> Plan {
    Plan::new(&case.shape, LIMITS[0]).unwrap()
}

#[test]
fn the_kernels_compute_what_the_fused_engine_does() {
    // Tiles of 64 and 32 samples, full and not; squares of 1, 2 and 4 weights; one and several passes over the rows of
    // a layer; activations in shared memory and outside.
    for (widths, n) in [
        (&[10, 10, 10, 10, 10, 10, 10, 10, 23][..], 80),
        (&[4, 3, 5], 4),
        (&[3, 7], 128),
        (&[10, 40, 33, 9], 40),
        (&[17, 128, 100, 65], 33),
    ] {
        let case = Case::new(widths, n);
        let mut plans: Vec<Plan> = LIMITS.map(|limit| Plan::new(&case.shape, limit).unwrap()).into();
        plans.dedup();
        for plan in plans {
            let Some(engine) = emulated(&case, plan.clone()) else {
                return;
            };
            assert_agree(&case, TOLERANCE, engine, &format!("{plan:?}"));
        }
    }
}

#[test]
fn a_short_training_with_the_kernels_is_that_of_the_fused_engine() {
    let case = Case::new(&[10, 10, 10, 5], 200);
    if let Some(engine) = emulated(&case, smallest(&case)) {
        assert_train_alike(&case, engine);
    }
}

#[test]
fn blocks_that_take_several_tiles_add_them_up() {
    // 512 blocks of 64 samples, and some samples more.
    let case = Case::new(&[2, 2], 512 * 64 + 100);
    if let Some(mut engine) = emulated(&case, smallest(&case)) {
        use crate::Loss;

        let loss = Loss::CrossEntropy;
        let samples = case.samples(&loss);
        let all = samples.features().all_rows();
        let (_, ours) = case.on(engine(), loss).loss_and_gradient(&samples, &all).unwrap();
        let (_, theirs) = case.fused(loss).loss_and_gradient(&samples, &all).unwrap();
        super::assert_close(&ours, &theirs, TOLERANCE, "several tiles");
    }
}

#[test]
fn derivatives_that_only_the_processor_computes_are_errors_that_say_so() {
    use crate::{Engine as _, Loss};

    let case = Case::new(&[3, 2], 4);
    let Some(mut engine) = emulated(&case, smallest(&case)) else {
        return;
    };
    let (mut engine, loss, rows) = (engine(), Loss::CrossEntropy, [0, 1]);
    let (samples, parameters, mut written) = (case.samples(&loss), &case.parameters, [0.0; 8]);
    let error = engine.hessian_vector(parameters, &samples, &rows, &loss, parameters, &mut written);
    let expected = "the engine for graphics cards does not compute products with second derivatives of multilayer \
                    perceptron [3, 2], ReLU (use the fused engine of the processor)";
    assert_eq!(error.unwrap_err().to_string(), expected);
    let by_inputs = Some(&mut [0.0; 6][..]);
    let error = engine.gradient(parameters, &samples, &rows, &loss, &mut written, by_inputs);
    let expected = "the engine for graphics cards does not compute derivatives by the features of multilayer \
                    perceptron [3, 2], ReLU (use the fused engine of the processor)";
    assert_eq!(error.unwrap_err().to_string(), expected);
}
