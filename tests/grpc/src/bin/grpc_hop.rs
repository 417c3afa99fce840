//! A gRPC service between two others: it forwards each call of `interop.Endings` and delivers what it recorded.
//!
//! ```text
//! grpc_hop DSN URL
//! ```
//!
//! It prints `{"url": ...}` when it listens.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;

use futures_util::{StreamExt, stream};
use grpc::{Call, Channel, Kind, Messages, Server, routes};
use sentry::{Client, ClientOptions};
use tonic::Status;
use tonic::transport::Endpoint;
use tower::Layer;
use trace_client::TraceClientLayer;
use trace_core::Tracer;
use trace_sentry::{SentrySink, Transport};
use trace_server::TraceServerLayer;

const SERVICE: &str = "interop.Endings";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [_, dsn, url] = std::env::args().collect::<Vec<_>>().try_into().map_err(|_| "grpc_hop DSN URL")?;
    let options = ClientOptions::new().dsn(dsn.as_str()).transport(Transport::new());
    let sink = SentrySink::builder(Arc::new(Client::from_config(options))).build()?;
    let tracer = Tracer::builder()
        .dsn(dsn.as_str())
        .release("hop@1")
        .environment("hop")
        .traces_sample_rate(1.0)
        .sink(sink)
        .build()?;

    let layer = TraceClientLayer::new(tracer.clone());
    let channel = layer.layer(Endpoint::from_shared(url)?.connect_lazy());
    let forwarding = routes(
        SERVICE,
        Arc::new(move |kind, script| {
            Box::pin(forward(Call::new(SERVICE, kind, script), kind, channel.clone()))
        }),
    );
    let server = Server::start(TraceServerLayer::new(tracer), forwarding).await;
    let mut output = std::io::stdout();
    writeln!(output, r#"{{"url": "{}"}}"#, server.url())?;
    output.flush()?;
    server.serve().await;
    Ok(())
}

async fn forward(call: Call, kind: Kind, channel: impl Channel) -> Result<Messages, Status> {
    if kind.streams_answer() {
        return Ok(call.many(channel).await?.boxed());
    }
    let message = call.one(channel).await?;
    Ok(stream::iter([Ok(message)]).boxed())
}
