//! The span that all other spans of a service are below.

use crate::context::{Recording, TraceContext};

impl TraceContext {
    /// Returns the context of the transaction's own span, from any span below it: to set attributes on the whole request, or
    /// to start a span beside the current one. `None` if nothing is recorded, or if the transaction has been sent.
    ///
    /// ```
    /// use trace_core::TraceContext;
    ///
    /// fn charge(customer: &str) {
    ///     if let Some(request) = TraceContext::current().and_then(|context| context.root()) {
    ///         request.set_attribute("customer", customer);
    ///     }
    /// }
    /// # charge("17");
    /// ```
    ///
    /// Its counterpart in Sentry's SDK for JavaScript is `getRootSpan`.
    #[must_use]
    pub fn root(&self) -> Option<Self> {
        let root = self.span()?.of_root();
        let (span_id, parent_span_id) = root.read(|span| (span.span_id, span.parent_span_id))?;
        Some(Self { span_id, parent_span_id, recording: Recording::On(root), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use crate::{InMemorySink, Tracer, TransactionName};

    #[test]
    fn the_root_is_reached_from_every_span_until_it_is_sent() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("job"));
        let outer = job.start_span("function", "outer");
        let inner = outer.start_span("function", "inner");

        let found = inner.root().unwrap();
        assert_eq!((found.span_id(), found.parent_span_id()), (job.span_id(), job.parent_span_id()));
        assert_eq!(found.root().map(|root| root.span_id()), Some(job.span_id()), "its own root");
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
        assert!(kept.root().is_none(), "sent");
    }

    #[test]
    fn there_is_none_where_nothing_is_recorded() {
        let tracer = Tracer::builder().build().unwrap();
        assert!(tracer.start_new_trace().root().is_none());
    }
}
