//! The response of `reqwest::Client`, with a body that ends the span.

use trace_http::Exchange;

use super::library::{Body, Response, ResponseBuilderExt};

/// Returns the response with a body that ends the exchange.
pub(super) fn trace(response: Response, exchange: Exchange) -> Response {
    // Only this builder writes the extension that keeps the URL.
    let with_url = http::Response::builder().url(response.url().clone()).body(());
    let (mut parts, body) = exchange.trace_response(http::Response::from(response)).into_parts();
    if let Ok(with_url) = with_url {
        parts.extensions.extend(with_url.into_parts().0.extensions);
    }
    Response::from(http::Response::from_parts(parts, Body::wrap(body)))
}
