//! OpenTelemetry: axum-tracing-opentelemetry over tracing, tracing-opentelemetry and the SDK, with a processor that
//! drops what it is given. It propagates `traceparent` and `baggage`, both taken apart and put together again; it has no
//! targets.

use std::hint::black_box;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use ::opentelemetry::propagation::{TextMapCompositePropagator, TextMapPropagator};
use ::opentelemetry::trace::{Link, SpanKind, TraceContextExt, TracerProvider};
use ::opentelemetry::{Context, KeyValue, global};
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use http::HeaderMap;
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::{
    IdGenerator, RandomIdGenerator, SamplingDecision, SamplingResult, SdkTracerProvider, ShouldSample, Span,
    SpanData, SpanProcessor,
};
use tower::util::MapRequest;
use tower::{Layer, service_fn};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

use super::tracing_spans;
use crate::case::Case;
use crate::harness::{Handler, forwarding, never, poll_again, serve, with_spans};
use crate::inputs::{
    MALFORMED_TRACEPARENT, Request, TARGET_URL, TRACEPARENT, outgoing_request, shared, traced_request,
    untraced_request, uri,
};
use crate::recorded::drop_spans;
use crate::row::Row;

#[derive(Debug)]
struct Dropping;

impl SpanProcessor for Dropping {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        drop_spans(span, |_| 1);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

/// Samples all or nothing, as the row wants it: everything else is set up once for the process.
#[derive(Debug, Clone)]
struct Switch;

static SAMPLES: AtomicBool = AtomicBool::new(false);

impl ShouldSample for Switch {
    fn should_sample(
        &self,
        _: Option<&Context>,
        _: ::opentelemetry::trace::TraceId,
        _: &str,
        _: &SpanKind,
        _: &[KeyValue],
        _: &[Link],
    ) -> SamplingResult {
        let decision =
            if SAMPLES.load(Relaxed) { SamplingDecision::RecordAndSample } else { SamplingDecision::Drop };
        SamplingResult { decision, attributes: Vec::new(), trace_state: Default::default() }
    }
}

fn propagator() -> TextMapCompositePropagator {
    TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ])
}

pub(super) fn set_up(samples: bool) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        global::set_text_map_propagator(propagator());
        let provider =
            SdkTracerProvider::builder().with_sampler(Switch).with_span_processor(Dropping).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("benches"));
        tracing_spans::subscribe(tracing_subscriber::registry().with(layer));
    });
    SAMPLES.store(samples, Relaxed);
}

pub(super) fn case(row: Row, client: impl Handler) -> Option<Case> {
    set_up(false);
    Some(match row {
        Row::Parse => parse(TRACEPARENT),
        Row::ParseMalformed => parse(MALFORMED_TRACEPARENT),
        Row::Extract => {
            let (propagator, request) = (propagator(), traced_request());
            Case::new(move || {
                black_box(propagator.extract(&HeaderExtractor(black_box(request.headers()))));
            })
        }
        Row::Emit => {
            let (propagator, mut headers) = (TraceContextPropagator::new(), HeaderMap::new());
            let context = propagator.extract(&HeaderExtractor(traced_request().headers()));
            Case::new(move || {
                propagator.inject_context(black_box(&context), &mut HeaderInjector(&mut headers));
            })
        }
        Row::Ids => {
            let generator = RandomIdGenerator::default();
            Case::new(move || {
                black_box((generator.new_trace_id(), generator.new_span_id()));
            })
        }
        Row::ServerContinued => server(false, traced_request(), 0),
        Row::ServerNew | Row::ServerUnsampled => server(false, untraced_request(), 0),
        Row::ServerRecorded1 => server(true, traced_request(), 1),
        Row::ServerNewRecorded => server(true, untraced_request(), 1),
        Row::ServerRecorded20 => server(true, traced_request(), 20),
        Row::Poll => in_flight(1),
        Row::ClientMatch | Row::ClientDefault => send(client),
        Row::Gateway => gateway(traced_request(), client),
        Row::GatewayNew => gateway(untraced_request(), client),
        // No frames, since it ends with the response head; no organization, and no targets.
        _ => return None,
    })
}

fn parse(value: &'static str) -> Case {
    let (propagator, mut headers) = (TraceContextPropagator::new(), HeaderMap::new());
    headers.insert("traceparent", shared(value));
    let read = propagator.extract(&HeaderExtractor(&headers));
    assert_eq!(read.has_active_span(), value == TRACEPARENT);
    Case::new(move || {
        black_box(propagator.extract(&HeaderExtractor(black_box(&headers))));
    })
}

pub(super) fn server(samples: bool, request: Request, spans: usize) -> Case {
    set_up(samples);
    let handler = with_spans(spans, || drop(black_box(tracing::info_span!("db.query").entered())));
    let mut service = OtelAxumLayer::default().layer(handler);
    Case::new(move || serve(&mut service, request.clone()))
}

fn send(client: impl Handler) -> Case {
    let span = tracing::info_span!("GET /");
    let parent = propagator().extract(&HeaderExtractor(traced_request().headers()));
    // The process that only asks what there is may have subscribed another contender.
    let _is_set = span.set_parent(parent);
    let (mut service, url) = (MapRequest::new(client, inject), uri(TARGET_URL));
    Case::new(move || serve(&mut service, outgoing_request(url))).within(move |work| span.in_scope(work))
}

pub(super) fn gateway(request: Request, client: impl Handler) -> Case {
    set_up(false);
    let mut service = OtelAxumLayer::default().layer(forwarding(MapRequest::new(client, inject)));
    Case::new(move || serve(&mut service, request.clone()))
}

pub(super) fn in_flight(number: usize) -> Case {
    set_up(false);
    poll_again(OtelAxumLayer::default().layer(service_fn(never)), number)
}

/// What one does by hand where no instrumented client is used.
fn inject(mut request: Request) -> Request {
    let context = tracing::Span::current().context();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut HeaderInjector(request.headers_mut()));
    });
    request
}
