//! The rules that drop or change what is finished.
//!
//! Source: Sentry's Traces document (`traceIgnoreStatusCodes`) and the options `ignoreTransactions`,
//! `beforeSendTransaction` and `beforeSendSpan` of its SDKs.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::record::{
    AttributeValue, Callback, CaughtPanics, DropReason, FinishedTransaction, Loss, NamePattern, Record,
    Requirements, SpanEdit, SpanSink, StreamedSpan,
};

/// The rules, as set on the builder.
#[derive(Clone, Default)]
pub(crate) struct Filter {
    pub(crate) names: Vec<NamePattern>,
    pub(crate) status_codes: Vec<RangeInclusive<u16>>,
    pub(crate) before_send: Option<Arc<BeforeSend>>,
    pub(crate) before_send_span: Option<Arc<BeforeSendSpan>>,
}

pub(crate) type BeforeSend = dyn Fn(FinishedTransaction) -> Option<FinishedTransaction> + Send + Sync;

pub(crate) type BeforeSendSpan = dyn Fn(&mut SpanEdit<'_>) + Send + Sync;

impl Filter {
    /// Returns whether there are rules for names, which need the name of a transaction at its start.
    pub(crate) fn ignores_any_name(&self) -> bool {
        !self.names.is_empty()
    }

    /// Returns whether transactions of this name are ignored. The tracer asks at their start, and the sink at their
    /// end.
    pub(crate) fn ignores(&self, name: &str, panics: &CaughtPanics) -> bool {
        self.names.iter().any(|ignored| ignored.matches(name, panics))
    }

    /// Wraps a sink in the rules. Returns the same sink if there are none.
    pub(crate) fn in_front_of(self, sink: Arc<dyn SpanSink>, panics: CaughtPanics) -> Arc<dyn SpanSink> {
        let Self { names, status_codes, before_send, before_send_span } = &self;
        if names.is_empty() && status_codes.is_empty() && before_send.is_none() && before_send_span.is_none()
        {
            return sink;
        }
        Arc::new(Filtered { filter: self, sink, panics })
    }

    fn ignores_status(&self, transaction: &FinishedTransaction) -> bool {
        let code = match transaction.root.attribute("http.response.status_code") {
            Some(AttributeValue::Integer(code)) => u16::try_from(*code).ok(),
            _ => None,
        };
        code.is_some_and(|code| self.status_codes.iter().any(|ignored| ignored.contains(&code)))
    }
}

struct Filtered {
    filter: Filter,
    sink: Arc<dyn SpanSink>,
    panics: CaughtPanics,
}

impl Filtered {
    fn send(&self, transaction: Box<FinishedTransaction>) {
        let spans = |of: &FinishedTransaction| of.spans.len().saturating_add(of.dropped_spans);
        let (before, sampled) = (spans(&transaction), transaction.sampled);
        // A transaction that is not sampled was counted when it started.
        let lost = |loss| {
            if sampled {
                self.sink.receive(Record::Lost(loss));
            }
        };
        if self.filter.ignores(transaction.name.as_str(), &self.panics)
            || self.filter.ignores_status(&transaction)
        {
            return lost(Loss::of_transaction(DropReason::Ignored, before));
        }
        let Some(before_send) = &self.filter.before_send else {
            return self.sink.receive(Record::Transaction(transaction));
        };
        let Some(answer) = Callback::BeforeSend.call(|| self.panics.catch(|| before_send(*transaction)))
        else {
            return lost(Loss::of_transaction(DropReason::BeforeSend, before));
        };
        match answer {
            Some(Some(mut transaction)) => {
                if let Some(fewer @ 1..) = before.checked_sub(spans(&transaction)) {
                    lost(Loss::of_spans(DropReason::BeforeSend, fewer));
                }
                // The decision has been sent on and counted.
                transaction.sampled = sampled;
                self.sink.receive(Record::Transaction(Box::new(transaction)));
            }
            Some(None) => lost(Loss::of_transaction(DropReason::BeforeSend, before)),
            None => lost(Loss::of_transaction(DropReason::BeforeSendPanicked, before)),
        }
    }

    /// Sends a streamed span, which the hook may change but not drop.
    fn send_span(&self, mut span: StreamedSpan) {
        let reason = match &self.filter.before_send_span {
            None => None,
            Some(before_send) => {
                let call = || self.panics.catch(|| before_send(&mut SpanEdit::new(&mut span)));
                match Callback::BeforeSend.call(call) {
                    Some(Some(())) => None,
                    Some(None) => Some(DropReason::BeforeSendPanicked),
                    None => Some(DropReason::BeforeSend),
                }
            }
        };
        match reason {
            None => self.sink.receive(Record::Span(span)),
            Some(reason) if span.sampled() => {
                self.sink.receive(Record::Lost(Loss::of_spans(reason, 1)));
            }
            Some(_) => {}
        }
    }
}

impl SpanSink for Filtered {
    fn receive(&self, record: Record) {
        match record {
            Record::Transaction(transaction) => self.send(transaction),
            Record::Span(span) => self.send_span(span),
            other => self.sink.receive(other),
        }
    }

    fn requirements(&self) -> Requirements {
        self.sink.requirements()
    }
}

#[cfg(test)]
mod tests {
    use crate::{InMemorySink, Tracer, TracerBuilder, TransactionName};

    /// Makes a transaction with a span for each code. Returns the names of the transactions that arrive.
    fn arriving(builder: TracerBuilder, codes: &[(&'static str, u16)]) -> Vec<String> {
        let sink = InMemorySink::default();
        let tracer = builder.traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        for (name, code) in codes {
            let context = tracer.start_new_trace();
            let root =
                tracer.service_span("http.server", TransactionName::route(*name)).in_trace(context).start();
            root.set_attribute("http.response.status_code", *code);
            root.start_span("function", "work").end();
        }
        sink.take().iter().map(|transaction| transaction.name.as_str().to_owned()).collect()
    }

    #[test]
    fn each_rule_drops_what_it_says() {
        let codes = [("GET /health", 200), ("GET /a", 200), ("GET /b", 404), ("GET /c", 503)];
        let table: [(&str, TracerBuilder, &[&str]); 5] = [
            ("no rule", Tracer::builder(), &["GET /health", "GET /a", "GET /b", "GET /c"]),
            ("a name", Tracer::builder().ignore_transactions(["/health"]), &["GET /a", "GET /b", "GET /c"]),
            (
                "a code",
                Tracer::builder().trace_ignore_status_codes([404..=404]),
                &["GET /health", "GET /a", "GET /c"],
            ),
            (
                "codes",
                Tracer::builder().trace_ignore_status_codes([400..=499, 500..=599]),
                &["GET /health", "GET /a"],
            ),
            (
                "a hook",
                Tracer::builder().before_send_transaction(|it| (it.name.as_str() == "GET /a").then_some(it)),
                &["GET /a"],
            ),
        ];
        for (rule, builder, expected) in table {
            assert_eq!(arriving(builder, &codes), expected, "{rule}");
        }
    }

    #[test]
    fn an_ignored_name_is_a_decision_that_is_sent_on() {
        let tracer =
            Tracer::builder().traces_sample_rate(1.0).ignore_transactions(["/health"]).build().unwrap();
        let decided =
            |name| tracer.service_span("task", TransactionName::route(name)).start().context().sampled();
        assert_eq!((decided("GET /health"), decided("GET /a")), (Some(false), Some(true)));
    }

    #[test]
    fn a_late_name_is_ignored_too_and_the_hook_may_change_what_is_sent() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder()
            .traces_sample_rate(1.0)
            .ignore_transactions(["secret"])
            .before_send_transaction(|mut it| {
                it.spans.clear();
                Some(it)
            })
            .sink(sink.clone())
            .build()
            .unwrap();
        for late in ["secret", "open"] {
            let root = tracer.service_span("task", TransactionName::task("job")).start();
            root.start_span("function", "work").end();
            root.context().set_transaction_name(TransactionName::custom(late));
        }
        let sent = sink.take();
        assert_eq!(sent.len(), 1);
        assert_eq!((sent[0].name.as_str(), sent[0].spans.len()), ("open", 0));
    }
}
