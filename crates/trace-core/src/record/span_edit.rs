//! A span that a hook may change before it is sent.

use std::borrow::Cow;

use crate::record::{AttributeValue, StreamedSpan};

/// A span that has ended and is about to be streamed, for
/// [`before_send_span`](crate::TracerBuilder::before_send_span). Its name and its attributes can be changed, but not its
/// place in the trace.
#[derive(Debug)]
pub struct SpanEdit<'a>(&'a mut StreamedSpan);

impl<'a> SpanEdit<'a> {
    pub(crate) fn new(streamed: &'a mut StreamedSpan) -> Self {
        Self(streamed)
    }

    /// Returns the span as it is.
    #[must_use]
    pub fn streamed(&self) -> &StreamedSpan {
        self.0
    }

    /// Returns the name: that of the transaction for a service span, and the description for another one.
    #[must_use]
    pub fn name(&self) -> Cow<'_, str> {
        match self.0.is_service_span() {
            true => self.0.transaction_name().into_text(),
            false => Cow::Borrowed(&self.0.span.description),
        }
    }

    /// Sets the name. For a service span, it is also the name that later spans of the same service span carry.
    pub fn set_name(&mut self, name: impl Into<Cow<'static, str>>) {
        match self.0.is_service_span() {
            true => self.0.set_transaction_name(name.into()),
            false => self.0.span.description = name.into(),
        }
    }

    /// Returns the attributes.
    #[must_use]
    pub fn attributes(&self) -> &[(Cow<'static, str>, AttributeValue)] {
        &self.0.span.attributes
    }

    /// Sets an attribute. An attribute of the same key is replaced.
    pub fn set_attribute(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<AttributeValue>) {
        self.0.span.set_attribute(key.into(), value.into());
    }

    /// Removes an attribute, if there is one of this key.
    pub fn remove_attribute(&mut self, key: &str) {
        self.0.span.remove_attribute(key);
    }
}
