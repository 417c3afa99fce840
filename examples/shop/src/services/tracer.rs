//! The tracer of a service: all belong to organization 1 and continue no trace of anybody else.

use trace_core::{PropagationEvent, Record, Requirements, SpanSink, Tracer};

use super::Result;
use crate::delivery::{Delivery, ServiceSink};
use crate::recorder::Recorder;

/// The DSN of the traces that begin here when nothing is delivered.
const DSN: &str = "https://3f2c9b7a5d1e4c86b0a7e6d5c4b3a291@o1.ingest.sentry.io/42";
const ENVIRONMENT: &str = "demo";

/// The tracer of the service `name`.
pub(super) fn build(
    name: &'static str,
    release: &'static str,
    recorder: &Recorder,
    delivery: Option<&Delivery>,
) -> Result<Tracer> {
    let decisions = recorder.clone();
    let dsn = delivery.and_then(Delivery::dsn).unwrap_or(DSN);
    let delivered = delivery.map(|delivery| delivery.sink(release, ENVIRONMENT)).transpose()?;
    let tracer = Tracer::builder()
        .dsn(dsn)
        // Whatever the host of the DSN says, so that the caller of organization 2 is a stranger.
        .org_id(1)
        .release(release)
        .environment(ENVIRONMENT)
        .traces_sample_rate(1.0)
        .strict_trace_continuation(true)
        .sink(Sink { service: name, recorder: recorder.clone(), delivered })
        .on_propagation(move |event| {
            if let PropagationEvent::Outgoing { url, decision, .. } = event {
                decisions.decided(url, *decision);
            }
        })
        .build()?;
    Ok(tracer)
}

/// Keeps what a service finished, and delivers it if there is somewhere to deliver it to.
struct Sink {
    service: &'static str,
    recorder: Recorder,
    delivered: Option<ServiceSink>,
}

impl SpanSink for Sink {
    fn receive(&self, record: Record) {
        // What is recorded for Spotlight alone is nothing that a service sends.
        match &record {
            Record::Transaction(transaction) if transaction.sampled => {
                self.recorder.finished(self.service, transaction);
            }
            Record::Span(span) if span.sampled() => self.recorder.streamed(self.service, span),
            _ => {}
        }
        self.delivered.receive(record);
    }

    fn requirements(&self) -> Requirements {
        self.delivered.requirements().lifecycle(self.recorder.lifecycle())
    }
}
