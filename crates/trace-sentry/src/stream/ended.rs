//! A span with what is known of the place where it ended.

use std::sync::Arc;
use std::thread;

use trace_core::StreamedSpan;

use super::common::Member;
use crate::request_scope::{EndedScope, RequestScope};

/// A span that has ended, with the thread and the scope in which it did.
#[derive(Clone)]
pub(crate) struct EndedSpan {
    pub(super) streamed: StreamedSpan,
    pub(super) thread: Option<Arc<Thread>>,
    pub(super) scope: SpanScope,
    pub(super) is_late: bool,
}

/// The scope in which a span ended.
#[derive(Clone)]
pub(crate) enum SpanScope {
    /// That of a request, whose hub is its own. It is read when the span is written, once for all spans of the request.
    OfRequest(Arc<RequestScope>),
    /// That of the hub of the thread, which is soon that of other work. Only the end of a service span reads it, because
    /// it costs as much as the span.
    Read(Arc<EndedScope>),
    /// That of the service span, if it is sent along.
    OfServiceSpan,
}

impl EndedSpan {
    /// Adds the current thread and scope to a span that has just ended.
    pub(crate) fn here(streamed: StreamedSpan) -> Self {
        let scope = match RequestScope::of(streamed.sink_data()) {
            Some(request) => SpanScope::OfRequest(request),
            None => {
                let read = streamed.is_service_span().then(EndedScope::of_current_hub).flatten();
                read.map_or(SpanScope::OfServiceSpan, |scope| SpanScope::Read(Arc::new(scope)))
            }
        };
        Self { thread: Thread::current(), scope, is_late: streamed.is_late(), streamed }
    }
}

/// The attributes of a thread, its id and its name.
pub(super) struct Thread(Vec<Member>);

thread_local! {
    static CURRENT: Arc<Thread> = Arc::new(Thread::read());
}

impl Thread {
    /// Returns the current thread, unless it is ending.
    fn current() -> Option<Arc<Self>> {
        CURRENT.try_with(Arc::clone).ok()
    }

    fn read() -> Self {
        let thread = thread::current();
        // The number itself cannot be read yet on stable Rust.
        let id: String = format!("{:?}", thread.id()).chars().filter(char::is_ascii_digit).collect();
        let name = thread.name().filter(|name| !name.is_empty());
        let attributes = [Some(("thread.id", &*id)), name.map(|name| ("thread.name", name))];
        Self(attributes.into_iter().flatten().map(|(key, value)| Member::text(key, value)).collect())
    }

    pub(super) fn attributes(&self) -> &[Member] {
        &self.0
    }
}
