//! The status of both sides is that which tonic tells the caller.

use std::time::Duration;

use end_to_end::in_time;
use grpc::{Call, Kind};
use tonic::Code;
use tonic::transport::Endpoint;
use trace_core::{AttributeValue, TraceExt};

use crate::sides::{Sides, status};

/// The script, whether only a stream can play it, what tonic tells the caller, and the status of client and server.
const ENDINGS: [(&str, bool, Code, &str, &str); 10] = [
    ("trace", false, Code::Ok, "ok", "ok"),
    ("fail 5", false, Code::NotFound, "not_found", "not_found"),
    ("fail 16", false, Code::Unauthenticated, "unauthenticated", "unauthenticated"),
    ("fail 1", false, Code::Cancelled, "cancelled", "cancelled"),
    ("fail 2", false, Code::Unknown, "unknown_error", "unknown_error"),
    ("fail 13", false, Code::Internal, "internal_error", "internal_error"),
    ("break 15", false, Code::DataLoss, "data_loss", "data_loss"),
    ("break 8", false, Code::ResourceExhausted, "resource_exhausted", "resource_exhausted"),
    ("fail 12", false, Code::Unimplemented, "unimplemented", "unimplemented"),
    ("break 4", true, Code::DeadlineExceeded, "deadline_exceeded", "deadline_exceeded"),
];

#[tokio::test]
async fn every_kind_of_call_ends_with_its_status_on_both_sides() {
    let mut sides = Sides::start().await;
    for kind in Kind::ALL {
        for (script, only_streams, code, near_status, far_status) in ENDINGS {
            if only_streams && !kind.streams_answer() {
                continue;
            }
            let caller = sides.caller();
            let call = Call::new("test.Scripted", kind, script);
            let made =
                in_time(script, call.make(sides.channel.clone()).in_trace(caller.context().clone())).await;
            let told = made.as_ref().map_or_else(|status| status.code(), |_| Code::Ok);
            let trace = caller.trace_id().to_string();
            let (near, far) = sides.ended(caller).await;

            let case = format!("{kind:?} {script}");
            assert_eq!(told, code, "{case}");
            assert_eq!((status(&near), status(&far.root)), (near_status, far_status), "{case}");
            assert_eq!(far.trace_id.to_string(), trace, "{case}");
            assert_eq!(far.root.parent_span_id, Some(near.span_id), "{case}");
            assert_eq!((&*near.operation, &*far.root.operation), ("grpc.client", "grpc.server"), "{case}");
            for span in [&near, &far.root] {
                let number = AttributeValue::Integer(i64::from(i32::from(code)));
                assert_eq!(span.attribute("rpc.grpc.status_code"), Some(&number), "{case}");
            }
            if let Ok(messages) = made {
                let expected = if kind.streams_answer() { 2 } else { 1 };
                assert_eq!(messages, vec![trace; expected], "the trace is current in each poll: {case}");
            }
        }
    }
}

#[tokio::test]
async fn a_method_that_panics_fails_on_both_sides() {
    let mut sides = Sides::start().await;
    let caller = sides.caller();
    let call = Call::new("test.Scripted", Kind::Unary, "panic");
    let made = in_time("the end", call.make(sides.channel.clone()).in_trace(caller.context().clone())).await;
    assert!(made.is_err(), "{made:?}");
    let (near, far) = sides.ended(caller).await;
    assert_eq!((status(&near), status(&far.root)), ("unavailable", "internal_error"));
    assert_eq!(&*far.root.operation, "grpc.server");
}

#[tokio::test]
async fn a_call_whose_time_is_over_exceeds_its_deadline_on_both_sides() {
    // tonic limits the time to the head; a stream that has begun is for the caller to leave.
    for script in ["hang", "stall"] {
        let mut sides = Sides::start().await;
        let (caller, timeout) = (sides.caller(), Duration::from_millis(300));
        let call = Call::new("test.Scripted", Kind::ServerStream, script).timeout(timeout);
        let made = tokio::time::timeout(timeout * 2, call.make(sides.channel.clone()));
        let made = in_time(script, made.in_trace(caller.context().clone())).await;
        assert!(!matches!(made, Ok(Ok(_))), "{script}");
        let (near, far) = sides.ended(caller).await;
        for span in [&near, &far.root] {
            let case = format!("{script}, {}", span.operation);
            assert_eq!(status(span), "deadline_exceeded", "{case}");
            assert_eq!(span.attribute("rpc.grpc.timeout_ms"), Some(&AttributeValue::Float(300.0)), "{case}");
        }
        assert_eq!((&*near.operation, &*far.root.operation), ("grpc.client", "grpc.server"), "{script}");
    }
}

#[tokio::test]
async fn a_call_that_its_channel_gives_up_is_unavailable_and_cancelled() {
    // The channel tells the server no deadline.
    let mut sides = Sides::start().await;
    let channel =
        Endpoint::from_shared(sides.url()).unwrap().timeout(Duration::from_millis(50)).connect_lazy();
    let (caller, call) = (sides.caller(), Call::new("test.Scripted", Kind::Unary, "hang"));
    let made = call.make(sides.traced(channel)).in_trace(caller.context().clone());
    assert_eq!(in_time("the timeout", made).await.unwrap_err().code(), Code::Cancelled);
    let (near, far) = sides.ended(caller).await;
    assert_eq!((status(&near), status(&far.root)), ("unavailable", "cancelled"));
}
