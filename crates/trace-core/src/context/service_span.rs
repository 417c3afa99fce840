//! The span that all other spans of a service are below.

use crate::context::{Recording, TraceContext};
use crate::record::{ActiveSpan, SinkData};

impl TraceContext {
    /// Returns the context of the service span, from any span below it: to set attributes on the whole request, or to
    /// start a span beside the current one. `None` if nothing is recorded.
    ///
    /// ```
    /// use trace_core::TraceContext;
    ///
    /// fn charge(customer: &str) {
    ///     if let Some(request) = TraceContext::current().and_then(|context| context.service_span()) {
    ///         request.set_attribute("customer", customer);
    ///     }
    /// }
    /// # charge("17");
    /// ```
    ///
    /// Its counterpart in Sentry's SDK for JavaScript is `getRootSpan`.
    #[must_use]
    pub fn service_span(&self) -> Option<Self> {
        let recorder = self.recorded()?.recorder();
        let (span_id, parent_span_id) = (recorder.span_id(), recorder.parent_span_id());
        let recording = Recording::On(ActiveSpan::of_service(recorder.clone()));
        Some(Self { span_id, parent_span_id, recording, ..self.clone() })
    }

    /// Returns the number of spans that have started below the service span so far; 0 if nothing is recorded.
    #[must_use]
    pub fn started_spans(&self) -> usize {
        self.recorded().map_or(0, |span| span.recorder().started_spans())
    }

    /// Gives the service span a value for its sink, which finds it in
    /// [`FinishedTransaction::sink_data`](crate::FinishedTransaction::sink_data). A later value replaces it. It is for
    /// layers that belong to a sink; applications set attributes. Nothing happens if nothing is recorded.
    pub fn set_sink_data(&self, data: SinkData) {
        if let Some(span) = self.recorded() {
            span.recorder().set_sink_data(data);
        }
    }

    /// Returns the value that the service span was [given](Self::set_sink_data) for its sink.
    #[must_use]
    pub fn sink_data(&self) -> Option<SinkData> {
        self.recorded()?.recorder().sink_data()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{InMemorySink, Tracer};

    #[test]
    fn the_service_span_is_reached_from_every_span() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", "job").start();
        let outer = job.start_span("function", "outer");
        let inner = outer.start_span("function", "inner");

        let found = inner.context().service_span().unwrap();
        assert_eq!(
            (found.span_id(), found.parent_span_id()),
            (job.span_id(), job.context().parent_span_id())
        );
        assert_eq!(found.service_span().map(|span| span.span_id()), Some(job.span_id()), "its own root");
        found.set_attribute("customer", 17);
        found.start_span("function", "beside").end();
        inner.end();
        outer.end();
        let kept = job.context().clone();
        job.end();

        let sent = sink.take();
        assert_eq!(sent[0].root.attribute("customer"), Some(&17.into()));
        let beside = sent[0].spans.iter().find(|span| span.description == "beside").unwrap();
        assert_eq!(beside.parent_span_id, Some(sent[0].root.span_id));
        kept.service_span().unwrap().set_attribute("customer", 18);
        assert!(sink.take().is_empty(), "sent");
    }

    #[test]
    fn the_sink_gets_the_last_value_that_was_set_for_it() {
        for sink in [InMemorySink::default(), InMemorySink::streaming()] {
            let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
            let job = tracer.service_span("task", "job").start();
            job.context().set_sink_data(Arc::new("first"));
            job.start_span("function", "work").context().set_sink_data(Arc::new("second"));
            job.end();
            let transactions = sink.take().into_iter().map(|transaction| transaction.sink_data);
            let spans = sink.take_spans().into_iter().map(|span| span.sink_data());
            for data in transactions.chain(spans) {
                assert_eq!(data.unwrap().downcast_ref(), Some(&"second"));
            }
        }
    }

    #[test]
    fn there_is_none_where_nothing_is_recorded() {
        let tracer = Tracer::builder().build().unwrap();
        assert!(tracer.start_new_trace().service_span().is_none());
    }
}
