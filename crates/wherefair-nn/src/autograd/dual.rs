//! Tensors with their tangents: forward-mode differentiation that candle can differentiate once more.

use std::collections::HashMap;

use candle_core::{Result, Tensor, TensorId, Var};
use candle_nn::ops::sigmoid;

/// The direction in which the variables of a network change.
#[derive(Debug, Default)]
pub struct Tangents {
    by_variable: HashMap<TensorId, Tensor>,
}

impl Tangents {
    /// No variable changes.
    pub fn none() -> Self {
        Self::default()
    }

    /// Each variable changes by its tensor, which has its shape.
    pub(super) fn new(tangents: impl IntoIterator<Item = (Var, Tensor)>) -> Self {
        let by_id = |(variable, tangent): (Var, Tensor)| (variable.as_tensor().id(), tangent);
        Self {
            by_variable: tangents.into_iter().map(by_id).collect(),
        }
    }

    /// A variable, as the network got it from its builder, with its tangent.
    pub fn of(&self, variable: &Tensor) -> Dual {
        Dual {
            value: variable.clone(),
            tangent: self.by_variable.get(&variable.id()).cloned(),
        }
    }
}

/// A tensor and how it changes with the variables of a network; without a tangent it does not.
///
/// Its operations do to the value what candle's operations of the same names do. A network that is written in them has
/// both its forward pass and the tangents that Hessian-vector products need:
///
/// ```
/// use candle_core::{Result, Tensor};
/// use wherefair_nn::{Dual, Network, Tangents};
///
/// /// tanh(x Wᵀ) with `W` of the shape `(2, 3)`.
/// struct Layer(Tensor);
///
/// impl Network for Layer {
///     fn description(&self) -> String {
///         "a layer of tanh".to_owned()
///     }
///
///     fn n_features(&self) -> usize {
///         3
///     }
///
///     fn n_outputs(&self) -> usize {
///         2
///     }
///
///     fn forward(&self, features: &Tensor) -> Result<Tensor> {
///         Ok(self.forward_along(&features.into(), &Tangents::none())?.into_value())
///     }
///
///     fn forward_along(&self, features: &Dual, tangents: &Tangents) -> Result<Dual> {
///         features.matmul(&tangents.of(&self.0).linear(Tensor::t)?)?.tanh()
///     }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Dual {
    value: Tensor,
    tangent: Option<Tensor>,
}

impl From<&Tensor> for Dual {
    /// A tensor that does not change.
    fn from(value: &Tensor) -> Self {
        Self {
            value: value.clone(),
            tangent: None,
        }
    }
}

impl Dual {
    /// The tensor.
    pub fn value(&self) -> &Tensor {
        &self.value
    }

    /// The tensor alone.
    pub fn into_value(self) -> Tensor {
        self.value
    }

    /// How it changes, in its shape.
    pub fn tangent(&self) -> Option<&Tensor> {
        self.tangent.as_ref()
    }

    /// A linear operation, such as a change of shape, a choice of rows or a transposition.
    ///
    /// # Errors
    /// Where the operation fails.
    pub fn linear(&self, operation: impl Fn(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Ok(Self {
            value: operation(&self.value)?,
            tangent: self.tangent.as_ref().map(operation).transpose()?,
        })
    }

    /// An operation on each number, whose `slope` is a function of argument and value that candle can differentiate.
    ///
    /// # Errors
    /// Where the operation or its slope fails.
    pub fn each(
        &self,
        operation: impl Fn(&Tensor) -> Result<Tensor>,
        slope: impl Fn(&Tensor, &Tensor) -> Result<Tensor>,
    ) -> Result<Self> {
        let value = operation(&self.value)?;
        let along = |tangent: &Tensor| slope(&self.value, &value)? * tangent;
        let tangent = self.tangent.as_ref().map(along).transpose()?;
        Ok(Self { value, tangent })
    }

    /// max(0, ·), with slope 1 at 0 as in candle.
    ///
    /// # Errors
    /// Where a tensor computation fails.
    pub fn relu(&self) -> Result<Self> {
        self.each(Tensor::relu, |argument, _| {
            argument.ge(&argument.zeros_like()?)?.to_dtype(argument.dtype())
        })
    }

    /// The hyperbolic tangent.
    ///
    /// # Errors
    /// Where a tensor computation fails.
    pub fn tanh(&self) -> Result<Self> {
        self.each(Tensor::tanh, |_, value| value.sqr()?.affine(-1.0, 1.0))
    }

    /// 1 / (1 + e⁻ˣ).
    ///
    /// # Errors
    /// Where a tensor computation fails.
    pub fn sigmoid(&self) -> Result<Self> {
        self.each(sigmoid, |_, value| value.affine(-1.0, 1.0)? * value)
    }

    /// A sum of two tensors, the shape of which `other` may have to be stretched to.
    ///
    /// # Errors
    /// Where the shapes do not fit.
    pub fn broadcast_add(&self, other: &Self) -> Result<Self> {
        let value = self.value.broadcast_add(&other.value)?;
        let stretched = |tangent: &Tensor| tangent.broadcast_as(value.shape());
        let tangent = sum(
            self.tangent.as_ref().map(stretched).transpose()?,
            other.tangent.as_ref().map(stretched).transpose()?,
        )?;
        Ok(Self { value, tangent })
    }

    /// A sum of two tensors of one shape.
    ///
    /// # Errors
    /// Where the shapes differ.
    pub fn add(&self, other: &Self) -> Result<Self> {
        Ok(Self {
            value: (&self.value + &other.value)?,
            tangent: sum(self.tangent.clone(), other.tangent.clone())?,
        })
    }

    /// A product number by number.
    ///
    /// # Errors
    /// Where the shapes differ.
    pub fn mul(&self, other: &Self) -> Result<Self> {
        self.product(other, |a, b| a * b)
    }

    /// A product of matrices.
    ///
    /// # Errors
    /// Where the shapes do not fit.
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        self.product(other, Tensor::matmul)
    }

    fn product(&self, other: &Self, operation: impl Fn(&Tensor, &Tensor) -> Result<Tensor>) -> Result<Self> {
        let first = self
            .tangent
            .as_ref()
            .map(|tangent| operation(tangent, &other.value));
        let second = other
            .tangent
            .as_ref()
            .map(|tangent| operation(&self.value, tangent));
        Ok(Self {
            value: operation(&self.value, &other.value)?,
            tangent: sum(first.transpose()?, second.transpose()?)?,
        })
    }

    /// Tensors side by side in a dimension.
    ///
    /// # Errors
    /// Where the shapes do not fit.
    pub fn cat(parts: &[Self], dimension: usize) -> Result<Self> {
        let values: Vec<&Tensor> = parts.iter().map(Self::value).collect();
        let along = |part: &Self| part.tangent.clone().map_or_else(|| part.value.zeros_like(), Ok);
        let tangent = if parts.iter().any(|part| part.tangent.is_some()) {
            let tangents: Vec<Tensor> = parts.iter().map(along).collect::<Result<_>>()?;
            Some(Tensor::cat(&tangents, dimension)?)
        } else {
            None
        };
        Ok(Self {
            value: Tensor::cat(&values, dimension)?,
            tangent,
        })
    }

    /// A linear layer of candle's on rows `(n_samples, n_inputs)`.
    ///
    /// # Errors
    /// Where the shapes do not fit.
    pub fn through(&self, layer: &candle_nn::Linear, tangents: &Tangents) -> Result<Self> {
        let sums = self.matmul(&tangents.of(layer.weight()).linear(Tensor::t)?)?;
        match layer.bias() {
            None => Ok(sums),
            Some(bias) => sums.broadcast_add(&tangents.of(bias)),
        }
    }
}

fn sum(a: Option<Tensor>, b: Option<Tensor>) -> Result<Option<Tensor>> {
    match (a, b) {
        (Some(a), Some(b)) => Ok(Some((a + b)?)),
        (a, b) => Ok(a.or(b)),
    }
}
