//! The name and the attributes that are recorded of a request.

use std::borrow::Cow;

use http::header::{HOST, USER_AGENT};
use http::{Method, Request, Uri, Version};
use trace_core::{AttributeValue, Authority, RequestHead, TransactionName};
use trace_http::{scrub_path, scrub_query};

use crate::forwarded::Client;
use crate::router;
use crate::server_options::Options;

/// A request that is served, as it is named and recorded.
#[derive(Clone, Copy)]
pub(crate) struct IncomingRequest<'a> {
    head: RequestHead<'a>,
}

impl<'a> IncomingRequest<'a> {
    pub(crate) fn of<B>(request: &'a Request<B>) -> Self {
        Self { head: request.into() }
    }

    /// Returns `GET /orders/{id}` if the route is known, otherwise `GET /orders/17`. A tunnel has no path and is `CONNECT`;
    /// a WebSocket over HTTP/2, which is a `CONNECT` too, has one.
    pub(crate) fn transaction_name(&self, route: Option<&str>) -> TransactionName {
        match route {
            Some(route) => self.name_of_route(route),
            None if self.is_tunnel() => TransactionName::url(self.method_name()),
            None => TransactionName::url([self.method_name(), " ", &self.path()].concat()),
        }
    }

    pub(crate) fn name_of_route(&self, route: &str) -> TransactionName {
        TransactionName::route([self.method_name(), " ", route].concat())
    }

    fn is_tunnel(&self) -> bool {
        self.head.method() == Method::CONNECT && self.whole_uri().path().is_empty()
    }

    fn method_name(&self) -> &'static str {
        known(self.head.method()).unwrap_or("HTTP")
    }

    /// Returns the template of the route, if it is known.
    pub(crate) fn route(&self, options: &Options) -> Option<Cow<'a, str>> {
        // If the function panics, the route is unknown, and the request continues.
        let said =
            options.route.as_ref().and_then(|route| options.tracer.catch_panic(|| route(&self.head))?);
        said.or_else(|| router::matched_path(self.head.extensions()).map(Cow::Borrowed))
    }

    /// Returns the decision of the application.
    pub(crate) fn sampled(&self, options: &Options) -> Option<bool> {
        options.sample.as_ref().and_then(|sample| options.tracer.catch_panic(|| sample(&self.head))?)
    }

    /// Returns the path in the form that may be recorded.
    pub(crate) fn path(&self) -> Cow<'a, str> {
        scrub_path(self.whole_uri().path())
    }

    /// Returns the URI that the client requested. A nested router removes the prefix.
    fn whole_uri(&self) -> &'a Uri {
        router::original_uri(self.head.extensions()).unwrap_or(self.head.uri())
    }

    /// Returns the attributes of a server span, by the conventions of OpenTelemetry.
    pub(crate) fn attributes(
        &self,
        route: Option<&str>,
        options: &Options,
    ) -> impl Iterator<Item = (&'static str, AttributeValue)> {
        let (text, fixed) = (|text: &str| AttributeValue::from(text), AttributeValue::from_static);
        let (method, uri, client) = (known(self.head.method()), self.whole_uri(), self.client(options));
        let authority = client.host.or_else(|| self.authority());
        let scheme = client.scheme.or_else(|| uri_scheme(self.head.uri()));
        let address = client.address.filter(|_| options.record_client_address);
        let query = uri.query().filter(|_| options.record_query);
        let agent = self.head.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let attributes = [
            Some(("http.request.method", fixed(method.unwrap_or("_OTHER")))),
            method.is_none().then(|| ("http.request.method_original", text(self.head.method().as_str()))),
            Some(("url.path", self.path().into_owned().into())),
            scheme.map(|scheme| ("url.scheme", fixed(scheme))),
            query.map(|query| ("url.query", scrub_query(query).into())),
            route.map(|route| ("http.route", text(route))),
            authority.map(|authority| ("server.address", text(authority.host()))),
            authority.and_then(|authority| Some(("server.port", authority.port()?.into()))),
            protocol_version(self.head.version()).map(|version| ("network.protocol.version", fixed(version))),
            address.map(|address| ("client.address", address.to_string().into())),
            agent.map(|agent| ("user_agent.original", text(agent))),
        ];
        attributes.into_iter().flatten()
    }

    /// Returns the client, as far as it is known.
    fn client(&self, options: &Options) -> Client<'a> {
        let peer = options.peer.as_ref().and_then(|peer| options.tracer.catch_panic(|| peer(&self.head))?);
        Client::of(peer, self.head.headers(), &options.trusted_proxies)
    }

    /// Returns the host and port that the client used, without its credentials.
    fn authority(&self) -> Option<Authority<'a>> {
        match self.head.uri().authority() {
            Some(authority) => Authority::of(authority.as_str()),
            None => Authority::parse(self.head.headers().get(HOST)?.to_str().ok()?),
        }
    }
}

/// Returns the scheme of an absolute URI, which HTTP/2 has.
fn uri_scheme(uri: &Uri) -> Option<&'static str> {
    let scheme = uri.scheme_str()?;
    ["http", "https"].into_iter().find(|known| scheme == *known)
}

/// Returns the name of a known method.
fn known(method: &Method) -> Option<&'static str> {
    Some(match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => return None,
    })
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
