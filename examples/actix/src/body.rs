//! Bodies of actix-web as those of `http`, and back.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use trace_http::TracedBody;

pin_project! {
    /// A body of actix-web, or none, for the layer.
    pub struct ToHttp<B> {
        #[pin]
        inner: Option<B>,
    }
}

impl<B> ToHttp<B> {
    pub(crate) fn new(inner: Option<B>) -> Self {
        Self { inner }
    }
}

impl<B: MessageBody> Body for ToHttp<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().inner.as_pin_mut() {
            Some(inner) => inner.poll_next(cx).map(|polled| polled.map(|data| data.map(Frame::data))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.inner.as_ref().map(B::size), None | Some(BodySize::None | BodySize::Sized(0)))
    }

    fn size_hint(&self) -> SizeHint {
        match self.inner.as_ref().map(B::size) {
            Some(BodySize::Stream) => SizeHint::default(),
            Some(BodySize::Sized(size)) => SizeHint::with_exact(size),
            Some(BodySize::None) | None => SizeHint::with_exact(0),
        }
    }
}

pin_project! {
    /// A body that has passed the layer, for actix-web.
    pub struct FromHttp<B> {
        #[pin]
        inner: TracedBody<ToHttp<B>>,
        size: BodySize,
    }
}

impl<B> FromHttp<B> {
    pub(crate) fn new(inner: TracedBody<ToHttp<B>>, size: BodySize) -> Self {
        Self { inner, size }
    }
}

impl<B: MessageBody> MessageBody for FromHttp<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        // There are no trailers: bodies of actix-web have none.
        let polled = self.project().inner.poll_frame(cx);
        polled.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())))
    }
}
