//! The `TraceLayer` of tower-http without a subscriber: no propagation, and what everybody accepts to pay.

use tower::{Layer, service_fn};
use tower_http::trace::TraceLayer;

use crate::case::Case;
use crate::harness::{bare, endless, frame_again, never, poll_again, serve};
use crate::inputs::{Request, traced_request, untraced_request};
use crate::row::Row;

pub(super) fn case(row: Row) -> Option<Case> {
    Some(match row {
        Row::ServerContinued => server(traced_request()),
        Row::ServerNew | Row::ServerUnsampled => server(untraced_request()),
        Row::Poll => in_flight(1),
        Row::Frame => frame_again(TraceLayer::new_for_http().layer(service_fn(endless))),
        _ => return None,
    })
}

pub(super) fn server(request: Request) -> Case {
    let mut service = TraceLayer::new_for_http().layer(service_fn(bare));
    Case::new(move || serve(&mut service, request.clone()))
}

pub(super) fn in_flight(number: usize) -> Case {
    poll_again(TraceLayer::new_for_http().layer(service_fn(never)), number)
}
