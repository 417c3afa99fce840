//! The context of work that is not traced.

use crate::context::{Recording, Serving, TraceContext, map_current};
use crate::dsc::Source;
use crate::id::{SpanId, TraceId};
use crate::propagation::{CallerHeaders, W3cOptions};

impl TraceContext {
    /// Returns a context in which nothing is recorded or sent on. What came in on the current request stays known, so
    /// that copies of its headers are removed from outgoing requests.
    pub(crate) fn suppressed() -> Self {
        map_current(|current| current.map(Self::to_suppressed)).unwrap_or_else(|| {
            let trace_id = TraceId::random();
            Self {
                trace_id,
                span_id: SpanId::random(),
                parent_span_id: None,
                sampled: None,
                is_suppressed: true,
                has_span: false,
                caller: CallerHeaders::default(),
                recording: Recording::Off(Source::without_options(trace_id)),
                w3c: W3cOptions::default(),
                serving: Serving::Nothing,
            }
        })
    }

    /// Returns a clone in which nothing is recorded or sent on.
    pub(crate) fn to_suppressed(&self) -> Self {
        Self { recording: Recording::Off(self.source().clone()), is_suppressed: true, ..self.clone() }
    }

    /// Returns whether the work is not traced: within [`suppress_tracing`](crate::suppress_tracing), or because the
    /// tracer is [disabled](crate::TracerBuilder::enabled).
    #[must_use]
    pub fn is_suppressed(&self) -> bool {
        self.is_suppressed
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use crate::{
        InMemorySink, Injection, QueueMessage, TraceContext, TraceExt, Tracer, Withheld, map_current,
        suppress_tracing,
    };

    /// Does everything that records or sends on, and returns what would have left.
    fn work(tracer: &Tracer) -> HashMap<String, String> {
        let mut metadata = HashMap::new();
        QueueMessage::new("kafka", "orders").publish(tracer, &mut metadata).end();
        let injection = tracer.map_parent(|parent| parent.inject(&mut metadata));
        assert_eq!(injection, Injection::Withheld(Withheld::Suppressed));
        map_current(|current| current.map(|context| context.start_span("function", "work").end()));
        metadata.extend(crate::trace_data().into_iter().flat_map(|data| data.to_map()));
        tracer.service_span("task", "inner").sampled(true).start().end();
        metadata
    }

    #[test]
    fn nothing_is_recorded_or_sent_on() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        assert_eq!(suppress_tracing(|| work(&tracer)), HashMap::new(), "no context is current");
        let job = tracer.service_span("task", "job").start();
        assert_eq!(job.scope(|| suppress_tracing(|| work(&tracer))), HashMap::new());
        let future = job.scope(|| std::future::ready(()).without_tracing());
        drop(future);
        job.end();
        let sent = sink.take();
        assert_eq!((sent.len(), sent[0].spans.len()), (1, 0));
        assert!(TraceContext::current().is_none());
    }

    #[test]
    fn a_disabled_tracer_does_nothing() {
        let sink = InMemorySink::default();
        let disabled =
            Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).enabled(false).build().unwrap();
        for tracer in [disabled, Tracer::noop()] {
            let job = tracer.service_span("task", "job").start();
            assert!(job.context().is_suppressed() && !job.is_recording());
            assert_eq!(job.scope(|| work(&tracer)), HashMap::new());
            let continued = tracer.continue_trace(
                [("sentry-trace", "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1")].as_slice(),
            );
            assert_eq!(continued.scope(|| work(&tracer)), HashMap::new());
            let other = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
            let of_other = other.service_span("task", "of another tracer").start();
            let mut metadata = HashMap::<String, String>::new();
            of_other.scope(|| QueueMessage::new("kafka", "orders").publish(&tracer, &mut metadata).end());
            tracer.service_span("task", "job").in_trace(&of_other).sampled(true).start().end();
            assert_eq!(metadata, HashMap::new());
            of_other.end();
            let sent = sink.take();
            assert_eq!((sent.len(), sent[0].spans.len()), (1, 0), "only what the other tracer started");
            assert!(sink.take_losses().is_empty());
        }
    }
}
