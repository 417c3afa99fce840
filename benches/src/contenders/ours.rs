//! This project.

use std::hint::black_box;
use std::time::Duration;

use tower::{Layer, service_fn};
use trace_client::{PropagationTargets, Target, TraceClientLayer};
use trace_core::wire::SentryTrace;
use trace_core::{Record, SpanId, SpanSink, TraceId, TraceLifecycle, Tracer, map_current};
use trace_sentry::{HubLayer, SentrySink};
use trace_server::TraceServerLayer;

use super::{envelopes, hub, reqwests};

use crate::case::Case;
use crate::harness::{
    Handler, endless, forwarding, frame_again, never, poll_again, serve, with_spans, with_spans_and_never,
};
use crate::inputs::{
    DSN, DSN_WITHOUT_ORGANIZATION, MALFORMED_SENTRY_TRACE, OTHER_URL, RELEASE, Request, SENTRY_TRACE,
    TARGET_URL, TARGETS, outgoing_request, traced_request, untraced_request, uri,
};
use crate::recorded::drop_spans;
use crate::row::Row;

struct Dropping;

impl SpanSink for Dropping {
    fn receive(&self, record: Record) {
        if let Record::Transaction(transaction) = record {
            drop_spans(transaction, |transaction| 1 + transaction.spans.len());
        }
    }
}

/// A service that only propagates, or samples at a rate.
pub(super) fn tracer(rate: Option<f64>) -> Tracer {
    tracer_of(DSN, rate)
}

fn tracer_of(dsn: &str, rate: Option<f64>) -> Tracer {
    let builder = Tracer::builder().dsn(dsn).release(RELEASE).sink(Dropping);
    match rate {
        None => builder,
        Some(rate) => builder.traces_sample_rate(rate),
    }
    .build()
    .unwrap()
}

pub(super) fn case(row: Row, client: impl Handler) -> Option<Case> {
    Some(match row {
        Row::Parse => parse(SENTRY_TRACE),
        Row::ParseMalformed => parse(MALFORMED_SENTRY_TRACE),
        Row::Extract => {
            let (tracer, request) = (tracer(None), traced_request());
            Case::new(move || {
                black_box(tracer.continue_trace(black_box(request.headers())));
            })
        }
        Row::Emit => {
            let header: SentryTrace = SENTRY_TRACE.parse().unwrap();
            Case::new(move || {
                black_box(black_box(&header).to_header_value());
            })
        }
        Row::Ids => Case::new(|| {
            black_box((TraceId::random(), SpanId::random()));
        }),
        Row::TargetsHit => targets(Some(list(&TARGETS)), TARGET_URL),
        Row::TargetsMiss => targets(Some(list(&TARGETS)), OTHER_URL),
        Row::TargetsDefault => targets(None, TARGET_URL),
        Row::TargetsEmpty => targets(Some(list(&[])), TARGET_URL),
        Row::ServerContinued => server(tracer(None), traced_request(), 0),
        Row::ServerContinuedNoOrganization => {
            server(tracer_of(DSN_WITHOUT_ORGANIZATION, None), traced_request(), 0)
        }
        Row::ServerNew => server(tracer(None), untraced_request(), 0),
        Row::ServerUnsampled => server(tracer(Some(0.0)), untraced_request(), 0),
        Row::ServerRecorded1 => server(tracer(Some(1.0)), traced_request(), 1),
        Row::ServerNewRecorded => server(tracer(Some(1.0)), untraced_request(), 1),
        Row::ServerRecorded20 => server(tracer(Some(1.0)), traced_request(), 20),
        Row::HubAlone => hub::unsampled(HubLayer::new().request_data(false)),
        Row::HubRequest => hub::unsampled(HubLayer::new()),
        Row::HubSpans => hub::unsampled(HubLayer::new().official_spans(true)),
        Row::ToBytes1 => to_bytes(TraceLifecycle::Static, 1),
        Row::ToBytes20 => to_bytes(TraceLifecycle::Static, 20),
        Row::ToBytes200 => to_bytes(TraceLifecycle::Static, 200),
        Row::ToBytes1000 => to_bytes(TraceLifecycle::Static, 1000),
        Row::Poll => in_flight(1),
        Row::Frame => frame_again(TraceServerLayer::new(tracer(None)).layer(service_fn(endless))),
        Row::ClientMatch => send(client, Some(list(&TARGETS)), TARGET_URL),
        Row::ClientNoMatch => send(client, Some(list(&TARGETS)), OTHER_URL),
        Row::ClientDefault => send(client, None, TARGET_URL),
        Row::ClientEmpty => send(client, Some(list(&[])), TARGET_URL),
        Row::ClientReqwest => {
            let tracer = tracer(None);
            let context = tracer.continue_trace(traced_request().headers());
            let client = client_layer(tracer, None).layer(service_fn(reqwests::bare));
            reqwests::send(client).within(move |work| context.scope(work))
        }
        Row::Gateway => gateway(tracer(None), traced_request(), client),
        Row::GatewayNew => gateway(tracer(Some(0.0)), untraced_request(), client),
        // See `tracing_spans`.
        Row::TracingSpan
        | Row::TracingEnter
        | Row::TracingRecorded1
        | Row::TracingRecorded20
        | Row::TracingFields20
        | Row::TracingEnterRecorded => return None,
    })
}

/// What spans that are sent as they end change.
pub(super) fn streamed(row: Row) -> Option<Case> {
    let spans = match row {
        Row::ToBytes1 => 1,
        Row::ToBytes20 => 20,
        Row::ToBytes200 => 200,
        Row::ToBytes1000 => 1000,
        _ => return None,
    };
    Some(to_bytes(TraceLifecycle::Stream, spans))
}

fn parse(value: &'static str) -> Case {
    assert_eq!(value.parse::<SentryTrace>().is_ok(), value == SENTRY_TRACE);
    Case::new(move || {
        black_box(SentryTrace::parse(black_box(value.as_bytes())).ok());
    })
}

fn to_bytes(lifecycle: TraceLifecycle, spans: usize) -> Case {
    let sink = SentrySink::builder(envelopes::client()).trace_lifecycle(lifecycle).build().unwrap();
    let work = serving(sink.tracer().build().unwrap(), traced_request(), spans);
    let each = match lifecycle {
        TraceLifecycle::Stream => (1 + spans).div_ceil(1000),
        _ => 1,
    };
    envelopes::awaited(work, each)
}

pub(super) fn server(tracer: Tracer, request: Request, spans: usize) -> Case {
    Case::new(serving(tracer, request, spans))
}

fn serving(tracer: Tracer, request: Request, spans: usize) -> impl FnMut() + 'static {
    let handler = with_spans(spans, make_span);
    let mut service = TraceServerLayer::new(tracer).layer(handler);
    move || serve(&mut service, request.clone())
}

fn make_span() {
    let span = map_current(|current| current.map(|context| context.start_span("db.query", "SELECT 1")));
    drop(black_box(span));
}

/// Requests that run, of which so many spans have ended. Those that are sent as they end have left.
pub(super) fn running(lifecycle: TraceLifecycle, spans: usize, number: usize) -> Case {
    let sink = SentrySink::builder(envelopes::client()).trace_lifecycle(lifecycle).build().unwrap();
    let layer = TraceServerLayer::new(sink.tracer().build().unwrap());
    let case = poll_again(layer.layer(with_spans_and_never(spans, make_span)), number);
    assert!(sink.flush(Duration::from_secs(30)));
    envelopes::forget();
    case
}

fn list(texts: &[&str]) -> Vec<Target> {
    texts.iter().map(|text| Target::substring(*text)).collect()
}

fn targets(list: Option<Vec<Target>>, url: &'static str) -> Case {
    let targets =
        list.map_or_else(PropagationTargets::default, |list| PropagationTargets::new(list).unwrap());
    let url = uri(url);
    Case::new(move || {
        black_box(black_box(&targets).matches(black_box(url)));
    })
}

fn client_layer(tracer: Tracer, targets: Option<Vec<Target>>) -> TraceClientLayer {
    let layer = TraceClientLayer::new(tracer);
    match targets {
        None => layer,
        Some(targets) => layer.targets(targets).unwrap(),
    }
}

fn send(client: impl Handler, targets: Option<Vec<Target>>, url: &'static str) -> Case {
    let tracer = tracer(None);
    let context = tracer.continue_trace(traced_request().headers());
    let (mut service, url) = (client_layer(tracer, targets).layer(client), uri(url));
    Case::new(move || serve(&mut service, outgoing_request(url))).within(move |work| context.scope(work))
}

pub(super) fn gateway(tracer: Tracer, request: Request, client: impl Handler) -> Case {
    let client = client_layer(tracer.clone(), Some(list(&TARGETS))).layer(client);
    let mut service = TraceServerLayer::new(tracer).layer(forwarding(client));
    Case::new(move || serve(&mut service, request.clone()))
}

pub(super) fn in_flight(number: usize) -> Case {
    poll_again(TraceServerLayer::new(tracer(None)).layer(service_fn(never)), number)
}
