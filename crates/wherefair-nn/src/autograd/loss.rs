//! The losses on candle's tensors.

use candle_core::{D, DType, Result, Tensor};
use candle_nn::ops::{log_softmax, softmax};

use crate::Loss;

/// The mean loss of a batch as a tensor of no dimension, which candle can differentiate.
///
/// # Shapes
/// `outputs` is `(n_samples, n_outputs)`. `targets` is `(n_samples,)` of whole numbers below `n_outputs` for losses of
/// classes, else of the shape of `outputs`.
///
/// # Errors
/// Where the shapes do not fit.
pub fn tensor_loss(loss: &Loss, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
    match *loss {
        Loss::CrossEntropy => {
            let chosen = log_softmax(outputs, D::Minus1)?.gather(&targets.unsqueeze(1)?, 1)?;
            chosen.mean_all()?.neg()
        }
        Loss::SoftDice { smoothing } => {
            let predicted = softmax(outputs, D::Minus1)?;
            let truth = one_hot(targets, &predicted)?;
            let overlap = (&predicted * &truth)?.sum(0)?.affine(2.0, 2.0 * smoothing)?;
            let size = (predicted.sum(0)? + truth.sum(0)?)?.affine(1.0, smoothing)?;
            (overlap / size)?.affine(-1.0, 1.0)?.mean_all()
        }
        Loss::MeanSquared => (outputs - targets)?.sqr()?.mean_all(),
        Loss::MeanAbsolute => {
            // |r| as r × sign(r): candle's own absolute value has slope NaN at 0.
            let difference = (outputs - targets)?;
            (&difference * sign(&difference)?)?.mean_all()
        }
        Loss::Huber { threshold } => {
            // With c = r held to ±t: c (r − c/2), the slopes of which add up to c.
            let difference = (outputs - targets)?;
            let held = difference.detach().clamp(-threshold, threshold)?;
            let half = held.affine(0.5, 0.0)?;
            (&held * (&difference - half)?)?.mean_all()
        }
    }
}

/// The derivatives of the loss by the outputs, in their shape, as a function of the outputs that candle can differentiate.
pub(super) fn tensor_slopes(loss: &Loss, outputs: &Tensor, targets: &Tensor) -> Result<Tensor> {
    let n_values = outputs.elem_count() as f64;
    match *loss {
        Loss::CrossEntropy => {
            let difference = (softmax(outputs, D::Minus1)? - one_hot(targets, outputs)?)?;
            difference / outputs.dim(0)? as f64
        }
        Loss::SoftDice { smoothing } => {
            let predicted = softmax(outputs, D::Minus1)?;
            let truth = one_hot(targets, outputs)?;
            let overlap = (&predicted * &truth)?.sum_keepdim(0)?.affine(1.0, smoothing)?;
            let size = (predicted.sum_keepdim(0)? + truth.sum_keepdim(0)?)?.affine(1.0, smoothing)?;
            let slopes = (overlap / &size)?.broadcast_sub(&truth)?.broadcast_div(&size)?;
            let mean = (&predicted * &slopes)?.sum_keepdim(1)?;
            (predicted * slopes.broadcast_sub(&mean)?)? * (2.0 / outputs.dim(1)? as f64)
        }
        Loss::MeanSquared => (outputs - targets)? * (2.0 / n_values),
        Loss::MeanAbsolute => sign(&(outputs - targets)?)? / n_values,
        Loss::Huber { threshold } => {
            // The difference where it is within the threshold, the sign times the threshold elsewhere.
            let difference = (outputs - targets)?;
            let held = difference.detach().clamp(-threshold, threshold)?;
            let is_within = difference
                .detach()
                .abs()?
                .lt(threshold)?
                .to_dtype(outputs.dtype())?;
            let inner = (&difference * &is_within)?;
            (inner + (held * is_within.affine(-1.0, 1.0)?)?)? / n_values
        }
    }
}

/// 1 at the class of each sample, 0 elsewhere, as `like`.
fn one_hot(targets: &Tensor, like: &Tensor) -> Result<Tensor> {
    let classes = targets.unsqueeze(1)?;
    let ones = classes.ones_like()?.to_dtype(like.dtype())?;
    like.zeros_like()?.scatter_add(&classes, &ones, 1)
}

/// −1, 0 or 1, NaN for NaN; without a derivative.
fn sign(values: &Tensor) -> Result<Tensor> {
    let values = values.detach();
    let zero = values.zeros_like()?;
    let dtype: DType = values.dtype();
    let signs = (values.gt(&zero)?.to_dtype(dtype)? - values.lt(&zero)?.to_dtype(dtype)?)?;
    // Keeps NaN, and is 0 otherwise.
    signs + values.broadcast_sub(&values)?
}
