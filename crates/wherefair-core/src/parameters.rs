//! The methods of parameters, written once.

/// Writes a setter for each parameter, and where a checked configuration is named a getter with the same documentation.
///
/// The parameters are a struct with a field each, `parameters! { Params; … }`, or a tuple struct of the configuration with
/// these fields, `parameters! { Params(Config) by value; … }`. Getters give a copy `by value`, or `by reference`.
///
/// # Examples
/// ```
/// pub struct FitParams(FitConfig);
///
/// pub struct FitConfig {
///     n_rounds: u32,
/// }
///
/// wherefair_core::parameters! {
///     FitParams(FitConfig) by value;
///     /// The number of rounds; 10 by default.
///     n_rounds: u32,
/// }
///
/// let params = FitParams(FitConfig { n_rounds: 10 }).n_rounds(20);
/// assert_eq!(params.0.n_rounds(), 20);
/// ```
#[macro_export]
macro_rules! parameters {
    ($params:ident; $($(#[$doc:meta])+ $name:ident: $type:ty),+ $(,)?) => {
        impl $params {
            $($(#[$doc])+
            #[must_use]
            pub fn $name(mut self, $name: $type) -> Self {
                self.$name = $name;
                self
            })+
        }
    };
    ($params:ident ($config:ident) by $how:ident; $($(#[$doc:meta])+ $name:ident: $type:ty),+ $(,)?) => {
        impl $params {
            $($(#[$doc])+
            #[must_use]
            pub fn $name(mut self, $name: $type) -> Self {
                self.0.$name = $name;
                self
            })+
        }
        impl $config {
            $($crate::parameters! { @$how $(#[$doc])+ $name: $type })+
        }
    };
    (@value $(#[$doc:meta])+ $name:ident: $type:ty) => {
        $(#[$doc])+
        pub fn $name(&self) -> $type {
            self.$name
        }
    };
    (@reference $(#[$doc:meta])+ $name:ident: $type:ty) => {
        $(#[$doc])+
        pub fn $name(&self) -> &$type {
            &self.$name
        }
    };
}
