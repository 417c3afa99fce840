//! The values with which a span starts.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use crate::id::SpanId;
use crate::record::{AttributeValue, FinishedSpan, SpanLink, limits};

/// The values that a span has when it starts. The sampler and the record read the same ones.
#[derive(Debug, Clone)]
pub(crate) struct SpanStart {
    pub(crate) operation: Cow<'static, str>,
    /// The description; empty for a service span, which has a name.
    pub(crate) description: Cow<'static, str>,
    pub(crate) origin: Cow<'static, str>,
    pub(crate) attributes: Vec<(Cow<'static, str>, AttributeValue)>,
    pub(crate) links: Vec<SpanLink>,
    pub(crate) dropped_values: usize,
    /// The time at which the work began, if it is not now.
    pub(crate) started_at: Option<SystemTime>,
    /// `true` if it is a [`SharedSpan`](crate::SharedSpan).
    pub(crate) is_shared: bool,
}

impl SpanStart {
    #[inline]
    pub(crate) fn new(operation: Cow<'static, str>, description: Cow<'static, str>) -> Self {
        Self {
            operation,
            description,
            origin: Cow::Borrowed("manual"),
            attributes: Vec::new(),
            links: Vec::new(),
            dropped_values: 0,
            started_at: None,
            is_shared: false,
        }
    }

    /// Returns the description, or the operation if there is none.
    pub(crate) fn name(&self) -> &str {
        if self.description.is_empty() { &self.operation } else { &self.description }
    }

    pub(crate) fn set_attribute(&mut self, key: Cow<'static, str>, value: AttributeValue) {
        self.dropped_values += limits::set(&mut self.attributes, key, value);
    }

    #[inline]
    pub(crate) fn replace_attributes(&mut self, attributes: Vec<(Cow<'static, str>, AttributeValue)>) {
        self.attributes = attributes;
        self.dropped_values += limits::shorten(&mut self.attributes);
    }

    pub(crate) fn add_link(&mut self, link: SpanLink) {
        self.dropped_values += limits::push(&mut self.links, link);
    }

    /// Returns the span that starts with these values.
    #[inline]
    pub(crate) fn into_span(
        self,
        span_id: SpanId,
        parent_span_id: Option<SpanId>,
        start: SystemTime,
    ) -> FinishedSpan {
        let Self { operation, description, origin, attributes, links, dropped_values, .. } = self;
        FinishedSpan {
            span_id,
            parent_span_id,
            operation,
            description,
            origin,
            status: None,
            start,
            duration: Duration::ZERO,
            tags: Vec::new(),
            attributes,
            links,
            dropped_values,
        }
    }
}
