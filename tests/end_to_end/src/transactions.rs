//! The transactions that a tracer has recorded.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use trace_core::{
    FinishedTransaction, Outcome, Record, SpanSink, SpanStatus, TraceContext, Tracer, TracerBuilder,
};

use crate::gate::in_time;
use crate::server::Server;

/// A tracer that records everything, and what it recorded.
pub fn recording() -> (Tracer, Transactions) {
    recording_with(Tracer::builder().traces_sample_rate(1.0))
}

/// A tracer with these options, and what it recorded.
pub fn recording_with(options: TracerBuilder) -> (Tracer, Transactions) {
    let (sender, receiver) = unbounded_channel();
    let tracer = options.sink(Sender(sender)).build().expect("valid options");
    (tracer, Transactions(receiver))
}

/// The transactions of a tracer, in the order in which they ended.
pub struct Transactions(UnboundedReceiver<FinishedTransaction>);

impl Transactions {
    /// Waits for the next one to end.
    pub async fn next(&mut self) -> FinishedTransaction {
        in_time("the end of a transaction", self.0.recv()).await.expect("a tracer that lives")
    }

    /// Those that have ended by now.
    pub fn ended(&mut self) -> Vec<FinishedTransaction> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }

    /// The one that has ended by now.
    ///
    /// # Panics
    ///
    /// If none has, or more than one.
    #[track_caller]
    pub fn only(&mut self) -> FinishedTransaction {
        let mut ended = self.ended();
        assert_eq!(ended.len(), 1, "exactly one transaction: {ended:#?}");
        ended.remove(0)
    }
}

/// How a transaction ended: its outcome, and the word of its status, empty if it has none.
pub fn ending(transaction: &FinishedTransaction) -> (Outcome, &'static str) {
    (transaction.outcome, transaction.root.status.map_or("", SpanStatus::as_str))
}

/// After everything has been dropped there is no second transaction, and no context on this thread.
pub async fn assert_nothing_left(server: Server, transactions: &mut Transactions) {
    server.close().await;
    assert!(transactions.ended().is_empty(), "it ends once");
    assert!(TraceContext::current().is_none(), "no context stays behind");
}

struct Sender(UnboundedSender<FinishedTransaction>);

impl SpanSink for Sender {
    fn receive(&self, record: Record) {
        if let Record::Transaction(transaction) = record {
            // After the test has what it wanted, nobody listens any more.
            let _unheard = self.0.send(*transaction);
        }
    }
}
