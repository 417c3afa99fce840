//! The spans of reqwest-tracing and axum-tracing-opentelemetry.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::routing::get;
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use http::{Request, StatusCode};
use reqwest_middleware::ClientBuilder;
use reqwest_tracing::{SpanBackendWithUrl, TracingMiddleware};
use support::{draw, drawn, subscribe};
use tokio::net::TcpListener;
use tower::ServiceExt;
use trace_client::{TraceClientLayer, TraceMiddleware};
use trace_core::{InMemorySink, Tracer};
use trace_server::TraceServerLayer;
use tracing::Level;

mod support;

fn router() -> Router {
    let user = async |Path(id): Path<u16>| {
        tracing::info_span!("load").in_scope(|| StatusCode::from_u16(id).unwrap())
    };
    Router::new().route("/users/{id}", get(user)).layer(OtelAxumLayer::default())
}

async fn server() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router()).into_future());
    address
}

fn builder() -> ClientBuilder {
    ClientBuilder::new(reqwest::Client::builder().no_proxy().build().unwrap())
}

#[tokio::test]
async fn a_request_of_reqwest_tracing_is_a_span() {
    subscribe(Level::INFO);
    let address = server().await;
    let client = builder().with(TracingMiddleware::default()).build();
    let with_url = builder().with(TracingMiddleware::<SpanBackendWithUrl>::new()).build();
    let work = async || {
        for path in ["users/200", "users/404?token=s3cret", "users/503"] {
            let _any_status =
                client.get(format!("http://user:s3cret@{address}/{path}")).send().await.unwrap();
        }
        let _any_status =
            with_url.get(format!("http://user:s3cret@{address}/users/200?token=s3cret")).send().await;
        client.get("http://127.0.0.1:1/").send().await.unwrap_err();
    };
    let expected = "
http.client, ok: GET 127.0.0.1
http.client, not_found: GET 127.0.0.1
http.client, unavailable: GET 127.0.0.1
http.client, ok: GET http://ADDRESS/users/200
http.client, internal_error: GET 127.0.0.1
";
    assert_eq!(drawn(work).await.replace(&address.to_string(), "ADDRESS"), expected);
}

#[tokio::test]
async fn a_request_of_reqwest_tracing_within_the_client_layer_is_no_second_span() {
    subscribe(Level::INFO);
    let address = server().await;
    let ours = || TraceMiddleware::new(TraceClientLayer::new(Tracer::builder().build().unwrap()));
    let inside = builder().with(ours()).with(TracingMiddleware::default()).build();
    let outside = builder().with(TracingMiddleware::default()).with(ours()).build();
    let work = async || {
        inside.get(format!("http://{address}/users/404")).send().await.unwrap().bytes().await.unwrap();
        outside.get(format!("http://{address}/users/200")).send().await.unwrap().bytes().await.unwrap();
    };
    let expected = "
http.client, not_found: GET http://ADDRESS/users/404
http.client, ok: GET 127.0.0.1
  http.client, ok: GET http://ADDRESS/users/200
";
    assert_eq!(drawn(work).await.replace(&address.to_string(), "ADDRESS"), expected);
}

#[tokio::test]
async fn a_request_of_axum_tracing_opentelemetry_is_the_one_of_the_server_layer() {
    subscribe(Level::INFO);
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    let service = router().layer(TraceServerLayer::new(tracer));
    let request = Request::get("/users/404?token=s3cret").body(Body::empty()).unwrap();
    drop(service.oneshot(request).await.unwrap());
    assert_eq!(draw(&sink.take()[0]), "\nfunction: load\n");
}
