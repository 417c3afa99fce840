//! Work that a handler leaves behind is part of its transaction, which waits for it.

use std::convert::Infallible;

use end_to_end::{Client, Gate, Protocol, Server, ending, recording};
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::{Layer, service_fn};
use trace_core::{Outcome, TraceContext, TraceExt};
use trace_server::TraceServerLayer;

/// Works when the gate is open, long after the answer.
async fn tidy_up(gate: Gate) {
    let context = TraceContext::current().expect("that of the request");
    let guard = context.keep_open();
    gate.opened().await;
    context.start_span("function", "tidy up").end();
    drop(guard);
}

#[tokio::test]
async fn a_transaction_waits_for_the_task_of_its_handler() {
    for &protocol in Protocol::BOTH {
        let (tracer, mut transactions) = recording();
        let gate = Gate::default();
        let opened_later = gate.clone();
        let service = service_fn(move |_: Request<_>| {
            let work = tidy_up(opened_later.clone()).in_current_trace();
            async {
                tokio::spawn(work);
                // It begins before the answer is out.
                tokio::task::yield_now().await;
                Ok::<_, Infallible>(Response::new("answer".to_owned()))
            }
        });
        let server = Server::start(protocol, TraceServerLayer::new(tracer).layer(service)).await;
        let client = Client::connect(protocol, &server).await;
        let response = client.send(Request::get("/").body(()).unwrap()).await.unwrap();
        assert_eq!(response.collect().await.unwrap().to_bytes(), "answer");
        drop(client);
        server.close().await;
        assert!(transactions.ended().is_empty(), "{protocol:?}: the request is over, its work is not");

        gate.open();
        let transaction = transactions.next().await;
        assert_eq!(ending(&transaction), (Outcome::Complete, "ok"), "{protocol:?}");
        let [late] = transaction.spans.as_slice() else { panic!("{:?}", transaction.spans) };
        assert_eq!(late.description, "tidy up");
        assert!(late.start >= transaction.root.end(), "{protocol:?}: its own end is that of the request");
        assert!(transactions.ended().is_empty(), "{protocol:?}: it ends once");
    }
}
