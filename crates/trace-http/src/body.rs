//! The body of a response within its exchange.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use trace_core::TraceContext;

use crate::exchange::Exchange;

pin_project! {
    /// A body whose context is current in every poll, and whose end ends the span. Frames, size hint and end are those
    /// of the inner body.
    #[derive(Debug)]
    pub struct TracedBody<B> {
        // Dropped first, so that the spans within it end before the exchange.
        #[pin]
        inner: B,
        exchange: Option<Exchange>,
    }
}

impl<B> TracedBody<B> {
    pub(crate) fn new(inner: B, exchange: Option<Exchange>) -> Self {
        Self { inner, exchange }
    }

    /// Returns the context of the exchange; `None` if there is no exchange, or while the body is polled.
    #[must_use]
    pub fn context(&self) -> Option<&TraceContext> {
        self.exchange.as_ref()?.context()
    }
}

impl<B: Body> Body for TracedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.project();
        match this.exchange {
            None => this.inner.poll_frame(cx),
            Some(exchange) if exchange.is_recording() => poll_recorded(this.inner, exchange, cx),
            Some(exchange) => {
                let _running = exchange.enter();
                this.inner.poll_frame(cx)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

type FrameResult<B> = Result<Frame<<B as Body>::Data>, <B as Body>::Error>;

/// Polls the body of a recorded exchange. It is not inlined, so that the more usual path is compiled on its own.
#[inline(never)]
fn poll_recorded<B: Body>(
    mut body: Pin<&mut B>,
    exchange: &mut Exchange,
    cx: &mut Context<'_>,
) -> Poll<Option<FrameResult<B>>> {
    let polled = {
        let _running = exchange.enter();
        body.as_mut().poll_frame(cx)
    };
    exchange.end_if_overdue();
    if let Poll::Ready(frame) = &polled {
        exchange.on_frame(frame.as_ref(), &*body);
    }
    polled
}

/// Returns a body that is not traced, as services use for their default response.
impl<B: Default> Default for TracedBody<B> {
    fn default() -> Self {
        Self::new(B::default(), None)
    }
}
