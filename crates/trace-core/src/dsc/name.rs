//! The names of members that Sentry's document lists.

/// A name that Sentry's document lists, in the order in which members stay when not all fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KnownName {
    TraceId,
    PublicKey,
    SampleRate,
    Sampled,
    SampleRand,
    OrganizationId,
    Environment,
    Release,
    Transaction,
    ReplayId,
}

impl KnownName {
    #[inline]
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"trace_id" => Self::TraceId,
            b"public_key" => Self::PublicKey,
            b"sample_rate" => Self::SampleRate,
            b"sampled" => Self::Sampled,
            b"sample_rand" => Self::SampleRand,
            b"org_id" => Self::OrganizationId,
            b"environment" => Self::Environment,
            b"release" => Self::Release,
            b"transaction" => Self::Transaction,
            b"replay_id" => Self::ReplayId,
            _ => return None,
        })
    }
}
