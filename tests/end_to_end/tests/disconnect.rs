//! Requests that are given up: exactly one transaction each, with the right status, and no context left behind on the
//! thread, on which the whole test runs.

use end_to_end::{Client, Gate, Protocol, ScriptedBody, Server, Socket, Step, in_time, recording};
use end_to_end::{assert_nothing_left, ending};
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tower::{BoxError, Layer, service_fn};
use trace_core::Outcome::{Cancelled, Complete};
use trace_core::TraceContext;
use trace_server::TraceServerLayer;

use Protocol::{Http1, Http2};
use Step::{Data, Wait};

type Handled = Result<Response<ScriptedBody>, BoxError>;

#[tokio::test]
async fn a_client_that_leaves_before_the_head_cancels() {
    for &protocol in Protocol::BOTH {
        let (tracer, mut transactions) = recording();
        let arrived = Gate::default();
        let server = Server::start(protocol, {
            let arrived = arrived.clone();
            TraceServerLayer::new(tracer).layer(service_fn(move |_: Request<_>| {
                arrived.open();
                std::future::pending::<Handled>()
            }))
        })
        .await;

        let request = async {
            match protocol {
                Http1 => {
                    let mut socket = Socket::connect(&server).await;
                    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
                    socket.read_to_end().await;
                }
                // Dropped, this resets the stream.
                Http2 => drop(Client::connect(protocol, &server).await.send(get()).await),
            }
        };
        tokio::select! {
            () = request => panic!("there is no response"),
            () = in_time("the request", arrived.opened()) => {}
        }

        let transaction = transactions.next().await;
        assert_eq!(ending(&transaction), (Cancelled, "cancelled"));
        assert_eq!(transaction.root.attribute("http.response.status_code"), None);
        assert_nothing_left(server, &mut transactions).await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_a_body_cancels() {
    for &protocol in Protocol::BOTH {
        let (tracer, mut transactions) = recording();
        let server = Server::start(protocol, {
            TraceServerLayer::new(tracer).layer(service_fn(async |_: Request<Incoming>| {
                let body = ScriptedBody::new([Data("first"), Wait(Gate::default())]);
                Handled::Ok(Response::new(body))
            }))
        })
        .await;

        // On HTTP/2 the connection stays: it is the stream that is reset.
        let connection = match protocol {
            Http1 => {
                let mut socket = Socket::connect(&server).await;
                socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
                socket.read_until("first").await;
                None
            }
            Http2 => {
                let client = Client::connect(protocol, &server).await;
                let mut response = client.send(get()).await.unwrap();
                response.frame().await.unwrap().unwrap();
                Some(client)
            }
        };

        let transaction = transactions.next().await;
        assert_eq!(ending(&transaction), (Cancelled, "cancelled"));
        assert!(transaction.root.attribute("http.response.status_code").is_some());
        drop(connection);
        assert_nothing_left(server, &mut transactions).await;
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_the_response_is_read_cancels_only_what_had_not_ended() {
    let (tracer, mut transactions) = recording();
    let server = Server::start(Http1, {
        TraceServerLayer::new(tracer).layer(service_fn(async |request: Request<Incoming>| {
            let body = match request.uri().path() {
                "/short" => ScriptedBody::new([Data("all")]).telling_size(),
                _ => ScriptedBody::new([Data("first"), Wait(Gate::default())]),
            };
            Handled::Ok(Response::new(body))
        }))
    })
    .await;
    let mut socket = Socket::connect(&server).await;
    socket.write("GET /short HTTP/1.1\r\nhost: x\r\n\r\n").await;
    socket.read_until("all").await;
    socket.write("GET /long HTTP/1.1\r\nhost: x\r\n\r\n").await;
    socket.read_until("first").await;
    drop(socket);

    assert_eq!(ending(&transactions.next().await), (Complete, "ok"));
    assert_eq!(ending(&transactions.next().await), (Cancelled, "cancelled"));
    assert_nothing_left(server, &mut transactions).await;
}

#[tokio::test]
async fn spans_that_are_open_when_the_request_is_given_up_are_part_of_it() {
    let (tracer, mut transactions) = recording();
    let arrived = Gate::default();
    let server = Server::start(Http1, {
        let arrived = arrived.clone();
        TraceServerLayer::new(tracer).layer(service_fn(move |_: Request<_>| {
            let arrived = arrived.clone();
            async move {
                let context = TraceContext::current().expect("a context in the handler");
                let _query = context.start_span("db.query", "SELECT 1");
                arrived.open();
                std::future::pending::<Handled>().await
            }
        }))
    })
    .await;
    let mut socket = Socket::connect(&server).await;
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n").await;
    in_time("the request", arrived.opened()).await;
    drop(socket);

    let transaction = transactions.next().await;
    assert_eq!(ending(&transaction), (Cancelled, "cancelled"));
    let [query] = transaction.spans.as_slice() else { panic!("{:?}", transaction.spans) };
    assert_eq!(query.parent_span_id, Some(transaction.root.span_id));
    assert_nothing_left(server, &mut transactions).await;
}

fn get() -> Request<()> {
    Request::get("/").body(()).expect("a request")
}
