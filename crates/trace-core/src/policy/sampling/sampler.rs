//! The input of a sampler, and the rate that it can inherit.

use std::sync::Arc;

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
    fn rate(self) -> Option<SampleRate> {
        self.rate.or((self.sampled == Some(true)).then_some(SampleRate::ALL))
    }

    /// Returns the rate at which this service makes the caller's decision: the caller's rate if it leads to the same
    /// decision, else 1 or 0 by the decision.
    fn inherited_rate(self) -> Option<SampleRate> {
        let Some(sampled) = self.sampled else { return self.rate };
        let agrees = |rate: &SampleRate| self.rand.is_below(*rate) == sampled;
        Some(self.rate.filter(agrees).unwrap_or(if sampled { SampleRate::ALL } else { SampleRate::NONE }))
    }
}

/// The values that a [sampler](crate::TracerBuilder::traces_sampler) knows of the transaction that is about to start.
#[derive(Debug, Clone, Copy)]
pub struct SamplingContext<'a> {
    pub(crate) name: &'a str,
    pub(crate) operation: &'a str,
    pub(crate) parent: ParentSampling,
}

impl SamplingContext<'_> {
    /// Returns the transaction's name as known at its start, such as `GET /orders/{id}`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name
    }

    /// Returns the transaction's operation, such as `http.server`.
    #[must_use]
    pub fn operation(&self) -> &str {
        self.operation
    }

    /// Returns the caller's decision; `None` if the caller left the decision to this service or there is no caller.
    #[must_use]
    pub fn parent_sampled(&self) -> Option<bool> {
        self.parent.sampled
    }

    /// Returns the rate at which the caller sampled, `0.0..=1.0`. A caller that sampled this trace without sending its
    /// rate counts as 1.
    #[must_use]
    pub fn parent_sample_rate(&self) -> Option<f64> {
        self.parent.rate().map(SampleRate::get)
    }

    /// Returns the rate with which this service samples exactly the traces that its caller sampled. It is the caller's
    /// rate, but 1 or 0 by the caller's decision if its rate would lead to another one. A trace without a caller's
    /// decision or rate gets `fallback`.
    #[must_use]
    pub fn inherit_or(&self, fallback: f64) -> f64 {
        self.parent.inherited_rate().map_or(fallback, SampleRate::get)
    }
}

pub(crate) type Sampler = Arc<dyn Fn(&SamplingContext<'_>) -> Option<f64> + Send + Sync>;
