//! sentry-core and sentry-tower, with a transport that drops what it is given.
//!
//! They continue `sentry-trace`, read `sentry-org_id` of `baggage` and send neither `baggage` nor targets. A caller who
//! says "sampled" is recorded at any rate, so the row of a continued request is also one of recording.

use std::hint::black_box;
use std::sync::Arc;

use http::HeaderValue;
use sentry_core::protocol::{EnvelopeItem, SpanId, TraceId};
use sentry_core::{
    Client, ClientOptions, Envelope, Hub, TracePropagationContext, TransactionContext, Transport,
};
use sentry_tower::{NewSentryLayer, SentryHttpLayer};
use tower::util::MapRequest;
use tower::{ServiceBuilder, service_fn};

use super::envelopes;
use crate::case::Case;
use crate::harness::{Handler, forwarding, never, poll_again, serve, with_spans, with_spans_and_never};
use crate::inputs::{
    BAGGAGE, DSN, MALFORMED_SENTRY_TRACE, RELEASE, Request, SENTRY_TRACE, TARGET_URL, outgoing_request,
    traced_request, untraced_request, uri,
};
use crate::recorded::drop_spans;
use crate::row::Row;

pub(super) struct Dropping;

impl Transport for Dropping {
    fn send_envelope(&self, envelope: Envelope) {
        drop_spans(envelope, |envelope| {
            let spans = envelope.items().map(|item| match item {
                EnvelopeItem::Transaction(transaction) => 1 + transaction.spans.len(),
                _ => 0,
            });
            spans.sum()
        });
    }
}

pub(super) fn set_up(rate: f32) {
    let transport = |_: &ClientOptions| Arc::new(Dropping) as Arc<dyn Transport>;
    let options =
        ClientOptions::new().dsn(DSN).release(RELEASE).traces_sample_rate(rate).transport(transport);
    Hub::current().bind_client(Some(Arc::new(Client::from(options))));
}

pub(super) fn case(row: Row, client: impl Handler) -> Option<Case> {
    set_up(0.0);
    Some(match row {
        Row::Parse => parse(SENTRY_TRACE),
        Row::ParseMalformed => parse(MALFORMED_SENTRY_TRACE),
        Row::Extract => {
            let request = traced_request();
            Case::new(move || {
                let headers = black_box(request.headers()).iter();
                let texts = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
                black_box(TracePropagationContext::try_from_headers(texts).ok());
            })
        }
        Row::Emit => {
            let headers = [("sentry-trace", SENTRY_TRACE), ("baggage", BAGGAGE)];
            let context = TracePropagationContext::try_from_headers(headers).unwrap();
            Case::new(move || {
                let text = black_box(&context).sentry_trace_header();
                black_box(HeaderValue::from_str(&text).ok());
            })
        }
        Row::Ids => Case::new(|| {
            black_box((TraceId::default(), SpanId::default()));
        }),
        Row::ServerContinued => server(0.0, traced_request(), 0),
        // Its layers always give the hub the request and a span.
        Row::ServerNew | Row::ServerUnsampled | Row::HubRequest | Row::HubSpans => {
            server(0.0, untraced_request(), 0)
        }
        Row::ServerRecorded1 => server(1.0, traced_request(), 1),
        Row::ServerNewRecorded => server(1.0, untraced_request(), 1),
        Row::ServerRecorded20 => server(1.0, traced_request(), 20),
        Row::ToBytes1 => to_bytes(1),
        Row::ToBytes20 => to_bytes(20),
        Row::ToBytes200 => to_bytes(200),
        Row::ToBytes1000 => to_bytes(1000),
        Row::Poll => in_flight(1),
        Row::ClientMatch | Row::ClientDefault => send(client),
        Row::Gateway => gateway(traced_request(), client),
        Row::GatewayNew => gateway(untraced_request(), client),
        // No frames, since it ends with the response head; no organization, and no targets.
        _ => return None,
    })
}

fn parse(value: &'static str) -> Case {
    let read = TracePropagationContext::try_from_headers([("sentry-trace", value)]);
    assert_eq!(read.is_ok(), value == SENTRY_TRACE);
    Case::new(move || {
        let headers = [("sentry-trace", black_box(value))];
        black_box(TracePropagationContext::try_from_headers(headers).ok());
    })
}

type Layers = tower::layer::util::Stack<
    SentryHttpLayer,
    tower::layer::util::Stack<NewSentryLayer<Request>, tower::layer::util::Identity>,
>;

/// As its documentation says.
fn layers() -> ServiceBuilder<Layers> {
    ServiceBuilder::new()
        .layer(NewSentryLayer::new_from_top())
        .layer(SentryHttpLayer::new().enable_transaction())
}

fn to_bytes(spans: usize) -> Case {
    Hub::current().bind_client(Some(envelopes::client()));
    envelopes::awaited(serving(traced_request(), spans), 1)
}

pub(super) fn server(rate: f32, request: Request, spans: usize) -> Case {
    set_up(rate);
    Case::new(serving(request, spans))
}

fn serving(request: Request, spans: usize) -> impl FnMut() + 'static {
    let handler = with_spans(spans, make_span);
    let mut service = layers().service(handler);
    move || serve(&mut service, request.clone())
}

fn make_span() {
    let parent = sentry_core::configure_scope(|scope| scope.get_span());
    if let Some(parent) = parent {
        parent.start_child("db.query", "SELECT 1").finish();
    }
}

/// Requests that run, of which so many spans have ended.
pub(super) fn running(spans: usize, number: usize) -> Case {
    set_up(1.0);
    poll_again(layers().service(with_spans_and_never(spans, make_span)), number)
}

fn send(client: impl Handler) -> Case {
    let context =
        TransactionContext::continue_from_headers("GET /", "http.server", [("sentry-trace", SENTRY_TRACE)]);
    let transaction = sentry_core::start_transaction(context);
    let (mut service, url) = (MapRequest::new(client, inject), uri(TARGET_URL));
    Case::new(move || serve(&mut service, outgoing_request(url))).within(move |work| {
        sentry_core::configure_scope(|scope| scope.set_span(Some(transaction.clone().into())));
        work();
        sentry_core::configure_scope(|scope| scope.set_span(None));
    })
}

pub(super) fn gateway(request: Request, client: impl Handler) -> Case {
    set_up(0.0);
    let mut service = layers().service(forwarding(MapRequest::new(client, inject)));
    Case::new(move || serve(&mut service, request.clone()))
}

pub(super) fn in_flight(number: usize) -> Case {
    set_up(0.0);
    poll_again(layers().service(service_fn(never)), number)
}

/// sentry-tower has no layer for clients: this is what one does by hand.
fn inject(mut request: Request) -> Request {
    if let Some(span) = sentry_core::configure_scope(|scope| scope.get_span()) {
        for (name, value) in span.iter_headers() {
            request.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
        }
    }
    request
}
