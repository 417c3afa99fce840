//! The call that takes the place of `RequestBuilder::send`.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::library::{Client, Error, Request, RequestBuilder};
use crate::call_options::CallOptions;
use crate::with_options::WithOptions;

/// Sends a request of `reqwest::RequestBuilder` through a layer, such as a
/// [`TraceClientLayer`](crate::TraceClientLayer), or several.
///
/// The client stays a plain `reqwest::Client`. The span ends with the last byte of the response's body.
///
/// ```
/// use trace_client::{CallOptions, SendTraced, TraceClientLayer};
///
/// # async fn orders(client: reqwest::Client, layer: TraceClientLayer) -> reqwest::Result<()> {
/// let order = client.post("http://orders.internal/orders").body("{}").send_traced(&layer).await?;
///
/// let options = CallOptions::new().url_template("/orders/{id}");
/// let order = client.get("http://orders.internal/orders/7").send_traced_with(&layer, options).await?;
/// # Ok(())
/// # }
/// ```
pub trait SendTraced: Sized {
    /// Sends the request as part of the current trace. The context is read in this call, not when the future is polled.
    ///
    /// The future returns the error of the builder, such as an invalid URL, before anything is recorded.
    fn send_traced<L>(self, layer: &L) -> SendFuture<L::Service>
    where
        L: Layer<Client, Service: Service<WithOptions<Request>, Error: From<Error>>>,
    {
        self.send_traced_with(layer, CallOptions::new())
    }

    /// Sends the request with options for this call.
    fn send_traced_with<L>(self, layer: &L, options: CallOptions) -> SendFuture<L::Service>
    where
        L: Layer<Client, Service: Service<WithOptions<Request>, Error: From<Error>>>;
}

impl SendTraced for RequestBuilder {
    fn send_traced_with<L>(self, layer: &L, options: CallOptions) -> SendFuture<L::Service>
    where
        L: Layer<Client, Service: Service<WithOptions<Request>, Error: From<Error>>>,
    {
        let (client, request) = self.build_split();
        let state = match request {
            Ok(request) => State::call(layer.layer(client), WithOptions::new(request, options)),
            Err(error) => State::Failed { error: Some(error.into()) },
        };
        SendFuture { state }
    }
}

pin_project! {
    /// The future of [`SendTraced`].
    pub struct SendFuture<S>
    where
        S: Service<WithOptions<Request>>,
    {
        #[pin]
        state: State<S>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S>
    where
        S: Service<WithOptions<Request>>,
    {
        // There is nothing to send.
        Failed { error: Option<S::Error> },
        // The service is not ready.
        Waiting { service: S, request: Option<WithOptions<Request>> },
        Sent { #[pin] future: S::Future },
    }
}

impl<S: Service<WithOptions<Request>>> State<S> {
    /// Sends the request now, if the service is ready, as `reqwest::Client` always is.
    fn call(mut service: S, request: WithOptions<Request>) -> Self {
        match service.poll_ready(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(())) => Self::Sent { future: service.call(request) },
            Poll::Ready(Err(error)) => Self::Failed { error: Some(error) },
            Poll::Pending => {
                let WithOptions { request, options } = request;
                let request = WithOptions::new(request, options.in_current_trace());
                Self::Waiting { service, request: Some(request) }
            }
        }
    }
}

impl<S: Service<WithOptions<Request>>> Future for SendFuture<S> {
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let future = match state.as_mut().project() {
                StateProjection::Sent { future } => return future.poll(cx),
                StateProjection::Failed { error } => {
                    return error.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error)));
                }
                StateProjection::Waiting { service, request } => {
                    ready!(service.poll_ready(cx))?;
                    request.take().map(|request| service.call(request))
                }
            };
            state.set(future.map_or(State::Failed { error: None }, |future| State::Sent { future }));
        }
    }
}

impl<S: Service<WithOptions<Request>>> fmt::Debug for SendFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendFuture").finish_non_exhaustive()
    }
}
