//! The pipeline to Spotlight. It has a queue and a thread of its own, so that it does not affect what Sentry gets.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use sentry_core::protocol::Event;
use trace_core::{CaughtPanics, FinishedTransaction, TraceLifecycle};
use ureq::Agent;
use ureq::http::Uri;

use super::copies::{Copies, shown};
use super::destination::tell;
use crate::counts::Counts;
use crate::envelope;
use crate::official_options::Identity;
use crate::own_work;
use crate::queue::{Message, Messages, Question, Queue, queue};
use crate::redacted;
use crate::stream::{Batch, Bucket, Buckets, EndedSpan, Intake};

/// The timeout of one request to the sidecar.
const PATIENCE: Duration = Duration::from_secs(5);
/// The first and the longest delay after a failure. Each delay is twice as long as the one before.
const BACKOFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// The sending end of the pipeline.
#[derive(Clone)]
pub(crate) struct Pipeline {
    copies: Arc<Mutex<Copies>>,
    queue: Queue<Copy>,
    spans: Arc<Intake<Copy>>,
}

enum Copy {
    Transaction(Box<FinishedTransaction>),
    Spans(Bucket),
    Event(Box<Event<'static>>),
}

impl From<Bucket> for Copy {
    fn from(bucket: Bucket) -> Self {
        Self::Spans(bucket)
    }
}

impl Pipeline {
    /// Starts the thread, which ends when the last of the pipeline's clones is dropped and the queue is empty.
    pub(crate) fn open(url: Uri, identity: Identity, panics: CaughtPanics) -> std::io::Result<Self> {
        let (queue, messages) = queue();
        // The proxy of the environment is not used: the sidecar is local, and its data is private.
        let agent = Agent::config_builder().timeout_global(Some(PATIENCE)).proxy(None).build().new_agent();
        let shown = redacted::url(&url.to_string());
        let copies = Arc::new(Mutex::new(Copies { url: shown, ..Copies::default() }));
        // Losses on the way to Spotlight are not counted.
        let buckets = Buckets::new(Arc::new(Counts::new(TraceLifecycle::Stream)));
        let spans = Arc::new(Intake::new(buckets.clone(), queue.clone()));
        let worker = Worker {
            url,
            buckets,
            copies: copies.clone(),
            agent,
            identity,
            retry: None,
            delay: BACKOFF.0,
            has_told: false,
            panics,
        };
        thread::Builder::new().name("trace-sentry-spotlight".to_owned()).spawn(move || {
            own_work::begin_thread();
            worker.run(&messages);
        })?;
        Ok(Self { copies, queue, spans })
    }

    pub(crate) fn copies(&self) -> Copies {
        lock(&self.copies).clone()
    }

    pub(crate) fn put(&self, transaction: FinishedTransaction) {
        self.put_copy(Copy::Transaction(Box::new(transaction)));
    }

    pub(crate) fn put_span(&self, span: EndedSpan) {
        self.spans.put(span);
        self.note_end();
    }

    pub(crate) fn put_event(&self, event: Event<'static>) {
        self.put_copy(Copy::Event(Box::new(event)));
    }

    /// Returns a receiver of the answer once all earlier copies have been sent or given up.
    pub(crate) fn flush(&self) -> Receiver<bool> {
        let answered = self.queue.start_asking(Question::Flush);
        self.note_end();
        answered
    }

    fn put_copy(&self, copy: Copy) {
        drop(self.queue.put(copy));
        self.note_end();
    }

    fn note_end(&self) {
        if self.queue.room().has_ended() {
            lock(&self.copies).failure = Some("the thread that sends them is gone".to_owned());
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.copies())
    }
}

struct Worker {
    url: Uri,
    /// The streamed spans that are gathered.
    buckets: Arc<Buckets>,
    copies: Arc<Mutex<Copies>>,
    agent: Agent,
    identity: Identity,
    /// Set while the sidecar cannot be reached.
    retry: Option<Retry>,
    /// The next delay after a failure.
    delay: Duration,
    has_told: bool,
    panics: CaughtPanics,
}

/// The time before which nothing is sent, and the failed envelope, which is then sent once more.
struct Retry {
    at: Instant,
    envelope: Option<Vec<u8>>,
}

impl Worker {
    fn run(mut self, messages: &Messages<Copy>) {
        loop {
            let until_retry = |retry: &Retry| retry.at.saturating_duration_since(Instant::now());
            let until_due = self.buckets.next_due().saturating_duration_since(Instant::now());
            match messages
                .next(self.retry.as_ref().map_or(until_due, |retry| until_due.min(until_retry(retry))))
            {
                Ok(Message::Value(copy)) => self.guarded(|worker| worker.deliver(copy)),
                Ok(Message::Question(question)) => {
                    let now = Instant::now();
                    while let Some(bucket) = self.buckets.take_begun_by(now) {
                        self.guarded(|worker| worker.deliver(bucket.into()));
                    }
                    messages.waiting().for_each(|copy| self.guarded(|worker| worker.deliver(copy)));
                    question.answer(true);
                }
                Ok(Message::Woken) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            while let Some(bucket) = self.buckets.take_due() {
                self.guarded(|worker| worker.deliver(bucket.into()));
            }
            self.guarded(Self::try_again);
        }
    }

    /// Runs `work` and catches a panic, which loses the copy.
    fn guarded(&mut self, work: impl FnOnce(&mut Self)) {
        if self.panics.clone().catch(|| work(self)).is_none() {
            self.fail("it panicked".to_owned());
        }
    }

    fn deliver(&mut self, copy: Copy) {
        if self.retry.is_some() {
            return;
        }
        let envelope = match copy {
            Copy::Spans(mut bucket) => {
                while self.retry.is_none() && bucket.len() > 0 {
                    self.send(Batch::take_from(&mut bucket, &self.identity).envelope);
                }
                return;
            }
            // Losses on the way to Spotlight are not counted.
            Copy::Transaction(mut transaction) => {
                envelope::of_transaction(&mut transaction, &self.identity, &Counts::default())
            }
            Copy::Event(event) => envelope::of_event(&event),
        };
        self.send(envelope);
    }

    fn send(&mut self, envelope: Option<Vec<u8>>) {
        if let Some(envelope) = envelope
            && !self.is_sent(&envelope)
        {
            self.wait_with(Some(envelope));
        }
    }

    fn try_again(&mut self) {
        let Some(retry) = self.retry.take_if(|retry| retry.at <= Instant::now()) else { return };
        if let Some(envelope) = retry.envelope
            && !self.is_sent(&envelope)
        {
            self.wait_with(None);
        }
    }

    fn wait_with(&mut self, envelope: Option<Vec<u8>>) {
        self.retry = Some(Retry { at: Instant::now() + self.delay, envelope });
        self.delay = (self.delay * 2).min(BACKOFF.1);
    }

    fn is_sent(&mut self, envelope: &[u8]) -> bool {
        let request = self.agent.post(&self.url).header("content-type", "application/x-sentry-envelope");
        let answer = request.send(envelope);
        match answer {
            Ok(_) => {
                lock(&self.copies).sent += 1;
                self.delay = BACKOFF.0;
                true
            }
            Err(error) => {
                self.fail(shown(&error));
                false
            }
        }
    }

    fn fail(&mut self, failure: String) {
        if !std::mem::replace(&mut self.has_told, true) {
            tell(format_args!("cannot send to {}: {failure}", lock(&self.copies).url));
        }
        lock(&self.copies).failure = Some(failure);
    }
}

fn lock(copies: &Mutex<Copies>) -> MutexGuard<'_, Copies> {
    copies.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Arc, Buckets, Copies, Intake, Pipeline, queue, shown};

    #[test]
    fn a_thread_that_is_gone_is_told_of() {
        let (queue, receiver) = queue();
        let spans = Intake::new(Buckets::new(Arc::default()), queue.clone()).into();
        let pipeline = Pipeline { copies: Default::default(), queue, spans };
        drop(receiver);
        assert!(pipeline.flush().recv().is_err());
        let failure = Some("the thread that sends them is gone".to_owned());
        assert_eq!(pipeline.copies(), Copies { failure, ..Copies::default() });
    }

    #[test]
    fn a_failure_shows_no_url() {
        let error = ureq::Error::BadUri("http://user:s3cret@localhost is missing host".to_owned());
        assert_eq!(shown(&error), "bad URI");
        assert_eq!(shown(&ureq::Error::StatusCode(503)), ureq::Error::StatusCode(503).to_string());
    }
}
