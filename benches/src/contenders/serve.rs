//! The layers round a router of axum, for loopback.

use axum::Router;
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use fastrace_tower::FastraceServerLayer;
use sentry_tower::{NewSentryLayer, SentryHttpLayer};
use tower::ServiceBuilder;
use tower::layer::layer_fn;
use tower_http::trace::TraceLayer;
use trace_server::TraceServerLayer;

use super::{Contender, floor, opentelemetry, ours, sentry};

impl Contender {
    /// Puts the layer of this contender round the routes so far, set up as for a request that is not recorded.
    pub(crate) fn serve(self, router: Router) -> Router {
        match self {
            Self::Bare => router,
            Self::Floor => router.layer(layer_fn(floor::Server)),
            Self::Ours | Self::Streamed => router.layer(TraceServerLayer::new(ours::tracer(None))),
            Self::Fastrace => router.layer(FastraceServerLayer::default()),
            Self::Sentry => {
                sentry::set_up(0.0);
                let layers = ServiceBuilder::new()
                    .layer(NewSentryLayer::new_from_top())
                    .layer(SentryHttpLayer::new().enable_transaction());
                router.layer(layers)
            }
            Self::Opentelemetry => {
                opentelemetry::set_up(false);
                router.layer(OtelAxumLayer::default())
            }
            Self::TraceLayer => router.layer(TraceLayer::new_for_http()),
        }
    }
}
