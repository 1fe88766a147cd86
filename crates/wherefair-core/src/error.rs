//! The error of a parameter outside its domain.

/// A parameter that lies outside its domain.
///
/// # Examples
/// ```
/// let error = wherefair_core::ParamError::new("rows", 0, "a whole number of at least 1");
/// assert_eq!(error.to_string(), "invalid rows: 0 (accepted: a whole number of at least 1)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid {name}: {value} (accepted: {accepted})")]
pub struct ParamError {
    name: String,
    value: String,
    accepted: String,
}

impl ParamError {
    /// Describes parameter `name` with the offending `value` and what would be `accepted`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers pass numbers, texts and formatted texts alike"
    )]
    pub fn new(name: impl Into<String>, value: impl ToString, accepted: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.to_string(),
            accepted: accepted.into(),
        }
    }

    /// The name of the parameter.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The offending value, as text.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What would be accepted.
    pub fn accepted(&self) -> &str {
        &self.accepted
    }
}
