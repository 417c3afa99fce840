//! The wrapped client can be reached, changed and taken out again.

use trace_client::TraceClient;
use trace_core::Tracer;

#[test]
fn the_client_is_reached_changed_and_taken_out() {
    let mut client = TraceClient::new(1, Tracer::builder().build().unwrap());
    assert_eq!(*client.get_ref(), 1);
    *client.get_mut() += 1;
    assert_eq!(client.into_inner(), 2);
}
