//! What is round the work and the same for everybody: a handler, a client that answers at once, and the caller who
//! polls response and body to their ends. No sockets, no runtime.

use std::convert::Infallible;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame};
use http_body_util::Full;
use tower::{Service, service_fn};

use crate::case::Case;
use crate::inputs::{Request, TARGET_URL, outgoing_request, traced_request, uri};

/// The body of every answer.
pub(crate) type Answer = Full<Bytes>;

/// A service that answers requests.
pub(crate) trait Handler:
    Service<Request, Response = Response<Answer>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Handler for S where
    S: Service<Request, Response = Response<Answer>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Answers at once.
pub(crate) fn answer() -> Result<Response<Answer>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(b"an order"))))
}

/// The handler, which is also what a client's requests go to.
pub(crate) async fn bare(request: Request) -> Result<Response<Answer>, Infallible> {
    drop(black_box(request));
    answer()
}

/// A handler that makes spans below that of the request.
pub(crate) fn with_spans(number: usize, make: fn()) -> impl Handler {
    service_fn(move |request: Request| async move {
        drop(black_box(request));
        for _ in 0..number {
            make();
        }
        answer()
    })
}

/// A handler that sends a request of its own and passes on the answer.
pub(crate) fn forwarding<C, B>(
    client: C,
) -> impl Service<Request, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + 'static
where
    C: Service<Request, Response = Response<B>, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    let url = uri(TARGET_URL);
    service_fn(move |request: Request| {
        drop(black_box(request));
        let mut client = client.clone();
        async move { client.call(outgoing_request(url)).await }
    })
}

/// Serves a request up to the last byte of its response.
pub(crate) fn serve<S, R>(service: &mut S, request: Request)
where
    S: Service<Request, Response = Response<R>, Error = Infallible>,
    R: Body<Error = Infallible>,
{
    let cx = &mut Context::from_waker(Waker::noop());
    let Poll::Ready(Ok(response)) = pin!(service.call(request)).poll(cx) else { panic!("it is pending") };
    let mut body = pin!(response.into_body());
    while let Poll::Ready(Some(Ok(frame))) = body.as_mut().poll_frame(cx) {
        black_box(&frame);
    }
}

/// A handler that makes spans below that of the request, and then never answers.
pub(crate) fn with_spans_and_never(
    number: usize,
    make: fn(),
) -> impl Service<Request, Response = Response<Answer>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
    service_fn(move |request: Request| async move {
        drop(black_box(request));
        for _ in 0..number {
            make();
        }
        Never.await
    })
}

/// Never answers.
pub(crate) fn never(_: Request) -> Never {
    Never
}

/// A future that never ends.
pub(crate) struct Never;

impl Future for Never {
    type Output = Result<Response<Answer>, Infallible>;

    // What is current now could be looked at here. Inlined or not, it would be so for some contenders only.
    #[inline(never)]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        black_box(Poll::Pending)
    }
}

/// Answers with a body that never ends.
pub(crate) async fn endless(_: Request) -> Result<Response<Endless>, Infallible> {
    Ok(Response::new(Endless))
}

/// A body that never ends.
pub(crate) struct Endless;

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    #[inline(never)]
    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(black_box(Some(Ok(Frame::data(Bytes::from_static(b"a frame"))))))
    }
}

/// A request that was begun. It is polled as a runtime polls it: without being inlined, which a rebuild could change.
type Running<S> =
    Pin<Box<dyn Future<Output = Result<<S as Service<Request>>::Response, <S as Service<Request>>::Error>>>>;

/// Holds so many requests that never end, and polls one after the other once more.
pub(crate) fn poll_again<S>(mut service: S, number: usize) -> Case
where
    S: Service<Request, Response: 'static, Error: 'static, Future: 'static>,
{
    let request = traced_request();
    let mut poll = |future: &mut Running<S>| {
        let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(poll.is_pending());
        // There is nothing to drop, and only for some contenders the compiler would know that.
        std::mem::forget(poll);
    };
    let mut futures: Vec<Running<S>> =
        (0..number).map(|_| Box::pin(service.call(request.clone())) as _).collect();
    futures.iter_mut().for_each(&mut poll);
    let mut next = 0;
    Case::new(move || {
        poll(&mut futures[next]);
        next = if next + 1 == futures.len() { 0 } else { next + 1 };
    })
}

/// Polls a body that never ends once more. It is not inlined either.
pub(crate) fn frame_again<S, B>(mut service: S) -> Case
where
    S: Service<Request, Response = Response<B>, Error = Infallible>,
    B: Body<Data = Bytes, Error = Infallible> + 'static,
{
    let cx = &mut Context::from_waker(Waker::noop());
    let future = pin!(service.call(traced_request()));
    let Poll::Ready(Ok(response)) = future.poll(cx) else { panic!("it is pending") };
    let mut body: Pin<Box<dyn Body<Data = Bytes, Error = Infallible>>> = Box::pin(response.into_body());
    Case::new(move || {
        assert!(body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop())).is_ready());
    })
}
