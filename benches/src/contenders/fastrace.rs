//! fastrace and fastrace-tower: `traceparent` only, neither `baggage` nor targets.
//!
//! What is not recorded runs without a reporter; what is recorded goes to a reporter that drops it, on a thread of
//! fastrace's own, whose work is not counted.

use std::hint::black_box;
use std::sync::Once;

use ::fastrace::collector::{Config, Reporter, SpanContext, SpanId, SpanRecord, TraceId};
use ::fastrace::{Span, local::LocalSpan};
use fastrace_tower::{FastraceClientLayer, FastraceServerLayer};
use http::HeaderValue;
use tower::{Layer, service_fn};

use crate::case::Case;
use crate::harness::{Handler, forwarding, never, poll_again, serve, with_spans};
use crate::inputs::{
    MALFORMED_TRACEPARENT, Request, TARGET_URL, TRACEPARENT, outgoing_request, traced_request,
    untraced_request, uri,
};
use crate::recorded::drop_spans;
use crate::row::Row;

pub(super) struct Dropping;

impl Reporter for Dropping {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        drop_spans(spans, Vec::len);
    }
}

pub(super) fn case(row: Row, client: impl Handler) -> Option<Case> {
    Some(match row {
        Row::Parse => parse(TRACEPARENT),
        Row::ParseMalformed => parse(MALFORMED_TRACEPARENT),
        Row::Extract => {
            let request = traced_request();
            Case::new(move || {
                let header = black_box(request.headers()).get(fastrace_tower::TRACEPARENT_HEADER);
                let text = header.and_then(|header| header.to_str().ok());
                black_box(text.and_then(SpanContext::decode_w3c_traceparent));
            })
        }
        Row::Emit => {
            let context = SpanContext::decode_w3c_traceparent(TRACEPARENT).unwrap();
            Case::new(move || {
                let text = black_box(&context).encode_w3c_traceparent();
                black_box(HeaderValue::from_str(&text).ok());
            })
        }
        Row::Ids => Case::new(|| {
            black_box((TraceId::random(), SpanId::random()));
        }),
        Row::ServerContinued => server(traced_request(), 0),
        Row::ServerNew => server(untraced_request(), 0),
        Row::ServerUnsampled => {
            let layer = FastraceServerLayer::default()
                .with_span_context_extractor(|_| Some(SpanContext::random().sampled(false)));
            server_with(layer, untraced_request(), 0)
        }
        Row::ServerRecorded1 => recorded(1),
        Row::ServerRecorded20 => recorded(20),
        Row::Poll => in_flight(1),
        Row::ClientMatch | Row::ClientDefault => send(client),
        Row::Gateway => gateway(traced_request(), client),
        Row::GatewayNew => gateway(untraced_request(), client),
        // No frames, since it ends with the response head; no organization, and no targets.
        _ => return None,
    })
}

fn parse(value: &'static str) -> Case {
    assert_eq!(SpanContext::decode_w3c_traceparent(value).is_some(), value == TRACEPARENT);
    Case::new(move || {
        black_box(SpanContext::decode_w3c_traceparent(black_box(value)));
    })
}

pub(super) fn server(request: Request, spans: usize) -> Case {
    server_with(FastraceServerLayer::default(), request, spans)
}

fn server_with(layer: FastraceServerLayer, request: Request, spans: usize) -> Case {
    let handler = with_spans(spans, || drop(black_box(LocalSpan::enter_with_local_parent("db.query"))));
    let mut service = layer.layer(handler);
    Case::new(move || serve(&mut service, request.clone()))
}

/// Each measurement begins with the queue to the reporter's thread empty: full, it would drop what it is given.
pub(super) fn recorded(spans: usize) -> Case {
    static REPORTER: Once = Once::new();
    REPORTER.call_once(|| ::fastrace::set_reporter(Dropping, Config::default()));
    server(traced_request(), spans).within(|work| {
        ::fastrace::flush();
        work();
    })
}

fn send(client: impl Handler) -> Case {
    let root = Span::root("GET /", SpanContext::decode_w3c_traceparent(TRACEPARENT).unwrap());
    let (mut service, url) = (FastraceClientLayer.layer(client), uri(TARGET_URL));
    Case::new(move || serve(&mut service, outgoing_request(url))).within(move |work| {
        let _current = root.set_local_parent();
        work();
    })
}

pub(super) fn gateway(request: Request, client: impl Handler) -> Case {
    let client = FastraceClientLayer.layer(client);
    let mut service = FastraceServerLayer::default().layer(forwarding(client));
    Case::new(move || serve(&mut service, request.clone()))
}

pub(super) fn in_flight(number: usize) -> Case {
    poll_again(FastraceServerLayer::default().layer(service_fn(never)), number)
}
