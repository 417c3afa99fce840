//! The destination of what is recorded.

use std::sync::Arc;

use crate::record::{CaughtPanics, FinishedTransaction, Requirements, StreamedSpan};

/// A receiver of everything that is recorded, and of the numbers of what is lost.
///
/// The sink is called on the thread on which a span ended, possibly within a `Drop`. It must not fail or block. The context
/// of the work may be current then: a sink that does traced work itself, such as a request, puts it in
/// [`suppress_tracing`](crate::suppress_tracing), because spans of that work would call the sink again. A panic in one
/// of its methods is [caught and counted](crate::Tracer::caught_panics). `Arc`, `Box` and `Option` of a sink are
/// sinks.
///
/// ```
/// use trace_core::{Record, SpanSink, Tracer};
///
/// struct Printer;
///
/// impl SpanSink for Printer {
///     fn receive(&self, record: Record) {
///         if let Record::Transaction(transaction) = record {
///             println!("{} took {:?}", transaction.name.as_str(), transaction.root.duration);
///         }
///     }
/// }
///
/// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(Printer).build()?;
/// tracer.service_span("task", "nightly report").start().end();
/// # Ok::<(), trace_core::BuildError>(())
/// ```
pub trait SpanSink: Send + Sync + 'static {
    /// Receives a record.
    fn receive(&self, record: Record);

    /// Returns the requirements. The method is called once, when the tracer is built.
    fn requirements(&self) -> Requirements {
        Requirements::default()
    }

    /// Returns whether [`receive`](Self::receive) may run code of the application, such as hooks. The method is called once,
    /// when the tracer is built. A sink that only stores or counts returns `false`, which saves bridges to other libraries
    /// what they do for such code.
    fn runs_hooks(&self) -> bool {
        true
    }
}

/// The record of ended work or of a loss.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Record {
    /// A service span and the spans below it, in the [static](crate::TraceLifecycle::Static) lifecycle.
    Transaction(Box<FinishedTransaction>),
    /// One span, in the [streamed](crate::TraceLifecycle::Stream) lifecycle.
    Span(StreamedSpan),
    /// A loss.
    Lost(Loss),
}

/// Work that is not sent. A lost transaction counts as one span for its service span, and one for each span below it.
///
/// Source: Sentry's Client Reports document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The reason.
    pub reason: DropReason,
    /// The number of transactions. It is 0 if only spans of a transaction are lost, or if spans are streamed.
    pub transactions: usize,
    /// The number of spans.
    pub spans: usize,
}

impl Loss {
    /// Returns the loss of a transaction with this number of spans below its service span.
    #[must_use]
    pub fn of_transaction(reason: DropReason, spans: usize) -> Self {
        Self { reason, transactions: 1, spans: spans.saturating_add(1) }
    }

    /// Returns the loss of spans alone.
    #[must_use]
    pub fn of_spans(reason: DropReason, spans: usize) -> Self {
        Self { reason, transactions: 0, spans }
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {
        $(impl<S: SpanSink + ?Sized> SpanSink for $pointer {
            fn receive(&self, record: Record) {
                (**self).receive(record);
            }

            fn requirements(&self) -> Requirements {
                (**self).requirements()
            }

            fn runs_hooks(&self) -> bool {
                (**self).runs_hooks()
            }
        })*
    };
}

forward!(Arc<S>, Box<S>);

/// `None` ignores everything.
impl<S: SpanSink> SpanSink for Option<S> {
    fn receive(&self, record: Record) {
        if let Some(sink) = self {
            sink.receive(record);
        }
    }

    fn requirements(&self) -> Requirements {
        self.as_ref().map(S::requirements).unwrap_or_default()
    }

    fn runs_hooks(&self) -> bool {
        self.as_ref().is_some_and(S::runs_hooks)
    }
}

/// The reason why a transaction or span is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// It was ignored by [`ignore_transactions`](crate::TracerBuilder::ignore_transactions),
    /// [`ignore_spans`](crate::TracerBuilder::ignore_spans) or
    /// [`trace_ignore_status_codes`](crate::TracerBuilder::trace_ignore_status_codes).
    Ignored,
    /// It was dropped by [`before_send_transaction`](crate::TracerBuilder::before_send_transaction).
    BeforeSend,
    /// [`before_send_transaction`](crate::TracerBuilder::before_send_transaction) or
    /// [`before_send_span`](crate::TracerBuilder::before_send_span) panicked.
    BeforeSendPanicked,
    /// A span had not ended when its transaction was sent, or began later.
    Unfinished,
    /// It was not sampled.
    SampleRate,
    /// It was not sampled, at a rate that the sink had asked to [lower](crate::Downsampling).
    Backpressure,
}

/// A sink whose panics are caught.
pub(crate) struct Caught<S> {
    sink: S,
    panics: CaughtPanics,
}

impl<S: SpanSink> Caught<S> {
    pub(crate) fn new(sink: S, panics: CaughtPanics) -> Self {
        Self { sink, panics }
    }
}

impl<S: SpanSink> SpanSink for Caught<S> {
    fn receive(&self, record: Record) {
        self.panics.catch(|| self.sink.receive(record)).unwrap_or_default();
    }

    fn requirements(&self) -> Requirements {
        self.panics.catch(|| self.sink.requirements()).unwrap_or_default()
    }

    fn runs_hooks(&self) -> bool {
        self.panics.catch(|| self.sink.runs_hooks()).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests;
