//! The trace's random number.

use std::fmt;
use std::ops::Range;

use super::rate::{MILLION, SampleRate, json_number};
use crate::id::TraceId;

/// The trace's random number in `[0, 1)`, in whole millionths: one per trace, compared with every rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SampleRand(pub(super) u32);

impl SampleRand {
    /// Returns the number, `0..=999_999`.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.0
    }

    /// Derives the number from the trace id, so that retries and replicas of a head agree. The mapping is our own:
    /// services agree through the baggage, never by computing the number again.
    #[must_use]
    pub fn of_trace(trace_id: TraceId) -> Self {
        Self::in_range(trace_id, 0..MILLION)
    }

    /// Returns a number that a head with this rate and flag could have drawn, for a head that did not send its own.
    /// Returns `None` if no number fits, as for flag 1 with rate 0; the flag is then kept.
    pub(crate) fn backfilled(
        trace_id: TraceId,
        rate: Option<SampleRate>,
        sampled: Option<bool>,
    ) -> Option<Self> {
        let range = backfill_range(rate, sampled);
        (!range.is_empty()).then(|| Self::in_range(trace_id, range))
    }

    /// Parses a JSON number in `[0, 1)`. It is cut off after six digits, never rounded up to 1.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        Self::parse_own_form(text).or_else(|| {
            let number =
                json_number(std::str::from_utf8(text).ok()?).filter(|number| (0.0..1.0).contains(number))?;
            let is_above = |n: u32| f64::from(n) / f64::from(MILLION) > number;
            // Multiplying may be off by one in either direction.
            let near = (number * f64::from(MILLION)) as u32;
            let n = [near + 1, near].into_iter().find(|n| !is_above(*n)).unwrap_or(near.saturating_sub(1));
            Some(Self(n.min(MILLION - 1)))
        })
    }

    /// Parses `0.` and six digits, the form that most services write.
    fn parse_own_form(text: &[u8]) -> Option<Self> {
        let digits: &[u8; 6] = text.strip_prefix(b"0.")?.try_into().ok()?;
        let value = digits
            .iter()
            .try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0')));
        value.map(Self)
    }

    /// The number of characters of the text form.
    pub(crate) const LENGTH: usize = "0.123456".len();

    /// Writes the text form.
    pub(crate) fn write(self, text: &mut [u8; Self::LENGTH]) {
        let mut rest = self.0;
        for digit in text.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        text[1] = b'.';
    }

    /// Returns whether a trace with this number is sampled at `rate`.
    #[must_use]
    pub fn is_below(self, rate: SampleRate) -> bool {
        self.0 < rate.millionths()
    }

    fn in_range(trace_id: TraceId, range: Range<u32>) -> Self {
        let width = u128::from(range.end - range.start);
        let offset = (u128::from(mix(trace_id)) * width) >> 64;
        Self(range.start + offset as u32)
    }
}

/// Six digits: `0.123456`.
impl fmt::Display for SampleRand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; Self::LENGTH];
        self.write(&mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

pub(super) fn backfill_range(rate: Option<SampleRate>, sampled: Option<bool>) -> Range<u32> {
    match (rate, sampled) {
        (Some(rate), Some(true)) => 0..rate.millionths(),
        (Some(rate), Some(false)) => rate.millionths()..MILLION,
        _ => 0..MILLION,
    }
}

/// Spreads a trace id over 64 bits with one round of SplitMix64 for each half. Ids of other vendors may contain times
/// or hosts, or repeat themselves, so no bit is used raw.
fn mix(trace_id: TraceId) -> u64 {
    let id = u128::from_be_bytes(trace_id.to_bytes());
    [(id >> 64) as u64, id as u64].into_iter().fold(0, |mixed, half| split_mix(mixed ^ half))
}

fn split_mix(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
