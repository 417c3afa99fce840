//! Requests that a layer serves.

use http::Extensions;

use super::Tracer;
use super::sampling::ServiceSpanStart;
use crate::context::{Activity, Serving, TraceContext, map_current};
use crate::policy::RequestHead;
use crate::record::{SpanStart, TransactionName};

/// The mark in the extensions of a request that a layer serves. It has no size: only the map of extensions costs
/// memory.
#[derive(Debug, Clone, Copy)]
struct Served;

/// The description of the service span of a request, for [`Tracer::serve`].
#[derive(Debug)]
#[must_use = "a description does nothing by itself"]
pub struct ServedRequest<N> {
    operation: &'static str,
    name: N,
    sampled: Option<bool>,
}

impl<N: FnOnce() -> TransactionName> ServedRequest<N> {
    /// Describes a service span with a kind of work, such as `http.server`, and a function that makes its name. The
    /// function is called only if the name is needed.
    pub fn new(operation: &'static str, name: N) -> Self {
        Self { operation, name, sampled: None }
    }

    /// Sets the decision of the application, if it made one.
    pub fn sampled(mut self, sampled: Option<bool>) -> Self {
        self.sampled = sampled;
        self
    }
}

impl Tracer {
    /// Starts to serve a request, for a layer: continues the trace of the request or starts one, and starts its service
    /// span. Applications use the layers.
    ///
    /// `describe` is called only if there could be a service span. If it returns `None`, there is only a context. Returns
    /// `None` if an outer layer already serves the same request.
    ///
    /// # Panics
    ///
    /// Only if the [sampler](crate::TracerBuilder::traces_sampler) panics: its panic is the caller's.
    #[inline]
    pub fn serve<'a, N: FnOnce() -> TransactionName>(
        &self,
        request: RequestHead<'a>,
        describe: impl FnOnce() -> Option<ServedRequest<N>>,
    ) -> Option<Activity> {
        let is_served = |current: &TraceContext| {
            let is_marked = is_marked_served(request.extensions());
            current.serving.is_of(is_marked, || current.caller == self.caller_of(request.headers()))
        };
        if map_current(|current| current.is_some_and(is_served)) {
            return None;
        }
        let mut activity = Activity::from(self.continue_request(request.headers()));
        if let Some(context) = activity.context_mut() {
            context.serving = Serving::Unmarked;
            if self.starts_service_spans()
                && let Some(ServedRequest { operation, name, sampled }) = describe()
            {
                let span = SpanStart::new(operation.into(), "".into());
                let start = ServiceSpanStart { span, name, sampled, request: Some(request) };
                self.begin_service_span(context, start);
            }
        }
        activity.own_span();
        Some(activity)
    }
}

impl Activity {
    /// Marks a request as the one that this activity serves, so that a second layer recognizes it. Without a mark, it is
    /// recognized by the current context alone. Empty extensions stay empty unless the request is recorded, because the
    /// mark would be the only allocation.
    #[inline]
    pub fn mark_served(&mut self, extensions: &mut Extensions) {
        let owns_span = self.owns_span();
        if let Some(context) = self.context_mut()
            && (owns_span || !extensions.is_empty())
        {
            context.serving = Serving::Marked;
            extensions.insert(Served);
        }
    }
}

/// Returns whether the current context is the one that serves the request with these extensions.
#[must_use]
pub fn current_serves(extensions: &Extensions) -> bool {
    let is_marked = is_marked_served(extensions);
    // Only the context that the layer itself entered serves a request without a mark.
    map_current(|current| current.is_some_and(|current| current.serving.is_of(is_marked, || true)))
}

/// Removes the [mark](Activity::mark_served) from an outgoing request. Its server, perhaps in the same process, serves
/// another request than the one from which the extensions were taken.
#[inline]
pub fn unmark_served(extensions: &mut Extensions) {
    extensions.remove::<Served>();
}

/// Returns whether a request carries the [mark](Activity::mark_served): whether the current context is the one that
/// serves it. A request that is not recorded may be served without a mark.
#[must_use]
pub fn is_marked_served(extensions: &Extensions) -> bool {
    extensions.get::<Served>().is_some()
}
