//! The start of spans.

use std::cell::Cell;

use trace_core::{AttributeValue, SharedSpan, TraceContext, TransactionName, map_current};
use tracing_core::Metadata;

use crate::convention::{Description, is_duplicate};
use crate::layer::{Roots, TracingLayer};
use crate::values::Fields;

/// The attribute of a service span that counts the spans beyond the limit.
const REFUSED_SPANS: &str = "refused_spans";

thread_local! {
    /// `true` while the tracer of roots starts one.
    static IS_STARTING_ROOT: Cell<bool> = const { Cell::new(false) };
}

/// The parent of a new span.
pub(crate) enum Parent<'a> {
    /// The current context, which is recorded.
    Current,
    /// The span that the program names.
    Span(SharedSpan),
    /// None: it starts a service span.
    Root(&'a Roots),
}

impl TracingLayer {
    /// Starts a span; `None` if there are too many, or if its parent describes the same exchange.
    #[inline]
    pub(crate) fn start_below(
        &self,
        parent: Parent<'_>,
        metadata: &'static Metadata<'static>,
        fields: Fields<'_>,
    ) -> Option<SharedSpan> {
        let caller = matches!(parent, Parent::Root(_)).then(|| CallerFields::of(&fields));
        let description = self.describe(metadata, fields.list);
        match parent {
            Parent::Current => map_current(|current| self.start_child(current?, description)),
            Parent::Span(parent) => self.start_child(parent.context(), description),
            Parent::Root(roots) => self.start_root(roots, description, caller?),
        }
    }

    /// Starts a service span. The sampler may panic, which must not reach the code that makes a span. It may make spans
    /// itself, which start none, since that would ask the sampler again.
    fn start_root(
        &self,
        roots: &Roots,
        description: Description,
        caller: CallerFields,
    ) -> Option<SharedSpan> {
        if IS_STARTING_ROOT.replace(true) {
            return None;
        }
        let span = self.panics.catch(|| roots.start(description, caller));
        IS_STARTING_ROOT.set(false);
        span
    }

    /// Describes a span by its metadata and its fields.
    #[inline]
    fn describe(
        &self,
        metadata: &'static Metadata<'static>,
        fields: Vec<(&'static str, AttributeValue)>,
    ) -> Description {
        let mut description = Description::new(metadata, fields);
        if self.has_places {
            description.add_place(metadata);
        }
        description
    }

    #[inline]
    fn start_child(&self, parent: &TraceContext, description: Description) -> Option<SharedSpan> {
        if self.max_spans.is_some_and(|most| parent.started_spans() >= most) {
            if let Some(service_span) = parent.service_span() {
                service_span.add_to_attribute(REFUSED_SPANS, 1);
            }
            return None;
        }
        let Description { operation, name, origin, status, attributes, tags, is_held } = description;
        // Only the name of an exchange is compared, so that other spans need not ask.
        let is_exchange = operation.starts_with("http.") || operation.starts_with("grpc.");
        if is_exchange && parent.operation().is_some_and(|parent| is_duplicate(&operation, &parent)) {
            return None;
        }
        let span = parent.span(operation, name).origin(origin).attributes(attributes).start_shared();
        finish(span.context(), status, tags);
        if is_held {
            span.end_with_transaction();
        }
        Some(span)
    }
}

/// The headers of a trace that a root continues, in its fields.
struct CallerFields {
    sentry_trace: Option<String>,
    baggage: Option<String>,
}

impl CallerFields {
    fn of(fields: &Fields<'_>) -> Self {
        let text = |name| fields.get(name).and_then(AttributeValue::as_str).map(str::to_owned);
        Self { sentry_trace: text("sentry.trace"), baggage: text("sentry.baggage") }
    }
}

impl Roots {
    fn start(&self, description: Description, caller: CallerFields) -> SharedSpan {
        let Description { operation, name, origin, status, attributes, tags, .. } = description;
        let name = TransactionName::task(name);
        let mut builder = self.tracer.service_span(operation, name).origin(origin).attributes(attributes);
        if let Some(sentry_trace) = caller.sentry_trace {
            let baggage = caller.baggage.as_deref().unwrap_or_default();
            builder = builder.continuing([("sentry-trace", &*sentry_trace), ("baggage", baggage)].as_slice());
        }
        let span = builder.start_shared();
        finish(span.context(), status, tags);
        span
    }
}

/// Sets what few spans have at their start.
#[inline]
fn finish(context: &TraceContext, status: Option<trace_core::SpanStatus>, tags: Vec<(&'static str, String)>) {
    if let Some(status) = status {
        context.set_status(status);
    }
    for (name, value) in tags {
        context.set_tag(name, value);
    }
}
