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
//! A span ends with the last byte of the response's body, with any `Service<http::Request<B>>`, such as hyper-util's
//! client, and with reqwest. Every retry and every redirect is a request of its own if the layer is inside of the layer
//! that retries or follows. [`CallOptions`] name a call, leave it out or give it a parent; a [`ParentLayer`] takes the
//! current trace through `tower::buffer` and its like.
//!
//! With the feature `reqwest`, [`SendTraced`] sends what a plain `reqwest::Client` has built:
//! `client.post(url).send_traced(&layer)`. reqwest follows redirects itself, below any layer, and sends the headers to
//! other hosts as well: give it a [`redirect_policy`], or `redirect::Policy::none()` with [`FollowRedirectsLayer`]. Its
//! `default_headers` are also added below the layer, which does not see them, and at every hop. Put a `sentry-trace` or
//! `baggage` of your own on the request.
//!
//! With the feature `regex`, a target may be a regular expression: `Target::regex`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod call_options;
mod client_options;
mod handshake;
mod layer;
mod origin_error;
mod outgoing_request;
mod parent_layer;
#[cfg(feature = "reqwest-0-12")]
pub mod reqwest_0_12;
#[cfg(feature = "reqwest")]
mod reqwest_0_13;
#[cfg(feature = "reqwest-blocking")]
mod reqwest_blocking;
#[cfg(feature = "reqwest-middleware")]
mod reqwest_middleware;
mod service;
mod supported_request;
mod targets;

pub use call_options::CallOptions;
pub use handshake::Handshake;
pub use layer::TraceClientLayer;
pub use origin_error::OriginError;
pub use parent_layer::{ParentLayer, ParentService};
#[cfg(feature = "reqwest")]
pub use reqwest_0_13::{
    FollowFuture, FollowRedirects, FollowRedirectsLayer, ReqwestFuture, ReqwestLayer, ReqwestService,
    ReqwestServiceFuture, SendFuture, SendTraced, redirect_policy,
};
#[cfg(feature = "reqwest-blocking")]
pub use reqwest_blocking::{ReqwestBlockingLayer, SendTracedBlocking};
#[cfg(feature = "reqwest-middleware")]
pub use reqwest_middleware::TraceMiddleware;
pub use service::TraceClient;
pub use supported_request::SupportedRequest;
pub use targets::{
    Explanation, IntoTargets, Mistake, PropagationTargets, Target, TargetError, TargetWarning,
};
