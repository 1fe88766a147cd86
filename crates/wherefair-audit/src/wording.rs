//! The audit in one sentence, and its numbers as readers want them.

use crate::{Audit, Limit};

impl Audit {
    /// One sentence that says what the audit means: whether the model works equally well everywhere, as far as chance allows
    /// to tell, and where it does worst.
    ///
    /// See [`audit`](crate::audit) for an example.
    pub fn sentence(&self) -> String {
        let expectation = self.spad.expectation;
        let n_maps = maps(self.spad.n_scored);
        let global = self.global.map_or_else(|| "undefined".to_owned(), number);
        let worst = self.worst_places.first().map_or_else(String::new, |place| {
            format!(
                "; it does worst in {} of map {} ({} against {})",
                place.label,
                place.partitioning,
                number(place.score),
                number(place.reference)
            )
        });
        let score = format!("The {} is {global} overall", self.score);
        let apart = format!(
            "places differ from their map's reference by {} on average",
            number(expectation.observed)
        );
        match expectation.null {
            None => format!("{score} and {apart} over {n_maps}{worst}."),
            Some(null) if null.p_value <= 0.05 => {
                let ratio = expectation.observed / null.mean;
                let times = if ratio.is_finite() && ratio >= 1.05 {
                    format!(", {ratio:.1} times what chance alone would give")
                } else {
                    String::new()
                };
                let (above, all) = self
                    .stability
                    .as_ref()
                    .filter(|stability| stability.limit == Limit::NoiseFloor)
                    .map_or_else(
                        || (0, 0),
                        |stability| (stability.n_above, stability.n_above + stability.n_below),
                    );
                let maps = if all > 1 {
                    format!(", and {above} of {all} maps say so")
                } else {
                    String::new()
                };
                format!(
                    "The model does not work equally well everywhere: {}, but {apart}{times} (p = {}){maps}{worst}.",
                    lower(&score),
                    p_value(null.p_value)
                )
            }
            Some(null) => format!(
                "No evidence that the model works better in some places than in others: {}, and {apart}, which chance alone would give as well (p = {}, {n_maps}).",
                lower(&score),
                p_value(null.p_value)
            ),
        }
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + chars.as_str()
    })
}

/// The first names of a list, for messages.
///
/// # Examples
/// ```
/// use wherefair_audit::wording::preview;
///
/// let names: Vec<String> = (1..=14).map(|i| i.to_string()).collect();
/// assert_eq!(preview(&names), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 2 more");
/// ```
pub fn preview(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        n_more => format!("{shown} and {n_more} more"),
    }
}

/// `1 map`, `2 maps` and so on.
pub fn maps(n: usize) -> String {
    if n == 1 {
        "1 map".to_owned()
    } else {
        format!("{n} maps")
    }
}

/// A p-value with three decimals at least.
pub fn p_value(p: f64) -> String {
    const SMALLEST_SHOWN: f64 = 1e-99;
    if p >= 0.0995 {
        format!("{p:.2}")
    } else if p >= 0.001 {
        format!("{p:.3}")
    } else if p >= SMALLEST_SHOWN {
        format!("{p:.1e}")
    } else {
        format!("< {SMALLEST_SHOWN:e}")
    }
}

/// A number with four significant digits.
///
/// # Examples
/// ```
/// use wherefair_audit::wording::{number, p_value};
///
/// assert_eq!([number(0.157_767), number(1234.6), p_value(0.001)], ["0.1578", "1235", "0.001"]);
/// ```
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e7).contains(&size) {
        format!("{value:.3e}")
    } else if size >= 1000.0 {
        format!("{value:.0}")
    } else if size >= 100.0 {
        trimmed(format!("{value:.1}"))
    } else if size >= 10.0 {
        trimmed(format!("{value:.2}"))
    } else if size >= 1.0 {
        trimmed(format!("{value:.3}"))
    } else if size >= 0.1 {
        format!("{value:.4}")
    } else if size >= 0.01 {
        format!("{value:.5}")
    } else {
        format!("{value:.6}")
    }
}

fn trimmed(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_four_significant_digits() {
        for (value, shown) in [
            (0.0, "0"),
            (0.157_767, "0.1578"),
            (-12.5, "-12.5"),
            (1234.6, "1235"),
            (0.000_01, "1.000e-5"),
            (2.0, "2"),
            (0.05, "0.05000"),
        ] {
            assert_eq!(number(value), shown);
        }
    }
}
