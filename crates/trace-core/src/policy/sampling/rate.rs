//! Rates: shares of traces to record.

use std::fmt;

/// The number of values of a [`SampleRand`](super::SampleRand), which is written with six digits.
pub(super) const MILLION: u32 = 1_000_000;

/// A share of traces to record, `0.0..=1.0`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct SampleRate(f64);

impl SampleRate {
    /// Every trace.
    pub const ALL: Self = Self(1.0);
    /// No trace. Rate 0 is a decision, which is sent on as `-0`; no rate at all is not.
    pub const NONE: Self = Self(0.0);

    /// Returns the rate of this number; `None` if it is NaN or outside `0.0..=1.0`.
    #[must_use]
    pub fn new(rate: f64) -> Option<Self> {
        // Adding zero turns -0.0 into 0.0, which is the text to write.
        (0.0..=1.0).contains(&rate).then_some(Self(rate + 0.0))
    }

    /// Parses a JSON number in `0..=1`; peers also write exponents (`1e-05`).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        json_number(text).and_then(Self::new)
    }

    /// Returns the rate as a number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// Returns the rate, halved `times` times.
    pub(super) fn halved(self, times: u32) -> Self {
        Self(self.0 * 0.5_f64.powi(i32::try_from(times).unwrap_or(i32::MAX)))
    }

    /// Returns how many of the million values of `sample_rand` are below the rate: the smallest `n` with `n /
    /// 1_000_000 >= rate`. The result is exact where multiplying and rounding up would be one off.
    pub(super) fn millionths(self) -> u32 {
        let mut n = (self.0 * f64::from(MILLION)).ceil() as u32;
        while n > 0 && f64::from(n - 1) / f64::from(MILLION) >= self.0 {
            n -= 1;
        }
        while f64::from(n) / f64::from(MILLION) < self.0 {
            n += 1;
        }
        n
    }
}

/// The shortest plain decimal that parses to the same number, never with an exponent.
impl fmt::Display for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Parses a number by the grammar of JSON (RFC 8259), which is narrower than Rust's: no `+1`, `.5`, `5.`, `inf`.
pub(super) fn json_number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let valid = digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits);
    valid.then(|| text.parse().ok()).flatten()
}
