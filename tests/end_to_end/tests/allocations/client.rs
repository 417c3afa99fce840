//! The budget of the client, and of a service that forwards.

use http::Request;
use tower::{Layer, Service, service_fn};
use trace_client::{Target, TraceClientLayer};
use trace_core::{TraceContext, Tracer};
use trace_server::TraceServerLayer;

use crate::measure::{BAGGAGE, REQUESTS, SAMPLED, UNSAMPLED, allocations, bare, incoming, outgoing, tracer};

/// Targets, and how many allocations a request to them may cost.
fn targets() -> Vec<(&'static str, Option<Vec<Target>>, u64)> {
    vec![
        ("all", None, 1),
        ("none", Some(vec![]), 0),
        ("its host", Some(vec![Target::host("inventory.test")]), 1),
        ("another host", Some(vec![Target::host("orders.test")]), 0),
        ("its origin", Some(vec![Target::origin("http://inventory.test:8080")]), 1),
        ("another prefix", Some(vec![Target::url_prefix("http://inventory.test:8080/orders/")]), 0),
        ("a part of it", Some(vec!["/items/".into()]), 1),
        ("a part of others", Some(vec!["/orders/".into()]), 0),
        ("its pattern", Some(vec![Target::regex("^http://[a-z]+\\.test")]), 1),
        ("another pattern", Some(vec![Target::regex("^https://")]), 0),
    ]
}

fn client_layer(tracer: &Tracer, targets: Option<Vec<Target>>) -> TraceClientLayer {
    let layer = TraceClientLayer::new(tracer.clone());
    match targets {
        Some(targets) => layer.targets(targets).unwrap(),
        None => layer,
    }
}

fn continued(tracer: &Tracer) -> TraceContext {
    tracer.continue_trace(incoming(&[("sentry-trace", SAMPLED), ("baggage", BAGGAGE)]).headers())
}

#[test]
fn on_the_client() {
    for (name, targets, budget) in targets() {
        let tracer = tracer(Tracer::builder());
        let context = continued(&tracer);
        let client = client_layer(&tracer, targets).layer(service_fn(bare));
        let counted = context.scope(|| allocations(client, outgoing));
        assert_eq!(counted, budget * REQUESTS, "targets {name}: for {REQUESTS} requests");
    }
}

#[test]
fn on_both_sides_of_a_service_that_forwards() {
    for (name, targets, budget) in targets() {
        let tracer = tracer(Tracer::builder().traces_sample_rate(0.5));
        let mut client = client_layer(&tracer, targets).layer(service_fn(bare));
        // As many as there are requests, made beforehand: they are the application's.
        let mut prepared: Vec<_> = (0..=REQUESTS).map(|_| outgoing()).collect();
        let handler = service_fn(move |_: Request<()>| {
            assert!(TraceContext::current().is_some_and(|context| !context.is_recording()));
            client.call(prepared.pop().expect("one for each request"))
        });
        let service = TraceServerLayer::new(tracer).layer(handler);
        let headers = [("sentry-trace", UNSAMPLED), ("baggage", BAGGAGE)];
        let counted = allocations(service, || incoming(&headers));
        assert_eq!(counted, budget * REQUESTS, "targets {name}: for {REQUESTS} requests, server and client");
    }
}

#[test]
fn a_request_to_a_stranger_has_its_header_map_left_alone() {
    let tracer = tracer(Tracer::builder());
    let context = continued(&tracer);
    for targets in [vec![], vec![Target::host("orders.test")]] {
        let client = client_layer(&tracer, Some(targets)).layer(service_fn(async |request: Request<()>| {
            assert_eq!(request.headers().capacity(), 0, "nothing was written, and no room was made");
            bare(request).await
        }));
        let empty = || Request::get("http://inventory.test/").body(()).unwrap();
        assert_eq!(context.scope(|| allocations(client, empty)), 0);
    }
}
