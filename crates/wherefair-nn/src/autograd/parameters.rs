//! Variables of candle modules, drawn from named streams.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device, Shape, Tensor, Var, WithDType};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use wherefair_core::{Seed, narrowed};

use crate::{Initializer, NnError, ParameterTensor};

/// One variable and its path.
type Named = (String, Var);

/// Makes the variables of a candle module: each one draws from the stream of its path, whatever the module's own hints.
///
/// Matrices get weights from the initialiser; all other tensors get what the module hints if that is a constant, else 0.
/// A path that is asked for again gives the same variable.
///
/// # Examples
/// ```
/// use candle_core::{DType, Device};
/// use wherefair_core::{Seed, narrowed};
/// use wherefair_nn::{Initializer, SeededParameters};
///
/// let parameters = SeededParameters::new(Initializer::He, Seed::new(1));
/// let builder = parameters.builder(DType::F32, &Device::Cpu);
/// let layer = candle_nn::linear(4, 2, builder.pp("head"))?;
/// assert_eq!(parameters.tensors()[0].path, "head.weight");
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SeededParameters {
    initializer: Initializer,
    seed: Seed,
    variables: Arc<Mutex<Vec<Named>>>,
}

impl SeededParameters {
    /// No variables yet.
    pub fn new(initializer: Initializer, seed: Seed) -> Self {
        Self {
            initializer,
            seed,
            variables: Arc::default(),
        }
    }

    /// What candle modules take their variables from.
    pub fn builder(&self, dtype: DType, device: &Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), dtype, device.clone())
    }

    /// The tensors so far, in the order in which they were first asked for.
    pub fn tensors(&self) -> Vec<ParameterTensor> {
        let named = |(path, variable): &Named| ParameterTensor {
            path: path.clone(),
            shape: variable.dims().to_vec(),
        };
        self.locked(|variables| variables.iter().map(named).collect())
    }

    /// All variables, one after the other, in 32-bit floating point.
    ///
    /// # Errors
    /// [`NnError::Tensor`] where the device fails.
    pub fn values(&self) -> Result<Vec<f32>, NnError> {
        let mut values = Vec::new();
        for variable in self.variables() {
            values.extend(flat::<f32>(&variable)?);
        }
        Ok(values)
    }

    /// The variables, in order.
    pub(super) fn variables(&self) -> Vec<Var> {
        self.locked(|variables| variables.iter().map(|(_, variable)| variable.clone()).collect())
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Vec<Named>) -> T) -> T {
        work(&mut self.variables.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The numbers of a tensor.
pub(super) fn flat<T: WithDType>(tensor: &Tensor) -> candle_core::Result<Vec<T>> {
    tensor.to_dtype(T::DTYPE)?.flatten_all()?.to_vec1()
}

impl SimpleBackend for SeededParameters {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        hint: Init,
        dtype: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        self.locked(|variables| {
            if let Some((_, variable)) = variables.iter().find(|(path, _)| path == name) {
                if variable.shape() != &shape {
                    candle_core::bail!("{name} has shape {:?}, not {shape:?}", variable.shape());
                }
                return Ok(variable.as_tensor().clone());
            }
            let mut values = vec![0.0; shape.elem_count()];
            match (shape.dims(), hint) {
                (&[n_out, n_in], _) => self.initializer.draw(self.seed, name, (n_in, n_out), &mut values),
                (_, Init::Const(constant)) => {
                    values.fill(narrowed(constant));
                }
                _ => {}
            }
            let tensor = Tensor::from_vec(values, shape, device)?.to_dtype(dtype)?;
            let variable = Var::from_tensor(&tensor)?;
            let tensor = variable.as_tensor().clone();
            variables.push((name.to_owned(), variable));
            Ok(tensor)
        })
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        candle_core::bail!("the shape of {name} must be known to make it")
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.locked(|variables| variables.iter().any(|(path, _)| path == name))
    }
}
