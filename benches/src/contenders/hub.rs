//! This project's trace layer with the hub layer, which gives each request a scope of the official client.

use std::sync::Arc;

use sentry_core::{Client, ClientOptions, Hub};
use tower::{Layer, service_fn};
use trace_sentry::{HubLayer, SentrySink, TraceIntegration};
use trace_server::TraceServerLayer;

use super::sentry::Dropping;
use crate::case::Case;
use crate::harness::{bare, serve};
use crate::inputs::{DSN, RELEASE, untraced_request};

/// Serves a request that sampling decides not to record, with such a hub layer inside of the trace layer.
pub(super) fn unsampled(hub: HubLayer) -> Case {
    let transport = |_: &ClientOptions| Arc::new(Dropping) as Arc<dyn sentry_core::Transport>;
    let options = ClientOptions::new()
        .dsn(DSN)
        .release(RELEASE)
        .traces_sample_rate(0.0)
        .transport(transport)
        .add_integration(TraceIntegration);
    let client = Arc::new(Client::from(options));
    Hub::main().bind_client(Some(client.clone()));
    let tracer = SentrySink::new(client).unwrap().tracer().build().unwrap();
    let request = untraced_request();
    let mut service = TraceServerLayer::new(tracer).layer(hub.layer(service_fn(bare)));
    Case::new(move || serve(&mut service, request.clone()))
}
