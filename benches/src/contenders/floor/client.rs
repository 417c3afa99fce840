//! The client's side.

use std::task::{self, Poll};

use tower::Service;

use super::context::{BAGGAGE, SENTRY_TRACE, random_id};
use super::current::with_current;
use super::header::TraceHeader;
use super::targets::Targets;
use crate::inputs::Request;

#[derive(Clone)]
pub(super) struct Client<S> {
    pub(super) inner: S,
    pub(super) targets: std::sync::Arc<Targets>,
}

impl<S: Service<Request>> Service<Request> for Client<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> S::Future {
        if self.targets.matches(request.uri()) {
            let headers = request.headers_mut();
            with_current(|context| {
                let Some(context) = context else { return };
                let header = TraceHeader { span_id: random_id(), ..context.header };
                headers.insert(SENTRY_TRACE, header.value());
                if let Some(members) = &context.baggage {
                    headers.insert(BAGGAGE, members.clone());
                }
            });
        }
        self.inner.call(request)
    }
}
