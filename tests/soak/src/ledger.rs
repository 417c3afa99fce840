//! What is booked while the requests run.

use std::ops::{Index, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};

use sentry_core::protocol::{Context, Event};
use sentry_core::{Envelope, Transport};
use serde_json::Value;
use trace_core::{FinishedSpan, Record, Requirements, SpanSink, TraceLifecycle};
use trace_sentry::SentrySink;

use crate::plan::Plan;

/// The description of a span that ends after its request.
pub(crate) const LATE: &str = "late";
/// The tag that a handler puts on its scope: the number of the request.
pub(crate) const REQUEST_TAG: &str = "soak.request";
/// The tag that a handler puts on its scope: the trace that is current.
pub(crate) const TRACE_TAG: &str = "soak.trace";

/// Counts by request, and counts of all.
pub(crate) struct Ledger {
    /// Whether the units are transactions or spans.
    pub(crate) lifecycle: TraceLifecycle,
    started: Vec<AtomicU8>,
    ended: Vec<AtomicU8>,
    counts: [AtomicU64; Count::ALL],
}

/// What is counted over all requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// Transactions or streamed spans that ended.
    Ended,
    /// Transactions or streamed spans that the transport got.
    Delivered,
    /// Transactions or streamed spans that a client report tells to be lost.
    Dropped,
    /// Requests that a client report tells not to be sampled.
    Unsampled,
    /// Spans that a handler left to a task.
    LeftSpans,
    /// Those of them that have ended.
    LateSpans,
    /// Those of them that were streamed.
    LateRecords,
    Captured,
    /// Errors that the transport got.
    Events,
    /// Errors with the trace or the scope of another request.
    ForeignEvents,
    Panics,
    /// Moments in a request in which its context was not current.
    ForeignContexts,
    /// Contexts that were current outside of any request.
    LeftContexts,
    /// Threads whose hub had the scope of a request at the end.
    LeftScopes,
    /// Worker threads that were looked at.
    Threads,
}

impl Count {
    const ALL: usize = Self::Threads as usize + 1;
}

impl Ledger {
    pub(crate) fn new(lifecycle: TraceLifecycle, requests: usize) -> Self {
        // Written to once, so that the pages are there before memory is measured.
        let table = || {
            let table: Vec<AtomicU8> = (0..requests).map(|_| AtomicU8::new(1)).collect();
            table.iter().for_each(|cell| cell.store(0, Relaxed));
            table
        };
        Self { lifecycle, started: table(), ended: table(), counts: Default::default() }
    }

    pub(crate) fn start(&self, plan: Plan) {
        self.started[plan.number].fetch_add(1, Relaxed);
    }

    /// Whether the transaction of a request has ended.
    pub(crate) fn has_ended(&self, plan: Plan) -> bool {
        self.ended[plan.number].load(Relaxed) > 0
    }

    pub(crate) fn add(&self, count: Count, number: u64) {
        self.counts[count as usize].fetch_add(number, Relaxed);
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts(self.counts.each_ref().map(|count| count.load(Relaxed)))
    }

    /// How often the transactions of these requests started and ended.
    pub(crate) fn transactions(&self, requests: Range<usize>) -> impl Iterator<Item = (Plan, u8, u8)> {
        requests.map(|number| {
            (Plan::of(number), self.started[number].load(Relaxed), self.ended[number].load(Relaxed))
        })
    }
}

/// The counts at one time, or between two.
#[derive(Debug)]
pub(crate) struct Counts([u64; Count::ALL]);

impl Counts {
    pub(crate) fn since(&self, before: &Self) -> Self {
        Self(std::array::from_fn(|index| self.0[index] - before.0[index]))
    }
}

impl Index<Count> for Counts {
    type Output = u64;

    fn index(&self, count: Count) -> &u64 {
        &self.0[count as usize]
    }
}

/// Books every transaction or span that ends, and passes it on.
pub(crate) struct BookedSink {
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) sink: SentrySink,
}

impl BookedSink {
    /// Books a unit, and its service span if it has one.
    fn end(&self, service_span: Option<&FinishedSpan>) {
        self.ledger.add(Count::Ended, 1);
        let path = service_span.and_then(|span| span.attribute("url.path")).and_then(|path| path.as_str());
        if let Some(number) = path.and_then(Plan::number_in) {
            self.ledger.ended[number].fetch_add(1, Relaxed);
        }
    }
}

impl SpanSink for BookedSink {
    fn receive(&self, record: Record) {
        match &record {
            Record::Transaction(transaction) => self.end(Some(&transaction.root)),
            Record::Span(streamed) => {
                self.ledger.add(Count::LateRecords, u64::from(streamed.span.description == LATE));
                self.end(streamed.is_service_span().then_some(&streamed.span));
            }
            _ => {}
        }
        self.sink.receive(record);
    }

    fn requirements(&self) -> Requirements {
        self.sink.requirements()
    }
}

/// A transport that books and goes nowhere.
pub(crate) struct BookedTransport(pub(crate) Arc<Ledger>);

impl Transport for BookedTransport {
    fn send_envelope(&self, envelope: Envelope) {
        if let Some(event) = envelope.event() {
            self.0.add(Count::Events, 1);
            self.0.add(Count::ForeignEvents, u64::from(!is_at_home(event)));
            return;
        }
        let mut bytes = Vec::new();
        envelope.to_writer(&mut bytes).unwrap();
        let mut lines = bytes.split(|byte| *byte == b'\n').skip(1).filter(|line| !line.is_empty());
        let mut read = || Some(serde_json::from_slice::<Value>(lines.next()?).unwrap());
        // The client is sent an empty envelope to take its own reports along.
        let Some(header) = read() else { return };
        match header["type"].as_str() {
            Some("transaction") => self.0.add(Count::Delivered, 1),
            Some("span") => self.0.add(Count::Delivered, header["item_count"].as_u64().unwrap()),
            _ => self.0.book_losses(&read().unwrap()),
        }
    }
}

impl Ledger {
    fn book_losses(&self, report: &Value) {
        let unit = match self.lifecycle {
            TraceLifecycle::Stream => "span",
            _ => "transaction",
        };
        let losses = report["discarded_events"].as_array().unwrap().iter();
        for loss in losses.filter(|loss| loss["category"] == unit) {
            let is_unsampled = loss["reason"] == "sample_rate";
            let count = if is_unsampled { Count::Unsampled } else { Count::Dropped };
            self.add(count, loss["quantity"].as_u64().unwrap());
        }
    }
}

/// Whether an error has the scope and the trace of the request that captured it.
fn is_at_home(event: &Event<'_>) -> bool {
    let trace = match event.contexts.get("trace") {
        Some(Context::Trace(trace)) => Some(trace.trace_id.to_string()),
        _ => None,
    };
    event.tags.get(REQUEST_TAG) == event.message.as_ref() && event.tags.get(TRACE_TAG) == trace.as_ref()
}
