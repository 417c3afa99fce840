//! Both layers round plain hyper, over HTTP/1: any Tower service and any Tower client over `http` types will do.

use std::convert::Infallible;
use std::error::Error;
use std::io;

use axum::body::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tower::{ServiceBuilder, ServiceExt};
use trace_client::TraceClientLayer;
use trace_core::{TraceContext, TraceExt, Tracer};
use trace_server::TraceServerLayer;

async fn greet(_: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let trace = TraceContext::current().map(|context| context.trace_id().to_string());
    Ok(Response::new(trace.unwrap_or_default()))
}

async fn serve_one_connection(listener: TcpListener, tracer: Tracer) -> io::Result<()> {
    let layer = TraceServerLayer::new(tracer).route(|_| Some("/greeting".into()));
    let service = ServiceBuilder::new().layer(layer).service_fn(greet);
    let (stream, _) = listener.accept().await?;
    let connection =
        http1::Builder::new().serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    connection.await.map_err(io::Error::other)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tracer = Tracer::builder().release("greeter@3.1.0").build()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/greeting", listener.local_addr()?);
    tokio::spawn(serve_one_connection(listener, tracer.clone()));

    let layer = TraceClientLayer::new(tracer.clone());
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let client = ServiceBuilder::new().layer(layer).service(client);

    let trace = tracer.start_new_trace();
    let call = client.oneshot(Request::get(url).body(Empty::new())?);
    let response = call.in_trace(trace.clone()).await?;
    let served_in = response.into_body().collect().await?.to_bytes();
    println!("called in trace {}", trace.trace_id());
    println!("served in trace {}", String::from_utf8_lossy(&served_in));
    assert_eq!(served_in, trace.trace_id().to_string());
    Ok(())
}
