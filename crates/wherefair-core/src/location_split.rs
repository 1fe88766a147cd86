//! Locations to train on, to validate on and to test on.

use crate::{ParamError, Seed, Stream};

/// Locations divided at random.
///
/// # Examples
/// ```
/// use wherefair_core::{LocationSplit, Seed};
///
/// let split = LocationSplit::new(1_000, 0.2, 0.2, Seed::new(1))?;
/// assert_eq!((split.train().len(), split.validation().len(), split.test().len()), (200, 200, 600));
/// # Ok::<(), wherefair_core::ParamError>(())
/// ```
///
/// # References
/// Xie et al., AAAI 2022, section on data: 20 % of the locations for training, 20 % for validation, 60 % for testing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationSplit {
    train: Vec<u32>,
    validation: Vec<u32>,
    test: Vec<u32>,
}

impl LocationSplit {
    /// Divides `n_locations` by shares; what the shares leave is for testing. All divisions of those sizes (rounded to
    /// whole locations) are equally likely.
    ///
    /// # Errors
    /// [`ParamError`] for 2³² locations or more, a share that is not in 0 to 1, or shares that sum to more than 1.
    pub fn new(n_locations: usize, train: f64, validation: f64, seed: Seed) -> Result<Self, ParamError> {
        let Ok(n) = u32::try_from(n_locations) else {
            return Err(ParamError::new("n_locations", n_locations, "fewer than 2^32"));
        };
        let n_train = rounded("train", train, 1.0, n)?;
        let n_validation = rounded("validation", validation, 1.0 - train, n)?.min(n - n_train);
        Ok(Self::of_sizes(n, n_train, n_validation, seed.stream("locations")))
    }

    /// Divides whole groups of locations by shares: those of one group stay together, so that test locations of other
    /// groups than the training ones show how a model does where it was not trained. The shares are of groups that hold a
    /// location; the parts hold as many locations as their groups do.
    ///
    /// # Shapes
    /// `group_of` is `(n_locations,)`.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    ///
    /// # Examples
    /// ```
    /// use wherefair_core::{LocationSplit, Seed};
    ///
    /// let split = LocationSplit::of_groups(&[7, 7, 3, 3, 9], 0.34, 0.33, Seed::new(1))?;
    /// let sizes = [split.train().len(), split.validation().len(), split.test().len()];
    /// assert_eq!(sizes.iter().sum::<usize>(), 5);
    /// assert!(sizes.iter().all(|size| [1, 2].contains(size)));
    /// # Ok::<(), wherefair_core::ParamError>(())
    /// ```
    pub fn of_groups(group_of: &[u32], train: f64, validation: f64, seed: Seed) -> Result<Self, ParamError> {
        let mut groups = group_of.to_vec();
        groups.sort_unstable();
        groups.dedup();
        let of_groups = Self::new(groups.len(), train, validation, seed)?;
        let Ok(n) = u32::try_from(group_of.len()) else {
            return Err(ParamError::new("n_locations", group_of.len(), "fewer than 2^32"));
        };
        let locations_of = |part: &[u32]| {
            let of_part: Vec<u32> = part.iter().map(|&group| groups[group as usize]).collect();
            let is_in = |location: &u32| of_part.binary_search(&group_of[*location as usize]).is_ok();
            (0..n).filter(is_in).collect()
        };
        Ok(Self {
            train: locations_of(&of_groups.train),
            validation: locations_of(&of_groups.validation),
            test: locations_of(&of_groups.test),
        })
    }

    /// Selection sampling: each location goes to a part with the chance that the part's free places are of all free
    /// places.
    fn of_sizes(n: u32, n_train: u32, n_validation: u32, mut stream: Stream) -> Self {
        let mut split = Self {
            train: Vec::with_capacity(n_train as usize),
            validation: Vec::with_capacity(n_validation as usize),
            test: Vec::with_capacity((n - n_train - n_validation) as usize),
        };
        let (mut free_train, mut free_validation) = (u64::from(n_train), u64::from(n_validation));
        for location in 0..n {
            let drawn = stream.below(u64::from(n - location));
            if drawn < free_train {
                split.train.push(location);
                free_train -= 1;
            } else if drawn - free_train < free_validation {
                split.validation.push(location);
                free_validation -= 1;
            } else {
                split.test.push(location);
            }
        }
        split
    }

    /// The locations to train on, ascending.
    pub fn train(&self) -> &[u32] {
        &self.train
    }

    /// The locations to validate on, ascending.
    pub fn validation(&self) -> &[u32] {
        &self.validation
    }

    /// The locations to test on, ascending.
    pub fn test(&self) -> &[u32] {
        &self.test
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share, checked to be in 0 to 1, of a u32"
)]
fn rounded(name: &str, share: f64, most: f64, n: u32) -> Result<u32, ParamError> {
    // Shares such as 0.7 and 0.3 may sum to a hair above 1.
    if !(0.0..=most + 1e-9).contains(&share) {
        return Err(ParamError::new(name, share, format!("0 to {most}")));
    }
    Ok((share * f64::from(n)).round() as u32)
}
