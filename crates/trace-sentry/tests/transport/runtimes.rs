//! The transport works without a runtime, within any, and after one is gone.

use sentry::{Client, ClientOptions};
use trace_sentry::Transport;

use crate::client::{PATIENCE, error};
use crate::server::{Mood, Server};

#[test]
fn it_needs_no_runtime_and_outlives_any() {
    let server = Server::start(Mood::Quick);
    let client = || Client::from_config(ClientOptions::new().dsn(&server.dsn()).transport(Transport::new()));
    let send_and_flush = |client: &Client| {
        client.send_envelope(error());
        client.flush(Some(PATIENCE))
    };

    assert!(send_and_flush(&client()));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let within = runtime.block_on(async { client() });
    assert!(runtime.block_on(async { send_and_flush(&within) }));
    drop(runtime);
    assert!(send_and_flush(&within));

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let within = client();
    assert!(runtime.block_on(async { send_and_flush(&within) }));
    assert!(runtime.block_on(async { within.close(Some(PATIENCE)) }));
    assert_eq!(server.accepted().len(), 4);
}

#[test]
fn a_factory_makes_a_transport_for_each_client() {
    let (one, other) = (Server::start(Mood::Quick), Server::start(Mood::Quick));
    let options = ClientOptions::new().transport(Transport::new());
    let clients = [&one, &other].map(|server| Client::from_config(options.clone().dsn(&server.dsn())));
    for client in &clients {
        client.send_envelope(error());
    }
    assert!(clients[0].close(Some(PATIENCE)));
    clients[1].send_envelope(error());
    assert!(clients[1].close(Some(PATIENCE)));
    assert_eq!([one.accepted().len(), other.accepted().len()], [1, 2]);
}
