//! A soak of the delivery: very many transactions to a collector that changes its mood every second. At every check the books
//! balance: what was recorded has arrived, was refused, or was reported as lost, or still waits.

mod books;
mod collector;
mod mood;

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sentry::{Client, ClientOptions};
use trace_core::Tracer;
use trace_sentry::{SentrySink, Statistics, Transport};

use crate::memory;
use books::Books;
use collector::Collector;
use mood::Mood;

/// The time for which the collector stays in a mood.
const MOOD: Duration = Duration::from_secs(1);
/// The longest time until the books balance after the collector has become quick. A refusal without a limit counts for a
/// minute.
const PATIENCE: Duration = Duration::from_secs(100);
/// The number of times in which the collector goes through its moods until memory is measured for the first time.
const WARM_UP: usize = 3;
/// By how much memory may grow after that, in KiB: about what the queues hold when they are full.
const GROWTH: u64 = 16 * 1024;

/// How much is delivered.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    /// The number of transactions, each of one span.
    pub transactions: u64,
    /// The number of transactions that are recorded per second.
    pub per_second: u64,
    /// How often the collector goes through its moods until it also refuses without a limit, which stops everything for a
    /// minute.
    pub refuses_each: usize,
}

impl Default for Amount {
    fn default() -> Self {
        Self { transactions: 5_000_000, per_second: 6000, refuses_each: 20 }
    }
}

/// Delivers, and prints the books at each check.
///
/// # Errors
///
/// Returns a sentence if the books do not balance, or if memory grows.
pub fn deliver(amount: &Amount) -> Result<(), Box<dyn Error>> {
    let delivery = Delivery::start()?;
    let (mut recorded, mut warm) = (0, 0);
    for round in 1_usize.. {
        let refuses = round % amount.refuses_each == 0;
        for mood in Mood::EACH_ROUND.into_iter().chain(refuses.then_some(Mood::RefusesForAMinute)) {
            delivery.collector.set_mood(mood);
            let most = amount.per_second.min(amount.transactions - recorded);
            delivery.record(most, &mut recorded)?;
        }
        let books = delivery.balanced(recorded)?;
        let resident = memory::resident()?;
        println!("round {round}: {books}, {resident} KiB");
        if round == WARM_UP {
            warm = resident;
        }
        if round > WARM_UP && resident > warm + GROWTH {
            return Err(format!("memory grew from {warm} KiB to {resident} KiB").into());
        }
        if recorded == amount.transactions {
            break;
        }
    }
    delivery.close(recorded)
}

struct Delivery {
    collector: Collector,
    client: Arc<Client>,
    sink: SentrySink,
    tracer: Tracer,
}

impl Delivery {
    fn start() -> Result<Self, Box<dyn Error>> {
        let collector = Collector::start()?;
        let options =
            ClientOptions::new().dsn(&collector.dsn()).traces_sample_rate(1.0).transport(Transport::new());
        let client = Arc::new(Client::from(options));
        let sink = SentrySink::new(client.clone())?;
        let tracer = sink.tracer().build()?;
        Ok(Self { collector, client, sink, tracer })
    }

    /// Records evenly for as long as a mood lasts, and checks the sink's own statistics all the time.
    fn record(&self, transactions: u64, recorded: &mut u64) -> Result<(), Box<dyn Error>> {
        let (began, before) = (Instant::now(), *recorded);
        while began.elapsed() < MOOD {
            let due = (u128::from(transactions) * began.elapsed().as_millis()).div_ceil(MOOD.as_millis());
            while u128::from(*recorded - before) < due {
                let job = self.tracer.service_span("task", "job").start();
                job.start_span("db.query", "SELECT * FROM orders").end();
                job.end();
                *recorded += 1;
            }
            let statistics = self.sink.statistics();
            let Statistics { waiting, handed_over, dropped, .. } = statistics;
            if waiting + handed_over + dropped != *recorded {
                return Err(format!("{recorded} were recorded: {statistics:?}").into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Returns the books, which have to balance once the collector is quick and nothing waits.
    fn balanced(&self, recorded: u64) -> Result<Books, Box<dyn Error>> {
        self.collector.set_mood(Mood::Quick);
        let began = Instant::now();
        loop {
            let _all_is_sent = self.sink.flush(PATIENCE);
            let books = self.collector.books();
            if books.balance(recorded) {
                return Ok(books);
            }
            if began.elapsed() > PATIENCE || books.exceed(recorded) {
                let statistics = self.sink.statistics();
                return Err(format!("{recorded} were recorded: {books}; {statistics:?}").into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Closes, after which the books still have to balance.
    fn close(self, recorded: u64) -> Result<(), Box<dyn Error>> {
        let Self { collector, client, sink, .. } = self;
        let _all_is_sent = sink.close(PATIENCE);
        client.close(Some(PATIENCE));
        let books = collector.books();
        if !books.balance(recorded) {
            return Err(format!("{recorded} were recorded: {books} at the end").into());
        }
        println!("at the end: {books}");
        Ok(())
    }
}
