//! A Tower layer that puts `sentry-trace` and `baggage` on outgoing requests whose URL matches the trace propagation
//! targets, and makes a span of each.
//!
//! ```
//! use trace_client::{Target, TraceClientLayer};
//! use trace_core::Tracer;
//!
//! let tracer = Tracer::builder().release("shop@1.4.0").build()?;
//! let layer = TraceClientLayer::new(tracer).targets([Target::host("inventory.internal")])?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Around any `Service<http::Request<B>>`, such as hyper-util's client, a span lives until the response body has ended;
//! around `reqwest::Client`, with the feature `reqwest`, until the response head. Every retry and every hop of a
//! redirect is a request of its own if the layer stands inside of what retries or follows.
//!
//! reqwest follows redirects by itself, below any layer, and takes the headers along to other hosts. Give it
//! `redirect::Policy::none()`, or a `Policy::custom` that stops where [`PropagationTargets::matches`] says no. Its
//! `default_headers` are added below the layer as well, which does not see them: a `baggage` of your own belongs on the
//! request.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod layer;
mod options;
mod outgoing;
mod service;
mod targets;

pub use layer::TraceClientLayer;
#[cfg(feature = "reqwest")]
pub use service::ReqwestFuture;
pub use service::TraceClient;
pub use targets::{Explanation, Mistake, PropagationTargets, Target, TargetError, TargetWarning};
