//! mailer: a worker behind a queue. The trace travels in the metadata of the message.

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::mpsc::{self, error::SendError};
use trace_core::{InTrace, SpanStatus, TraceContext, Tracer, TransactionName, with_current};

use super::{Result, orders, tracing};
use crate::delivery::Delivery;
use crate::recorder::Recorder;
use crate::report::Sent;

const NAME: &str = "mailer";
const QUEUE: &str = "confirmations";

/// How long the mail server takes.
const SENDING: Duration = Duration::from_millis(12);

/// A message of the queue.
pub(super) struct Mail {
    order: u64,
    metadata: HashMap<String, String>,
}

/// The queue, seen by those who put messages in.
#[derive(Clone)]
pub(super) struct Mails {
    queue: mpsc::Sender<Mail>,
    recorder: Recorder,
}

pub(super) fn open(recorder: &Recorder, delivery: Option<&Delivery>) -> Result<Mails> {
    let tracer = tracing::tracer(NAME, "mailer@1.1.0", recorder, delivery)?;
    let (queue, mails) = mpsc::channel(64);
    tokio::spawn(work(tracer, mails, recorder.clone()));
    Ok(Mails { queue, recorder: recorder.clone() })
}

impl Mails {
    /// Puts a message into the queue, within a span that becomes the parent of the worker's transaction.
    pub(super) async fn send(&self, order: u64) -> Result<(), SendError<Mail>> {
        let span = TraceContext::current().map(|context| context.start_span("queue.publish", QUEUE));
        let mut metadata = HashMap::new();
        let decision = span.as_ref().map(|span| span.inject(&mut metadata));
        let sent = Sent::message(NAME, &format!("queue:{QUEUE}"), decision, (&metadata).into());
        self.recorder.handed_over(order, orders::NAME, sent);
        self.queue.send(Mail { order, metadata }).await?;
        if let Some(span) = span {
            span.set_status(SpanStatus::Ok);
        }
        Ok(())
    }
}

async fn work(tracer: Tracer, mut mails: mpsc::Receiver<Mail>, recorder: Recorder) {
    while let Some(Mail { order, metadata }) = mails.recv().await {
        let context = tracer.continue_trace(&metadata);
        let transaction =
            tracer.start_transaction(context, "queue.process", || TransactionName::task("send confirmation"));
        recorder.arrived(order, NAME, Some(&transaction), (&metadata).into());
        deliver().in_trace(transaction.context().clone()).await;
        transaction.set_status(SpanStatus::Ok);
        transaction.end();
        recorder.mailed(order);
    }
}

async fn deliver() {
    let span = with_current(|context| Some(context?.start_span("function", "hand to the mail server")));
    tokio::time::sleep(SENDING).await;
    if let Some(span) = span {
        span.set_status(SpanStatus::Ok);
    }
}
