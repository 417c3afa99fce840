//! Informational responses: hyper calls for them where no context is current, so that a callback takes it along.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use end_to_end::{in_time, recording};
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, ServiceExt, service_fn};
use trace_client::TraceClientLayer;
use trace_core::{Outcome, SpanStatus, TraceContext, TraceExt};

#[tokio::test]
async fn a_callback_for_them_takes_the_context_along() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _request = stream.read_u8().await.unwrap();
        let early = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
        let last = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
        stream.write_all([early, early, last].concat().as_bytes()).await.unwrap();
        let _closed = stream.read_u8().await;
    });
    let (sender, connection) =
        http1::handshake::<_, Empty<Bytes>>(TokioIo::new(TcpStream::connect(address).await.unwrap()))
            .await
            .unwrap();
    tokio::spawn(connection);
    let sender = Arc::new(tokio::sync::Mutex::new(sender));
    let send = service_fn(move |request| {
        let sender = sender.clone();
        async move { sender.lock().await.send_request(request).await }
    });

    let (tracer, mut near) = recording();
    let caller = tracer.service_span("test", "caller").start();
    let told = Arc::new(Mutex::new(Vec::new()));
    let mut request = Request::get(format!("http://{address}/")).body(Empty::new()).unwrap();
    hyper::ext::on_informational(&mut request, {
        let (told, context) = (told.clone(), caller.context().clone());
        move |response| {
            let by_itself = TraceContext::current().is_some();
            let taken = context.scope(|| TraceContext::current().map(|context| context.trace_id()));
            told.lock().unwrap().push((response.status().as_u16(), by_itself, taken));
        }
    });
    let client = TraceClientLayer::new(tracer.clone()).layer(send);
    let answered = async { client.oneshot(request).await.unwrap().into_body().collect().await.unwrap() };
    in_time("the answer", answered.in_trace(caller.context().clone())).await;
    let trace_id = caller.trace_id();
    caller.end();
    assert_eq!(*told.lock().unwrap(), vec![(103, false, Some(trace_id)); 2]);
    let transaction = near.only();
    assert_eq!(transaction.outcome, Outcome::Complete);
    assert_eq!(transaction.spans[0].status, Some(SpanStatus::Ok), "the last answer counts");
    assert_eq!(transaction.spans[0].attribute("http.response.status_code"), Some(&200.into()));
}
