//! The server's side: service, future and body.

use std::mem;
use std::pin::Pin;
use std::task::{self, Poll, ready};

use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower::Service;

use super::context::Context;
use super::current::Slot;

#[derive(Clone)]
pub(in crate::contenders) struct Server<S>(pub(in crate::contenders) S);

impl<S, B, R> Service<Request<B>> for Server<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<InContext<R>>;
    type Error = S::Error;
    type Future = InContext<S::Future>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let slot = Slot::new(Context::of(request.headers()));
        let inner = slot.enter(|| self.0.call(request));
        InContext { inner, slot }
    }
}

pin_project! {
    /// A future or body with a context that is current in every poll.
    pub(in crate::contenders) struct InContext<T> {
        #[pin]
        inner: T,
        slot: Slot,
    }
}

impl<F, R, E> Future for InContext<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<InContext<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.slot.enter(|| this.inner.poll(cx)));
        let slot = mem::take(this.slot);
        Poll::Ready(result.map(|response| response.map(|inner| InContext { inner, slot })))
    }
}

impl<B: Body> Body for InContext<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        this.slot.enter(|| this.inner.poll_frame(cx))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
