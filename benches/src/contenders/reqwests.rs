//! A client of reqwest without a network: requests and responses are reqwest's own.

use std::convert::Infallible;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use reqwest::{Method, Request, Response, Url};
use tower::Service;

use crate::case::Case;
use crate::inputs::TARGET_URL;

/// Answers at once.
pub(super) async fn bare(request: Request) -> Result<Response, Infallible> {
    drop(black_box(request));
    Ok(Response::from(http::Response::new("an order")))
}

/// Sends a request up to its response.
pub(super) fn send<S>(mut client: S) -> Case
where
    S: Service<Request, Response = Response, Error = Infallible> + 'static,
{
    let url: Url = TARGET_URL.parse().unwrap();
    Case::new(move || {
        let mut request = Request::new(Method::GET, url.clone());
        request.headers_mut().reserve(6);
        let cx = &mut Context::from_waker(Waker::noop());
        let Poll::Ready(Ok(response)) = pin!(client.call(request)).poll(cx) else { panic!("it is pending") };
        drop(black_box(response));
    })
}
