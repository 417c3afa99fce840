//! mailer: a worker behind a queue. The trace travels in the metadata of the message.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{self, error::SendError};
use trace_core::{QueueMessage, SpanStatus, TraceExt, Tracer, map_current};

use super::{Result, orders, tracer};
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
    text: String,
    metadata: HashMap<String, String>,
    published: Instant,
}

/// The queue, seen by those who put messages in.
#[derive(Clone)]
pub(super) struct Mails {
    queue: mpsc::Sender<Mail>,
    recorder: Recorder,
}

pub(super) fn open(recorder: &Recorder, delivery: Option<&Delivery>) -> Result<Mails> {
    let tracer = tracer::build(NAME, "mailer@1.1.0", recorder, delivery)?;
    let (queue, mails) = mpsc::channel(64);
    tokio::spawn(work(tracer, mails, recorder.clone()));
    Ok(Mails { queue, recorder: recorder.clone() })
}

impl Mails {
    /// Puts a message into the queue, within a span that becomes the parent of the worker's transaction.
    pub(super) async fn send(&self, tracer: &Tracer, order: u64) -> Result<(), SendError<Mail>> {
        let text = format!("Your order {order} is on its way.");
        let mut metadata = HashMap::new();
        let publish = message(order, &text).publish(tracer, &mut metadata);
        let sent = Sent::message(NAME, &format!("queue:{QUEUE}"), (&metadata).into());
        self.recorder.handed_over(order, orders::NAME, sent);
        self.queue.send(Mail { order, text, metadata, published: Instant::now() }).await?;
        publish.set_status(SpanStatus::Ok);
        Ok(())
    }
}

async fn work(tracer: Tracer, mut mails: mpsc::Receiver<Mail>, recorder: Recorder) {
    while let Some(Mail { order, text, metadata, published }) = mails.recv().await {
        let message = message(order, &text).receive_latency(published.elapsed());
        // A broker that delivers again counts its attempts; this queue makes one.
        let job = message.retry_count(0).process(&tracer, &metadata);
        recorder.arrived(order, NAME, Some(job.context()), (&metadata).into());
        deliver().in_trace(&job).await;
        job.set_status(SpanStatus::Ok);
        job.end();
        recorder.mailed(order);
    }
}

/// What both sides tell of a message.
fn message(order: u64, text: &str) -> QueueMessage {
    let message = QueueMessage::new("in_process", QUEUE).name("send confirmation");
    message.id(format!("confirmation-{order}")).body_size(text.len())
}

async fn deliver() {
    let span = map_current(|context| Some(context?.start_span("function", "hand to the mail server")));
    tokio::time::sleep(SENDING).await;
    if let Some(span) = span {
        span.set_status(SpanStatus::Ok);
    }
}
