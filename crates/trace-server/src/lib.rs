//! A Tower layer that continues the trace of each request, or starts one, and keeps it active until the last byte of
//! the response has been sent.
//!
//! The context is current while the service is called, in every poll of its future and in every frame of the response
//! body. Everything that the handler calls or spawns there belongs to the trace. A sampled request is recorded as one
//! transaction, which ends once: when the last byte has been sent, when the service fails or panics, or when the client
//! disconnects.
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, routing::get};
//! use trace_core::Tracer;
//! use trace_server::TraceServerLayer;
//!
//! let tracer = Tracer::builder().release("shop@1.4.0").build()?;
//! let app: Router = Router::new()
//!     .route("/orders/{id}", get(async || "an order"))
//!     .layer(TraceServerLayer::new(tracer));
//! # }
//! # Ok::<(), trace_core::BuildError>(())
//! ```
//!
//! The layer works with any Tower service over `http` types, such as hyper's through `TowerToHyperService`. Put it
//! outside of every layer that may answer or panic in place of the handler, such as `catch-panic` and timeouts, and
//! inside of CORS. If it is applied twice, the inner layer only tells the outer one the route, if it knows one. Apply
//! the same layer to the router if the outer one has to be outside of it, as with `NormalizePath`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod cors;
#[cfg(feature = "axum")]
mod current_trace;
mod forwarded;
mod grpc_probes;
mod incoming_request;
mod layer;
#[cfg(feature = "tower-http")]
mod make_trace_span;
mod meta_tags;
mod page_caching;
mod response_header;
mod router;
mod server_future;
mod server_options;
mod server_timing;
mod service;
mod span_layer;
mod trusted_proxies;

#[cfg(feature = "axum")]
pub use current_trace::{CurrentTrace, NoCurrentTrace};
pub use grpc_probes::skip_grpc_probes;
pub use layer::TraceServerLayer;
#[cfg(feature = "tower-http")]
pub use make_trace_span::MakeTraceSpan;
pub use meta_tags::MetaTags;
pub use response_header::ResponseHeader;
pub use server_future::ServerFuture;
pub use service::TraceServer;
pub use span_layer::{SpanLayer, SpanService};
pub use trace_core::RequestHead;
pub use trusted_proxies::{InvalidNetwork, TrustedProxies};
