//! Panics, wherever they happen: exactly one transaction each, with the right status, and no context left behind on
//! the thread, on which the whole test runs.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};

use end_to_end::{Client, Gate, Protocol, ScriptedBody, Server, Step, recording, recording_with};
use end_to_end::{assert_nothing_left, ending};
use futures_util::FutureExt;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_http::catch_panic::CatchPanicLayer;
use trace_core::Outcome::{Complete, Panicked};
use trace_core::{NamePattern, TraceContext, Tracer};
use trace_server::TraceServerLayer;

use Step::{Data, Panic, Wait};

type Handled = Result<Response<ScriptedBody>, BoxError>;

/// Where a request panics.
#[derive(Debug, Clone, Copy)]
enum Place {
    Call,
    Future,
    FutureAfterAwait,
    Body,
    BodyLater,
}

const PLACES: [Place; 5] =
    [Place::Call, Place::Future, Place::FutureAfterAwait, Place::Body, Place::BodyLater];

#[tokio::test]
async fn a_panic_ends_the_transaction_and_leaves_the_thread_clean() {
    for &protocol in Protocol::BOTH {
        for place in PLACES {
            let (tracer, mut transactions) = recording();
            let seen = Seen::default();
            let service = seen.before(TraceServerLayer::new(tracer).layer(service_fn(panics)));
            let server = Server::start(protocol, service).await;

            let client = Client::connect(protocol, &server).await;
            if let Ok(response) = client.send(request(&format!("/{place:?}"))).await {
                assert!(response.into_body().collect().await.is_err(), "{place:?}");
            }
            assert_eq!(ending(&transactions.next().await), (Panicked, "internal_error"));
            assert!(TraceContext::current().is_none(), "{place:?} over {protocol:?}");
            drop(client);

            // Another request on the same thread finds it clean, and is served in a trace of its own.
            let client = Client::connect(protocol, &server).await;
            assert_eq!(client.get("/well", &[]).await, "well");
            assert_eq!(ending(&transactions.next().await), (Complete, "ok"));
            drop(client);
            assert_eq!(seen.take(), [false, false], "{place:?} over {protocol:?}");
            assert_nothing_left(server, &mut transactions).await;
        }
    }
}

#[tokio::test]
async fn a_panic_caught_outside_is_a_panic_and_one_caught_inside_is_a_response() {
    for &protocol in Protocol::BOTH {
        for place in [Place::Call, Place::Future, Place::FutureAfterAwait] {
            let (tracer, mut transactions) = recording();
            let outside = ServiceBuilder::new()
                .layer(CatchPanicLayer::new())
                .layer(TraceServerLayer::new(tracer))
                .service_fn(panics);
            let server = Server::start(protocol, outside).await;
            let client = Client::connect(protocol, &server).await;
            let response = client.send(request(&format!("/{place:?}"))).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let transaction = transactions.next().await;
            assert_eq!(ending(&transaction), (Panicked, "internal_error"));
            assert_eq!(transaction.root.attribute("http.response.status_code"), None);
            drop((response, client));
            assert_nothing_left(server, &mut transactions).await;

            let (tracer, mut transactions) = recording();
            let inside = ServiceBuilder::new()
                .layer(TraceServerLayer::new(tracer))
                .layer(CatchPanicLayer::new())
                .service_fn(panics);
            let server = Server::start(protocol, inside).await;
            let client = Client::connect(protocol, &server).await;
            let response = client.send(request(&format!("/{place:?}"))).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let transaction = transactions.next().await;
            assert_eq!(ending(&transaction), (Complete, "internal_error"));
            assert!(transaction.root.attribute("http.response.status_code").is_some());
            drop((response, client));
            assert_nothing_left(server, &mut transactions).await;
        }
    }
}

#[tokio::test]
async fn a_panic_outside_that_takes_the_response_along_is_a_panic() {
    for &protocol in Protocol::BOTH {
        let (tracer, mut transactions) = recording();
        let inner = TraceServerLayer::new(tracer).layer(service_fn(panics));
        let outside = service_fn(move |request: Request<Incoming>| {
            let response = inner.clone().oneshot(request);
            async move {
                let response = response.await;
                // Dropped by the unwinding, before its body has ended.
                let _held = &response;
                if response.is_ok() {
                    resume_unwind(Box::new("outside of the layer"));
                }
                response
            }
        });
        let server = Server::start(protocol, outside).await;
        assert!(Client::connect(protocol, &server).await.send(request("/well")).await.is_err());
        let transaction = transactions.next().await;
        assert_eq!(ending(&transaction), (Panicked, "internal_error"), "{protocol:?}");
        assert_nothing_left(server, &mut transactions).await;
    }
}

#[tokio::test]
async fn a_handler_that_panics_into_callbacks_that_panic_takes_nobody_along() {
    for &protocol in Protocol::BOTH {
        for place in PLACES {
            let options = Tracer::builder()
                .traces_sample_rate(1.0)
                .on_propagation(|_| resume_unwind(Box::new("in the observer")))
                .ignore_transactions([NamePattern::matching(|_| resume_unwind(Box::new("in the predicate")))])
                .before_send_transaction(|transaction| match transaction.outcome {
                    Panicked => resume_unwind(Box::new("in the hook")),
                    _ => Some(transaction),
                });
            let (tracer, mut transactions) = recording_with(options);
            let layer = TraceServerLayer::new(tracer.clone());
            let server = Server::start(protocol, layer.layer(service_fn(panics))).await;
            let client = Client::connect(protocol, &server).await;
            if let Ok(response) = client.send(request(&format!("/{place:?}"))).await {
                assert!(response.into_body().collect().await.is_err(), "{place:?}");
            }
            drop(client);

            let client = Client::connect(protocol, &server).await;
            assert_eq!(client.get("/well", &[]).await, "well");
            assert_eq!(ending(&transactions.next().await), (Complete, "ok"));
            drop(client);
            assert_nothing_left(server, &mut transactions).await;
            // Of each request the observer once and the predicate at both ends, of the first the hook.
            assert_eq!(tracer.caught_panics(), 7, "{place:?} over {protocol:?}");
        }
    }
}

/// Panics where the path says.
fn panics(request: Request<Incoming>) -> impl Future<Output = Handled> {
    let place = request.uri().path().to_owned();
    if place == "/Call" {
        resume_unwind(Box::new("in call"));
    }
    async move {
        let body = match place.as_str() {
            "/Future" => resume_unwind(Box::new("in the future")),
            "/FutureAfterAwait" => {
                tokio::task::yield_now().await;
                resume_unwind(Box::new("in the future, later"))
            }
            "/Body" => ScriptedBody::new([Panic]),
            "/BodyLater" => {
                let gate = Gate::default();
                gate.open();
                ScriptedBody::new([Data("first"), Wait(gate), Panic])
            }
            _ => ScriptedBody::new([Data("well")]),
        };
        Ok(Response::new(body))
    }
}

#[test]
fn a_request_that_is_served_while_the_thread_unwinds_ends_as_itself() {
    struct OnDrop<F: FnMut()>(F);
    impl<F: FnMut()> Drop for OnDrop<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    let (tracer, mut transactions) = recording();
    let layer = TraceServerLayer::new(tracer);
    let serve = || {
        let service =
            layer.layer(service_fn(async |_| Ok::<_, BoxError>(Response::new(String::from("well")))));
        let response = service.oneshot(request("/")).now_or_never().expect("at once").expect("a response");
        let body = response.into_body().collect().now_or_never().expect("at once").expect("a body");
        assert_eq!(body.to_bytes(), "well");
    };
    let unwinding = catch_unwind(AssertUnwindSafe(|| {
        let _served = OnDrop(serve);
        resume_unwind(Box::new("on purpose"));
    }));
    assert!(unwinding.is_err());
    assert_eq!(ending(&transactions.only()), (Complete, "ok"));
}

/// Whether a context was current when a request arrived, before any layer of ours.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<bool>>>);

impl Seen {
    fn before<S>(
        &self,
        service: S,
    ) -> impl Service<Request<Incoming>, Response = S::Response, Error = S::Error, Future = S::Future>
    + Clone
    + Send
    + 'static
    where
        S: Service<Request<Incoming>> + Clone + Send + 'static,
    {
        let seen = self.clone();
        ServiceBuilder::new()
            .map_request(move |request: Request<Incoming>| {
                seen.0.lock().unwrap().push(TraceContext::current().is_some());
                request
            })
            .service(service)
    }

    fn take(&self) -> Vec<bool> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

fn request(path: &str) -> Request<()> {
    Request::get(path).body(()).expect("a request")
}
