//! Reading of incoming trace headers, and writing of outgoing ones.

mod caller;
mod carrier;
mod env_vars;
pub(crate) mod extract;
pub(crate) mod inject;
mod metadata;
mod trace_data;

pub(crate) use caller::{CallerHeaders, CallerSpan};
pub use carrier::{CarrierFull, Extract, Inject};
pub use env_vars::EnvVars;
pub(crate) use extract::{Extracted, Policy, Verdict, W3cOptions};
pub use inject::{Injection, SentContext, Withheld};
pub(crate) use inject::{Known, OutgoingTrace};
pub use metadata::TraceMetadata;
pub use trace_data::TraceData;
