//! A service for trying the layers against anything else: put it between two others and look at what arrives.

mod bounded;
mod client;
mod destination;
mod failure;
mod flags;
mod report;
mod routes;
mod sampler;
mod setup;

use std::error::Error;
use std::io::Write;

use clap::CommandFactory;
use clap::error::ErrorKind;
use serde_json::json;
use tokio::net::TcpListener;
use tracing_subscriber::prelude::*;

use crate::client::Clients;
use crate::flags::Flags;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let flags = Flags::read();
    let tracer = setup::tracer(&flags)?;
    if flags.tracing_spans {
        tracing_subscriber::registry().with(trace_tracing::layer()).init();
    }
    let clients = Clients::new(&setup::client_layer(&flags, &tracer)?)?;
    let listener = TcpListener::bind(flags.listen).await.unwrap_or_else(|error| {
        let message = format!("invalid value '{}' for '--listen': {error}", flags.listen);
        Flags::command().error(ErrorKind::ValueValidation, message).exit()
    });
    announce(&listener)?;
    axum::serve(listener, routes::router(tracer, clients)).await?;
    Ok(())
}

/// Tells whoever started hop that it is ready, and where.
fn announce(listener: &TcpListener) -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}", listener.local_addr()?);
    let mut output = std::io::stdout().lock();
    writeln!(output, "{}", json!({ "url": url }))?;
    output.flush()?;
    Ok(())
}
