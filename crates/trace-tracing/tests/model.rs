//! Ten thousand concurrent requests whose code is drawn at random: a model says which span is below which, and the tree that
//! was recorded is compared with it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use trace_core::{FinishedTransaction, InMemorySink, TraceExt, Tracer, TransactionName, in_current_trace};
use tracing::{Instrument, info_span};
use tracing_subscriber::prelude::*;

const REQUESTS: u64 = 10_000;

/// A piece of code. Each span has a number of its own, which is its field `n`.
#[derive(Debug, Clone)]
enum Code {
    /// Waits for its turn.
    Yield,
    /// An instrumented asynchronous function.
    Function(u64, Vec<Code>),
    /// A synchronous section.
    InScope(u64),
    /// A span of the trace itself, such as that of a client.
    Client(u64, Vec<Code>),
    /// Several futures at once on one task.
    Join(Vec<Vec<Code>>),
    /// A task that is given the span of `tracing`.
    Spawn(u64, Vec<Code>),
    /// A task that is given the context alone.
    SpawnInContext(Vec<Code>),
    /// A task that is given nothing: its spans are nobody's.
    SpawnWithout(u64),
    /// A thread of its own.
    Blocking(u64),
    /// A stream in a span, with a span for each item.
    Stream(u64, Vec<u64>),
    /// A future in a span that is dropped after its first poll.
    Cancelled(u64, u64),
    /// A span whose parent is named, and is the first one of the request.
    Explicit(u64),
}

/// Draws code, and tells the model the parent of each span.
struct Draw {
    random: StdRng,
    last: u64,
    parents: BTreeMap<u64, u64>,
}

impl Draw {
    fn span(&mut self, parent: u64) -> u64 {
        self.last += 1;
        self.parents.insert(self.last, parent);
        self.last
    }

    fn block(&mut self, parent: u64, depth: u32) -> Vec<Code> {
        let length = if depth == 0 { 1 } else { self.random.random_range(1..4) };
        (0..length).map(|_| self.code(parent, depth)).collect()
    }

    fn code(&mut self, parent: u64, depth: u32) -> Code {
        let kinds = if depth == 0 { 6 } else { 12 };
        match self.random.random_range(0..kinds) {
            0 => Code::Yield,
            1 => Code::InScope(self.span(parent)),
            2 => {
                let number = self.last + 1;
                self.last = number;
                Code::SpawnWithout(number)
            }
            3 => Code::Blocking(self.span(parent)),
            4 => {
                let outer = self.span(parent);
                Code::Cancelled(outer, self.span(outer))
            }
            5 => Code::Explicit(self.span(1)),
            6 | 7 => {
                let number = self.span(parent);
                Code::Function(number, self.block(number, depth - 1))
            }
            8 => {
                let number = self.span(parent);
                Code::Client(number, self.block(number, depth - 1))
            }
            9 => Code::Join((0..2).map(|_| self.block(parent, depth - 1)).collect()),
            10 if self.random.random() => {
                let number = self.span(parent);
                Code::Spawn(number, self.block(number, depth - 1))
            }
            10 => Code::SpawnInContext(self.block(parent, depth - 1)),
            _ => {
                let number = self.span(parent);
                let items = (0..2).map(|_| self.span(number)).collect();
                Code::Stream(number, items)
            }
        }
    }
}

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs code. `first` is the first span of the request.
fn run(block: Vec<Code>, first: tracing::Span) -> Boxed {
    Box::pin(async move {
        for code in block {
            step(code, first.clone()).await;
        }
    })
}

async fn step(code: Code, first: tracing::Span) {
    match code {
        Code::Yield => tokio::task::yield_now().await,
        Code::Function(n, block) => run(block, first).instrument(info_span!("span", n)).await,
        Code::InScope(n) => info_span!("span", n).in_scope(|| {}),
        Code::Client(n, block) => {
            let client = trace_core::map_current(|current| {
                current.unwrap().span("http.client", "span").attribute("n", n).start()
            });
            run(block, first).in_span(client).await;
        }
        Code::Join(blocks) => {
            let futures = blocks.into_iter().map(|block| run(block, first.clone()));
            futures_util::future::join_all(futures).await;
        }
        Code::Spawn(n, block) => {
            tokio::spawn(run(block, first).instrument(info_span!("span", n))).await.unwrap()
        }
        Code::SpawnInContext(block) => tokio::spawn(run(block, first).in_current_trace()).await.unwrap(),
        Code::SpawnWithout(n) => {
            let nobodys = async move { tokio::task::yield_now().instrument(info_span!("nobody's", n)).await };
            tokio::spawn(nobodys).await.unwrap();
        }
        Code::Blocking(n) => {
            tokio::task::spawn_blocking(in_current_trace(move || info_span!("span", n).in_scope(|| {})))
                .await
                .unwrap();
        }
        Code::Stream(n, items) => {
            let stream = stream::iter(items).then(|n| async move {
                tokio::task::yield_now().await;
                info_span!("span", n).in_scope(|| {});
            });
            stream.collect::<Vec<()>>().instrument(info_span!("span", n)).await;
        }
        Code::Cancelled(n, below) => {
            let never = async move {
                info_span!("span", n = below).in_scope(|| {});
                std::future::pending::<()>().await;
            };
            let mut never = Box::pin(never.instrument(info_span!("span", n)));
            let poll = std::future::poll_fn(|cx| std::task::Poll::Ready(never.as_mut().poll(cx)));
            assert!(poll.await.is_pending());
        }
        Code::Explicit(n) => info_span!(parent: &first, "span", n).in_scope(|| {}),
    }
}

/// Returns the parent of each span that was recorded, by their numbers.
fn recorded(sent: &FinishedTransaction) -> BTreeMap<u64, u64> {
    let number = |span: &trace_core::FinishedSpan| -> u64 {
        span.attribute("n").unwrap().to_string().parse().unwrap()
    };
    let ids: BTreeMap<_, _> =
        sent.spans.iter().map(|span| (span.span_id.to_string(), number(span))).collect();
    assert_eq!(ids.len(), sent.spans.len(), "each id once");
    let parents = sent.spans.iter().map(|span| {
        let parent = span.parent_span_id.unwrap();
        // The service span is number 0.
        let parent = if parent == sent.root.span_id { 0 } else { ids[&parent.to_string()] };
        (number(span), parent)
    });
    let parents: BTreeMap<_, _> = parents.collect();
    assert_eq!(parents.len(), sent.spans.len(), "each span once");
    parents
}

#[test]
fn every_span_is_once_under_the_parent_that_the_code_says() {
    // Blocking threads and spawned tasks see the subscriber of the process.
    tracing_subscriber::registry().with(trace_tracing::layer()).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    let sink = InMemorySink::default();
    let tracer = Arc::new(Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap());
    let seed = rand::rng().next_u64();
    let mut models = BTreeMap::new();
    let mut programs = Vec::new();
    for request in 0..REQUESTS {
        let mut draw =
            Draw { random: StdRng::seed_from_u64(seed ^ request), last: 1, parents: [(1, 0)].into() };
        programs.push((request, draw.block(1, 3)));
        models.insert(request.to_string(), draw.parents);
    }
    runtime.block_on(async {
        let requests = programs.into_iter().map(|(request, block)| {
            let tracer = Arc::clone(&tracer);
            tokio::spawn(async move {
                let name = TransactionName::task(request.to_string());
                let work = async {
                    let first = info_span!("span", n = 1);
                    run(block, first.clone()).instrument(first).await;
                };
                work.in_span(tracer.service_span("task", name).start()).await;
            })
        });
        for request in requests.collect::<Vec<_>>() {
            request.await.unwrap();
        }
    });
    let sent = sink.take();
    assert_eq!(sent.len(), models.len(), "seed {seed}");
    for transaction in &sent {
        let name = transaction.name.as_str();
        assert_eq!(recorded(transaction), models[name], "request {name}, seed {seed}");
    }
    assert!(sink.take_losses().is_empty(), "seed {seed}");
}
