//! Events of `tracing` as breadcrumbs, errors and structured logs of the official client.

mod convert;
mod read;
mod span_fields;

use std::cell::Cell;
use std::fmt;

use sentry_core::Hub;
use trace_core::CaughtPanics;
use tracing_core::{Event, Level, LevelFilter, Metadata, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::choice::Choice;
use crate::lookup::find;
use read::ReadEvent;
pub(crate) use span_fields::KeptFields;

thread_local! {
    /// `true` while the client is called. Its hooks may log, some of them under a lock of the hub.
    static IS_CAPTURING: Cell<bool> = const { Cell::new(false) };
}

/// The events that are sent to Sentry, and what they become.
///
/// By default an event of level `ERROR` becomes an error and a log, and one of `WARN` or `INFO` a breadcrumb and a log, as
/// with the layers of `sentry-tracing`. The fields of the recorded spans round the event go along, as `span:field`. Events
/// that a hook of the client makes, such as `before_send`, are not sent.
///
/// ```
/// use trace_tracing::SentryEvents;
/// use tracing_core::Level;
///
/// let events = SentryEvents::default().errors(|metadata| metadata.target() == "alarm").logs(|_| false);
/// let layer = trace_tracing::layer().sentry(events);
/// ```
#[derive(Clone)]
#[must_use = "the options do nothing until they are given to a layer"]
pub struct SentryEvents {
    breadcrumbs: Choice,
    errors: Choice,
    logs: Choice,
    span_fields: SpanFields,
}

/// The spans whose fields go along with events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpanFields {
    Nothing,
    Recorded,
    All,
}

impl Default for SentryEvents {
    fn default() -> Self {
        Self {
            breadcrumbs: Choice::new(|metadata| matches!(*metadata.level(), Level::WARN | Level::INFO)),
            errors: Choice::new(|metadata| *metadata.level() == Level::ERROR),
            logs: Choice::new(|metadata| *metadata.level() <= Level::INFO),
            span_fields: SpanFields::Recorded,
        }
    }
}

impl SentryEvents {
    /// Chooses the events that become breadcrumbs, once for each callsite and thread.
    pub fn breadcrumbs(mut self, filter: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.breadcrumbs = Choice::new(filter);
        self
    }

    /// Chooses the events that become errors, once for each callsite and thread.
    pub fn errors(mut self, filter: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.errors = Choice::new(filter);
        self
    }

    /// Chooses the events that become structured logs, once for each callsite and thread.
    pub fn logs(mut self, filter: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.logs = Choice::new(filter);
        self
    }

    /// Leaves out the fields of spans.
    pub fn without_span_fields(mut self) -> Self {
        self.span_fields = SpanFields::Nothing;
        self
    }

    /// Keeps the fields of all spans that the layer chooses, also of those that are not recorded, for the events in them. So an
    /// error of a request that is not sampled has them, too; but then each span costs what formatting its fields costs.
    pub fn with_fields_of_all_spans(mut self) -> Self {
        self.span_fields = SpanFields::All;
        self
    }

    pub(crate) fn keeps_fields(&self) -> bool {
        self.span_fields == SpanFields::All
    }

    /// Sends an event to the current hub.
    pub(crate) fn capture<S>(&self, event: &Event<'_>, context: &Context<'_, S>, panics: &CaughtPanics)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        if IS_CAPTURING.get() {
            return;
        }
        let metadata = event.metadata();
        let [breadcrumb, error, log] = [&self.breadcrumbs, &self.errors, &self.logs]
            .map(|choice| choice.accepts(metadata, LevelFilter::TRACE, panics));
        if !(breadcrumb || error || log) {
            return;
        }
        let Some(takes_logs) = takes_logs() else { return };
        let log = log && takes_logs;
        let of_spans = match self.span_fields {
            SpanFields::Nothing => Vec::new(),
            SpanFields::Recorded => span_fields::of_recorded(event, context),
            SpanFields::All => span_fields::of_all(event, context),
        };
        let read = ReadEvent::new(event, of_spans, panics);
        let send = || {
            if breadcrumb {
                sentry_core::add_breadcrumb(convert::breadcrumb(&read, metadata));
            }
            if error {
                sentry_core::capture_event(convert::error(&read, metadata));
            }
            if log {
                Hub::with_active(|hub| hub.capture_log(convert::log(read, metadata)));
            }
        };
        IS_CAPTURING.set(true);
        let _panicked = panics.catch(|| match event.parent().and_then(|parent| find(parent, context)) {
            // The client joins what it sends to the current trace.
            Some(parent) => parent.context().scope(send),
            None => send(),
        });
        IS_CAPTURING.set(false);
    }
}

/// Returns whether the client of the current hub takes logs of integrations; `None` if there is no client.
fn takes_logs() -> Option<bool> {
    #[expect(deprecated, reason = "the official integrations respect it")]
    Hub::with_active(|hub| hub.client().map(|client| client.options().enable_logs))
}

impl fmt::Debug for SentryEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentryEvents").field("span_fields", &self.span_fields).finish_non_exhaustive()
    }
}
