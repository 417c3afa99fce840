//! Every way in which a request can end, over both versions of HTTP: each ends one transaction, once, and not before
//! the last byte is out.

mod as_bytes;
mod at_the_head;
mod ending;
mod grpc;
mod lengths;
mod with_a_gate;

use std::time::Instant;

use end_to_end::{Client, Gate, Protocol, Server, ending, recording, text};
use http::Request;
use http_body_util::BodyExt;
use tower::{Layer, service_fn};
use trace_core::AttributeValue;
use trace_server::TraceServerLayer;

use crate::at_the_head::AT_THE_HEAD;
use crate::ending::Ending;
use crate::with_a_gate::WITH_A_GATE;

#[tokio::test]
async fn a_body_ends_its_transaction_with_the_last_byte() {
    for case in WITH_A_GATE {
        for &protocol in case.protocols {
            body_ends(case, protocol).await;
        }
    }
}

async fn body_ends(case: &Ending, protocol: Protocol) {
    let name = format!("{} over {protocol:?}", case.name);
    let (tracer, mut transactions) = recording();
    let gate = Gate::default();
    let server = Server::start(protocol, {
        let (handler, gate) = (case.handler, gate.clone());
        let service = service_fn(move |_: Request<_>| std::future::ready(handler(gate.clone())));
        TraceServerLayer::new(tracer).layer(service)
    })
    .await;
    let client = Client::connect(protocol, &server).await;

    let mut response = client.send((case.request)()).await.expect(&name);
    let code = response.status();
    let first = response.frame().await.expect(&name).expect(&name).into_data().expect(&name);
    let first_seen = Instant::now();
    assert!(transactions.ended().is_empty(), "{name}: nothing has ended before the gate opens");

    let held_up = first_seen.elapsed();
    gate.open();
    let rest = text(response).await;
    drop(client);
    server.close().await;

    let received = rest.ok().map(|rest| format!("{}{rest}", String::from_utf8_lossy(&first)));
    assert_eq!(received.as_deref(), case.received, "{name}");
    let transaction = transactions.only();

    assert_eq!(ending(&transaction), (case.outcome, case.status), "{name}");
    assert!(transaction.root.duration >= held_up, "{name}: the time before the last byte counts");
    let code = AttributeValue::Integer(code.as_u16().into());
    assert_eq!(transaction.root.attribute("http.response.status_code"), Some(&code), "{name}");
}

#[tokio::test]
async fn a_response_without_a_body_ends_its_transaction_at_once() {
    for case in AT_THE_HEAD {
        for &protocol in case.protocols {
            head_ends(case, protocol).await;
        }
    }
}

async fn head_ends(case: &Ending, protocol: Protocol) {
    let name = format!("{} over {protocol:?}", case.name);
    let (tracer, mut transactions) = recording();
    let server = Server::start(protocol, {
        let handler = case.handler;
        let service = service_fn(move |_: Request<_>| std::future::ready(handler(Gate::default())));
        TraceServerLayer::new(tracer).layer(service)
    })
    .await;
    let client = Client::connect(protocol, &server).await;

    let response = client.send((case.request)()).await;
    // The connection is still open: the head alone has ended it.
    let transaction = transactions.next().await;
    assert_eq!(response.is_ok(), case.received.is_some(), "{name}");
    // HTTP/2 has no response without a body to hyper, which goes on with one that nobody will read.
    drop((response, client));
    server.close().await;

    assert_eq!(ending(&transaction), (case.outcome, case.status), "{name}");
    assert!(transactions.ended().is_empty(), "{name}: it ends once");
}
