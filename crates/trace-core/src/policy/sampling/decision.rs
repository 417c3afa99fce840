//! Who decides, in which order.

use super::{SampleRand, SampleRate};

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
