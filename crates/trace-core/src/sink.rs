//! What a recorded transaction is when it has ended, and where it goes.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::dsc::DynamicSamplingContext;
use crate::id::{SpanId, TraceId};
use crate::link::SpanLink;
use crate::name::TransactionName;
use crate::status::SpanStatus;

/// Receives every transaction that was recorded, once it has ended.
///
/// It is called on the thread on which the transaction ended, possibly within a `Drop`: it must not fail, block or
/// panic.
pub trait TransactionSink: Send + Sync + 'static {
    /// Takes one transaction.
    fn send(&self, transaction: FinishedTransaction);

    /// Is told of a transaction that is not sent, with so many spans below its root, for whoever counts losses.
    fn dropped(&self, reason: DropReason, spans: usize) {
        let _uncounted = (reason, spans);
    }

    /// Is told of spans that were taken out of a transaction which is sent.
    fn spans_dropped(&self, reason: DropReason, spans: usize) {
        let _uncounted = (reason, spans);
    }
}

/// Why something recorded is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// By the rules of [`ignore_transactions`](crate::TracerBuilder::ignore_transactions) or
    /// [`trace_ignore_status_codes`](crate::TracerBuilder::trace_ignore_status_codes).
    Ignored,
    /// By [`before_send_transaction`](crate::TracerBuilder::before_send_transaction).
    BeforeSend,
}

/// A recorded transaction: one service's part of a trace.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FinishedTransaction {
    /// The trace.
    pub trace_id: TraceId,
    /// What the transaction is called, and how good that name is.
    pub name: TransactionName,
    /// How it ended.
    pub outcome: Outcome,
    /// The transaction's own span. Its parent is a span of the caller.
    pub root: FinishedSpan,
    /// The spans below it that ended before it did, at most 1000, in the order in which they ended.
    pub spans: Vec<FinishedSpan>,
    /// How many more spans ended than were kept.
    pub dropped_spans: usize,
    /// The dynamic sampling context, which belongs in the `trace` header of the envelope. Empty if the caller sent
    /// none.
    pub sampling_context: DynamicSamplingContext,
}

/// One recorded span.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FinishedSpan {
    /// Its id.
    pub span_id: SpanId,
    /// The span it ran within; `None` for the first span of a trace.
    pub parent_span_id: Option<SpanId>,
    /// What kind of work it was, such as `http.client`.
    pub operation: Cow<'static, str>,
    /// The work in detail; empty if nothing is to be said.
    pub description: Cow<'static, str>,
    /// Who made the span, such as `auto.http.tower` or `manual`.
    pub origin: Cow<'static, str>,
    /// How it ended; `None` if nobody said so.
    pub status: Option<SpanStatus>,
    /// When it began.
    pub start: SystemTime,
    /// How long it took, by a clock that never runs backwards.
    pub duration: Duration,
    /// Searchable texts.
    pub tags: Vec<(Cow<'static, str>, String)>,
    /// Attributes, as the application and the layers set them.
    pub data: Vec<(Cow<'static, str>, AttributeValue)>,
    /// Links to other spans.
    pub links: Vec<SpanLink>,
}

impl FinishedSpan {
    /// When it ended, never before it began.
    #[must_use]
    pub fn end(&self) -> SystemTime {
        self.start + self.duration
    }

    /// The value of an attribute.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&AttributeValue> {
        self.data.iter().find_map(|(found, value)| (found == key).then_some(value))
    }
}

/// How a transaction came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The work is done: for a request, the last byte of the response is out.
    Complete,
    /// The service or its body failed.
    Failed,
    /// It was given up before its end, as when the client disconnects.
    Cancelled,
    /// The code panicked.
    Panicked,
}

/// Lower case: `complete`, `failed`, `cancelled`, `panicked`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Panicked => "panicked",
        })
    }
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    /// A yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// A text.
    Text(Cow<'static, str>),
}

impl AttributeValue {
    /// The text, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Bool(_) | Self::Integer(_) | Self::Float(_) => None,
        }
    }
}

/// The value alone, a text without quotes.
impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Float(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
        }
    }
}

macro_rules! attribute_from {
    ($($source:ty => $variant:ident),*) => {
        $(impl From<$source> for AttributeValue {
            fn from(value: $source) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

attribute_from!(bool => Bool, i64 => Integer, i32 => Integer, u32 => Integer, u16 => Integer, f64 => Float,
    &'static str => Text, String => Text, Cow<'static, str> => Text);

/// Keeps transactions in memory: for tests, and for looking at a trace without sending it anywhere.
///
/// Clones share what they keep.
///
/// ```
/// use trace_core::{InMemorySink, TransactionName, Tracer};
///
/// let sink = InMemorySink::default();
/// let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
/// let context = tracer.start_new_trace();
/// drop(tracer.start_transaction(context, "task", || TransactionName::task("nightly report")));
/// assert_eq!(sink.take().len(), 1);
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct InMemorySink {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    transactions: Mutex<Vec<FinishedTransaction>>,
    arrived: Condvar,
}

impl InMemorySink {
    /// What has arrived, taken out.
    #[must_use]
    pub fn take(&self) -> Vec<FinishedTransaction> {
        std::mem::take(&mut *self.lock())
    }

    /// Blocks until `number` transactions are there or `timeout` is over, then takes out what there is.
    #[must_use]
    pub fn wait_for(&self, number: usize, timeout: Duration) -> Vec<FinishedTransaction> {
        let waited =
            self.shared.arrived.wait_timeout_while(self.lock(), timeout, |there| there.len() < number);
        let (mut transactions, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *transactions)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<FinishedTransaction>> {
        self.shared.transactions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TransactionSink for InMemorySink {
    fn send(&self, transaction: FinishedTransaction) {
        self.lock().push(transaction);
        self.shared.arrived.notify_all();
    }
}
