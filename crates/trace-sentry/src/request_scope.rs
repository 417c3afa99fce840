//! The hub of a request, and what transactions are told of both.

use std::any::Any;
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use http::Request;
use sentry_core::{Hub, Scope};
use trace_core::{FinishedSpan, SinkData, TraceContext, is_marked_served, map_current};

use crate::official_span;
use crate::request_data::RequestData;

thread_local! {
    /// The request whose future or body is polled or dropped on this thread.
    static CURRENT: Cell<Option<Arc<RequestScope>>> = const { Cell::new(None) };
}

/// The hub of a request, with the data of the request.
pub(crate) struct RequestScope {
    hub: Arc<Hub>,
    request: Option<Arc<RequestData>>,
}

/// The options with which a request gets its hub.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    pub(crate) request_data: bool,
    pub(crate) official_spans: bool,
}

impl RequestScope {
    /// Makes the hub of a request: from that of the request which is polled on this thread, if there is an outer hub layer,
    /// so that what was set between the layers is kept. If the trace layer is outside, the service span learns of it.
    pub(crate) fn begin<B>(request: &Request<B>, options: Options) -> Arc<Self> {
        let is_served = is_marked_served(request.extensions());
        let outer = current();
        if let Some(outer) = &outer
            && is_served
            && !options.official_spans
            && (outer.request.is_some() || !options.request_data)
            && outer.is_of_current_span()
        {
            return outer.clone();
        }
        let hub =
            Arc::new(Hub::new_from_top(outer.as_ref().map_or_else(Hub::main, |outer| outer.hub.clone())));
        let data = options.request_data.then(|| {
            let sends_pii = hub.client().is_some_and(|client| client.options().send_default_pii);
            Arc::new(RequestData::of(request, sends_pii))
        });
        let span = options.official_spans.then(official_span::of_current).flatten();
        if data.is_some() || span.is_some() {
            hub.configure_scope(|scope| {
                if let Some(data) = data.clone() {
                    add_request(scope, data);
                }
                if span.is_some() {
                    scope.set_span(span);
                }
            });
        }
        let scope = Arc::new(Self { hub, request: data });
        // Without the mark, the current context is that of other work, which this request is served in.
        if is_served {
            map_current(|current| {
                if let Some(context) = current.filter(|context| context.is_recording()) {
                    context.set_sink_data(scope.clone());
                }
            });
        }
        scope
    }

    /// Returns the request that this thread polls, for a service span that another thread may have to end.
    pub(crate) fn of_current_poll() -> Option<SinkData> {
        Some(current()?)
    }

    /// Returns the data of the request to which a service span belongs.
    pub(crate) fn request_in(data: SinkData) -> Option<sentry_core::protocol::Request> {
        Some(data.downcast::<Self>().ok()?.request.as_ref()?.to_official())
    }

    /// Returns the request to which a service span belongs, else the one that is current on this thread.
    pub(crate) fn of(data: Option<SinkData>) -> Option<Arc<Self>> {
        let of_span = data.and_then(|data| data.downcast().ok());
        of_span.or_else(current)
    }

    /// Returns whether the current service span belongs to this request.
    fn is_of_current_span(self: &Arc<Self>) -> bool {
        let data = map_current(|current| current.and_then(TraceContext::sink_data));
        data.and_then(|data| data.downcast().ok()).is_some_and(|scope| Arc::ptr_eq(self, &scope))
    }

    /// Returns a copy of the scope as it is now.
    pub(crate) fn read(&self) -> EndedScope {
        EndedScope { scope: read(&self.hub), request: self.request.clone() }
    }

    /// Runs work of the request: its hub is current, and a transaction that ends finds both.
    pub(crate) fn run<R>(self: &Arc<Self>, work: impl FnOnce() -> R) -> R {
        let _entered = Entered::new(self.clone());
        Hub::run(self.hub.clone(), work)
    }

    /// Drops what remains of the request. Its hub is not made current, because the thread may be ending.
    pub(crate) fn drop_in(self: &Arc<Self>, work: impl FnOnce()) {
        let _entered = Entered::new(self.clone());
        work();
    }
}

/// Returns the request that this thread polls. A thread that is ending polls none.
fn current() -> Option<Arc<RequestScope>> {
    let read = |current: &Cell<Option<Arc<RequestScope>>>| {
        let request = current.take();
        current.set(request.clone());
        request
    };
    CURRENT.try_with(read).ok().flatten()
}

/// A value that is made after the hub of its thread, so that it is dropped before that.
struct AfterHub;

thread_local! {
    static HUB_IS_THERE: AfterHub = {
        let _made = Hub::current();
        AfterHub
    };
}

impl Drop for AfterHub {
    fn drop(&mut self) {}
}

/// Returns the hub of this thread, unless the thread is ending: the official client panics then, and its panic hook, too.
fn current_hub() -> Option<Arc<Hub>> {
    HUB_IS_THERE.try_with(|_| Hub::current()).ok()
}

fn add_request(scope: &mut Scope, data: Arc<RequestData>) {
    scope.add_event_processor(move |mut event| {
        if event.request.is_none() {
            event.request = Some(data.to_official());
        }
        Some(event)
    });
}

/// A guard that restores the request that was current before.
struct Entered(Option<Arc<RequestScope>>);

impl Entered {
    fn new(scope: Arc<RequestScope>) -> Self {
        Self(CURRENT.try_with(|current| current.replace(Some(scope))).ok().flatten())
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        // A thread that is ending has no current request.
        let _ending = CURRENT.try_with(|current| current.replace(self.0.take()));
    }
}

/// The scope of a hub when a span ended, with the data of its request.
#[derive(Default)]
pub(crate) struct EndedScope {
    pub(crate) scope: Scope,
    pub(crate) request: Option<Arc<RequestData>>,
}

impl EndedScope {
    /// Returns the scope of the request to which a service span belongs, else that of the current hub, as the official
    /// client does when its transactions finish.
    pub(crate) fn of(data: Option<SinkData>) -> Option<Self> {
        RequestScope::of(data).map_or_else(Self::of_current_hub, |request| Some(request.read()))
    }

    /// Returns the scope of the current hub, unless the thread is ending.
    pub(crate) fn of_current_hub() -> Option<Self> {
        Some(Self { scope: read(&current_hub()?), request: None })
    }

    /// Returns the request that a service span serves. A job that ends within a request has the scope of that request, but
    /// is not the request.
    pub(crate) fn request_of(&self, service_span: &FinishedSpan) -> Option<&RequestData> {
        self.request.as_deref().filter(|_| service_span.operation.ends_with(".server"))
    }

    pub(crate) fn in_data(data: &dyn Any) -> Option<&Self> {
        data.downcast_ref()
    }
}

/// Returns a copy of a hub's scope. The hub is only read: `configure_scope` would write its copy back, over what another
/// thread may have set meanwhile.
fn read(hub: &Arc<Hub>) -> Scope {
    Hub::new_from_top(hub).configure_scope(|scope| scope.clone())
}

impl fmt::Debug for RequestScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestScope").field("request", &self.request).finish_non_exhaustive()
    }
}
