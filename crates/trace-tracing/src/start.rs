//! The start of spans.

use std::cell::Cell;

use trace_core::{AttributeValue, CaughtPanics, SharedSpan, TraceContext, TransactionName, map_current};
use tracing_core::span::{Attributes, Id};
use tracing_core::{Metadata, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::choice::Choice;
use crate::convention::{Description, is_duplicate};
use crate::layer::{Roots, TracingLayer};
use crate::lookup::{find, named_parent};
use crate::traced_span::TracedSpan;
use crate::values::Fields;
use crate::{last, presence};

/// The attribute of a service span that counts the spans beyond the limit.
const REFUSED_SPANS: &str = "refused_spans";

thread_local! {
    /// `true` while the tracer of roots starts one.
    static IS_STARTING_ROOT: Cell<bool> = const { Cell::new(false) };
}

impl TracingLayer {
    /// Starts a span below the current context, which is recorded.
    #[inline(never)]
    pub(crate) fn start_below_current<S>(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        if !self.wants(&self.options.choice, attributes, id, &context) {
            return;
        }
        let (metadata, fields) = (attributes.metadata(), self.read(attributes));
        if let Some(span) = map_current(|current| self.start_child(current?, metadata, fields)) {
            self.keep(span, id, &context);
        }
    }

    /// Starts a span whose parent is not the current context, unless nothing is to be recorded.
    #[cold]
    #[inline(never)]
    pub(crate) fn start_elsewhere<S>(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        match attributes.parent() {
            Some(parent) => {
                let Some(parent) = named_parent(parent, id, &context) else { return };
                if self.wants(&self.options.choice, attributes, id, &context) {
                    let (metadata, fields) = (attributes.metadata(), self.read(attributes));
                    if let Some(span) = self.start_child(parent.context(), metadata, fields) {
                        self.keep(span, id, &context);
                    }
                }
            }
            None if attributes.is_root() || map_current(|current| current.is_none()) => {
                let Some(roots) = &self.options.roots else { return };
                if self.wants(&roots.choice, attributes, id, &context) {
                    let fields = self.read(attributes);
                    let caller = CallerFields::of(&fields);
                    let description = self.describe(attributes.metadata(), fields.list);
                    if let Some(span) = roots.start(description, caller, &self.options.panics) {
                        self.keep(span, id, &context);
                    }
                }
            }
            None => {}
        }
    }

    /// Returns whether a choice accepts a span, and no other layer of ours has started it.
    #[inline]
    fn wants<S>(
        &self,
        choice: &Choice,
        attributes: &Attributes<'_>,
        id: &Id,
        context: &Context<'_, S>,
    ) -> bool
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        choice.accepts(attributes.metadata(), self.options.level, &self.options.panics)
            && !(presence::may_have_data(id) && find(id, context).is_some())
    }

    /// Reads the fields of a span. No lock is held, and the context is current, while the values are formatted.
    #[inline]
    fn read(&self, attributes: &Attributes<'_>) -> Fields<'_> {
        let number = attributes.fields().len();
        let mut fields = Fields::new(number, &self.options.panics);
        if number > 0 {
            attributes.record(&mut fields);
        }
        fields
    }

    /// Keeps the data of a span that has started, where its callbacks find it.
    #[inline]
    fn keep<S>(&self, span: SharedSpan, id: &Id, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        if let Some(own) = context.span(id) {
            presence::add(id);
            last::remember(self.key(id), span.clone());
            own.extensions_mut().replace(TracedSpan::new(span, self.options.number.get()));
        }
    }

    /// Describes a span by its metadata and its fields.
    #[inline]
    fn describe(
        &self,
        metadata: &'static Metadata<'static>,
        fields: Vec<(&'static str, AttributeValue)>,
    ) -> Description {
        let mut description = Description::new(metadata, fields);
        if self.options.has_places {
            description.add_place(metadata);
        }
        description
    }

    /// Starts a span; `None` if there are too many, or if its parent describes the same exchange.
    #[inline]
    fn start_child(
        &self,
        parent: &TraceContext,
        metadata: &'static Metadata<'static>,
        fields: Fields<'_>,
    ) -> Option<SharedSpan> {
        if self.options.max_spans.is_some_and(|most| parent.started_spans() >= most) {
            if let Some(service_span) = parent.service_span() {
                service_span.add_to_attribute(REFUSED_SPANS, 1);
            }
            return None;
        }
        let description = self.describe(metadata, fields.list);
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
    /// Starts a service span. The sampler may panic, which must not reach the code that makes a span. It may make spans
    /// itself, which start none, since that would ask the sampler again.
    fn start(
        &self,
        description: Description,
        caller: CallerFields,
        panics: &CaughtPanics,
    ) -> Option<SharedSpan> {
        if IS_STARTING_ROOT.replace(true) {
            return None;
        }
        let span = panics.catch(|| self.start_service_span(description, caller));
        IS_STARTING_ROOT.set(false);
        span
    }

    fn start_service_span(&self, description: Description, caller: CallerFields) -> SharedSpan {
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
