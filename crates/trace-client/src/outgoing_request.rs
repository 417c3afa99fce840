//! An outgoing request: its parent, its headers and its record.

use http::header::HOST;
use http::{HeaderMap, Method, Uri, Version};
use trace_core::{AttributeValue, Dsn, PropagationEvent, SpanId, TraceContext, Withheld, suppress_tracing};
use trace_http::{Exchange, GrpcCall, scrub_path, scrub_query, scrub_url};

use crate::call_options::CallOptions;
use crate::client_options::Options;
use crate::targets::RequestUrl;

/// A request without headers and body.
pub(crate) struct OutgoingRequest<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) version: Version,
    pub(crate) origin: &'static str,
    pub(crate) call: Option<&'a CallOptions>,
}

impl OutgoingRequest<'_> {
    /// Writes or withholds the headers. Returns the exchange if the request is recorded.
    ///
    /// The default for `parent` is that of the call, then that of the [tracer](trace_core::Tracer::map_parent).
    pub(crate) fn begin(
        &self,
        parent: Option<&TraceContext>,
        headers: &mut HeaderMap,
        options: &Options,
    ) -> Option<Exchange> {
        if trace_core::IS_OFF {
            return None;
        }
        let parent = match (parent, self.call) {
            (None, Some(call)) => call.parent_context(),
            (parent, _) => parent,
        };
        if self.call.is_some_and(CallOptions::is_suppressed) {
            return self.begin_suppressed(parent, headers, options);
        }
        match parent {
            Some(parent) => self.begin_in(parent, headers, options),
            None => options.tracer.map_parent(|parent| self.begin_in(parent, headers, options)),
        }
    }

    /// Withholds the headers. It is not inlined, so that the more usual path is compiled on its own.
    #[cold]
    #[inline(never)]
    fn begin_suppressed(
        &self,
        parent: Option<&TraceContext>,
        headers: &mut HeaderMap,
        options: &Options,
    ) -> Option<Exchange> {
        let request = OutgoingRequest { call: None, ..*self };
        let begin = || request.begin(None, headers, options);
        match parent {
            Some(parent) => parent.scope(|| suppress_tracing(begin)),
            None => suppress_tracing(begin),
        }
    }

    #[inline]
    fn begin_in(
        &self,
        parent: &TraceContext,
        headers: &mut HeaderMap,
        options: &Options,
    ) -> Option<Exchange> {
        let tracer = &options.tracer;
        let has_host = self.uri.authority().is_some();
        let origin = options.origin.as_ref().filter(|_| !has_host);
        // The header is cloned, because the other headers are written while the URL is in use.
        let host = if has_host || origin.is_some() { None } else { headers.get(HOST).cloned() };
        let url = || match origin {
            Some(origin) => RequestUrl::at(origin, self.uri),
            None => RequestUrl::of(self.uri, host.as_ref()),
        };
        let observe = |context, decision| {
            let text = || url().map_or_else(|| self.uri.to_string(), |url| url.to_string());
            tracer.observe(|| PropagationEvent::Outgoing { context, url: scrub_url(&text()), decision });
        };
        let mut inject = tracer.inject_options();
        inject.query = self.uri.query();
        inject.nothing_may_leave = options.targets.are_none();
        if inject.nothing_may_leave && !parent.is_recording() {
            // The decision does not depend on the URL.
            observe(parent, parent.withhold(Withheld::NotATarget, &inject, headers));
            return None;
        }
        let url = url();
        let is_own = |(dsn, url): (&Dsn, &RequestUrl<'_>)| dsn.is_endpoint(url.host(), url.path_and_query());
        if tracer.dsn().zip(url.as_ref()).is_some_and(is_own) {
            observe(parent, parent.withhold(Withheld::SentryHost, &inject, headers));
            return None;
        }
        let description = || match (self.call.and_then(CallOptions::template), &url) {
            (Some(template), _) => format!("{} {template}", self.method),
            (None, Some(url)) => format!("{} {}", self.method, url.without_query()),
            (None, None) => format!("{} {}", self.method, scrub_path(self.uri.path())),
        };
        let exchange = self.start_span(parent, headers, description);
        let span = exchange.as_ref().and_then(Exchange::context);
        let decision = match options.targets.refuse(url.as_ref()) {
            None => {
                inject.span_id = Some(span.map_or_else(SpanId::random, TraceContext::span_id));
                parent.inject_with(&inject, headers)
            }
            Some(reason) => parent.withhold(reason, &inject, headers),
        };
        if let Some(span) = span {
            self.record(span, url.as_ref(), options);
        }
        observe(span.unwrap_or(parent), decision);
        exchange
    }

    /// Starts the span of the request, which may be a call of gRPC. Returns `None` if `parent` is not recorded.
    fn start_span(
        &self,
        parent: &TraceContext,
        headers: &HeaderMap,
        description: impl FnOnce() -> String,
    ) -> Option<Exchange> {
        if !parent.is_recording() {
            return None;
        }
        if let Some(call) = GrpcCall::of(self.method, headers, self.uri.path()) {
            return Exchange::grpc_client(parent, call);
        }
        let exchange = Exchange::client(parent, self.method, "http.client", description)?;
        exchange.context().inspect(|span| span.set_origin(self.origin));
        Some(exchange)
    }

    /// Records the attributes of a client span, by the conventions of OpenTelemetry and Sentry.
    fn record(&self, span: &TraceContext, url: Option<&RequestUrl<'_>>, options: &Options) {
        span.set_attribute("http.request.method", self.method.as_str());
        if let Some(url) = url {
            span.set_attribute("url.full", url.without_query());
            span.set_attribute("server.address", url.host());
            span.set_attribute("server.port", url.port());
        }
        if let Some(query) = self.uri.query().filter(|_| options.record_query) {
            span.set_attribute("http.query", scrub_query(query));
        }
        if self.version == Version::HTTP_2 {
            span.set_attribute("network.protocol.version", AttributeValue::from_static("2"));
        }
        let Some(call) = self.call else { return };
        if let Some(template) = call.template() {
            span.set_attribute("url.template", template.clone());
        }
        let resent = call.count_attempt();
        if resent > 0 {
            span.set_attribute("http.request.resend_count", resent);
        }
    }
}
