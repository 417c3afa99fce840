//! The harness without any tracing: what is taken off every other figure.

use std::hint::black_box;

use tower::service_fn;

use super::reqwests;
use crate::case::Case;
use crate::harness::{Handler, bare, endless, forwarding, frame_again, never, poll_again, serve};
use crate::inputs::{
    OTHER_URL, Request, TARGET_URL, outgoing_request, traced_request, untraced_request, uri,
};
use crate::row::Row;

pub(super) fn case(row: Row, client: impl Handler) -> Case {
    match row {
        Row::Parse | Row::ParseMalformed | Row::Extract | Row::Emit | Row::Ids => nothing(),
        Row::TargetsMiss => decide(OTHER_URL),
        Row::TargetsHit | Row::TargetsDefault | Row::TargetsEmpty => decide(TARGET_URL),
        Row::ServerNew
        | Row::ServerUnsampled
        | Row::ServerNewRecorded
        | Row::HubAlone
        | Row::HubRequest
        | Row::HubSpans => server(untraced_request()),
        Row::ServerContinued
        | Row::ServerContinuedNoOrganization
        | Row::ServerRecorded1
        | Row::ServerRecorded20
        | Row::ToBytes1
        | Row::ToBytes20
        | Row::ToBytes200
        | Row::ToBytes1000 => server(traced_request()),
        Row::Poll => in_flight(1),
        Row::Frame => frame_again(service_fn(endless)),
        Row::ClientNoMatch => send(client, OTHER_URL),
        Row::ClientMatch | Row::ClientDefault | Row::ClientEmpty => send(client, TARGET_URL),
        Row::ClientReqwest => reqwests::send(service_fn(reqwests::bare)),
        Row::Gateway => gateway(traced_request(), client),
        Row::GatewayNew => gateway(untraced_request(), client),
        // See `tracing_spans`.
        Row::TracingSpan
        | Row::TracingEnter
        | Row::TracingRecorded1
        | Row::TracingRecorded20
        | Row::TracingFields20
        | Row::TracingEnterRecorded => nothing(),
    }
}

fn nothing() -> Case {
    Case::new(|| {
        black_box(());
    })
}

/// Targets, a URL and an answer that is always the same.
fn decide(url: &'static str) -> Case {
    let (targets, url) = ((), uri(url));
    Case::new(move || {
        black_box(&targets);
        black_box(url);
        black_box(true);
    })
}

pub(super) fn server(request: Request) -> Case {
    let mut service = service_fn(bare);
    Case::new(move || serve(&mut service, request.clone()))
}

fn send(mut client: impl Handler, url: &'static str) -> Case {
    let url = uri(url);
    Case::new(move || serve(&mut client, outgoing_request(url)))
}

pub(super) fn gateway(request: Request, client: impl Handler) -> Case {
    let mut service = forwarding(client);
    Case::new(move || serve(&mut service, request.clone()))
}

pub(super) fn in_flight(number: usize) -> Case {
    poll_again(service_fn(never), number)
}
