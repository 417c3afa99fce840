//! The losses that a client report states if an item does not arrive.
//!
//! Source: Sentry's Client Reports document.

use std::fmt;

use sentry_core::Envelope;
use sentry_core::client_report::{Reason as TransportReason, Recorder};
use sentry_core::protocol::ClientReport;
use sentry_core::protocol::client_report::{Category, Item, ItemLoss, LossSource, Reason};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// The losses if an item does not arrive.
pub(crate) enum Losses {
    Counted(Vec<Loss>),
    /// The function gets back what a report states, if its reasons are none that the client can count.
    PutBack(Box<dyn FnOnce() + Send>),
}

/// A quantity of data. In a client report it has the reason of an earlier loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Loss {
    category: Category,
    quantity: u64,
    reason: Option<Reason>,
}

/// The result of sending an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Delivered,
    /// The server refused it because of a rate limit, and counts it itself. It does not count what a client report
    /// states, which has to be reported again.
    Refused,
    Lost(Reason),
}

impl Loss {
    fn new(category: Category, quantity: usize) -> Self {
        Self { category, quantity: quantity as u64, reason: None }
    }
}

impl Losses {
    /// Returns the losses of a value of the client.
    pub(crate) fn of_typed(lost: &impl LossSource) -> Self {
        let loss = |ItemLoss { category, quantity, reason, .. }| Loss { category, quantity, reason };
        Self::Counted(lost.losses().map(loss).collect())
    }

    /// Returns the losses of a transaction with this number of spans below its root.
    pub(crate) fn of_transaction(spans: usize) -> Self {
        Self::Counted(vec![Loss::new(Category::Transaction, 1), Loss::new(Category::Span, spans + 1)])
    }

    /// Returns the losses of this number of streamed spans.
    pub(crate) fn of_spans(spans: usize) -> Self {
        Self::Counted(vec![Loss::new(Category::Span, spans)])
    }

    /// Returns the losses of an item that is only known as bytes: the item with its headers, and its payload. An item
    /// that the client has no type for has none.
    pub(super) fn of_raw(kind: &str, item: &[u8], payload: &[u8]) -> Self {
        let one = |category| Self::Counted(vec![Loss::new(category, 1)]);
        match kind {
            "attachment" => Self::Counted(vec![Loss::new(Category::Attachment, payload.len())]),
            "check_in" => one(Category::Monitor),
            // One reason that the client does not know would make it reject the whole report.
            "client_report" => Self::Counted(reported(payload)),
            "event" => one(Category::Error),
            "session" => one(Category::Session),
            "span" => Self::of_spans(spans(payload)),
            "transaction" => Self::of_transaction(spans(payload)),
            _ => {
                let alone = Envelope::from_slice(&[b"{}\n", item].concat());
                alone.as_ref().map_or_else(|_| Self::Counted(vec![]), Self::of_typed)
            }
        }
    }

    /// Reports the losses through the counters of the client, which sends them with one of its next envelopes.
    pub(crate) fn report(self, outcome: Outcome, recorder: &Recorder) {
        let losses = match self {
            Self::Counted(losses) => losses,
            Self::PutBack(put_back) if outcome != Outcome::Delivered => return put_back(),
            Self::PutBack(_) => return,
        };
        let reason = |loss: &Loss| match outcome {
            Outcome::Delivered => None,
            Outcome::Refused => loss.reason,
            Outcome::Lost(reason) => loss.reason.or(Some(reason)),
        };
        let lost =
            losses.iter().filter_map(|loss| Some(Item::new(loss.category, reason(loss)?, loss.quantity)));
        // The recorder takes only values of the protocol. The items of a report have their own reasons, which it keeps.
        recorder.record_lost_data(&ClientReport::new(lost), TransportReason::InternalError);
    }
}

impl fmt::Debug for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counted(losses) => losses.fmt(f),
            Self::PutBack(_) => f.write_str("PutBack"),
        }
    }
}

/// Returns the number of spans below a root, or in an item for spans.
fn spans(payload: &[u8]) -> usize {
    #[derive(Deserialize)]
    struct Spans {
        #[serde(default, alias = "items")]
        spans: Vec<IgnoredAny>,
    }
    serde_json::from_slice(payload).map_or(0, |Spans { spans }| spans.len())
}

fn reported(report: &[u8]) -> Vec<Loss> {
    #[derive(Default, Deserialize)]
    struct Report {
        discarded_events: Vec<Value>,
    }
    let Report { discarded_events } = serde_json::from_slice(report).unwrap_or_default();
    let known = discarded_events.into_iter().filter_map(|loss| serde_json::from_value(loss).ok());
    known.filter(|loss: &Loss| loss.reason.is_some()).collect()
}

#[cfg(test)]
mod tests {
    use sentry_core::protocol::client_report::{Category, Reason};

    use super::{Loss, Losses};

    #[test]
    fn raw_items_count_by_type_whatever_is_in_them() {
        use Category::{Attachment, Error, LogByte, LogItem, Monitor, Session, Span, Transaction};
        let report = r#"{"discarded_events":[{"reason":"queue_overflow","category":"transaction","quantity":2},
            {"reason":"ignored","category":"transaction","quantity":3}, {"category":"span","quantity":4}, 7]}"#;
        let sessions = r#"{"aggregates":[{"started":"2026-11-26T12:00:00Z","exited":2,"errored":1}],"attrs":{"release":"a"}}"#;
        let log = r#"{"items":[{"level":"info","body":"abc","timestamp":1.0}]}"#;
        type Row<'a> = (&'a str, &'a str, &'a [(Category, usize)]);
        let table: &[Row<'_>] = &[
            ("event", "{}", &[(Error, 1)]),
            ("event", "junk", &[(Error, 1)]),
            ("transaction", "{}", &[(Transaction, 1), (Span, 1)]),
            ("transaction", r#"{"spans":[{"a":1},{}]}"#, &[(Transaction, 1), (Span, 3)]),
            ("transaction", "junk", &[(Transaction, 1), (Span, 1)]),
            ("span", r#"{"items":[{"a":1},{}]}"#, &[(Span, 2)]),
            ("session", "junk", &[(Session, 1)]),
            ("sessions", sessions, &[(Session, 3)]),
            ("sessions", "junk", &[]),
            ("check_in", "junk", &[(Monitor, 1)]),
            ("attachment", "junk", &[(Attachment, 4)]),
            ("log", log, &[(LogItem, 1), (LogByte, 3)]),
            ("log", "junk", &[]),
            ("client_report", "junk", &[]),
            ("uptime", "{}", &[]),
        ];
        let of_raw = |kind: &str, payload: &str| {
            let length = payload.len();
            let item = format!("{{\"type\":\"{kind}\",\"length\":{length}}}\n{payload}\n");
            match Losses::of_raw(kind, item.as_bytes(), payload.as_bytes()) {
                Losses::Counted(losses) => losses,
                Losses::PutBack(_) => panic!("nobody gave a function"),
            }
        };
        for (kind, payload, expected) in table {
            let expected: Vec<_> =
                expected.iter().map(|&(category, quantity)| Loss::new(category, quantity)).collect();
            assert_eq!(of_raw(kind, payload), expected, "{kind} {payload}");
        }
        let earlier = Loss { reason: Some(Reason::QueueOverflow), ..Loss::new(Transaction, 2) };
        assert_eq!(of_raw("client_report", report), [earlier]);
    }
}
