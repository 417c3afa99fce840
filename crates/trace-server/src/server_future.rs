//! The future of the server's service, which adds to the head of the response.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use trace_core::TraceContext;
use trace_http::{ResponseFuture, TracedBody};

use crate::response_header::{self, Headers};
use crate::server_options::Options;
use crate::server_timing;

/// The headers that are added to a response.
#[derive(Debug)]
pub(crate) struct Additions {
    headers: Headers,
    server_timing: bool,
}

impl Additions {
    /// Returns what the options add to the response of a request; `None` if they add nothing.
    pub(crate) fn new(
        options: &Options,
        context: Option<&TraceContext>,
        request: &HeaderMap,
    ) -> Option<Self> {
        options.names_trace_in_response().then(|| Self {
            headers: response_header::headers(&options.response_headers, context, request),
            server_timing: options.server_timing,
        })
    }

    /// Adds headers to a response. `Server-Timing` is made only now: few responses get it, and the sampling context may
    /// still have changed.
    fn add<B>(&mut self, response: Response<TracedBody<B>>) -> Response<TracedBody<B>> {
        let (mut head, body) = response.into_parts();
        response_header::add(&mut head.headers, &mut self.headers);
        if let Some(context) = body.context().filter(|context| self.server_timing && !context.is_suppressed())
        {
            server_timing::add(head.status, &mut head.headers, context);
        }
        Response::from_parts(head, body)
    }
}

pin_project! {
    /// The future of a [`TraceServer`](crate::TraceServer).
    #[derive(Debug)]
    pub struct ServerFuture<F> {
        #[pin]
        inner: ResponseFuture<F>,
        additions: Option<Additions>,
    }
}

impl<F> ServerFuture<F> {
    pub(crate) fn new(inner: ResponseFuture<F>, additions: Option<Additions>) -> Self {
        Self { inner, additions }
    }
}

impl<F, B, E> Future for ServerFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<TracedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        match this.additions {
            None => this.inner.poll(cx),
            Some(additions) => this.inner.poll(cx).map_ok(|response| additions.add(response)),
        }
    }
}
