//! The secret key of an old DSN is shown nowhere.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use sentry::{Client, ClientOptions};
use trace_sentry::SentrySink;

#[test]
fn nothing_shows_the_secret_key_of_the_clients_dsn() {
    let options = ClientOptions::new().dsn("https://public:s3cret@example.test:8443/sentry/42");
    let client = Arc::new(Client::from(options));
    let builder = SentrySink::builder(client.clone());
    let sink = SentrySink::new(client).unwrap();
    let options = sink.tracer();
    let shown = [format!("{builder:?}"), format!("{sink:?}"), format!("{options:?}")];
    let tracer = options.build().unwrap();
    assert_eq!(tracer.dsn().unwrap().to_string(), "https://public@example.test:8443/sentry/42");
    for shown in shown.into_iter().chain([format!("{tracer:?}"), format!("{:?}", tracer.dsn())]) {
        assert!(shown.contains("https://public@example.test:8443/sentry/42"), "{shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
