//! The whole soak, from warm-up to shutdown.

use std::error::Error;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sentry_core::{Client, ClientOptions, Hub};
use tokio::runtime::{Builder, Runtime};
use trace_core::{TraceContext, TraceLifecycle, Tracer};
use trace_sentry::{SentrySink, TraceIntegration};

use crate::app::Order;
use crate::endless;
use crate::ledger::{BookedSink, BookedTransport, Count, Ledger, REQUEST_TAG};
use crate::load;
use crate::memory;
use crate::report::{Figures, Report};

/// More than processors, so that work moves between them.
const WORKERS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(30);

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Whether transactions or spans are sent.
    pub lifecycle: TraceLifecycle,
    /// The requests before memory is measured for the first time, half of them in each order.
    pub warm_up: usize,
    /// The requests after that, half of them in each order.
    pub requests: usize,
    /// The spans of one long request, if spans are streamed.
    pub spans: usize,
    /// Whether the memory that is held at the end must be about that after the warm-up.
    pub judges_memory: bool,
}

/// Runs the soak. It binds the main hub, so there can be one at a time in a process.
///
/// # Errors
///
/// If the threads cannot be started, or memory cannot be read.
pub fn run(size: &Size) -> Result<Report, Box<dyn Error>> {
    let ledger = Arc::new(Ledger::new(size.lifecycle, size.warm_up + size.requests));
    let soak = Soak::start(ledger.clone(), size.lifecycle)?;
    let mut report = Report::default();
    let (first, second) = halves(0..size.warm_up);
    for (order, requests) in Order::BOTH.into_iter().zip([first, second]) {
        soak.run(order, requests);
    }
    let warm = memory::resident()?;
    let (first, second) = halves(size.warm_up..size.warm_up + size.requests);
    for (order, requests) in Order::BOTH.into_iter().zip([first, second]) {
        report.judge(&soak.run(order, requests));
    }
    let end = memory::resident()?;
    let long = match size.lifecycle {
        TraceLifecycle::Stream => Some(soak.run_endless(&mut report, size.spans)?),
        _ => None,
    };
    report.judge_statistics(soak.sink.statistics(), &ledger.counts());
    soak.stop();
    report.judge_threads(&ledger.counts(), WORKERS as u64);
    if size.judges_memory {
        report.judge_memory("after the warm-up", warm, end);
        if let Some((warm, end)) = long {
            report.judge_memory("after a tenth of one request", warm, end);
        }
    }
    Ok(report)
}

fn halves(range: Range<usize>) -> (Range<usize>, Range<usize>) {
    let middle = range.start + range.len() / 2;
    (range.start..middle, middle..range.end)
}

struct Soak {
    ledger: Arc<Ledger>,
    sink: SentrySink,
    tracer: Tracer,
    runtime: Runtime,
}

impl Soak {
    fn start(ledger: Arc<Ledger>, lifecycle: TraceLifecycle) -> Result<Self, Box<dyn Error>> {
        let options = ClientOptions::new()
            .dsn("http://public@127.0.0.1:9/1")
            .traces_sample_rate(0.5)
            .transport(Arc::new(BookedTransport(ledger.clone())))
            .add_integration(TraceIntegration);
        let client = Arc::new(Client::from(options));
        Hub::main().bind_client(Some(client.clone()));
        let sink = SentrySink::builder(client).trace_lifecycle(lifecycle).build()?;
        let booked = BookedSink { ledger: ledger.clone(), sink: sink.clone() };
        let tracer = sink.tracer().sink(booked).build()?;
        let leaving = ledger.clone();
        let runtime = Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .on_thread_stop(move || look_at_thread(&leaving))
            .build()?;
        Ok(Self { ledger, sink, tracer, runtime })
    }

    /// Sends these requests; when it returns, all that they led to is booked.
    fn run(&self, order: Order, requests: Range<usize>) -> Figures<'_> {
        let before = self.ledger.counts();
        let began = Instant::now();
        let app = order.app(&self.tracer, &self.ledger);
        self.runtime.block_on(load::send(requests.clone(), app, &self.ledger));
        let flushed = self.sink.flush(PATIENCE);
        let counts = self.ledger.counts().since(&before);
        Figures { order, ledger: &self.ledger, requests, counts, flushed, took: began.elapsed() }
    }

    /// Records one request with very many spans. Returns the memory after a tenth, and at its end.
    fn run_endless(&self, report: &mut Report, spans: usize) -> Result<(u64, u64), Box<dyn Error>> {
        let before = self.ledger.counts();
        let memory = endless::run(&self.tracer, &self.sink, spans)?;
        let flushed = self.sink.flush(PATIENCE);
        report.judge_endless(&self.ledger.counts().since(&before), spans as u64, flushed);
        Ok(memory)
    }

    fn stop(self) {
        drop(self.runtime);
        look_at_main_hub(&self.ledger);
        self.sink.close(PATIENCE);
    }
}

/// Looks whether something stayed behind on a thread of the runtime that ends.
fn look_at_thread(ledger: &Ledger) {
    ledger.add(Count::Threads, 1);
    ledger.add(Count::LeftContexts, u64::from(TraceContext::current().is_some()));
    ledger.add(Count::LeftScopes, u64::from(has_scope_of_request(&Hub::current())));
}

fn look_at_main_hub(ledger: &Ledger) {
    ledger.add(Count::LeftScopes, u64::from(has_scope_of_request(&Hub::main())));
}

fn has_scope_of_request(hub: &Hub) -> bool {
    hub.configure_scope(|scope| format!("{scope:?}").contains(REQUEST_TAG))
}
