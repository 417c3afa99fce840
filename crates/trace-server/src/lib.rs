//! A Tower layer that continues the trace of each request, or starts one, and keeps it active until the last byte of
//! the response is out.
//!
//! The context is current while the service is called, in every poll of its future and in every frame of the response
//! body, so that whatever the handler calls or spawns in it belongs to the trace. A sampled request is recorded as one
//! transaction that ends once: when the last byte is out, or when the service fails, panics, or the client goes away.
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
//! Any Tower service over `http` types will do, as hyper's through `TowerToHyperService`. In a stack the layer stands
//! outside of whatever may answer or panic in place of the handler: outside of `catch-panic` and timeouts, inside of
//! CORS. Applied twice, the inner one only tells the outer one the route, if it knows one: apply the same layer to the router
//! where the outer one has to stand outside of it, as with `NormalizePath`.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod extract;
mod head;
mod layer;
mod options;
mod request;
mod router;
mod service;
mod span_layer;

#[cfg(feature = "axum")]
pub use extract::{CurrentTrace, NoCurrentTrace};
pub use head::RequestHead;
pub use layer::TraceServerLayer;
pub use service::TraceServer;
pub use span_layer::{SpanLayer, SpanService};
