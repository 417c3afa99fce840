//! Events: queries that are over, and errors.

use trace_core::is_recording;
use tracing_core::{Event, Level, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::convention::event_status;
use crate::layer::TracingLayer;
use crate::lookup::{find, with_context_of};
use crate::query::{self, Query};
use crate::values::Fields;

impl TracingLayer {
    #[inline]
    pub(crate) fn receive<S>(&self, event: &Event<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        // One branch, if nothing is recorded.
        if is_recording() || event.parent().is_some() {
            self.record(event, context);
        }
        #[cfg(feature = "sentry")]
        if let Some(sentry) = &self.sentry {
            sentry.capture(event, context, &self.panics);
        }
    }

    fn record<S>(&self, event: &Event<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let metadata = event.metadata();
        if metadata.target() == query::TARGET {
            if let Some(query) = Query::read(&self.fields(event), self.database) {
                with_context_of(event, context, |current| {
                    if let Some(current) = current {
                        query.record(current);
                    }
                });
            }
        } else if *metadata.level() == Level::ERROR
            && metadata.fields().iter().any(|field| field.name() != "message")
        {
            self.record_error(event, context);
        }
    }

    /// Sets the status of the span of `tracing` in which an error is logged.
    fn record_error<S>(&self, event: &Event<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let Some(span) = context.event_span(event).and_then(|span| find(&span.id(), context)) else { return };
        let fields = self.fields(event);
        if let Some(status) = event_status(fields.get("error"), fields.has_error)
            && span.context().status().is_none()
        {
            span.context().set_status(status);
        }
    }

    fn fields(&self, event: &Event<'_>) -> Fields<'_> {
        let mut fields = Fields::new(event.fields().count(), &self.panics);
        event.record(&mut fields);
        fields
    }
}
