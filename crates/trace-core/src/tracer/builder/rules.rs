//! The options that drop or change what is recorded.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::TracerBuilder;
use crate::record::{FinishedTransaction, NamePattern, SpanEdit, SpanPattern};

/// Rules by which recorded work is dropped or changed.
impl TracerBuilder {
    /// Ignores transactions whose name contains one of these texts or matches one of these [patterns](NamePattern). If
    /// the name is known at the start, the transaction is not sampled, and that decision is sent on. If it becomes
    /// known later, the transaction is dropped at its end; streamed spans are not.
    pub fn ignore_transactions(mut self, patterns: impl IntoIterator<Item = impl Into<NamePattern>>) -> Self {
        self.filter.names = patterns.into_iter().map(Into::into).collect();
        self
    }

    /// Ignores spans that match one of these texts or [patterns](SpanPattern) when they start. An ignored span is not
    /// recorded and does nothing; spans below it belong to the nearest recorded ancestor, which is also the parent of
    /// what it calls. An ignored service span is not sampled, and nothing below it is recorded.
    pub fn ignore_spans(mut self, patterns: impl IntoIterator<Item = impl Into<SpanPattern>>) -> Self {
        self.ignored_spans = patterns.into_iter().map(Into::into).collect();
        self
    }

    /// Drops transactions of requests that were answered with one of these HTTP status codes, such as `[404..=404]`. A
    /// sampling decision that was sent downstream cannot be withdrawn. It has no effect on streamed spans.
    pub fn trace_ignore_status_codes(mut self, codes: impl IntoIterator<Item = RangeInclusive<u16>>) -> Self {
        self.filter.status_codes = codes.into_iter().collect();
        self
    }

    /// Sets a function that receives every transaction before the sink does, and may change or drop it. It runs where
    /// the transaction ends, possibly within a `Drop`, so it must not block. A panic in it is [caught and
    /// counted](crate::Tracer::caught_panics), and the transaction is dropped as
    /// [`BeforeSendPanicked`](crate::DropReason::BeforeSendPanicked). A transaction that ends within the function is
    /// dropped as [`BeforeSend`](crate::DropReason::BeforeSend), since it would lead to the next one without end.
    pub fn before_send_transaction(
        mut self,
        before_send: impl Fn(FinishedTransaction) -> Option<FinishedTransaction> + Send + Sync + 'static,
    ) -> Self {
        self.filter.before_send = Some(Arc::new(before_send));
        self
    }

    /// Sets a function that receives every streamed span before the sink does, and may change its name and attributes.
    /// It cannot drop it, because other spans may belong to it; use [`ignore_spans`](Self::ignore_spans). It runs where
    /// the span ends, possibly within a `Drop`, so it must not block. A panic in it is [caught and
    /// counted](crate::Tracer::caught_panics), and the span is dropped as
    /// [`BeforeSendPanicked`](crate::DropReason::BeforeSendPanicked). A span that ends within the function is dropped as
    /// [`BeforeSend`](crate::DropReason::BeforeSend). It has no effect on transactions.
    ///
    /// What a sink adds later, such as the user and the request of Sentry's scope, is not among the attributes yet. An
    /// attribute of the same name that the function sets takes its place.
    pub fn before_send_span(
        mut self,
        before_send: impl Fn(&mut SpanEdit<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.filter.before_send_span = Some(Arc::new(before_send));
        self
    }
}
