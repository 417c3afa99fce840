//! The caller's sampling decision, and the rate that a sampler can inherit from it.

use super::{SampleRand, SampleRate};

/// The sampling decision of a caller, as far as the caller sent it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ParentSampling {
    pub(crate) sampled: Option<bool>,
    pub(crate) rate: Option<SampleRate>,
    /// The number that is compared with the rate.
    pub(crate) rand: SampleRand,
}

impl ParentSampling {
    /// Returns the caller's rate for a sampler. Flag 1 without a usable rate counts as rate 1.
    pub(crate) fn rate(self) -> Option<SampleRate> {
        self.rate.or((self.sampled == Some(true)).then_some(SampleRate::ALL))
    }

    /// Returns the rate at which this service makes the caller's decision: the caller's rate if it leads to the same
    /// decision, else 1 or 0 by the decision.
    pub(crate) fn inherited_rate(self) -> Option<SampleRate> {
        let Some(sampled) = self.sampled else { return self.rate };
        let agrees = |rate: &SampleRate| self.rand.is_below(*rate) == sampled;
        Some(self.rate.filter(agrees).unwrap_or(if sampled { SampleRate::ALL } else { SampleRate::NONE }))
    }
}
