//! Messages of a queue: the span of the publisher, and the transaction of the consumer.
//!
//! Source: Sentry's Queues Module 1.2.0, with OpenTelemetry's names of the attributes.

use std::borrow::Cow;
use std::time::Duration;

use crate::context::{Span, TraceContext};
use crate::propagation::{Extract, Inject};
use crate::record::TransactionName;
use crate::tracer::Tracer;

/// A message of a queue, as its spans describe it. The trace travels in the metadata of the message.
///
/// ```
/// use std::collections::HashMap;
/// use trace_core::{QueueMessage, SpanStatus, Tracer};
///
/// let tracer = Tracer::builder().traces_sample_rate(1.0).build()?;
///
/// // The publisher, usually in the trace of a request.
/// let mut metadata = HashMap::<String, String>::new();
/// let message = QueueMessage::new("kafka", "confirmations").id("17").body_size(120);
/// let publish = message.publish(&tracer, &mut metadata);
/// // Hand metadata and body to the broker here.
/// publish.set_status(SpanStatus::Ok);
/// publish.end();
///
/// // The consumer, in another process.
/// let message = QueueMessage::new("kafka", "confirmations").id("17").retry_count(0);
/// let job = message.process(&tracer, &metadata);
/// let result: Result<(), &str> = job.scope(|| Err("no such address"));
/// job.set_status(if result.is_ok() { SpanStatus::Ok } else { SpanStatus::InternalError });
/// # assert_eq!(metadata["sentry-trace"][..32], job.trace_id().to_string());
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a description does nothing until the message is published or processed"]
pub struct QueueMessage {
    system: Cow<'static, str>,
    destination: Cow<'static, str>,
    name: Option<Cow<'static, str>>,
    id: Option<Cow<'static, str>>,
    body_size: Option<usize>,
    retry_count: Option<u32>,
    receive_latency: Option<Duration>,
}

impl QueueMessage {
    /// Describes a message in the queue or topic `destination` of a `system` such as `kafka` or `aws_sqs`.
    pub fn new(system: impl Into<Cow<'static, str>>, destination: impl Into<Cow<'static, str>>) -> Self {
        Self {
            system: system.into(),
            destination: destination.into(),
            name: None,
            id: None,
            body_size: None,
            retry_count: None,
            receive_latency: None,
        }
    }

    /// Sets the name of the work, such as `send confirmation`. It is the description of the publisher's span and the
    /// name of the consumer's transaction. The default is the destination.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the broker's id of the message. If the broker returns it only after publishing, set the attribute
    /// `messaging.message.id` of the span then.
    pub fn id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the size of the body in bytes.
    pub fn body_size(mut self, bytes: usize) -> Self {
        self.body_size = Some(bytes);
        self
    }

    /// Sets the number of earlier failed attempts to process the message.
    pub fn retry_count(mut self, times: u32) -> Self {
        self.retry_count = Some(times);
        self
    }

    /// Sets the time from publishing to receiving.
    pub fn receive_latency(mut self, latency: Duration) -> Self {
        self.receive_latency = Some(latency);
        self
    }

    /// Starts the span `queue.publish` below the current context or another [parent](Tracer::map_parent), and writes
    /// its headers to the metadata, also if nothing is recorded.
    ///
    /// Headers of an earlier attempt are replaced. Other vendors' members of the `baggage` stay. End the span when the
    /// broker has the message.
    pub fn publish(self, tracer: &Tracer, metadata: &mut impl Inject) -> Span {
        let span = tracer.start_span_into(metadata, "queue.publish", self.work().clone());
        self.record(span.context());
        span
    }

    /// Continues the trace of the metadata, or starts one if there is none to continue, and starts the transaction
    /// `queue.process`. The transaction ends with the span. If the work fails, set
    /// [`InternalError`](crate::SpanStatus::InternalError) before that.
    ///
    /// # Panics
    ///
    /// Only if the [sampler](crate::TracerBuilder::traces_sampler) panics: its panic is the caller's.
    pub fn process(self, tracer: &Tracer, metadata: &(impl Extract + ?Sized)) -> Span {
        let name = TransactionName::task(self.work().clone());
        let span = tracer.service_span("queue.process", name).continuing(metadata).start();
        self.record(span.context());
        span
    }

    fn work(&self) -> &Cow<'static, str> {
        self.name.as_ref().unwrap_or(&self.destination)
    }

    fn record(self, span: &TraceContext) {
        let Self { system, destination, name: _, id, body_size, retry_count, receive_latency } = self;
        span.set_attribute("messaging.system", system);
        span.set_attribute("messaging.destination.name", destination);
        if let Some(id) = id {
            span.set_attribute("messaging.message.id", id);
        }
        if let Some(size) = body_size.and_then(|bytes| i64::try_from(bytes).ok()) {
            span.set_attribute("messaging.message.body.size", size);
        }
        if let Some(count) = retry_count {
            span.set_attribute("messaging.message.retry.count", count);
        }
        if let Some(latency) = receive_latency {
            span.set_attribute("messaging.message.receive.latency", latency.as_secs_f64() * 1000.0);
        }
    }
}

#[cfg(test)]
mod tests;
