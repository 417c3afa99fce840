//! What an application says of one call.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use trace_core::TraceContext;
#[cfg(any(feature = "reqwest", feature = "reqwest-0-12"))]
use trace_core::Tracer;

/// Options for one call: its parent, its name, and whether it is traced at all.
///
/// The layer finds them in the extensions of an `http::Request`. The same options may be used for any number of calls.
///
/// ```
/// use trace_client::CallOptions;
///
/// let request = http::Request::get("http://inventory.internal/items/7")
///     .extension(CallOptions::new().url_template("/items/{id}"))
///     .body(())?;
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    parent: Option<TraceContext>,
    url_template: Option<Cow<'static, str>>,
    is_suppressed: bool,
    resend_count: u32,
    /// The number of attempts so far, which clones share. `None` where the attempts of a call are not counted.
    attempts: Option<Arc<AtomicU32>>,
}

impl CallOptions {
    /// Creates options that change nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the parent of the call. The default is the context that is current when the layer is called. A
    /// `TraceContext` in the extensions of the request takes precedence.
    #[must_use]
    pub fn parent(self, context: TraceContext) -> Self {
        Self { parent: Some(context), ..self }
    }

    /// Sets the context that is current now as the parent of the call, unless there is none or a parent is set.
    #[must_use]
    pub fn in_current_trace(self) -> Self {
        Self { parent: self.parent.or_else(TraceContext::current), ..self }
    }

    /// Sets the template of the URL, such as `/items/{id}`. It names the span, and is recorded as `url.template`.
    #[must_use]
    pub fn url_template(self, template: impl Into<Cow<'static, str>>) -> Self {
        Self { url_template: Some(template.into()), ..self }
    }

    /// Leaves this call out: it has no span, and sends no headers of the trace.
    #[must_use]
    pub fn without_tracing(self) -> Self {
        Self { is_suppressed: true, ..self }
    }

    /// Sets how often the request has been sent before, for `http.request.resend_count`. The attempts within a
    /// [`ParentLayer`](crate::ParentLayer), those of reqwest-middleware and the hops of a `FollowRedirectsLayer` are
    /// counted without it.
    #[must_use]
    pub fn resend_count(self, count: u32) -> Self {
        Self { resend_count: count, ..self }
    }

    /// Begins to count the attempts of one call, unless that has been done. All copies of the call share the count.
    pub(crate) fn counted(self) -> Self {
        Self { attempts: Some(self.attempts.unwrap_or_default()), ..self }
    }

    /// Prepares for a call that follows redirects: its requests are counted and have one parent, also if no trace is
    /// current and the call starts one.
    #[cfg(any(feature = "reqwest", feature = "reqwest-0-12"))]
    pub(crate) fn followed(self, tracer: &Tracer) -> Self {
        let parent = self.parent.or_else(|| Some(tracer.map_parent(TraceContext::clone)));
        Self { parent, ..self }.counted()
    }

    /// Returns the options for the request that a redirect leads to, whose URL is another.
    #[cfg(any(feature = "reqwest", feature = "reqwest-0-12"))]
    pub(crate) fn of_next_hop(self) -> Self {
        Self { url_template: None, ..self }
    }

    /// Sets a parent, unless one is set.
    #[cfg(any(feature = "reqwest", feature = "reqwest-0-12"))]
    pub(crate) fn or_parent(self, parent: Option<TraceContext>) -> Self {
        Self { parent: self.parent.or(parent), ..self }
    }

    pub(crate) fn parent_context(&self) -> Option<&TraceContext> {
        self.parent.as_ref()
    }

    pub(crate) fn template(&self) -> Option<&Cow<'static, str>> {
        self.url_template.as_ref()
    }

    pub(crate) fn is_suppressed(&self) -> bool {
        self.is_suppressed
    }

    /// Returns how often the request has been sent before, and counts this attempt.
    pub(crate) fn count_attempt(&self) -> u32 {
        let counted = self.attempts.as_ref().map_or(0, |attempts| attempts.fetch_add(1, Ordering::Relaxed));
        self.resend_count.saturating_add(counted)
    }
}
