//! Guards that are held across an await. The registry then takes spans of other tasks for parents, and never closes some of
//! them (seen without any layer of ours), so not each span is sent; but those that are sent are below the right parent.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use support::{Recorded, recorded};
use tokio::task::yield_now;
use trace_core::{TraceContext, TraceExt};
use tracing::info_span;
use tracing_subscriber::prelude::*;

mod support;

#[test]
fn guards_that_are_held_across_an_await_leave_nothing_behind() {
    tracing_subscriber::registry().with(trace_tracing::layer()).init();
    for _ in 0..20 {
        let (tracer, sink) = recorded();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let work = async {
            let tasks = (0..50).map(|_| {
                let careless = async {
                    let span = info_span!("careless");
                    for _ in 0..5 {
                        let _guard = span.enter();
                        yield_now().await;
                    }
                };
                tokio::spawn(careless.in_current_trace())
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
            info_span!("after").in_scope(|| {});
        };
        runtime.block_on(work.in_span(tracer.service_span("task", "job").start()));
        assert!(TraceContext::current().is_none());
        let mut tree = Recorded::of(&sink).tree();
        tree.retain(|line| line != "job > careless");
        assert_eq!(tree, ["job > after"]);
    }
}
