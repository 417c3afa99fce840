//! The description, the attributes and the duration of a span, while it runs.

use std::borrow::Cow;
use std::time::Duration;

use crate::context::TraceContext;
use crate::record::AttributeValue;

impl TraceContext {
    /// Returns the description of the work so far; `None` if nothing is recorded or it has been sent. The name of a service
    /// span is its [`transaction_name`](Self::transaction_name).
    #[must_use]
    pub fn description(&self) -> Option<Cow<'static, str>> {
        self.recorded()?.read(|span| span.description.clone())
    }

    /// Returns the value of an attribute so far; `None` if it is not set, or nothing is recorded, or it has been sent.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<AttributeValue> {
        self.recorded()?.read(|span| span.attribute(key).cloned())?
    }

    /// Returns the attributes so far, none if nothing is recorded or it has been sent.
    #[must_use]
    pub fn attributes(&self) -> Vec<(Cow<'static, str>, AttributeValue)> {
        self.recorded().and_then(|span| span.read(|span| span.attributes.clone())).unwrap_or_default()
    }

    /// Returns how long the span has lasted so far; `None` if nothing is recorded or it has ended.
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        self.recorded()?.elapsed()
    }

    /// Removes an attribute, if there is one of this key.
    pub fn remove_attribute(&self, key: &str) {
        if let Some(span) = self.recorded() {
            // Values run no code of the application when they are dropped.
            span.change(|span| span.remove_attribute(key));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{AttributeValue, InMemorySink, Tracer};

    #[test]
    fn attributes_can_be_read_and_removed_while_the_span_runs() {
        let sink = InMemorySink::default();
        let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
        let job = tracer.service_span("task", "job").start();
        let span = job.start_span("db.query", "SELECT 1");
        let context = span.context().clone();
        context.set_attributes([("rows", 3), ("pages", 1)]);
        context.remove_attribute("pages");
        context.remove_attribute("unknown");
        assert_eq!(context.description().as_deref(), Some("SELECT 1"));
        assert_eq!(context.attribute("rows"), Some(AttributeValue::Integer(3)));
        assert_eq!(context.attribute("pages"), None);
        assert_eq!(context.attributes(), [("rows".into(), AttributeValue::Integer(3))]);
        assert!(context.elapsed().unwrap() <= job.context().elapsed().unwrap(), "read in this order");
        span.end();
        assert_eq!(context.elapsed(), None, "it has ended");
        assert!(context.attributes().is_empty() && context.description().is_none());
        context.remove_attribute("rows");
        job.end();
        assert_eq!(sink.take()[0].spans[0].attribute("rows"), Some(&3.into()));
    }

    #[test]
    fn a_context_that_is_not_recorded_has_no_values() {
        let tracer = Tracer::builder().build().unwrap();
        let context = tracer.start_new_trace();
        context.set_attribute("rows", 3);
        context.remove_attribute("rows");
        assert!(context.attribute("rows").is_none() && context.attributes().is_empty());
        assert!(context.description().is_none() && context.elapsed().is_none());
    }
}
