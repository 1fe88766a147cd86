//! Decoders that may panic on damaged files, kept from bringing the caller down.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static DECODING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside a decoder whose panics become errors.
///
/// A program's panic hook may ask this, so that a damaged file is reported once, as an error, and not by the hook
/// as well.
///
/// # Examples
/// ```
/// let usual = std::panic::take_hook();
/// std::panic::set_hook(Box::new(move |panic| {
///     if !wherefair_data::is_decoding() {
///         usual(panic);
///     }
/// }));
/// ```
pub fn is_decoding() -> bool {
    DECODING.get()
}

/// Runs `decode`; `None` when it panics.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> T) -> Option<T> {
    let outer = DECODING.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(decode)).ok();
    DECODING.set(outer);
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_none_and_the_mark_is_taken_back() {
        assert_eq!(guarded(is_decoding), Some(true));
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let outcome: Option<()> = guarded(|| panic!("damaged"));
        std::panic::set_hook(usual);
        assert_eq!(outcome, None);
        assert!(!is_decoding());
    }
}
