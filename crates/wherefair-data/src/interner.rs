//! Codes for labels, in order of first appearance.

use std::collections::HashMap;

use crate::cell::{as_integer, write_real};

/// The code of a label that is not there.
pub(crate) const NO_CODE: u32 = u32::MAX;

/// Distinct labels and their codes.
#[derive(Debug, Default)]
pub(crate) struct Interner {
    labels: Vec<String>,
    codes: HashMap<String, u32>,
    integers: HashMap<i64, u32>,
    reals: HashMap<u64, u32>,
    /// Direct-mapped front of `integers`, since classes are few and repeat.
    recent: Vec<(i64, u32)>,
    last: u32,
    scratch: String,
}

const N_RECENT: usize = 256;

impl Interner {
    pub(crate) fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The code of `label`; [`NO_CODE`] once all codes are used up.
    pub(crate) fn text(&mut self, label: &str) -> u32 {
        if self
            .labels
            .get(self.last as usize)
            .is_some_and(|last| last == label)
        {
            return self.last;
        }
        let code = if let Some(&code) = self.codes.get(label) {
            code
        } else {
            let code = u32::try_from(self.labels.len()).unwrap_or(NO_CODE);
            if code == NO_CODE {
                return NO_CODE;
            }
            self.labels.push(label.to_owned());
            self.codes.insert(label.to_owned(), code);
            code
        };
        self.last = code;
        code
    }

    pub(crate) fn integer(&mut self, value: i64) -> u32 {
        let slot = usize::from(value.to_le_bytes()[0]);
        if let Some(&(known, code)) = self.recent.get(slot)
            && known == value
            && code != NO_CODE
        {
            return code;
        }
        let code = if let Some(&code) = self.integers.get(&value) {
            code
        } else {
            let code = self.text(&value.to_string());
            self.integers.insert(value, code);
            code
        };
        self.recent.resize(N_RECENT, (0, NO_CODE));
        self.recent[slot] = (value, code);
        code
    }

    /// The code of a finite number; whole numbers have the labels of integers.
    pub(crate) fn real(&mut self, value: f64) -> u32 {
        if let Some(value) = as_integer(value) {
            return self.integer(value);
        }
        if let Some(&code) = self.reals.get(&value.to_bits()) {
            return code;
        }
        let mut label = std::mem::take(&mut self.scratch);
        write_real(value, &mut label);
        let code = self.text(&label);
        self.scratch = label;
        self.reals.insert(value.to_bits(), code);
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_have_one_label() {
        let mut interner = Interner::default();
        assert_eq!(interner.real(1.0), interner.integer(1));
        assert_eq!(interner.text("1"), interner.integer(1));
        assert_eq!(interner.real(-0.0), interner.integer(0));
        assert_ne!(interner.real(0.5), interner.real(-0.5));
        assert_eq!(interner.labels(), ["1", "0", "0.5", "-0.5"]);
    }

    #[test]
    fn integers_that_share_a_slot_stay_apart() {
        let mut interner = Interner::default();
        let codes: Vec<u32> = [0, 256, 0, 512, 256, i64::MIN]
            .map(|value| interner.integer(value))
            .into();
        assert_eq!(codes, [0, 1, 0, 2, 1, 3]);
        assert_eq!(interner.labels()[3], i64::MIN.to_string());
    }
}
