//! The tracer of a service: all belong to organization 1 and continue no trace of anybody else.

use trace_core::{BuildError, FinishedTransaction, PropagationEvent, Tracer, TransactionSink};

use crate::recorder::Recorder;

/// The tracer of the service `name`.
pub(super) fn tracer(name: &'static str, release: &str, recorder: &Recorder) -> Result<Tracer, BuildError> {
    let decisions = recorder.clone();
    Tracer::builder()
        .dsn("https://3f2c9b7a5d1e4c86b0a7e6d5c4b3a291@o1.ingest.sentry.io/42")
        .release(release)
        .environment("demo")
        .traces_sample_rate(1.0)
        .strict_trace_continuation(true)
        .sink(Sink { service: name, recorder: recorder.clone() })
        .on_propagation(move |event| {
            if let PropagationEvent::Outgoing { url, decision, .. } = event {
                decisions.decided(url, *decision);
            }
        })
        .build()
}

/// Keeps what a service finished.
struct Sink {
    service: &'static str,
    recorder: Recorder,
}

impl TransactionSink for Sink {
    fn send(&self, transaction: FinishedTransaction) {
        self.recorder.finished(self.service, &transaction);
    }
}
