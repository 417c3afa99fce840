//! gRPC-Web: inside of its layer, a call is ordinary gRPC.

use bytes::Bytes;
use end_to_end::{in_time, recording};
use grpc::scripted;
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;
use tonic_web::GrpcWebLayer;
use trace_server::TraceServerLayer;

use crate::sides::status;

#[tokio::test]
async fn a_call_from_a_page_has_the_status_of_its_method() {
    let (tracer, mut far) = recording();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/test.Scripted/Unary", listener.local_addr().unwrap());
    let server = tonic::transport::Server::builder()
        .accept_http1(true)
        .layer(GrpcWebLayer::new())
        .layer(TraceServerLayer::new(tracer))
        .add_routes(scripted());
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let client = Client::builder(TokioExecutor::new()).build_http();
    for (script, expected) in [("trace", "ok"), ("fail 5", "not_found"), ("break 15", "data_loss")] {
        let length = u8::try_from(script.len()).unwrap();
        let message = [&[0, 0, 0, 0, length], script.as_bytes()].concat();
        let request = Request::post(&url).header(CONTENT_TYPE, "application/grpc-web+proto");
        let sent = client.request(request.body(Full::new(Bytes::from(message))).unwrap());
        let response = in_time("a head", sent).await.unwrap();
        in_time("the end", response.into_body().collect()).await.unwrap();
        let transaction = far.next().await;
        assert_eq!(status(&transaction.root), expected, "{script}");
        assert_eq!(&*transaction.root.operation, "grpc.server", "{script}");
        assert_eq!(transaction.name.as_str(), "/test.Scripted/Unary", "{script}");
    }
}
