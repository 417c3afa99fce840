//! The recorded behaviour of the real SDKs, one file a group. What they agree on, ours does too, or the file says which
//! decision overrides it.

mod baggage_emit;
mod baggage_parse;
mod propagation_targets;
mod sample_rand;
mod sampling_matrix;
mod sentry_trace;
mod strict_continuation;
