//! The order of the sampling decisions.

use super::{SampleRand, SampleRate};

/// The sampling decision of a trace, and the rate of this service that decided it, if any.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Decision {
    pub(crate) sampled: Option<bool>,
    pub(crate) rate: Option<SampleRate>,
}

/// Makes the sampling decision. The explicit decision comes first, then the sampler, then the parent, then the rate. A
/// sampler that returns `None` is skipped. A sampler's rate outside `0.0..=1.0` means not sampled, and no rate is
/// recorded. A rate of this service is halved `factor` times. The decisions of the application and of the caller are
/// not changed.
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
