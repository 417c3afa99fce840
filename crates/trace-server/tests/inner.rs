//! The wrapped service can be reached, changed and taken out again.

use tower_layer::Layer;
use trace_core::Tracer;
use trace_server::{SpanLayer, TraceServer};

#[test]
fn the_service_of_a_server_is_reached_changed_and_taken_out() {
    let mut server = TraceServer::new(1, Tracer::builder().build().unwrap());
    assert_eq!(*server.get_ref(), 1);
    *server.get_mut() += 1;
    assert_eq!(server.into_inner(), 2);
}

#[test]
fn the_service_of_a_middleware_span_is_reached_changed_and_taken_out() {
    let mut service = SpanLayer::middleware("authentication").layer(1);
    assert_eq!(*service.get_ref(), 1);
    *service.get_mut() += 1;
    assert_eq!(service.into_inner(), 2);
}
