//! The rows.

use std::hint::black_box;
use std::sync::Arc;

use tower::service_fn;

use super::client::Client;
use super::context::Context;
use super::current::Slot;
use super::header::TraceHeader;
use super::server::Server;
use super::targets::Targets;
use crate::case::Case;
use crate::harness::{Handler, bare, endless, forwarding, frame_again, never, poll_again, serve};
use crate::inputs::{
    MALFORMED_SENTRY_TRACE, OTHER_URL, Request, SENTRY_TRACE, TARGET_URL, TARGETS, outgoing_request,
    traced_request, untraced_request, uri,
};
use crate::row::Row;

pub(in crate::contenders) fn case(row: Row, client: impl Handler) -> Option<Case> {
    let texts = || Targets::of(&TARGETS);
    Some(match row {
        Row::Parse => parse(SENTRY_TRACE),
        Row::ParseMalformed => parse(MALFORMED_SENTRY_TRACE),
        Row::Extract => {
            let request = traced_request();
            Case::new(move || {
                black_box(Context::of(black_box(request.headers())));
            })
        }
        Row::Emit => {
            let header = TraceHeader::parse(SENTRY_TRACE.as_bytes())?;
            Case::new(move || {
                black_box(black_box(&header).value());
            })
        }
        Row::Ids => Case::new(|| {
            black_box(TraceHeader::new());
        }),
        Row::TargetsHit => targets(texts(), TARGET_URL),
        Row::TargetsMiss => targets(texts(), OTHER_URL),
        Row::TargetsDefault => targets(Targets::All, TARGET_URL),
        Row::TargetsEmpty => targets(Targets::None, TARGET_URL),
        Row::ServerContinued => server(traced_request()),
        Row::ServerNew | Row::ServerUnsampled => server(untraced_request()),
        // It neither compares organizations nor records, and has no client of reqwest and no hub.
        Row::ClientReqwest
        | Row::HubAlone
        | Row::HubRequest
        | Row::HubSpans
        | Row::ServerContinuedNoOrganization
        | Row::ServerRecorded1
        | Row::ServerRecorded20
        | Row::ServerNewRecorded
        | Row::ToBytes1
        | Row::ToBytes20
        | Row::ToBytes200
        | Row::ToBytes1000 => return None,
        // See `tracing_spans`.
        Row::TracingSpan
        | Row::TracingEnter
        | Row::TracingRecorded1
        | Row::TracingRecorded20
        | Row::TracingFields20
        | Row::TracingEnterRecorded => return None,
        Row::Poll => in_flight(1),
        Row::Frame => frame_again(Server(service_fn(endless))),
        Row::ClientMatch => send(client, texts(), TARGET_URL),
        Row::ClientNoMatch => send(client, texts(), OTHER_URL),
        Row::ClientDefault => send(client, Targets::All, TARGET_URL),
        Row::ClientEmpty => send(client, Targets::None, TARGET_URL),
        Row::Gateway => gateway(traced_request(), client),
        Row::GatewayNew => gateway(untraced_request(), client),
    })
}

fn parse(value: &'static str) -> Case {
    assert_eq!(TraceHeader::parse(value.as_bytes()).is_some(), value == SENTRY_TRACE);
    Case::new(move || {
        black_box(TraceHeader::parse(black_box(value.as_bytes())));
    })
}

fn targets(targets: Targets, url: &'static str) -> Case {
    let url = uri(url);
    Case::new(move || {
        black_box(black_box(&targets).matches(black_box(url)));
    })
}

pub(in crate::contenders) fn server(request: Request) -> Case {
    let mut service = Server(service_fn(bare));
    Case::new(move || serve(&mut service, request.clone()))
}

fn send(client: impl Handler, targets: Targets, url: &'static str) -> Case {
    let mut service = Client { inner: client, targets: Arc::new(targets) };
    let (slot, url) = (Slot::new(Context::of(traced_request().headers())), uri(url));
    Case::new(move || serve(&mut service, outgoing_request(url))).within(move |work| slot.enter(work))
}

pub(in crate::contenders) fn gateway(request: Request, client: impl Handler) -> Case {
    let client = Client { inner: client, targets: Arc::new(Targets::of(&TARGETS)) };
    let mut service = Server(forwarding(client));
    Case::new(move || serve(&mut service, request.clone()))
}

pub(in crate::contenders) fn in_flight(number: usize) -> Case {
    poll_again(Server(service_fn(never)), number)
}
