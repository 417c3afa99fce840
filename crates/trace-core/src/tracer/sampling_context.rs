//! The input of a sampler.

use std::borrow::Cow;
use std::sync::Arc;

use crate::id::TraceId;
use crate::policy::{ParentSampling, RequestHead, SampleRand, SampleRate};
use crate::record::AttributeValue;

/// The values that a [sampler](crate::TracerBuilder::traces_sampler) knows of the service span that is about to start.
#[derive(Debug, Clone, Copy)]
pub struct SamplingContext<'a> {
    pub(super) name: &'a str,
    pub(super) operation: &'a str,
    pub(super) trace_id: TraceId,
    pub(super) parent: ParentSampling,
    pub(super) attributes: &'a [(Cow<'static, str>, AttributeValue)],
    pub(super) request: Option<RequestHead<'a>>,
}

impl<'a> SamplingContext<'a> {
    /// Returns the name as known at the start, such as `GET /orders/{id}`.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Returns the operation, such as `http.server`.
    #[must_use]
    pub fn operation(&self) -> &'a str {
        self.operation
    }

    /// Returns the id of the trace.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Returns the random number of the trace, which is compared with the rate.
    #[must_use]
    pub fn sample_rand(&self) -> SampleRand {
        self.parent.rand
    }

    /// Returns an attribute that the span has at its start. Layers set theirs later: use the [request](Self::request).
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<&'a AttributeValue> {
        self.attributes.iter().find_map(|(found, value)| (found == key).then_some(value))
    }

    /// Returns the attributes that the span has at its start.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a AttributeValue)> + use<'a> {
        self.attributes.iter().map(|(key, value)| (&**key, value))
    }

    /// Returns the request that is about to be served; `None` for other work.
    ///
    /// ```
    /// let tracer = trace_core::Tracer::builder().traces_sampler(|span| {
    ///     let is_test = span.request().is_some_and(|request| request.headers().contains_key("x-load-test"));
    ///     Some(if is_test { 0.0 } else { span.inherit_or(0.25) })
    /// });
    /// # let _built = tracer.build().unwrap();
    /// ```
    #[must_use]
    pub fn request(&self) -> Option<RequestHead<'a>> {
        self.request
    }

    /// Returns the caller's decision; `None` if the caller left the decision to this service or there is no caller.
    #[must_use]
    pub fn parent_sampled(&self) -> Option<bool> {
        self.parent.sampled
    }

    /// Returns the rate at which the caller sampled, `0.0..=1.0`. A caller that sampled this trace without sending its
    /// rate counts as 1.
    #[must_use]
    pub fn parent_sample_rate(&self) -> Option<f64> {
        self.parent.rate().map(SampleRate::get)
    }

    /// Returns the rate with which this service samples exactly the traces that its caller sampled. It is the caller's
    /// rate, but 1 or 0 by the caller's decision if its rate would lead to another one. A trace without a caller's
    /// decision or rate gets `fallback`.
    #[must_use]
    pub fn inherit_or(&self, fallback: f64) -> f64 {
        self.parent.inherited_rate().map_or(fallback, SampleRate::get)
    }
}

pub(crate) type Sampler = Arc<dyn Fn(&SamplingContext<'_>) -> Option<f64> + Send + Sync>;
