//! One request in the service: does what its plan says, and looks at every step whether its context is current.

use std::convert::Infallible;
use std::future::pending;
use std::panic::resume_unwind;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use sentry_core::Level;
use tokio::task::yield_now;
use tower::{Service, ServiceExt};
use trace_core::{TraceContext, TraceExt, map_current};

use crate::ledger::{Count, LATE, Ledger, REQUEST_TAG, TRACE_TAG};
use crate::plan::{Handler, Plan};

/// The frames of a body that streams.
const FRAMES: usize = 3;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A request that is being served.
#[derive(Clone)]
pub(crate) struct Visit {
    plan: Plan,
    ledger: Arc<Ledger>,
}

impl Visit {
    /// What happens before there is a future.
    pub(crate) fn begin(request: &Request<Empty<Bytes>>, ledger: &Arc<Ledger>) -> Self {
        let number = Plan::number_in(request.uri().path()).unwrap();
        let visit = Self { plan: Plan::of(number), ledger: ledger.clone() };
        visit.look();
        if map_current(|context| context.is_some_and(TraceContext::is_recording)) {
            visit.ledger.start(visit.plan);
        }
        let trace = TraceContext::current().map(|context| context.trace_id());
        sentry_core::configure_scope(|scope| {
            scope.set_tag(REQUEST_TAG, number);
            scope.set_tag(TRACE_TAG, trace.map_or_else(String::new, |trace| trace.to_string()));
        });
        if visit.plan.handler == Handler::PanicsAtOnce {
            panic_silently();
        }
        visit
    }

    pub(crate) async fn answer<S, B>(self, stock: S) -> Result<Response<Body>, Infallible>
    where
        S: Service<Request<Empty<Bytes>>, Response = Response<B>, Error = Infallible>,
        B: http_body::Body<Error = Infallible> + Unpin,
    {
        yield_now().await;
        self.look();
        match self.plan.handler {
            Handler::Calls => {
                let request = Request::get("http://stock.internal/items").body(Empty::new()).unwrap();
                let Ok(response) = stock.oneshot(request).await;
                let _first = response.into_body().frame().await;
            }
            Handler::Captures => self.capture(),
            Handler::Spawns => {
                let visit = self.clone();
                let task = async move {
                    yield_now().await;
                    visit.look();
                };
                tokio::spawn(task.in_current_trace()).await.unwrap();
            }
            Handler::EndsLate => self.leave_span(),
            Handler::Hangs => {
                map_current(|context| {
                    context.into_iter().for_each(|context| context.start_span("function", "work").end());
                });
                pending::<()>().await;
            }
            Handler::Panics => panic_silently(),
            Handler::Answers => map_current(|context| {
                context.into_iter().for_each(|context| context.start_span("function", "work").end());
            }),
            Handler::Streams | Handler::PanicsAtOnce | Handler::PanicsInBody => {}
        }
        self.look();
        Ok(Response::new(match self.plan.handler {
            Handler::Streams | Handler::Captures | Handler::PanicsInBody => self.body(),
            _ => Full::from("answer").boxed_unsync(),
        }))
    }

    /// Starts a span that a task ends when the request is over.
    fn leave_span(&self) {
        let context = TraceContext::current().filter(TraceContext::is_recording);
        let Some(context) = context else { return };
        let (late, visit) = (context.start_span("function", LATE), self.clone());
        self.ledger.add(Count::LeftSpans, 1);
        tokio::spawn(async move {
            while !visit.ledger.has_ended(visit.plan) {
                yield_now().await;
            }
            late.end();
            visit.ledger.add(Count::LateSpans, 1);
        });
    }

    fn body(self) -> Body {
        let frames = stream::unfold((self, 0), async |(visit, number)| {
            yield_now().await;
            visit.look();
            match (visit.plan.handler, number) {
                (_, FRAMES) => return None,
                (Handler::Captures, 0) => visit.capture(),
                (Handler::PanicsInBody, 1) => panic_silently(),
                _ => {}
            }
            Some((Ok(Frame::data(Bytes::from_static(b"frame"))), (visit, number + 1)))
        });
        StreamBody::new(frames).boxed_unsync()
    }

    fn capture(&self) {
        self.ledger.add(Count::Captured, 1);
        sentry_core::capture_message(&self.plan.number.to_string(), Level::Error);
    }

    /// Books whether the context of this request is current.
    fn look(&self) {
        let is_own = map_current(|context| context.is_some_and(|context| self.plan.is_served_in(context)));
        self.ledger.add(Count::ForeignContexts, u64::from(!is_own));
    }
}

/// The service behind: streams, and books whether the trace of the request reached it.
pub(crate) async fn stock(
    request: Request<Empty<Bytes>>,
    ledger: Arc<Ledger>,
) -> Result<Response<Body>, Infallible> {
    yield_now().await;
    let header = request.headers().get("sentry-trace").and_then(|header| header.to_str().ok());
    let trace = TraceContext::current().map(|context| context.trace_id().to_string());
    let is_own = header.zip(trace).is_some_and(|(header, trace)| header.starts_with(&trace));
    ledger.add(Count::ForeignContexts, u64::from(!is_own));
    let frames = stream::iter(["one", "two"].map(|text| Ok(Frame::data(Bytes::from(text)))));
    Ok(Response::new(StreamBody::new(frames).boxed_unsync()))
}

/// Unwinds as every panic does, only without a message on standard error.
fn panic_silently() -> ! {
    resume_unwind(Box::new("planned"))
}
