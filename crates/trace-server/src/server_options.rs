//! The options of the layer.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use http::HeaderName;
use trace_core::{RequestHead, Tracer};

use crate::response_header::ResponseHeader;

/// The options of the layer.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) tracer: Tracer,
    pub(crate) route: Option<Arc<RouteFunction>>,
    pub(crate) record_query: bool,
    pub(crate) trace_options_requests: bool,
    pub(crate) sample: Option<Arc<SampleFunction>>,
    pub(crate) response_headers: Vec<(HeaderName, ResponseHeader)>,
    pub(crate) server_timing: bool,
}

/// A function that returns the route template of a request.
pub(crate) type RouteFunction = dyn Fn(&RequestHead<'_>) -> Option<Cow<'static, str>> + Send + Sync;

/// A function that decides whether a request is sampled.
pub(crate) type SampleFunction = dyn Fn(&RequestHead<'_>) -> Option<bool> + Send + Sync;

impl Options {
    pub(crate) fn new(tracer: Tracer) -> Self {
        Self {
            tracer,
            route: None,
            record_query: false,
            trace_options_requests: false,
            sample: None,
            response_headers: Vec::new(),
            server_timing: false,
        }
    }

    /// Returns whether a header may be added to responses.
    pub(crate) fn names_trace_in_response(&self) -> bool {
        self.server_timing || !self.response_headers.is_empty()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            tracer,
            route,
            record_query,
            trace_options_requests,
            sample,
            response_headers,
            server_timing,
        } = self;
        f.debug_struct("Options")
            .field("tracer", tracer)
            .field("has_route", &route.is_some())
            .field("record_query", record_query)
            .field("trace_options_requests", trace_options_requests)
            .field("has_sample", &sample.is_some())
            .field("response_headers", response_headers)
            .field("server_timing", server_timing)
            .finish()
    }
}
