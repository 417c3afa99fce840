//! The blocking client of reqwest.

mod body;
mod follow_redirects;

use reqwest::blocking::{Client, Request, RequestBuilder, Response};
use reqwest::{Body, ResponseBuilderExt, Result};
use trace_core::Outcome;
use trace_http::Exchange;

use crate::call_options::CallOptions;
use crate::layer::TraceClientLayer;
use crate::outgoing_request::OutgoingRequest;
use crate::reqwest_0_13::ReqwestLayer;
use body::ReadBody;

/// Sends a request of `reqwest::blocking::RequestBuilder` as part of the current trace.
///
/// The span ends with the last byte of the response's body. Of a recorded response, the timeout applies to each read of
/// the body, also in `text` and `bytes`, which otherwise apply it to the body as a whole.
///
/// **A client that follows redirects itself takes the headers of the trace along, to any host**, as it does with all
/// headers. Give it `redirect::Policy::none()` and a [`FollowRedirectsLayer`](crate::FollowRedirectsLayer), as here, or a
/// [`redirect_policy`](crate::redirect_policy).
///
/// ```no_run
/// use reqwest::redirect::Policy;
/// use trace_client::{FollowRedirectsLayer, SendTracedBlocking};
/// # let layer = trace_client::TraceClientLayer::new(trace_core::Tracer::noop());
///
/// let client = reqwest::blocking::Client::builder().redirect(Policy::none()).build()?;
/// let layer = FollowRedirectsLayer::new(layer);
/// let order = client.get("http://orders.internal/orders/7").send_traced(&layer)?.text()?;
/// # Ok::<(), reqwest::Error>(())
/// ```
pub trait SendTracedBlocking: Sized {
    /// Sends the request as part of the trace that is current on this thread.
    ///
    /// # Errors
    ///
    /// Returns the errors of `RequestBuilder::send`.
    fn send_traced<L: ReqwestBlockingLayer>(self, layer: &L) -> Result<Response> {
        self.send_traced_with(layer, &CallOptions::new())
    }

    /// Sends the request with options for this call.
    ///
    /// # Errors
    ///
    /// Returns the errors of `RequestBuilder::send`.
    fn send_traced_with<L: ReqwestBlockingLayer>(self, layer: &L, options: &CallOptions) -> Result<Response>;
}

impl SendTracedBlocking for RequestBuilder {
    fn send_traced_with<L: ReqwestBlockingLayer>(self, layer: &L, options: &CallOptions) -> Result<Response> {
        let (client, request) = self.build_split();
        layer.send_blocking(&client, request?, options)
    }
}

/// A layer that sends a request by a `reqwest::blocking::Client`: a [`TraceClientLayer`], or a
/// [`FollowRedirectsLayer`](crate::FollowRedirectsLayer). This trait is sealed, as [`ReqwestLayer`] is.
pub trait ReqwestBlockingLayer: ReqwestLayer {
    /// Sends a request.
    #[doc(hidden)]
    fn send_blocking(&self, client: &Client, request: Request, options: &CallOptions) -> Result<Response>;
}

impl ReqwestBlockingLayer for TraceClientLayer {
    fn send_blocking(
        &self,
        client: &Client,
        mut request: Request,
        options: &CallOptions,
    ) -> Result<Response> {
        let Some(mut exchange) = begin(&mut request, options, self) else {
            return client.execute(request);
        };
        // The request is sent on a thread of reqwest, where no context is current.
        match client.execute(request) {
            Ok(response) => Ok(trace(response, exchange)),
            Err(error) => {
                exchange.finish(Outcome::Failed);
                Err(error)
            }
        }
    }
}

fn begin(request: &mut Request, call: &CallOptions, layer: &TraceClientLayer) -> Option<Exchange> {
    let uri = request.url().as_str().parse().unwrap_or_default();
    let method = request.method().clone();
    let (version, origin) = (request.version(), "auto.http.reqwest");
    let outgoing = OutgoingRequest { method: &method, uri: &uri, version, origin, call: Some(call) };
    outgoing.begin(None, request.headers_mut(), layer.options())
}

/// Returns the response with a body that ends the exchange.
fn trace(response: Response, exchange: Exchange) -> Response {
    let head = http::Response::builder().status(response.status()).version(response.version());
    let Ok(mut head) = head.url(response.url().clone()).body(()) else { return response };
    head.headers_mut().clone_from(response.headers());
    head.extensions_mut().extend(response.extensions().clone());
    let traced = exchange.trace_response(head.map(|()| ReadBody::new(response)));
    Response::from(traced.map(Body::wrap))
}
