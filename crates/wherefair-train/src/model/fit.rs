//! Parameters of a model besides those of its training: split, encoding, network.

use wherefair_core::{ParamError, Seed};
use wherefair_nn::{AdamParams, Device, Initializer, Loss};

use crate::{AbsentClass, Scaling, Unseen};

/// The widest hidden layer.
const MAX_WIDTH: usize = 1 << 15;

/// What is divided into training, validation and test part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SplitBy {
    /// Samples.
    #[default]
    Samples,
    /// Whole cells of a grid over the extent of the samples, so that the test part lies in other places than the training part.
    Blocks {
        /// Rows of the grid.
        n_rows: usize,
        /// Columns of the grid.
        n_columns: usize,
    },
}

/// Parameters of split, encoding and network; [`check`](Self::check) turns them into a [`FitConfig`]. The defaults are those of the
/// program.
///
/// # Examples
/// ```
/// use wherefair_train::FitParams;
///
/// let config = FitParams::default().hidden(vec![16, 16]).check()?;
/// assert_eq!(config.shares(), &[50.0, 20.0, 30.0]);
/// let error = FitParams::default().shares([1.0, 0.0, 1.0]).check().unwrap_err();
/// assert_eq!(error.to_string(), "invalid shares: 0 (accepted: finite numbers above 0)");
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FitParams(FitConfig);

/// Checked parameters of split, encoding and network, made by [`FitParams::check`].
#[derive(Debug, Clone, PartialEq)]
pub struct FitConfig {
    shares: [f64; 3],
    split_by: SplitBy,
    scaling: Scaling,
    unseen: Unseen,
    absent_class: AbsentClass,
    hidden: Vec<usize>,
    loss: Option<Loss>,
    initializer: Initializer,
    adam: AdamParams,
    device: Device,
    metric: Option<String>,
    seed: Seed,
}

wherefair_core::parameters! {
    FitParams(FitConfig) by reference;
    /// The proportions training : validation : test; 50 : 20 : 30 by default. Only their ratios count.
    shares: [f64; 3],
    /// What is divided; samples by default.
    split_by: SplitBy,
    /// How features of numbers are brought to one scale; mean 0 and standard deviation 1 by default.
    scaling: Scaling,
    /// How to handle categories unseen in training, among validation and test samples; an error by default.
    unseen: Unseen,
    /// How to handle classes absent from the training part; an error by default.
    absent_class: AbsentClass,
    /// The widths of the hidden layers; seven of 10 by default, as in the SPAD paper.
    hidden: Vec<usize>,
    /// The loss. `None`, the default: cross-entropy for classes, the mean absolute error for scores that are one, else the mean
    /// squared error.
    loss: Option<Loss>,
    /// The weight initialisation; He's by default.
    initializer: Initializer,
    /// The optimiser; Adam without weight decay by default.
    adam: AdamParams,
    /// Where the network is trained; the CPU by default.
    device: Device,
    /// What the model's description calls the score; the score's own name by default.
    metric: Option<String>,
    /// The seed of the split and of the initial weights; 0 by default. The training has its own.
    seed: Seed,
}

impl Default for FitParams {
    fn default() -> Self {
        Self(FitConfig {
            shares: [50.0, 20.0, 30.0],
            split_by: SplitBy::default(),
            scaling: Scaling::default(),
            unseen: Unseen::default(),
            absent_class: AbsentClass::default(),
            hidden: vec![10; 7],
            loss: None,
            initializer: Initializer::He,
            adam: AdamParams::default(),
            device: Device::Cpu,
            metric: None,
            seed: Seed::new(0),
        })
    }
}

impl FitParams {
    /// Checks every parameter.
    ///
    /// # Errors
    /// [`ParamError`] for the first one outside its domain.
    pub fn check(self) -> Result<FitConfig, ParamError> {
        let config = self.0;
        let is_share = |share: &f64| *share > 0.0 && share.is_finite();
        if let Some(share) = config.shares.iter().find(|share| !is_share(share)) {
            return Err(ParamError::new("shares", share, "finite numbers above 0"));
        }
        if let SplitBy::Blocks { n_rows, n_columns } = config.split_by
            && (n_rows == 0 || n_columns == 0)
        {
            let given = format!("{n_rows} x {n_columns} blocks");
            return Err(ParamError::new("split_by", given, "at least one row and column"));
        }
        if let Some(width) = config
            .hidden
            .iter()
            .find(|width| !(1..=MAX_WIDTH).contains(*width))
        {
            return Err(ParamError::new(
                "hidden",
                width,
                format!("widths of 1 to {MAX_WIDTH}"),
            ));
        }
        config.loss.map(Loss::check).transpose()?;
        config.initializer.check()?;
        config.adam.check()?;
        Ok(config)
    }
}
