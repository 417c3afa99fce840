//! The samplers that `--sampler` can choose.

use std::str::FromStr;

use trace_core::SamplingContext;

/// The rate for a request of which neither the caller nor its decision is known.
const FALLBACK: f64 = 0.5;

/// How the rate of a request is chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sampler {
    /// The caller's rate.
    ParentRate,
    /// The caller's rate, else its decision.
    Inherit,
    /// This number, also one that is no rate.
    Constant(f64),
}

impl Sampler {
    pub(crate) fn rate(self, transaction: &SamplingContext<'_>) -> f64 {
        match self {
            Self::ParentRate => transaction.parent_sample_rate().unwrap_or(FALLBACK),
            Self::Inherit => transaction.inherit_or(FALLBACK),
            Self::Constant(rate) => rate,
        }
    }
}

impl FromStr for Sampler {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "parent-rate" => Ok(Self::ParentRate),
            "inherit" => Ok(Self::Inherit),
            number => number
                .parse()
                .map(Self::Constant)
                .map_err(|_| "it must be `parent-rate`, `inherit` or a number"),
        }
    }
}
