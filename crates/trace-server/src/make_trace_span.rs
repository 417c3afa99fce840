//! Spans of the crate `tracing` for tower-http's `TraceLayer`, which name the trace in every log line of a request.

use http::Request;
use tower_http::trace::MakeSpan;
use trace_core::{TraceContext, current_serves, map_current};
use trace_http::{scrub_path, scrub_query};
use tracing::field::{Empty, display};
use tracing::{Level, Span};

const NAME: &str = "request";
const TARGET: &str = "trace_server";

/// A [`MakeSpan`] for tower-http's `TraceLayer`, whose spans have the fields `method`, `uri`, `version`, `trace_id`,
/// `span_id` and `sampled`.
///
/// The ids are those of the service span, under which Sentry shows the request. Sensitive values of the URI are
/// filtered. `TraceLayer` may be on either side of the [trace layer](crate::TraceServerLayer):
///
/// - **inside**, the trace is known when the span is made, so every event has the ids;
/// - **outside**, the trace layer adds the ids when it gets the request. Events before that, such as `started processing
///   request`, do not have them. There must be no other span of `tracing` between the two layers.
///
/// Without a trace layer, the three fields stay empty, also if the caller sent a trace: nobody continues it.
///
/// ```
/// use axum::{Router, routing::get};
/// use tower_http::trace::TraceLayer;
/// use trace_core::Tracer;
/// use trace_server::{MakeTraceSpan, TraceServerLayer};
///
/// let app: Router = Router::new()
///     .route("/orders/{id}", get(async || "an order"))
///     .layer(TraceLayer::new_for_http().make_span_with(MakeTraceSpan::new()))
///     .layer(TraceServerLayer::new(Tracer::builder().build()?));
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MakeTraceSpan {
    level: Level,
}

impl MakeTraceSpan {
    /// Returns one whose spans have the level `INFO`.
    #[must_use]
    pub fn new() -> Self {
        Self { level: Level::INFO }
    }

    /// Sets the level of the spans.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }
}

impl Default for MakeTraceSpan {
    fn default() -> Self {
        Self::new()
    }
}

impl<B> MakeSpan<B> for MakeTraceSpan {
    fn make_span(&mut self, request: &Request<B>) -> Span {
        // The level of a span has to be a constant.
        macro_rules! span {
            ($level:expr) => {
                tracing::span!(
                    target: TARGET,
                    $level,
                    NAME,
                    method = %request.method(),
                    uri = uri(request),
                    version = ?request.version(),
                    trace_id = Empty,
                    span_id = Empty,
                    sampled = Empty,
                )
            };
        }
        let span = match self.level {
            Level::ERROR => span!(Level::ERROR),
            Level::WARN => span!(Level::WARN),
            Level::INFO => span!(Level::INFO),
            Level::DEBUG => span!(Level::DEBUG),
            Level::TRACE => span!(Level::TRACE),
        };
        if current_serves(request.extensions()) {
            map_current(|current| current.into_iter().for_each(|context| record(&span, context)));
        }
        span
    }
}

/// Adds the ids to the span of an outer `TraceLayer`, if that made the current one.
pub(crate) fn tell_outer(context: &TraceContext) {
    let span = Span::current();
    if span.metadata().is_some_and(|known| known.target() == TARGET && known.name() == NAME) {
        record(&span, context);
    }
}

fn record(span: &Span, context: &TraceContext) {
    if !context.is_suppressed() {
        span.record("trace_id", display(context.trace_id()));
        span.record("span_id", display(context.span_id()));
        span.record("sampled", context.sampled());
    }
}

/// Returns the path and the query in the form that may be recorded.
fn uri<B>(request: &Request<B>) -> String {
    let path = scrub_path(request.uri().path());
    match request.uri().query() {
        Some(query) => [&*path, "?", &scrub_query(query)].concat(),
        None => path.into_owned(),
    }
}
