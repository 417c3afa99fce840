//! The trace of a page in its `<meta>` tags.

use std::fmt;

use trace_core::{TraceContext, map_current};

/// The `<meta>` tags by which a page continues the trace of the request that it answers.
///
/// Sentry's browser SDK reads `sentry-trace` and `baggage` when it starts, so they stand before its script, in the
/// `<head>`. They are displayed as HTML that is escaped already, so that a template must not escape it again. They need no
/// nonce of a content security policy, which is about scripts and styles. Without a trace they are empty.
///
/// The page must not be cached: everyone who gets it would be in the same trace.
///
/// ```
/// use trace_core::{TraceExt, Tracer};
/// use trace_server::MetaTags;
///
/// let trace = Tracer::builder().build()?.start_new_trace();
/// let page = trace.scope(|| format!("<head>{}<script src=app.js></script></head>", MetaTags::current()));
/// assert!(page.starts_with(r#"<head><meta name="sentry-trace" content=""#));
/// assert_eq!(MetaTags::current().to_string(), "");
/// # Ok::<(), trace_core::BuildError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetaTags(String);

impl MetaTags {
    /// Returns the tags of the current trace. Its sampling context is frozen, since it leaves the process now.
    #[must_use]
    pub fn current() -> Self {
        map_current(|context| context.map(Self::from)).unwrap_or_default()
    }
}

impl From<&TraceContext> for MetaTags {
    fn from(context: &TraceContext) -> Self {
        Self(context.trace_data().to_meta_tags())
    }
}

impl fmt::Display for MetaTags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
