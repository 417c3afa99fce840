//! A Tower layer that puts `sentry-trace` and `baggage` on outgoing requests whose URL matches the trace propagation
//! targets, and records a span for each request.
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
//! With any `Service<http::Request<B>>`, such as hyper-util's client, a span ends with the response body. With
//! `reqwest::Client` and the feature `reqwest`, it ends with the response head. Every retry and every redirect is a
//! request of its own if the layer is inside of the layer that retries or follows.
//!
//! With the feature `regex`, a target may be a regular expression: `Target::regex`.
//!
//! reqwest follows redirects itself, below any layer, and sends the headers to other hosts as well. Give it
//! `redirect::Policy::none()`, or a `Policy::custom` that stops if [`PropagationTargets::matches`] returns `false`. Its
//! `default_headers` are also added below the layer, which does not see them. Put a `baggage` of your own on the
//! request.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod client_options;
mod layer;
mod outgoing_request;
mod service;
mod supported_request;
mod targets;

pub use layer::TraceClientLayer;
pub use service::TraceClient;
#[cfg(feature = "reqwest")]
pub use supported_request::ReqwestFuture;
pub use supported_request::SupportedRequest;
pub use targets::{
    Explanation, IntoTargets, Mistake, PropagationTargets, Target, TargetError, TargetWarning,
};
