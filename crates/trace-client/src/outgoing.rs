//! One outgoing request: whose child it is, whether it carries the headers, and what is recorded of it.

use http::header::HOST;
use http::{HeaderMap, Method, Uri, Version};
use trace_core::http::{Exchange, scrub_query, scrub_url, strip_credentials};
use trace_core::{Dsn, Outgoing, PropagationEvent, SpanId, TraceContext, Withheld};

use crate::options::Options;
use crate::targets::RequestUrl;

/// A request without headers and body.
pub(crate) struct OutgoingRequest<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) version: Version,
    pub(crate) origin: &'static str,
}

impl OutgoingRequest<'_> {
    /// Writes or withholds the headers. The exchange is there if the request is recorded.
    ///
    /// The parent is the one given, else the [tracer's](trace_core::Tracer::with_parent).
    pub(crate) fn begin(
        &self,
        parent: Option<&TraceContext>,
        headers: &mut HeaderMap,
        options: &Options,
    ) -> Option<Exchange> {
        if trace_core::IS_OFF {
            return None;
        }
        match parent {
            Some(parent) => self.begin_in(parent, headers, options),
            None => options.tracer.with_parent(|parent| self.begin_in(parent, headers, options)),
        }
    }

    fn begin_in(
        &self,
        parent: &TraceContext,
        headers: &mut HeaderMap,
        options: &Options,
    ) -> Option<Exchange> {
        let tracer = &options.tracer;
        // Cloned, so that the other headers can be written while the URL is looked at.
        let host = if self.uri.authority().is_none() { headers.get(HOST).cloned() } else { None };
        let url = || RequestUrl::of(self.uri, host.as_ref());
        let observe = |context, decision| {
            let text = || url().map_or_else(|| self.uri.to_string(), |url| url.to_string());
            tracer.observe(|| PropagationEvent::Outgoing { context, url: scrub_url(&text()), decision });
        };
        if options.targets.are_none() && !parent.is_recording() {
            // Whatever the URL is.
            parent.withhold(headers);
            observe(parent, Outgoing::Withheld(Withheld::NotATarget));
            return None;
        }
        let url = url();
        let is_own = |(dsn, url): (&Dsn, &RequestUrl<'_>)| dsn.is_endpoint(url.host(), url.path_and_query());
        if tracer.dsn().zip(url.as_ref()).is_some_and(is_own) {
            parent.withhold(headers);
            observe(parent, Outgoing::Withheld(Withheld::SentryHost));
            return None;
        }
        let description = || match &url {
            Some(url) => format!("{} {}", self.method, url.without_query()),
            None => format!("{} {}", self.method, strip_credentials(self.uri.path())),
        };
        let exchange = Exchange::client(parent, self.method, "http.client", description);
        let span = exchange.as_ref().and_then(Exchange::context);
        let decision = match options.targets.refuse(url.as_ref()) {
            None => {
                let span_id = span.map_or_else(SpanId::random, TraceContext::span_id);
                parent.inject_as(span_id, tracer.propagates_traceparent(), headers)
            }
            Some(reason) => {
                parent.withhold(headers);
                Outgoing::Withheld(reason)
            }
        };
        if let Some(span) = span {
            self.record(span, url.as_ref(), options);
        }
        observe(span.unwrap_or(parent), decision);
        exchange
    }

    /// Records the attributes of a client's span, by the conventions of OpenTelemetry and Sentry.
    fn record(&self, span: &TraceContext, url: Option<&RequestUrl<'_>>, options: &Options) {
        span.set_origin(self.origin);
        span.set_attribute("http.request.method", self.method.as_str().to_owned());
        if let Some(url) = url {
            span.set_attribute("url.full", url.without_query());
            span.set_attribute("server.address", url.host().to_owned());
            span.set_attribute("server.port", url.port());
        }
        if let Some(query) = options.record_query.then(|| self.query()).flatten() {
            span.set_attribute("http.query", query);
        }
        if self.version == Version::HTTP_2 {
            span.set_attribute("network.protocol.version", "2");
        }
    }

    /// The query as it may be recorded. A URL in it loses its credentials, too.
    fn query(&self) -> Option<String> {
        let text = strip_credentials(self.uri.path_and_query()?.as_str());
        text.split_once('?').map(|(_, query)| scrub_query(query))
    }
}
