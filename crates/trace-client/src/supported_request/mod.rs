//! The requests that a traced client can send.

mod http;

use tower_service::Service;

use crate::client_options::Options;

/// A request that a [`TraceClient`](crate::TraceClient) can send by the client `S`. This trait is sealed.
///
/// - `http::Request<B>`, if `S` is a `Service` that answers it with an `http::Response<R>` where `R: http_body::Body`.
/// - `reqwest::Request` of reqwest 0.13, **with the feature `reqwest`**, or of reqwest 0.12, with the feature
///   `reqwest-0-12`, if `S` is `reqwest::Client` or a service around it.
#[diagnostic::on_unimplemented(
    message = "`TraceClient<{S}>` cannot send a `{Self}`",
    label = "this is neither a request of the crate `http` nor one of reqwest 0.13 with the feature `reqwest`",
    note = "for `reqwest::Client`, enable the feature `reqwest` of trace-client, and use reqwest 0.13",
    note = "any other client must be a `Service<http::Request<B>>` whose response is an `http::Response<R>` with `R: http_body::Body`"
)]
pub trait SupportedRequest<S: Service<Self>>: Sized + Sealed {
    /// The response of the traced client.
    type Response;

    /// The future of the traced client, which wraps that of the client itself.
    type Future: Future<Output = Result<Self::Response, S::Error>>;

    /// Writes or withholds the headers, and sends the request.
    #[doc(hidden)]
    fn send(self, client: &mut S, options: &Options) -> Self::Future;
}

/// A request of a known crate. It is not public, so that no other crate implements [`SupportedRequest`].
pub trait Sealed {}
