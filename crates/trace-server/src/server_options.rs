//! The options of the layer.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::HeaderName;
use trace_core::{RequestHead, Tracer};

use crate::response_header::ResponseHeader;
use crate::trusted_proxies::TrustedProxies;

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
    pub(crate) peer: Option<Arc<PeerFunction>>,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) record_client_address: bool,
}

/// A function that returns the route template of a request.
pub(crate) type RouteFunction = dyn Fn(&RequestHead<'_>) -> Option<Cow<'static, str>> + Send + Sync;

/// A function that decides whether a request is sampled.
pub(crate) type SampleFunction = dyn Fn(&RequestHead<'_>) -> Option<bool> + Send + Sync;

/// A function that returns the address at the other end of the connection.
pub(crate) type PeerFunction = dyn Fn(&RequestHead<'_>) -> Option<IpAddr> + Send + Sync;

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
            peer: None,
            trusted_proxies: TrustedProxies::none(),
            record_client_address: false,
        }
    }

    /// Returns whether a header may be added to responses.
    pub(crate) fn names_trace_in_response(&self) -> bool {
        self.server_timing || !self.response_headers.is_empty()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("tracer", &self.tracer)
            .field("has_route", &self.route.is_some())
            .field("record_query", &self.record_query)
            .field("trace_options_requests", &self.trace_options_requests)
            .field("has_sample", &self.sample.is_some())
            .field("response_headers", &self.response_headers)
            .field("server_timing", &self.server_timing)
            .field("has_peer", &self.peer.is_some())
            .field("trusted_proxies", &self.trusted_proxies)
            .field("record_client_address", &self.record_client_address)
            .finish()
    }
}
