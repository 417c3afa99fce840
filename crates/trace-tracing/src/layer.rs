//! The layer and its options.

use std::time::Duration;

use trace_core::{CaughtPanics, Tracer};
use tracing_core::{LevelFilter, Metadata};

use crate::choice::Choice;
use crate::number::Number;
use crate::twice::DoneByAnother;

/// Returns a layer for [`tracing_subscriber::registry()`] that makes the spans of `tracing` spans of the current trace.
///
/// ```
/// use tracing_subscriber::prelude::*;
///
/// tracing_subscriber::registry().with(trace_tracing::layer()).init();
/// ```
pub fn layer() -> TracingLayer {
    TracingLayer::default()
}

/// A layer that makes the spans of `tracing` spans of the current trace. [`layer`] makes it.
///
/// A span below a recorded context becomes a child of it, and is current while it is entered. Without a recorded context it
/// costs next to nothing, and nothing is recorded.
#[derive(Debug, Default)]
#[must_use = "a layer does nothing until it is added to a subscriber"]
pub struct TracingLayer {
    /// In a box, the layer is one word. Larger, it stands before the registry in `Layered`, whose address each callback would
    /// have to calculate (rows `tracing-span` and `tracing-enter`: 7 and 3 instructions).
    pub(crate) options: Box<Options>,
}

/// The options of a layer, and the number by which spans know it.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) number: Number,
    pub(crate) level: LevelFilter,
    pub(crate) choice: Choice,
    pub(crate) roots: Option<Roots>,
    pub(crate) shortest: Duration,
    pub(crate) max_spans: Option<usize>,
    pub(crate) database: Option<&'static str>,
    pub(crate) has_places: bool,
    pub(crate) panics: CaughtPanics,
    pub(crate) done: DoneByAnother,
    #[cfg(feature = "sentry")]
    pub(crate) sentry: Option<crate::sentry::SentryEvents>,
}

/// The spans that start a service span of their own.
#[derive(Debug)]
pub(crate) struct Roots {
    pub(crate) tracer: Tracer,
    pub(crate) choice: Choice,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            number: Number::default(),
            level: LevelFilter::INFO,
            choice: Choice::default(),
            roots: None,
            shortest: Duration::ZERO,
            max_spans: None,
            database: None,
            has_places: false,
            panics: CaughtPanics::default(),
            done: DoneByAnother::default(),
            #[cfg(feature = "sentry")]
            sentry: None,
        }
    }
}

impl TracingLayer {
    /// Sets the most verbose level of spans and events that are looked at. The default is `INFO`.
    ///
    /// Levels beyond those of the other layers cost something for every span and event of the program. The queries of `sqlx`
    /// are events of level `DEBUG`, unless its option `log_statements` raises them.
    pub fn max_level(mut self, level: impl Into<LevelFilter>) -> Self {
        self.options.level = level.into();
        self
    }

    /// Chooses the spans that are recorded, once for each callsite and thread. By default these are all but those of
    /// connections (`h2`, `hyper`), of tasks (`tokio`), of each method of sea-orm (level `TRACE`), and the request of
    /// `tower-http`'s `TraceLayer`, which the server layer records.
    ///
    /// Unlike [`with_filter`](tracing_subscriber::Layer::with_filter), it costs spans that are not recorded nothing.
    ///
    /// ```
    /// let layer = trace_tracing::layer().filter(|metadata| metadata.target().starts_with("shop"));
    /// ```
    pub fn filter(mut self, filter: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.options.choice = Choice::new(filter);
        self
    }

    /// Chooses the spans that start a service span of their own where no context is current, such as jobs and consumers. By
    /// default none does.
    ///
    /// The fields `sentry.trace` and `sentry.baggage` of such a span are the headers of a trace that it continues, as from a
    /// message. The tracer decides whether it does.
    ///
    /// ```
    /// let tracer = trace_core::Tracer::builder().traces_sample_rate(1.0).build()?;
    /// let layer = trace_tracing::layer().root(tracer, |metadata| metadata.target() == "shop::jobs");
    /// # Ok::<(), trace_core::BuildError>(())
    /// ```
    pub fn root(
        mut self,
        tracer: Tracer,
        filter: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.options.roots = Some(Roots { tracer, choice: Choice::new(filter) });
        self
    }

    /// Folds spans that last less than `duration` into their parents, whose attribute `folded_spans` counts them. A span that
    /// has failed, that has links or recorded spans below it, or that is a service span, is never folded. The default is zero.
    pub fn fold_shorter_than(mut self, duration: Duration) -> Self {
        self.options.shortest = duration;
        self
    }

    /// Limits the spans below one service span: once so many have started, spans of `tracing` start none, and the attribute
    /// `refused_spans` of the service span counts them. There is no limit by default; a transaction keeps 1000 spans anyway.
    pub fn max_spans(mut self, number: usize) -> Self {
        self.options.max_spans = Some(number);
        self
    }

    /// Sets the `db.system.name` of the queries that `sqlx` reports, such as `postgresql`: its events do not tell. SQLite is
    /// recognized by its threads.
    pub fn database(mut self, system: &'static str) -> Self {
        self.options.database = Some(system);
        self
    }

    /// Records the place in the source with each span, as `code.module.name`, `code.file.path` and `code.line.number`.
    pub fn with_places(mut self) -> Self {
        self.options.has_places = true;
        self
    }

    /// Sends events to Sentry: as breadcrumbs, errors and structured logs, by their level.
    #[cfg(feature = "sentry")]
    pub fn sentry(mut self, events: crate::sentry::SentryEvents) -> Self {
        self.options.sentry = Some(events);
        self
    }

    #[cfg(feature = "sentry")]
    pub(crate) fn keeps_fields(&self) -> bool {
        self.options.sentry.as_ref().is_some_and(crate::sentry::SentryEvents::keeps_fields)
    }

    /// Returns the guard that counts the panics of filters and of `Debug` implementations of fields.
    #[must_use]
    pub fn caught_panics(&self) -> CaughtPanics {
        self.options.panics.clone()
    }
}
