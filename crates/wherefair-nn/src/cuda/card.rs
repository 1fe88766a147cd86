//! The kernels on a graphics card.

#![expect(unsafe_code, reason = "kernels are foreign functions")]

use std::sync::Arc;

use cudarc::driver::sys::{CUdevice_attribute, CUfunction_attribute};
use cudarc::driver::{
    CudaContext, CudaFunction, CudaSlice, CudaStream, DriverError, LaunchConfig, PushKernelArg as _,
};
use cudarc::nvrtc::{CompileError, CompileOptions, Ptx, compile_ptx_with_opts};

use super::engine::{Call, CudaMlp, Kernels, TargetsOf, Truth};
use super::plan::{ADDED_COLUMNS, ADDERS, ADDERS_SHARED, Kind, Plan};
use crate::{Device, Features, MlpShape, NnError, Targets};

/// Sets of samples that stay on the card: training, validation and test samples, and one to spare.
const MAX_RESIDENT: usize = 4;

/// Bytes of a block's shared memory that the system keeps for itself.
const RESERVED: usize = 1 << 10;

/// The network on the graphics card with this number.
///
/// # Errors
/// [`NnError::Param`] for a layer that is too wide, [`NnError::Device`] where the card cannot be used.
pub(crate) fn on_card(number: usize, shape: &MlpShape) -> Result<CudaMlp, NnError> {
    let context = context(number)?;
    let failed = |error: DriverError| failure(number, "its driver failed", &error);
    let shared = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
    let shared = context.attribute(shared).map_err(failed)?;
    let shared = usize::try_from(shared).unwrap_or(0).saturating_sub(RESERVED);
    let plan = Plan::new(shape, shared)?;
    let capability = context.compute_capability().map_err(failed)?;
    let ptx = compile(number, &plan, capability)?;
    let card = Card::new(number, &context, ptx, plan.clone()).map_err(failed)?;
    Ok(CudaMlp::new(shape.clone(), plan, Box::new(card)))
}

/// What the card calls itself.
///
/// # Errors
/// [`NnError::Device`] where the card cannot be used.
pub(crate) fn name_of_card(number: usize) -> Result<String, NnError> {
    let name = context(number)?.name();
    name.map_err(|error| failure(number, "it does not tell its name", &error))
}

fn context(number: usize) -> Result<Arc<CudaContext>, NnError> {
    if !has_driver() {
        return Err(refused(
            number,
            "the driver of NVIDIA is not installed (no libcuda.so.1 found)",
        ));
    }
    CudaContext::new(number).map_err(|error| {
        let n_cards = CudaContext::device_count().unwrap_or(0);
        failure(
            number,
            &format!("the driver sees {n_cards} graphics cards"),
            &error,
        )
    })
}

/// Compiles the kernels for a card of this compute capability.
pub(super) fn compile(number: usize, plan: &Plan, (major, minor): (i32, i32)) -> Result<Ptx, NnError> {
    if !has_compiler() {
        return Err(refused(
            number,
            "the run-time compiler of CUDA is not installed (no libnvrtc.so found; it comes with the CUDA toolkit, or \
             with `pip install nvidia-cuda-nvrtc` and its folder in LD_LIBRARY_PATH)",
        ));
    }
    let options = CompileOptions {
        options: vec![
            "--std=c++17".to_owned(),
            format!("--gpu-architecture=compute_{major}{minor}"),
        ],
        name: Some("wherefair.cu".to_owned()),
        ..CompileOptions::default()
    };
    compile_ptx_with_opts(plan.source(), options).map_err(|error| match error {
        CompileError::CompileError { log, .. } => {
            let log = log.to_string_lossy();
            refused(number, &format!("its kernels do not compile: {log}"))
        }
        error => failure(number, "its kernels do not compile", &error),
    })
}

fn refused(number: usize, reason: &str) -> NnError {
    NnError::Device {
        device: Device::Cuda(number).to_string(),
        reason: reason.to_owned(),
    }
}

fn failure(number: usize, reason: &str, error: &impl std::fmt::Debug) -> NnError {
    refused(number, &format!("{reason}: {error:?}"))
}

/// Whether the driver is installed.
fn has_driver() -> bool {
    // Candle links the libraries into the program, which would not have started without them.
    #[cfg(feature = "candle-cuda")]
    return true;
    // SAFETY: loads a library of the system, which runs its initialisers.
    #[cfg(not(feature = "candle-cuda"))]
    return unsafe { cudarc::driver::sys::is_culib_present() };
}

/// Whether the run-time compiler is installed.
fn has_compiler() -> bool {
    #[cfg(feature = "candle-cuda")]
    return true;
    // SAFETY: as for the driver.
    #[cfg(not(feature = "candle-cuda"))]
    return unsafe { cudarc::nvrtc::sys::is_culib_present() };
}

/// Samples in the memory of the card.
#[derive(Debug)]
struct Resident {
    /// Those of the features that were copied.
    id: u64,
    features: CudaSlice<f32>,
    labels: Option<CudaSlice<u32>>,
    values: Option<CudaSlice<f32>>,
}

/// Memory of the card that grows as needed.
#[derive(Debug)]
struct Buffers {
    parameters: CudaSlice<f32>,
    rows: CudaSlice<u32>,
    slopes: CudaSlice<f32>,
    derivatives: CudaSlice<f32>,
    scratch: CudaSlice<f32>,
    partials: CudaSlice<f32>,
    sums: CudaSlice<f32>,
    classes: CudaSlice<u32>,
    values: CudaSlice<f32>,
}

#[derive(Debug)]
struct Card {
    number: usize,
    plan: Plan,
    stream: Arc<CudaStream>,
    gradient: CudaFunction,
    dice_sums: CudaFunction,
    outputs: CudaFunction,
    add_up: CudaFunction,
    /// The one used last is the last.
    resident: Vec<Resident>,
    buffers: Buffers,
    /// Stand for arrays that a kernel does not read.
    no_words: CudaSlice<u32>,
    no_numbers: CudaSlice<f32>,
}

impl Card {
    fn new(number: usize, context: &Arc<CudaContext>, ptx: Ptx, plan: Plan) -> Result<Self, DriverError> {
        let stream = context.default_stream();
        let module = context.load_module(ptx)?;
        let shared = i32::try_from(plan.shared_bytes()).unwrap_or(i32::MAX);
        let load = |name| -> Result<CudaFunction, DriverError> {
            let function = module.load_function(name)?;
            let attribute = CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            function.set_attribute(attribute, shared)?;
            Ok(function)
        };
        let numbers = |n| stream.alloc_zeros::<f32>(n);
        let words = |n| stream.alloc_zeros::<u32>(n);
        Ok(Self {
            number,
            gradient: load("gradient")?,
            dice_sums: load("dice_sums")?,
            outputs: load("outputs")?,
            add_up: module.load_function("add_up")?,
            resident: Vec::new(),
            buffers: Buffers {
                parameters: numbers(plan.n_parameters)?,
                rows: words(1)?,
                slopes: numbers(2 * plan.n_outputs())?,
                derivatives: numbers(1)?,
                scratch: numbers(1)?,
                partials: numbers(1)?,
                sums: numbers((plan.n_parameters + 1).max(3 * plan.n_outputs()))?,
                classes: words(1)?,
                values: numbers(1)?,
            },
            no_words: words(1)?,
            no_numbers: numbers(1)?,
            plan,
            stream,
        })
    }

    /// Copies the features to the card, unless they are there already, and makes them the last of the resident ones.
    fn keep(&mut self, features: &Features<'_>) -> Result<(), DriverError> {
        if let Some(place) = self.resident.iter().position(|one| one.id == features.id()) {
            let one = self.resident.remove(place);
            self.resident.push(one);
            return Ok(());
        }
        if self.resident.len() >= MAX_RESIDENT {
            self.resident.remove(0);
        }
        let copied = match self.stream.clone_htod(features.values()) {
            Err(_) if !self.resident.is_empty() => {
                // Perhaps others left no room.
                self.resident.clear();
                self.stream.clone_htod(features.values())
            }
            copied => copied,
        };
        self.resident.push(Resident {
            id: features.id(),
            features: copied?,
            labels: None,
            values: None,
        });
        Ok(())
    }

    /// Copies the targets of the features that were kept last, unless they are there already.
    fn keep_targets(&mut self, targets: Targets<'_>) -> Result<(), DriverError> {
        let Some(last) = self.resident.last_mut() else {
            return Ok(());
        };
        match targets {
            Targets::Classes { labels, .. } if last.labels.is_none() => {
                last.labels = Some(self.stream.clone_htod(labels)?);
            }
            Targets::Values { values, .. } if last.values.is_none() => {
                last.values = Some(self.stream.clone_htod(values)?);
            }
            Targets::Classes { .. } | Targets::Values { .. } => {}
        }
        Ok(())
    }

    /// Sends what changes from call to call.
    fn prepare(&mut self, call: &Call<'_>) -> Result<(), DriverError> {
        self.keep(&call.features)?;
        let n_scratch = self.plan.n_scratch() * call.n_blocks as usize;
        let Self { stream, buffers, .. } = self;
        stream.memcpy_htod(call.parameters, &mut buffers.parameters)?;
        send(stream, &call.places.words, &mut buffers.rows)?;
        grow(stream, n_scratch, &mut buffers.scratch)
    }

    fn launch(&self, call: &Call<'_>) -> LaunchConfig {
        LaunchConfig {
            grid_dim: (call.n_blocks, 1, 1),
            block_dim: (self.plan.threads, 1, 1),
            shared_mem_bytes: u32::try_from(self.plan.shared_bytes()).unwrap_or(u32::MAX),
        }
    }

    /// Adds the partial sums of the blocks up and brings them to the host.
    fn added(&mut self, call: &Call<'_>, n_columns: usize) -> Result<Vec<f32>, DriverError> {
        let columns = u32::try_from(n_columns).unwrap_or(u32::MAX);
        let launch = LaunchConfig {
            grid_dim: (
                u32::try_from(n_columns.div_ceil(ADDED_COLUMNS)).unwrap_or(u32::MAX),
                1,
                1,
            ),
            block_dim: (ADDERS, 1, 1),
            shared_mem_bytes: ADDERS_SHARED,
        };
        let Buffers { partials, sums, .. } = &mut self.buffers;
        let mut builder = self.stream.launch_builder(&self.add_up);
        builder
            .arg(&*partials)
            .arg(&call.n_blocks)
            .arg(&columns)
            .arg(&mut *sums);
        // SAFETY: the arguments are those of `add_up`; `partials` holds n_blocks × columns numbers, which the kernel
        // before it wrote, and `sums` at least as many as there are columns.
        unsafe { builder.launch(launch) }?;
        let mut added = vec![0.0; n_columns];
        self.stream.memcpy_dtoh(&sums.slice(..n_columns), &mut added)?;
        Ok(added)
    }

    fn try_gradient(&mut self, call: &Call<'_>, truth: &Truth<'_>) -> Result<Vec<f32>, DriverError> {
        let n_columns = self.plan.n_parameters + 1;
        self.prepare(call)?;
        match truth.targets {
            TargetsOf::Samples(targets) => self.keep_targets(targets)?,
            TargetsOf::Batch(derivatives) => send(&self.stream, derivatives, &mut self.buffers.derivatives)?,
        }
        if !truth.slopes.is_empty() {
            self.stream.memcpy_htod(truth.slopes, &mut self.buffers.slopes)?;
        }
        grow(
            &self.stream,
            call.n_blocks as usize * n_columns,
            &mut self.buffers.partials,
        )?;
        let launch = self.launch(call);
        let Self {
            stream,
            gradient,
            resident,
            buffers,
            no_words,
            no_numbers,
            ..
        } = self;
        if let Some(kept) = resident.last() {
            let values = match truth.targets {
                TargetsOf::Samples(_) => kept.values.as_ref().unwrap_or(no_numbers),
                TargetsOf::Batch(_) => &buffers.derivatives,
            };
            let stage = truth.stage as u32;
            let mut builder = stream.launch_builder(gradient);
            builder
                .arg(&buffers.parameters)
                .arg(&kept.features)
                .arg(&buffers.rows);
            builder.arg(&call.places.n_runs).arg(&call.size).arg(&stage);
            builder
                .arg(kept.labels.as_ref().unwrap_or(no_words))
                .arg(values)
                .arg(&buffers.slopes);
            builder.arg(&truth.scale).arg(&truth.threshold);
            builder.arg(&mut buffers.scratch).arg(&mut buffers.partials);
            // SAFETY: the arguments are those of `gradient`. Rows lie within the samples, labels within the outputs:
            // both were checked when runs and samples were made. The arrays that the stage reads are there and as long
            // as the samples (derivatives and outputs: as the batch), scratch and partials as the blocks need.
            unsafe { builder.launch(launch) }?;
        }
        self.added(call, n_columns)
    }

    fn try_dice_sums(&mut self, call: &Call<'_>, labels: Targets<'_>) -> Result<Vec<f32>, DriverError> {
        let n_columns = 3 * self.plan.n_outputs();
        self.prepare(call)?;
        self.keep_targets(labels)?;
        grow(
            &self.stream,
            call.n_blocks as usize * n_columns,
            &mut self.buffers.partials,
        )?;
        let launch = self.launch(call);
        let Self {
            stream,
            dice_sums,
            resident,
            buffers,
            no_words,
            ..
        } = self;
        if let Some(kept) = resident.last() {
            let mut builder = stream.launch_builder(dice_sums);
            builder
                .arg(&buffers.parameters)
                .arg(&kept.features)
                .arg(&buffers.rows);
            builder.arg(&call.places.n_runs).arg(&call.size);
            builder.arg(kept.labels.as_ref().unwrap_or(no_words));
            builder.arg(&mut buffers.scratch).arg(&mut buffers.partials);
            // SAFETY: as for `gradient`, with the arguments of `dice_sums`; labels are there, for the engine checked that
            // the targets are classes.
            unsafe { builder.launch(launch) }?;
        }
        self.added(call, n_columns)
    }

    /// Runs `outputs`; what it wrote is in `buffers.classes` or `buffers.values`, as many numbers as told.
    fn try_outputs(&mut self, call: &Call<'_>, kind: Kind) -> Result<(), DriverError> {
        self.prepare(call)?;
        let (size, n_outputs) = (call.size as usize, self.plan.n_outputs());
        let Self { stream, buffers, .. } = self;
        match kind {
            Kind::Classes => grow(stream, size, &mut buffers.classes)?,
            Kind::Probabilities | Kind::Values => grow(stream, size * n_outputs, &mut buffers.values)?,
        }
        let launch = self.launch(call);
        let Self {
            stream,
            outputs,
            resident,
            buffers,
            ..
        } = self;
        if let Some(kept) = resident.last() {
            let kind = kind as u32;
            let mut builder = stream.launch_builder(outputs);
            builder
                .arg(&buffers.parameters)
                .arg(&kept.features)
                .arg(&buffers.rows);
            builder.arg(&call.places.n_runs).arg(&call.size).arg(&kind);
            builder
                .arg(&mut buffers.classes)
                .arg(&mut buffers.values)
                .arg(&mut buffers.scratch);
            // SAFETY: the arguments are those of `outputs`; rows lie within the samples, and the array that this kind
            // writes was made as long as the batch needs.
            unsafe { builder.launch(launch) }?;
        }
        Ok(())
    }

    fn failed(&self) -> impl Fn(DriverError) -> NnError + use<> {
        let number = self.number;
        move |error| failure(number, "a computation failed", &error)
    }
}

impl Kernels for Card {
    fn gradient(&mut self, call: &Call<'_>, truth: &Truth<'_>) -> Result<Vec<f32>, NnError> {
        self.try_gradient(call, truth).map_err(self.failed())
    }

    fn dice_sums(&mut self, call: &Call<'_>, labels: Targets<'_>) -> Result<Vec<f32>, NnError> {
        self.try_dice_sums(call, labels).map_err(self.failed())
    }

    fn classes(&mut self, call: &Call<'_>, classes: &mut [u32]) -> Result<(), NnError> {
        self.try_outputs(call, Kind::Classes)
            .and_then(|()| {
                let written = self.buffers.classes.slice(..classes.len());
                self.stream.memcpy_dtoh(&written, classes)
            })
            .map_err(self.failed())
    }

    fn values(&mut self, call: &Call<'_>, kind: Kind, values: &mut [f32]) -> Result<(), NnError> {
        self.try_outputs(call, kind)
            .and_then(|()| {
                let written = self.buffers.values.slice(..values.len());
                self.stream.memcpy_dtoh(&written, values)
            })
            .map_err(self.failed())
    }
}

/// Memory for at least `n` numbers.
fn grow<T: cudarc::driver::DeviceRepr + cudarc::driver::ValidAsZeroBits>(
    stream: &Arc<CudaStream>,
    n: usize,
    buffer: &mut CudaSlice<T>,
) -> Result<(), DriverError> {
    if buffer.len() < n {
        *buffer = stream.alloc_zeros(n)?;
    }
    Ok(())
}

/// Copies an array to the beginning of a buffer, which grows as needed.
fn send<T: cudarc::driver::DeviceRepr + cudarc::driver::ValidAsZeroBits>(
    stream: &Arc<CudaStream>,
    values: &[T],
    buffer: &mut CudaSlice<T>,
) -> Result<(), DriverError> {
    grow(stream, values.len(), buffer)?;
    stream.memcpy_htod(values, buffer)
}
