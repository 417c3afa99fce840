//! Requests to actix-web through the adapter, on a real socket.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{Read, Write};
use std::net::TcpStream;

use actix::adapter;
use actix_web::error::ErrorUnauthorized;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::stream;
use trace_core::{FinishedTransaction, InMemorySink, TraceContext, Tracer};
use trace_server::{ResponseHeader, TraceServerLayer};

const TRACE: &str = "771a43a4192642f0b136d5159a501700";

fn current() -> String {
    TraceContext::current().map_or("none".to_owned(), |context| context.trace_id().to_string())
}

/// A body in two pieces, each of which is its current trace.
async fn streamed() -> HttpResponse {
    let pieces = stream::iter([0, 1]);
    let pieces = futures_util::StreamExt::map(pieces, |_| Ok::<_, actix_web::Error>(current().into()));
    HttpResponse::Ok().streaming(pieces)
}

fn app(layer: TraceServerLayer) -> std::io::Result<(actix_web::dev::Server, u16)> {
    let server = HttpServer::new(move || {
        let layer = layer.clone();
        let refuse = from_fn(async |_, _: actix_web::middleware::Next<actix_web::body::BoxBody>| {
            Err::<actix_web::dev::ServiceResponse, _>(ErrorUnauthorized("who are you?"))
        });
        App::new()
            .wrap(from_fn(move |request, next| adapter::serve(layer.clone(), request, next)))
            .route("/orders/{id}", web::get().to(async |_: web::Path<u32>| current()))
            .route("/streamed", web::get().to(streamed))
            .service(web::resource("/closed").wrap(refuse).route(web::get().to(async || "never")))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0")?;
    let port = server.addrs()[0].port();
    Ok((server.run(), port))
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: shop.test\r\nconnection: close\r\nsentry-trace: {TRACE}-b72fa28504b07285-1\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn requests_are_served_and_recorded_in_their_trace() {
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    let layer = adapter::layer(tracer)
        .response_header(http::HeaderName::from_static("x-trace-id"), ResponseHeader::TraceId)
        .record_client_address(true);
    let table = [
        ("/orders/17", "200", TRACE, "GET /orders/{id}", "ok", "32"),
        ("/orders/x", "404", "", "GET /orders/{id}", "not_found", ""),
        ("/streamed", "200", TRACE, "GET /streamed", "ok", "64"),
        ("/closed", "401", "who are you?", "GET /closed", "unauthenticated", "0"),
        ("/nowhere", "404", "", "GET /nowhere", "not_found", "0"),
    ];
    actix_web::rt::System::new().block_on(async {
        let (server, port) = app(layer).unwrap();
        let handle = server.handle();
        let server = actix_web::rt::spawn(server);
        for (path, status, body, name, end, size) in table {
            let answer = actix_web::rt::task::spawn_blocking(move || get(port, path)).await.unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
            assert!(answer.contains(body), "{path}: {answer}");
            let traced = format!("x-trace-id: {TRACE}\r\n");
            assert_eq!(
                answer.contains(&traced),
                status != "401",
                "{path}: an error has no head yet: {answer}"
            );
            let sent = sink.take();
            let [FinishedTransaction { trace_id, name: found, root, .. }] = sent.as_slice() else {
                panic!("{path}: {sent:#?}")
            };
            assert_eq!((trace_id.to_string().as_str(), found.as_str()), (TRACE, name));
            assert_eq!(root.parent_span_id.unwrap().to_string(), "b72fa28504b07285");
            assert_eq!(root.status.unwrap().as_str(), end, "{path}");
            let attribute = |key| root.attribute(key).map(ToString::to_string).unwrap_or_default();
            assert_eq!(attribute("http.response.status_code"), status);
            assert_eq!(attribute("client.address"), "127.0.0.1");
            assert!(size.is_empty() || attribute("http.response.body.size") == size, "{path}: {root:#?}");
        }
        handle.stop(true).await;
        server.await.unwrap().unwrap();
    });
}
