//! The forms of `#[instrument]` and the ways to run futures: the tree is what the code says.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fmt::Debug;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, FuturesUnordered};
use support::{Recorded, recorded};
use tokio::task::{JoinSet, LocalSet, block_in_place, yield_now};
use trace_core::{SpanStatus, TraceContext, TraceExt};
use tracing::{Instrument, Span, info_span};
use tracing_subscriber::prelude::*;

mod support;

/// Runs work in a job on a runtime, and returns what was recorded. All threads have the same subscriber.
fn run<F: Future<Output = ()>>(work: impl FnOnce() -> F) -> Recorded {
    static SUBSCRIBER: std::sync::Once = std::sync::Once::new();
    SUBSCRIBER.call_once(|| tracing_subscriber::registry().with(trace_tracing::layer()).init());
    let (tracer, sink) = recorded();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    runtime.block_on(async { work().in_span(tracer.service_span("task", "job").start()).await });
    assert!(TraceContext::current().is_none());
    drop(runtime);
    Recorded::of(&sink)
}

fn sorted(sent: &Recorded) -> Vec<String> {
    let mut tree = sent.tree();
    tree.sort_unstable();
    tree
}

#[tracing::instrument(skip_all, fields(n = depth))]
async fn recursive(depth: u32) {
    yield_now().await;
    if depth > 0 {
        Box::pin(recursive(depth - 1)).await;
    }
}

#[tracing::instrument(parent = parent, skip_all)]
fn with_parent(parent: &Span) {
    below();
}

#[tracing::instrument(follows_from = causes, skip_all)]
fn with_causes(causes: Vec<Option<tracing::Id>>) {}

#[tracing::instrument(level = "debug")]
async fn too_verbose() {
    below();
}

#[tracing::instrument(name = "renamed", err(Debug), ret)]
fn odd(number: u32) -> Result<u32, String> {
    if number.is_multiple_of(2) { Err("even".to_owned()) } else { Ok(number) }
}

#[tracing::instrument]
fn below() {}

trait Load: Debug {
    fn load(&self) -> impl Future<Output = u32> + Send;
}

#[derive(Debug)]
struct Store;

impl Load for Store {
    #[tracing::instrument(fields(later))]
    async fn load(&self) -> u32 {
        yield_now().await;
        Span::current().record("later", 3).record("undeclared", 4);
        3
    }
}

#[test]
fn each_form_of_the_attribute_makes_the_span_that_it_says() {
    let sent = run(|| async {
        recursive(2).await;
        let first = info_span!("first");
        with_parent(&first);
        with_causes(vec![first.id(), None, first.id()]);
        too_verbose().await;
        let _results = (odd(1), odd(2));
        Store.load().await;
    });
    let renamed: Vec<_> = sent.spans.iter().filter(|span| span.description == "renamed").collect();
    let of_renamed = renamed.iter().map(|span| (span.attribute("number").cloned(), span.status));
    assert_eq!(
        of_renamed.collect::<Vec<_>>(),
        [(Some(1.into()), None), (Some(2.into()), Some(SpanStatus::InternalError))]
    );
    assert_eq!(sent.span("with_causes").links.len(), 2);
    let load = sent.span("load");
    assert_eq!(
        (load.attribute("self"), load.attribute("later"), load.attribute("undeclared")),
        (Some(&"Store".into()), Some(&3.into()), None)
    );
    let depths: Vec<_> = sent.spans.iter().filter_map(|span| span.attribute("n").cloned()).collect();
    assert_eq!(depths, [2, 1, 0].map(Into::into));
    assert_eq!(sent.children("first")[0].description, "with_parent");
    assert_eq!(sent.children("with_parent")[0].description, "below");
    assert_eq!(sent.spans.iter().filter(|span| span.description == "below").count(), 2);
}

async fn work(n: u64) {
    for _ in 0..n % 4 {
        yield_now().await;
    }
    info_span!("child").in_scope(|| {});
}

#[test]
fn futures_that_run_at_once_keep_their_spans_apart() {
    let sent = run(|| async {
        let named = |n: u64| work(n).instrument(info_span!("future", n));
        let unordered: FuturesUnordered<_> = (0..10).map(named).collect();
        unordered.collect::<()>().await;
        stream::iter(10..20).map(named).buffer_unordered(4).collect::<()>().await;
        tokio::join!(named(20), named(21), named(22));
        LocalSet::new().run_until(async { tokio::task::spawn_local(named(23)).await.unwrap() }).await;
        let mut set = JoinSet::new();
        (24..30).for_each(|n| drop(set.spawn(named(n))));
        set.join_all().await;
        tokio::spawn(
            async { block_in_place(|| info_span!("child").in_scope(|| {})) }.instrument(info_span!("future")),
        )
        .await
        .unwrap();
        std::thread::scope(|scope| {
            let span = info_span!("future");
            scope.spawn(move || span.in_scope(|| info_span!("child").in_scope(|| {})));
        });
    });
    let futures: Vec<_> = sent.spans.iter().filter(|span| span.description == "future").collect();
    assert_eq!((futures.len(), sent.spans.len()), (32, 64));
    for future in futures {
        let children = sent.spans.iter().filter(|span| span.parent_span_id == Some(future.span_id));
        assert_eq!((children.count(), future.parent_span_id), (1, Some(sent.root.span_id)));
    }
}

#[test]
fn work_that_is_cut_short_ends_its_spans() {
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            info_span!("while dropping").in_scope(|| {});
        }
    }
    let never = || async {
        let _on_drop = OnDrop;
        std::future::pending::<()>().await;
    };
    let sent = run(|| async {
        let timeout =
            tokio::time::timeout(Duration::from_millis(1), never().instrument(info_span!("timeout")));
        assert!(timeout.await.is_err());
        let task = tokio::spawn(never().instrument(info_span!("aborted")));
        yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        let task = tokio::spawn(async { panic!("in the test") }.instrument(info_span!("panicked")));
        assert!(task.await.unwrap_err().is_panic());
        let mut never_polled = Box::pin(never().instrument(info_span!("never polled")));
        tokio::select! {
            biased;
            () = std::future::ready(()) => {}
            () = &mut never_polled => {}
        }
        drop(never_polled);
        info_span!("after").in_scope(|| {});
    });
    let mut found = sorted(&sent);
    // An abort may come before the first poll.
    found.retain(|line| line != "aborted > while dropping");
    assert_eq!(
        found,
        [
            "job > aborted",
            "job > after",
            "job > never polled",
            "job > panicked",
            "job > timeout",
            "timeout > while dropping"
        ]
    );
    assert_eq!(sent.span("panicked").status, Some(SpanStatus::InternalError));
}

#[test]
fn a_span_below_which_a_task_goes_on_is_sent_if_the_transaction_waits() {
    let sent = run(|| async {
        let guard = TraceContext::current().unwrap().keep_open();
        let (start, started) = tokio::sync::oneshot::channel();
        let (ended, wait) = tokio::sync::oneshot::channel::<()>();
        let background = async move {
            start.send(()).unwrap();
            // The channel is closed when the job is over.
            assert!(wait.await.is_err());
            yield_now().await;
        };
        let task = async move {
            background.instrument(info_span!("background")).await;
            drop(guard);
        };
        async { drop(tokio::spawn(task.in_current_trace())) }.instrument(info_span!("handle")).await;
        started.await.unwrap();
        drop(ended);
    });
    assert_eq!(sorted(&sent), ["handle > background", "job > handle"]);
}

#[test]
fn a_span_is_sent_although_a_task_below_it_goes_on() {
    let (stop, wait) = tokio::sync::oneshot::channel::<()>();
    let sent = run(|| async move {
        let background = async move { drop(wait.await) };
        let start = async { drop(tokio::spawn(background.instrument(info_span!("background")))) };
        async { start.instrument(info_span!("start")).await }.instrument(info_span!("handle")).await;
    });
    drop(stop);
    assert_eq!(sorted(&sent), ["handle > start", "job > handle"]);
}
