//! How a call ends whose client panics, is not ready, is limited or is given up: its span ends once, and no context stays
//! behind on the thread.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use end_to_end::{ScriptedBody, Step, in_time, recording};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use trace_client::TraceClientLayer;
use trace_core::{TraceContext, TraceExt};

use crate::handler::{end, handler};

type Answer = Response<ScriptedBody>;

/// A client that does what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inner {
    Answers,
    PanicsInCall,
    PanicsInFuture,
    PanicsInBody,
    Fails,
    Never,
    NotReady,
}

impl Service<Request<()>> for Inner {
    type Response = Answer;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(if *self == Self::NotReady { Err("not ready".into()) } else { Ok(()) })
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        let inner = *self;
        if inner == Self::PanicsInCall {
            resume_unwind(Box::new("in call"));
        }
        Box::pin(async move {
            tokio::task::yield_now().await;
            match inner {
                Self::PanicsInFuture => resume_unwind(Box::new("in the future")),
                Self::PanicsInBody => Ok(Response::new(ScriptedBody::new([Step::Data("a"), Step::Panic]))),
                Self::Fails => Err("it fails".into()),
                Self::Never => std::future::pending().await,
                _ => Ok(Response::new(ScriptedBody::new([Step::Data("all")]))),
            }
        })
    }
}

/// Makes a call, and reads what it answers.
async fn call<S, B>(service: S)
where
    S: Service<Request<()>, Response = Response<B>>,
    B: http_body::Body,
{
    if let Ok(response) = service.oneshot(Request::new(())).await {
        let _read = response.into_body().collect().await;
    }
}

/// Two calls at a time, until the second has been answered.
async fn two_calls<S, B>(service: S)
where
    S: Service<Request<()>, Response = Response<B>> + Clone,
    B: http_body::Body,
{
    tokio::select! {
        biased;
        () = call(service.clone()) => panic!("the first is never answered"),
        () = call(service) => {}
    }
}

const SOON: Duration = Duration::from_millis(1);

/// What is done with a traced client, and the status of each span.
type Row = (&'static str, fn(TraceClientLayer) -> LocalBoxFuture<'static, ()>, &'static [&'static str]);

const TABLE: [Row; 16] = [
    ("an answer", |traced| call(traced.layer(Inner::Answers)).boxed_local(), &["ok"]),
    ("a failure", |traced| call(traced.layer(Inner::Fails)).boxed_local(), &["internal_error"]),
    ("a panic in call", |traced| call(traced.layer(Inner::PanicsInCall)).boxed_local(), &["internal_error"]),
    ("one later", |traced| call(traced.layer(Inner::PanicsInFuture)).boxed_local(), &["internal_error"]),
    ("one in the body", |traced| call(traced.layer(Inner::PanicsInBody)).boxed_local(), &["internal_error"]),
    (
        "a panic caught outside",
        |traced| {
            let catching = ServiceBuilder::new().layer(CatchPanicLayer::new()).layer(traced);
            call(catching.service(Inner::PanicsInFuture)).boxed_local()
        },
        &["internal_error"],
    ),
    (
        "a panic caught inside is an answer",
        |traced| {
            let catching = ServiceBuilder::new().layer(traced).layer(CatchPanicLayer::new());
            call(catching.service(Inner::PanicsInFuture)).boxed_local()
        },
        &["internal_error"],
    ),
    ("not ready", |traced| call(traced.layer(Inner::NotReady)).boxed_local(), &[]),
    (
        "ready, and not called",
        |traced| {
            let mut client = traced.layer(Inner::Answers);
            async move { _ = client.ready().await }.boxed_local()
        },
        &[],
    ),
    (
        "called, and not polled",
        |traced| {
            let mut client = traced.layer(Inner::Answers);
            async move { drop(client.ready().await.unwrap().call(Request::new(()))) }.boxed_local()
        },
        &["cancelled"],
    ),
    (
        "a timeout outside",
        |traced| {
            let limited = ServiceBuilder::new().timeout(SOON).layer(traced);
            call(limited.service(Inner::Never)).boxed_local()
        },
        &["cancelled"],
    ),
    (
        "a timeout inside",
        |traced| {
            let limited = ServiceBuilder::new().layer(traced).timeout(SOON);
            call(limited.service(Inner::Never)).boxed_local()
        },
        &["internal_error"],
    ),
    (
        "shed outside: there is no call",
        |traced| {
            let shedding = ServiceBuilder::new().load_shed().concurrency_limit(1).layer(traced);
            two_calls(shedding.service(Inner::Never)).boxed_local()
        },
        &["cancelled"],
    ),
    (
        "shed inside: a call that fails",
        |traced| {
            let shedding = ServiceBuilder::new().layer(traced).load_shed().concurrency_limit(1);
            two_calls(shedding.service(Inner::Never)).boxed_local()
        },
        &["internal_error", "cancelled"],
    ),
    (
        "a buffer inside whose client is never ready",
        |traced| {
            let buffered = ServiceBuilder::new().layer(traced).buffer(1);
            call(buffered.service(Inner::NotReady)).boxed_local()
        },
        &["internal_error"],
    ),
    (
        "a task that is aborted",
        |traced| {
            async move {
                let context = TraceContext::current().unwrap();
                let task =
                    tokio::spawn(traced.layer(Inner::Never).oneshot(Request::new(())).in_trace(context));
                tokio::task::yield_now().await;
                task.abort();
                assert!(task.await.is_err());
            }
            .boxed_local()
        },
        &["cancelled"],
    ),
];

#[tokio::test]
async fn a_span_ends_once_however_its_call_ends() {
    for (name, run, expected) in TABLE {
        let (tracer, mut transactions) = recording();
        let handler = handler(&tracer);
        let run = run(TraceClientLayer::new(tracer.clone())).in_trace(handler.context().clone());
        let _panicked = in_time(name, AssertUnwindSafe(run).catch_unwind()).await;
        assert!(TraceContext::current().is_none(), "{name}");
        let spans = end(handler, &mut transactions);
        let ends: Vec<_> =
            spans.iter().map(|span| span.status.map_or("", |status| status.as_str())).collect();
        assert_eq!(ends, expected, "{name}");
    }
}
