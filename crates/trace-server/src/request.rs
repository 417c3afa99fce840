//! What a request is called, and what is recorded of it.

use std::borrow::Cow;

use http::header::{CONTENT_TYPE, HOST, USER_AGENT};
use http::{Method, Uri, Version};
use trace_core::http::scrub_query;
use trace_core::{TraceContext, TransactionName};

use crate::head::RequestHead;
use crate::options::Options;
use crate::router;

impl<'a> RequestHead<'a> {
    pub(crate) fn operation(&self) -> &'static str {
        if self.is_grpc() { "grpc.server" } else { "http.server" }
    }

    /// `GET /orders/{id}` if the route is known, else `GET /orders/17`. Paths of gRPC are few by nature.
    pub(crate) fn transaction_name(&self, options: &Options) -> TransactionName {
        if self.is_grpc() {
            return TransactionName::route(self.whole_uri().path().to_owned());
        }
        let method = if is_known(self.method()) { self.method().as_str() } else { "HTTP" };
        match self.route(options) {
            Some(route) => TransactionName::route([method, " ", &route].concat()),
            None if self.method() == Method::CONNECT => TransactionName::url(method.to_owned()),
            None => TransactionName::url([method, " ", self.whole_uri().path()].concat()),
        }
    }

    fn route(&self, options: &Options) -> Option<Cow<'a, str>> {
        options
            .route
            .as_ref()
            .and_then(|route| route(self))
            .or_else(|| router::matched_path(self.extensions()).map(Cow::Borrowed))
    }

    /// The URI as the client asked for it: a router that nests takes the prefix off.
    fn whole_uri(&self) -> &'a Uri {
        router::original_uri(self.extensions()).unwrap_or(self.uri())
    }

    fn is_grpc(&self) -> bool {
        self.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
    }

    /// Records the attributes of a server's span, by the conventions of OpenTelemetry.
    pub(crate) fn record(&self, context: &TraceContext, options: &Options) {
        context.set_origin(if self.is_grpc() { "auto.grpc.tower" } else { "auto.http.tower" });
        if is_known(self.method()) {
            context.set_attribute("http.request.method", self.method().as_str().to_owned());
        } else {
            context.set_attribute("http.request.method", "_OTHER");
            context.set_attribute("http.request.method_original", self.method().as_str().to_owned());
        }
        context.set_attribute("url.path", self.whole_uri().path().to_owned());
        if let Some(query) = self.whole_uri().query().filter(|_| options.record_query) {
            context.set_attribute("url.query", scrub_query(query));
        }
        if let Some(route) = self.route(options) {
            context.set_attribute("http.route", route.into_owned());
        }
        if let Some((host, port)) = self.authority() {
            context.set_attribute("server.address", host);
            if let Some(port) = port {
                context.set_attribute("server.port", port);
            }
        }
        if let Some(version) = protocol_version(self.version()) {
            context.set_attribute("network.protocol.version", version);
        }
        if let Some(agent) = self.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()) {
            context.set_attribute("user_agent.original", agent.to_owned());
        }
    }

    /// Host and port the client spoke to, without its credentials.
    fn authority(&self) -> Option<(String, Option<u16>)> {
        let header = || self.headers().get(HOST)?.to_str().ok()?.parse().ok();
        let authority: http::uri::Authority = self.uri().authority().cloned().or_else(header)?;
        Some((authority.host().to_owned(), authority.port_u16()))
    }
}

fn is_known(method: &Method) -> bool {
    [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
        Method::PATCH,
        Method::CONNECT,
        Method::TRACE,
    ]
    .contains(method)
}

fn protocol_version(version: Version) -> Option<&'static str> {
    match version {
        Version::HTTP_10 => Some("1.0"),
        Version::HTTP_11 => Some("1.1"),
        Version::HTTP_2 => Some("2"),
        Version::HTTP_3 => Some("3"),
        _ => None,
    }
}
