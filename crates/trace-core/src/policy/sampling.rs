//! Head-based sampling: rates, the trace's random number, and who decides.
//!
//! Source: Sentry's documents Traces (`tracesSampleRate`, `tracesSampler`), Trace Propagation (`sample_rand`).
//! All comparisons are made in whole millionths, the precision in which `sample_rand` travels, so that
//! «sampled» and `sample_rand < sample_rate` can never disagree on the wire.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::id::TraceId;

/// How many steps `sample_rand` has: it is written with six digits.
const MILLION: u32 = 1_000_000;

/// A share of traces to record, `0.0..=1.0`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct SampleRate(f64);

impl SampleRate {
    /// Every trace.
    pub const ALL: Self = Self(1.0);
    /// No trace. Unlike no rate at all, it is a decision, which is sent on as `-0`.
    pub const NONE: Self = Self(0.0);

    /// The rate of this number; `None` if it is NaN or outside `0.0..=1.0`.
    #[must_use]
    pub fn new(rate: f64) -> Option<Self> {
        // Adding zero turns -0.0 into 0.0, which is what must be written.
        (0.0..=1.0).contains(&rate).then_some(Self(rate + 0.0))
    }

    /// Reads a JSON number in `0..=1`; peers also write exponents (`1e-05`).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        json_number(text).and_then(Self::new)
    }

    /// The rate as a number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }

    /// The rate halved so many times.
    fn halved(self, times: u32) -> Self {
        Self(self.0 * 0.5_f64.powi(i32::try_from(times).unwrap_or(i32::MAX)))
    }

    /// How many of the million values of `sample_rand` lie below the rate: the smallest `n` with
    /// `n / 1_000_000 >= rate`, exact where multiplying and rounding up would be one off.
    fn millionths(self) -> u32 {
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

/// The shortest plain decimal that reads back as the same number, never with an exponent.
impl fmt::Display for SampleRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The trace's random number in `[0, 1)`, in whole millionths: one per trace, compared with every rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SampleRand(u32);

impl SampleRand {
    /// The number, `0..=999_999`.
    #[must_use]
    pub fn millionths(self) -> u32 {
        self.0
    }

    /// Derived from the trace id, so that retries and replicas of a head agree. The mapping is our own:
    /// services agree through the baggage, never by computing it again.
    #[must_use]
    pub fn of_trace(trace_id: TraceId) -> Self {
        Self::in_range(trace_id, 0..MILLION)
    }

    /// The number that a head which sent this rate and flag could have drawn, when it did not send its own.
    /// `None` if no number fits, as for flag 1 with rate 0: then the flag stands.
    pub(crate) fn backfilled(
        trace_id: TraceId,
        rate: Option<SampleRate>,
        sampled: Option<bool>,
    ) -> Option<Self> {
        let range = backfill_range(rate, sampled);
        (!range.is_empty()).then(|| Self::in_range(trace_id, range))
    }

    /// Reads a JSON number in `[0, 1)`, cut off after six digits: never rounded up to 1.
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

    /// Reads `0.` and six digits, which is what most services write.
    fn parse_own_form(text: &[u8]) -> Option<Self> {
        let digits: &[u8; 6] = text.strip_prefix(b"0.")?.try_into().ok()?;
        let value = digits
            .iter()
            .try_fold(0, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0')));
        value.map(Self)
    }

    /// Number of characters of the text form.
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

    /// Whether a trace with this number is sampled at `rate`.
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

fn backfill_range(rate: Option<SampleRate>, sampled: Option<bool>) -> Range<u32> {
    match (rate, sampled) {
        (Some(rate), Some(true)) => 0..rate.millionths(),
        (Some(rate), Some(false)) => rate.millionths()..MILLION,
        _ => 0..MILLION,
    }
}

/// Spreads a trace id over 64 bits: ids of other vendors may embed times or hosts, or repeat themselves, so no bit is used
/// raw. One round of SplitMix64 for each half.
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

/// Reads a number by the grammar of JSON (RFC 8259), which is narrower than Rust's: no `+1`, `.5`, `5.`, `inf`.
fn json_number(text: &str) -> Option<f64> {
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

/// What a caller decided, as far as it said so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ParentSampling {
    pub(crate) sampled: Option<bool>,
    pub(crate) rate: Option<SampleRate>,
    /// The number that is compared with the rate.
    pub(crate) rand: SampleRand,
}

impl ParentSampling {
    /// The rate a sampler may inherit. Flag 1 without a usable rate counts as rate 1.
    fn rate(self) -> Option<SampleRate> {
        self.rate.or((self.sampled == Some(true)).then_some(SampleRate::ALL))
    }

    /// The rate at which this service makes the caller's decision: the caller's rate if that leads to the same one, else
    /// 1 or 0 by the decision.
    fn inherited_rate(self) -> Option<SampleRate> {
        let Some(sampled) = self.sampled else { return self.rate };
        let agrees = |rate: &SampleRate| self.rand.is_below(*rate) == sampled;
        Some(self.rate.filter(agrees).unwrap_or(if sampled { SampleRate::ALL } else { SampleRate::NONE }))
    }
}

/// What a [sampler](crate::TracerBuilder::traces_sampler) knows of the transaction that is about to start.
#[derive(Debug, Clone, Copy)]
pub struct SamplingContext<'a> {
    pub(crate) name: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) parent: ParentSampling,
}

impl SamplingContext<'_> {
    /// The transaction's name as known at its start, such as `GET /orders/{id}`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// The transaction's operation, such as `http.server`.
    #[must_use]
    pub fn operation(&self) -> &str {
        self.operation
    }

    /// The caller's decision; `None` if it left the decision to us or there is no caller.
    #[must_use]
    pub fn parent_sampled(&self) -> Option<bool> {
        self.parent.sampled
    }

    /// The rate at which the caller sampled, `0.0..=1.0`. A caller that sampled this trace without saying at
    /// which rate counts as 1.
    #[must_use]
    pub fn parent_sample_rate(&self) -> Option<f64> {
        self.parent.rate().map(SampleRate::get)
    }

    /// The rate with which this service samples exactly the traces that its caller sampled, and starts its own at
    /// `fallback`: the caller's rate, but 1 or 0 by the caller's decision where its rate would lead to another one.
    #[must_use]
    pub fn inherit_or(&self, fallback: f64) -> f64 {
        self.parent.inherited_rate().map_or(fallback, SampleRate::get)
    }
}

pub(crate) type Sampler = Arc<dyn Fn(&SamplingContext<'_>) -> Option<f64> + Send + Sync>;

/// Whether a trace is sampled, and the rate of this service that decided it, if one did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Decision {
    pub(crate) sampled: Option<bool>,
    pub(crate) rate: Option<SampleRate>,
}

/// Explicit before sampler before parent before rate. A sampler that answers `None` passes; an answer outside
/// `0.0..=1.0` means not sampled, at no rate that could be told. A rate of this service is halved as often as `factor` says;
/// neither the application's decision nor the caller's is touched.
pub(crate) fn decide(
    explicit: Option<bool>,
    sampler: impl FnOnce() -> Option<f64>,
    parent: Option<bool>,
    rate: Option<SampleRate>,
    rand: impl FnOnce() -> SampleRand,
    factor: u32,
) -> Decision {
    let at = |rate: SampleRate| Decision { sampled: Some(rand().is_below(rate)), rate: Some(rate) };
    if let Some(sampled) = explicit {
        return at(if sampled { SampleRate::ALL } else { SampleRate::NONE });
    }
    if let Some(answer) = sampler() {
        let invalid = Decision { sampled: Some(false), rate: None };
        return SampleRate::new(answer).map_or(invalid, |rate| at(rate.halved(factor)));
    }
    match (parent, rate) {
        (None, Some(rate)) => at(rate.halved(factor)),
        (parent, _) => Decision { sampled: parent, rate: None },
    }
}

#[cfg(test)]
mod tests;
