//! A gRPC service of tonic and its client, each with one layer.

use std::error::Error;

use axum::extract::Request;
use axum::response::Response;
use axum::{Router, routing::post};
use tokio::net::TcpListener;
use tonic::Status;
use tonic::body::Body;
use tonic::service::Routes;
use tonic::transport::{Endpoint, Server, server::TcpIncoming};
use tonic_prost::ProstCodec;
use tower::{Layer, service_fn};
use trace_client::{Target, TraceClientLayer};
use trace_core::{TraceContext, TraceExt, Tracer};
use trace_server::{TraceServerLayer, skip_grpc_probes};

/// A method by hand, where tonic-prost-build would generate it.
async fn greet(request: Request) -> Response {
    let method = service_fn(async |request: tonic::Request<String>| {
        let trace = TraceContext::current().ok_or_else(|| Status::internal("no trace"))?;
        let answer = format!("Hello {}, in trace {}", request.into_inner(), trace.trace_id());
        Ok::<_, Status>(tonic::Response::new(answer))
    });
    let codec = ProstCodec::<String, String>::default();
    tonic::server::Grpc::new(codec).unary(method, request.map(Body::new)).await.map(axum::body::Body::new)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tracer = Tracer::builder().traces_sample_rate(1.0).build()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);

    let routes = Routes::from(Router::new().route("/shop.Greeter/Greet", post(greet)));
    let layer = TraceServerLayer::new(tracer.clone()).sample(skip_grpc_probes);
    let server = Server::builder().layer(layer).add_routes(routes);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));

    let layer = TraceClientLayer::new(tracer.clone()).targets([Target::host("127.0.0.1")])?;
    let channel = layer.layer(Endpoint::from_shared(url.clone())?.connect_lazy());
    // A generated client does the same: `GreeterClient::with_origin(channel, url)`.
    let mut client = tonic::client::Grpc::with_origin(channel, url.parse()?);

    let job = tracer.service_span("task", "greeting").start();
    let call = async {
        client.ready().await?;
        let (request, codec) =
            (tonic::Request::new("Ada".to_owned()), ProstCodec::<String, String>::default());
        Ok::<_, Box<dyn Error>>(client.unary(request, "/shop.Greeter/Greet".parse()?, codec).await?)
    };
    let answer = call.in_trace(job.context().clone()).await?.into_inner();
    println!("{answer}");
    assert!(answer.ends_with(&job.trace_id().to_string()));
    Ok(())
}
