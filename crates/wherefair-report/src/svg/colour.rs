//! Colour scales that stay apart for colour-blind readers, and on paper.

/// A colour of the sRGB space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Rgb {
    pub(crate) fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Black or white, whichever is easier to read on this colour.
    pub(crate) fn ink(self) -> &'static str {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let luminance = 0.2126 * channel(self.0) + 0.7152 * channel(self.1) + 0.0722 * channel(self.2);
        // At this luminance the contrast (WCAG 2) with black and with white is the same.
        if luminance > 0.179 { "#111111" } else { "#ffffff" }
    }
}

/// From much better (blue) over the reference (light grey) to much worse (orange).
const DIVERGING: [Rgb; 7] = [
    Rgb(22, 76, 130),
    Rgb(72, 133, 186),
    Rgb(158, 196, 224),
    Rgb(238, 237, 233),
    Rgb(246, 190, 126),
    Rgb(222, 129, 44),
    Rgb(157, 69, 8),
];

/// From nothing (light grey) to much (dark orange).
const SEQUENTIAL: [Rgb; 4] = [DIVERGING[3], DIVERGING[4], DIVERGING[5], DIVERGING[6]];

/// Colours of signed values, `limit` and beyond at the ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Diverging {
    limit: f64,
}

impl Diverging {
    /// A scale from −`limit` to `limit`; 1 where that is no positive number.
    pub(crate) fn new(limit: f64) -> Self {
        let limit = if limit > 0.0 && limit.is_finite() {
            limit
        } else {
            1.0
        };
        Self { limit }
    }

    pub(crate) fn limit(self) -> f64 {
        self.limit
    }

    /// The colour of `value`; the middle where it is not a number.
    pub(crate) fn at(self, value: f64) -> Rgb {
        let t = (value / self.limit).clamp(-1.0, 1.0);
        let t = if t.is_nan() { 0.0 } else { t };
        along(&DIVERGING, f64::midpoint(t, 1.0))
    }
}

/// The colour of `value` on a scale from 0 to `max`.
pub(crate) fn sequential(value: f64, max: f64) -> Rgb {
    let t = (value / max).clamp(0.0, 1.0);
    along(&SEQUENTIAL, if t.is_nan() { 0.0 } else { t })
}

/// The colour at `t`, between 0 and 1, along equally spaced `stops`.
fn along(stops: &[Rgb], t: f64) -> Rgb {
    let last = stops.len().saturating_sub(1);
    let place = t * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last stop"
    )]
    let i = (place.floor() as usize).min(last.saturating_sub(1));
    let (Some(&a), Some(&b)) = (stops.get(i), stops.get(i + 1)) else {
        return stops.first().copied().unwrap_or(Rgb(0, 0, 0));
    };
    let part = place - i as f64;
    let mix = |a: u8, b: u8| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between two bytes"
        )]
        let byte = (f64::from(a) + part * (f64::from(b) - f64::from(a)))
            .round()
            .clamp(0.0, 255.0) as u8;
        byte
    };
    Rgb(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ends_and_the_middle_of_the_scale() {
        let scale = Diverging::new(2.0);
        assert_eq!(scale.at(-2.0), DIVERGING[0]);
        assert_eq!(scale.at(-9.0), DIVERGING[0]);
        assert_eq!(scale.at(0.0), DIVERGING[3]);
        assert_eq!(scale.at(2.0), DIVERGING[6]);
        assert_eq!(scale.at(f64::INFINITY), DIVERGING[6]);
        assert_eq!(scale.at(f64::NAN), DIVERGING[3]);
        assert_eq!(sequential(0.0, 0.0), SEQUENTIAL[0]);
        assert_eq!(sequential(5.0, 5.0), SEQUENTIAL[3]);
    }

    #[test]
    fn a_limit_that_is_no_positive_number_becomes_one() {
        for limit in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Diverging::new(limit), Diverging::new(1.0));
        }
    }

    #[test]
    fn ink_is_readable_at_both_ends() {
        assert_eq!(DIVERGING[0].ink(), "#ffffff");
        assert_eq!(DIVERGING[3].ink(), "#111111");
        assert_eq!(Rgb(255, 0, 15).hex(), "#ff000f");
    }

    proptest! {
        #[test]
        fn worse_is_never_bluer(a in -1.0..1.0_f64, b in -1.0..1.0_f64) {
            let scale = Diverging::new(1.0);
            let (low, high) = (scale.at(a.min(b)), scale.at(a.max(b)));
            // Blue over red, in whole bytes: each may be off by one half.
            let (blue, red) = (|c: Rgb, by: f64| f64::from(c.2) + by, |c: Rgb, by: f64| f64::from(c.0) + by);
            prop_assert!(blue(low, 0.5) * red(high, 0.5) >= blue(high, -0.5) * red(low, -0.5));
        }
    }
}
