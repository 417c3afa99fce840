//! Callers that go, before the answer and within it.

use end_to_end::{Gate, in_time};
use grpc::{Call, Kind};
use trace_core::TraceExt;

use crate::sides::{Sides, status};

#[tokio::test]
async fn a_caller_that_goes_cancels_both_sides() {
    for kind in Kind::ALL {
        let arrived = Gate::default();
        let opened = arrived.clone();
        let mut sides = Sides::with(|layer| {
            layer.sample(move |_| {
                arrived.open();
                None
            })
        })
        .await;
        let caller = sides.caller();
        let call = Call::new("test.Scripted", kind, "hang");
        let sent = call.make(sides.channel.clone()).in_trace(caller.context().clone());
        tokio::select! {
            made = sent => panic!("there is no answer: {made:?}"),
            () = in_time("the request", opened.opened()) => {}
        }
        let (near, far) = sides.ended(caller).await;
        assert_eq!((status(&near), status(&far.root)), ("cancelled", "cancelled"), "{kind:?}");
        assert_eq!((&*near.operation, &*far.root.operation), ("grpc.client", "grpc.server"), "{kind:?}");
    }
}

#[tokio::test]
async fn a_caller_that_goes_within_the_answer_cancels_both_sides() {
    for kind in [Kind::ServerStream, Kind::Bidirectional] {
        let mut sides = Sides::start().await;
        let caller = sides.caller();
        let call = Call::new("test.Scripted", kind, "stall");
        let channel = sides.channel.clone();
        let left = async { call.many(channel).await.unwrap().message().await.unwrap() };
        in_time("a message", left.in_trace(caller.context().clone())).await.unwrap();
        let (near, far) = sides.ended(caller).await;
        assert_eq!((status(&near), status(&far.root)), ("cancelled", "cancelled"), "{kind:?}");
        assert_eq!((&*near.operation, &*far.root.operation), ("grpc.client", "grpc.server"), "{kind:?}");
        assert_eq!(near.attribute("rpc.response.status_code"), None, "{kind:?}");
    }
}
