//! Two layers round one service: the second one knows that the first one serves the request.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use end_to_end::{recording, recording_with, sentry_trace};
use futures_util::FutureExt;
use http::{Extensions, HeaderMap, HeaderValue, Method, Request, Response};
use http_body_util::BodyExt;
use tower::timeout::TimeoutLayer;
use tower::util::{BoxCloneService, MapRequestLayer};
use tower::{BoxError, Service, ServiceBuilder, ServiceExt};
use trace_core::{TraceContext, Tracer};
use trace_server::{SpanLayer, TraceServerLayer};

type Served = BoxCloneService<Request<Body>, Response<Body>, BoxError>;

/// The `sentry-trace` that was current, at each place.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn look(&self) {
        let current = TraceContext::current().expect("a context");
        self.0.lock().unwrap().push(current.sentry_trace().to_string());
    }

    async fn answer(self, _: Request<Body>) -> Result<Response<Body>, BoxError> {
        tokio::task::yield_now().await;
        self.look();
        Ok(Response::new(Body::from("well")))
    }

    fn service(&self) -> Served {
        let seen = self.clone();
        served(tower::service_fn(move |request| seen.clone().answer(request)))
    }

    fn router(&self) -> Router {
        let seen = self.clone();
        Router::new().route(
            "/orders/{id}",
            any(async move |request: Request<Body>| {
                seen.answer(request).await.map_err(|error| error.to_string())
            }),
        )
    }

    /// A layer between the two.
    fn between(
        &self,
    ) -> MapRequestLayer<impl FnMut(Request<Body>) -> Request<Body> + Clone + Send + Sync + use<>> {
        let seen = self.clone();
        MapRequestLayer::new(move |request| {
            seen.look();
            request
        })
    }
}

fn served<S, B>(service: S) -> Served
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = bytes::Bytes, Error: Into<BoxError>> + Send + 'static,
{
    service.map_response(|response: Response<B>| response.map(Body::new)).map_err(Into::into).boxed_clone()
}

/// A stack with the layer at two places.
type Stack = (&'static str, fn(TraceServerLayer, &Seen) -> Served);

const STACKS: &[Stack] = &[
    ("directly", |layer, seen| {
        served(ServiceBuilder::new().layer(layer.clone()).layer(layer).service(seen.service()))
    }),
    ("a change of the request between", |layer, seen| {
        let between = seen.between();
        served(ServiceBuilder::new().layer(layer.clone()).layer(between).layer(layer).service(seen.service()))
    }),
    ("a span between", |layer, seen| {
        let span = SpanLayer::middleware("authentication");
        served(ServiceBuilder::new().layer(layer.clone()).layer(span).layer(layer).service(seen.service()))
    }),
    ("a timeout between", |layer, seen| {
        let timeout = TimeoutLayer::new(Duration::from_secs(60));
        served(ServiceBuilder::new().layer(layer.clone()).layer(timeout).layer(layer).service(seen.service()))
    }),
    ("both on a router", |layer, seen| {
        served(seen.router().layer(layer.clone()).layer(seen.between()).layer(layer))
    }),
    ("one outside of a router", |layer, seen| {
        served(ServiceBuilder::new().layer(layer.clone()).service(seen.router().layer(layer)))
    }),
    ("one on a nested router", |layer, seen| {
        served(Router::new().nest("/shops/{shop}", seen.router().layer(layer.clone())).layer(layer))
    }),
    ("one outside, one on a nested router", |layer, seen| {
        let nested = Router::new().nest("/shops/{shop}", seen.router().layer(layer.clone()));
        served(ServiceBuilder::new().layer(layer).layer(seen.between()).service(nested))
    }),
    ("three", |layer, seen| {
        let builder = ServiceBuilder::new().layer(layer.clone()).layer(layer.clone());
        served(builder.layer(seen.between()).layer(layer).service(seen.service()))
    }),
];

/// A request with and without trace headers, with and without extensions of its own.
fn requests(name: &str, method: &Method) -> Vec<Request<Body>> {
    let path = if name.contains("nested") { "/shops/3/orders/17" } else { "/orders/17" };
    let mut requests = Vec::new();
    for header in [None, Some(sentry_trace(7)), Some("malformed".to_owned())] {
        for has_extension in [false, true] {
            let mut request = Request::builder().method(method).uri(path);
            if let Some(header) = &header {
                request = request.header("sentry-trace", header);
            }
            let mut request = request.body(Body::empty()).unwrap();
            if has_extension {
                request.extensions_mut().insert("the address of the client");
            }
            requests.push(request);
        }
    }
    requests
}

fn serve(service: Served, request: Request<Body>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let response = service.oneshot(request).await.unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "well");
    });
}

#[test]
fn a_recorded_request_is_one_transaction_in_one_trace() {
    for (name, stack) in STACKS {
        for request in requests(name, &Method::GET) {
            let case = format!("{name}: {request:?}");
            let (tracer, mut transactions) = recording();
            let seen = Seen::default();
            serve(stack(TraceServerLayer::new(tracer), &seen), request);
            let trace_id = transactions.only().trace_id.to_string();
            let seen = seen.0.lock().unwrap();
            assert!(seen.iter().all(|seen| seen.starts_with(&trace_id)), "{case}: {seen:?}");
        }
    }
}

#[test]
fn a_request_that_is_not_recorded_has_one_context() {
    // By default OPTIONS is not recorded; nor is anything without a rate.
    let tracers: [(fn() -> Tracer, Method); 2] =
        [(|| recording().0, Method::OPTIONS), (|| recording_with(Tracer::builder()).0, Method::GET)];
    for (tracer, method) in tracers {
        for (name, stack) in STACKS {
            for request in requests(name, &method) {
                let case = format!("{name}: {request:?}");
                let (seen, outer) = (Seen::default(), Seen::default());
                let layer = TraceServerLayer::new(tracer());
                let inner = stack(layer.clone(), &seen);
                // One more outside, to see the context of the outermost.
                let service = ServiceBuilder::new().layer(layer).layer(outer.between()).service(inner);
                serve(served(service), request);
                let (seen, outer) = (seen.0.lock().unwrap(), outer.0.lock().unwrap());
                assert!(!seen.is_empty(), "{case}");
                assert!(seen.iter().all(|seen| *seen == outer[0]), "{case}: {seen:?}, {outer:?}");
            }
        }
    }
}

type Change = fn(&mut HeaderMap);

const CHANGES: &[(&str, Change)] = &[
    ("removed", |headers| {
        headers.remove("sentry-trace");
    }),
    ("set", |headers| {
        headers.insert("sentry-trace", HeaderValue::try_from(sentry_trace(8)).unwrap());
    }),
    ("one more", |headers| {
        headers.append("sentry-trace", HeaderValue::try_from(sentry_trace(8)).unwrap());
    }),
    ("spoiled", |headers| {
        headers.insert("sentry-trace", HeaderValue::from_static("malformed as well"));
    }),
];

#[test]
fn a_marked_request_is_one_whatever_becomes_of_its_trace_headers() {
    for &(name, change) in CHANGES {
        for is_recorded in [true, false] {
            for request in requests(name, &Method::GET) {
                // Without a mark nothing else tells the same request.
                if !is_recorded && request.extensions().is_empty() {
                    continue;
                }
                let case = format!("{name}: {request:?}");
                let options = Tracer::builder();
                let (tracer, mut transactions) =
                    recording_with(if is_recorded { options.traces_sample_rate(1.0) } else { options });
                let (layer, seen) = (TraceServerLayer::new(tracer), Seen::default());
                let change = MapRequestLayer::new(move |mut request: Request<Body>| {
                    change(request.headers_mut());
                    request
                });
                let service = ServiceBuilder::new().layer(layer.clone()).layer(seen.between()).layer(change);
                serve(served(service.layer(layer).service(seen.service())), request);
                assert_eq!(transactions.ended().len(), usize::from(is_recorded), "{case}");
                let seen = seen.0.lock().unwrap();
                assert_eq!(seen[0], seen[1], "{case}");
            }
        }
    }
}

#[test]
fn only_a_recorded_request_or_one_with_extensions_is_marked() {
    let extensions = |tracer: Tracer, extensions: Extensions| {
        let service = tower::service_fn(async |request: Request<Body>| {
            let found = request.extensions().len();
            Ok::<_, BoxError>(Response::new(Body::from(found.to_string())))
        });
        let service = ServiceBuilder::new().layer(TraceServerLayer::new(tracer)).service(service);
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        *request.extensions_mut() = extensions;
        let response = service.oneshot(request).now_or_never().unwrap().unwrap();
        let body = response.into_body().collect().now_or_never().unwrap().unwrap().to_bytes();
        String::from_utf8_lossy(&body).into_owned()
    };
    let own = || {
        let mut own = Extensions::new();
        own.insert("the address of the client");
        own
    };
    let off = || recording_with(Tracer::builder()).0;
    assert_eq!(extensions(off(), Extensions::new()), "0");
    assert_eq!(extensions(off(), own()), "2");
    assert_eq!(extensions(recording().0, Extensions::new()), "1");
    assert_eq!(extensions(recording().0, own()), "2");
}
