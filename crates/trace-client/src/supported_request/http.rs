//! The requests of the crate `http`.

use ::http::{Request, Response};
use http_body::Body;
use tower_service::Service;
use trace_http::{Exchange, ResponseFuture, TracedBody};

use super::{Sealed, SupportedRequest};
use crate::client_options::Options;
use crate::outgoing_request::OutgoingRequest;

impl<B> Sealed for Request<B> {}

/// A span ends with the response body.
impl<S, B, R> SupportedRequest<S> for Request<B>
where
    S: Service<Self, Response = Response<R>>,
    R: Body,
{
    type Response = Response<TracedBody<R>>;
    type Future = ResponseFuture<S::Future>;

    fn send(self, client: &mut S, options: &Options) -> Self::Future {
        let (mut parts, body) = self.into_parts();
        trace_core::unmark_served(&mut parts.extensions);
        let outgoing = OutgoingRequest {
            method: &parts.method,
            uri: &parts.uri,
            version: parts.version,
            origin: "auto.http.tower_client",
            call: parts.extensions.get(),
        };
        let mut exchange = outgoing.begin(parts.extensions.get(), &mut parts.headers, options);
        let request = Self::from_parts(parts, body);
        let future = {
            let _running = exchange.as_mut().map(Exchange::enter);
            client.call(request)
        };
        ResponseFuture::new(future, exchange)
    }
}
