//! Events: queries that are over, and errors.

use trace_core::{is_recording, map_current};
use tracing_core::{Event, Level, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::convention::event_status;
use crate::layer::TracingLayer;
use crate::lookup::{find, is_of_current_service, nearest};
use crate::query::{self, Query};
use crate::sqlite_driver;
use crate::values::Fields;

impl TracingLayer {
    #[inline]
    pub(crate) fn receive<S>(&self, event: &Event<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        // Another layer may enable more than this one looks at.
        if *event.metadata().level() > self.options.level {
            return;
        }
        // One branch, if nothing is recorded.
        if is_recording() || event.parent().is_some() {
            self.record(event, context);
        } else if event.metadata().target() == query::TARGET && sqlite_driver::is_here() {
            self.record_query(event, context);
        }
        #[cfg(feature = "sentry")]
        if let Some(sentry) = &self.options.sentry
            && !self.options.done.sending()
        {
            sentry.capture(event, context, &self.options.panics);
        }
    }

    fn record<S>(&self, event: &Event<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let metadata = event.metadata();
        if metadata.target() == query::TARGET {
            self.record_query(event, context);
        } else if *metadata.level() == Level::ERROR
            && metadata.fields().iter().any(|field| field.name() != "message")
        {
            self.record_error(event, context);
        }
    }

    /// Records a query below the nearest span that is recorded. On a thread of the driver nothing is current if a span is
    /// entered there that is not recorded, such as one that only another layer wants.
    fn record_query<S>(&self, event: &Event<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        if self.options.done.queries() {
            return;
        }
        let is_below_current = is_recording() && event.parent().is_none();
        let span = if is_below_current { None } else { nearest(event, context) };
        if !is_below_current && span.is_none() {
            return;
        }
        let Some(query) = Query::read(&self.fields(event), self.options.database) else { return };
        if let Some(span) = span {
            sqlite_driver::note_entered(&span);
            query.record(span.context());
        } else {
            map_current(|current| {
                if let Some(current) = current {
                    query.record(current);
                }
            });
        }
    }

    /// Sets the status of the span of `tracing` in which an error is logged.
    fn record_error<S>(&self, event: &Event<'_>, context: &Context<'_, S>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let Some(span) = context.event_span(event).and_then(|span| find(&span.id(), context)) else { return };
        // The span may be round work of another service span, which has failed.
        if event.parent().is_none() && !is_of_current_service(&span) {
            return;
        }
        let fields = self.fields(event);
        if let Some(status) = event_status(fields.get("error"), fields.has_error)
            && span.context().status().is_none()
        {
            span.context().set_status(status);
        }
    }

    fn fields(&self, event: &Event<'_>) -> Fields<'_> {
        let mut fields = Fields::new(event.fields().count(), &self.options.panics);
        event.record(&mut fields);
        fields
    }
}
