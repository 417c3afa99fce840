//! The budget of the server.

use std::convert::Infallible;

use end_to_end::{ScriptedBody, Step};
use http::{Request, Response};
use tower::{Layer, service_fn};
use trace_core::{Tracer, TracerBuilder};
use trace_server::TraceServerLayer;

use crate::measure::{BAGGAGE, REQUESTS, SAMPLED, UNSAMPLED, allocations, bare, incoming, tracer};

/// A name, the options of the tracer, the headers that come in, and how many allocations a request may cost.
type Row<'a> = (&'static str, TracerBuilder, &'a [(&'static str, &'a str)], u64);

#[test]
fn on_the_server() {
    let no_option = Tracer::builder;
    let with_rate = || Tracer::builder().traces_sample_rate(0.0);
    let both = [("sentry-trace", SAMPLED), ("baggage", BAGGAGE)];
    let unsampled = [("sentry-trace", UNSAMPLED), ("baggage", BAGGAGE)];
    let of_own_organization = format!("{BAGGAGE},sentry-org_id=1");
    let own = [("sentry-trace", SAMPLED), ("baggage", of_own_organization.as_str())];
    let table: [Row<'_>; 9] = [
        ("a continued trace", no_option(), &both, 0),
        ("a continued trace without baggage", no_option(), &[("sentry-trace", SAMPLED)], 0),
        ("a continued trace under strict continuation", no_option().strict_trace_continuation(true), &own, 0),
        ("an unsampled trace", with_rate(), &unsampled, 0),
        ("an unsampled trace without baggage", with_rate(), &[("sentry-trace", UNSAMPLED)], 0),
        ("a new trace", no_option(), &[], 0),
        // Beyond the budget: the sampling context stays open until it is sent on, and the name may enter it.
        ("a new trace that a rate decides about", with_rate(), &[], 2),
        ("a new trace after a malformed header", no_option(), &[("sentry-trace", "words")], 0),
        ("a new trace instead of a stranger's", no_option().strict_trace_continuation(true), &both, 0),
    ];
    for (name, options, headers, budget) in table {
        let service = TraceServerLayer::new(tracer(options)).layer(service_fn(bare));
        let counted = allocations(service, || incoming(headers));
        assert!(counted <= budget * REQUESTS, "{name}: {counted} for {REQUESTS} requests, not {budget} each");
    }
}

#[test]
fn in_the_frames_of_a_body() {
    let streamed = async |_: Request<()>| {
        let body = ScriptedBody::new((0..1000).map(|_| Step::Data("a frame")));
        Ok::<_, Infallible>(Response::new(body))
    };
    let headers = [("sentry-trace", SAMPLED), ("baggage", BAGGAGE)];
    let bare = allocations(service_fn(streamed), || incoming(&headers));
    let service = TraceServerLayer::new(tracer(Tracer::builder())).layer(service_fn(streamed));
    let counted = allocations(service, || incoming(&headers));
    assert_eq!(counted, bare, "allocations for {REQUESTS} bodies of 1000 frames, with the layer and without");
}
