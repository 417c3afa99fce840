use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use crate::{
    Deadlines, DropReason, FinishedTransaction, InMemorySink, Loss, Outcome, Record, Requirements, SinkData,
    Span, SpanSink, SpanStatus, Tracer, TracerBuilder,
};

/// Long enough for what has to happen in time on a loaded machine.
const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(3600);

/// A sink whose deadlines the test watches.
struct Watching {
    received: InMemorySink,
    deadlines: Deadlines,
    woken: Receiver<()>,
}

struct Forward(InMemorySink, Deadlines);

impl SpanSink for Forward {
    fn receive(&self, record: Record) {
        self.0.receive(record);
    }

    fn requirements(&self) -> Requirements {
        self.0.requirements().deadlines(self.1.clone())
    }
}

impl Watching {
    fn new(received: InMemorySink) -> Self {
        let (wake, woken) = channel();
        let data = || Some(Arc::new("of this thread") as SinkData);
        Self { received, deadlines: Deadlines::new(move || _ = wake.send(()), data), woken }
    }

    fn tracer(&self, limits: impl FnOnce(TracerBuilder) -> TracerBuilder) -> Tracer {
        let options = Tracer::builder().traces_sample_rate(1.0);
        limits(options).sink(Forward(self.received.clone(), self.deadlines.clone())).build().unwrap()
    }

    /// Watches the deadlines until a transaction is sent.
    fn next(&self) -> FinishedTransaction {
        loop {
            let next = self.deadlines.end_due(|| {});
            if let Some(sent) = self.received.take().pop() {
                return sent;
            }
            // The clock is what is waited for, as the sink's thread does.
            let due = next.expect("something is watched").saturating_duration_since(Instant::now());
            let _woken_or_due = self.woken.recv_timeout(due);
        }
    }

    fn watched(&self) -> usize {
        self.deadlines.0.shards.iter().map(|shard| super::lock(shard).len()).sum()
    }
}

fn job(tracer: &Tracer) -> Span {
    tracer.service_span("task", "job").start()
}

#[test]
fn one_that_hangs_ends_by_itself_with_what_ended_in_time() {
    let sink = Watching::new(InMemorySink::default());
    let tracer = sink.tracer(|options| options.max_duration(SHORT));
    let hanging = job(&tracer);
    hanging.start_span("function", "done").end();
    let open = hanging.start_span("function", "hangs");
    let sent = sink.next();
    assert_eq!((sent.outcome, sent.root.duration), (Outcome::TimedOut, SHORT));
    assert_eq!(sent.root.status, Some(SpanStatus::DeadlineExceeded));
    assert_eq!(sent.sink_data.unwrap().downcast_ref(), Some(&"of this thread"));
    assert_eq!((sent.spans.len(), &*sent.spans[0].description), (1, "done"));
    assert_eq!(sink.received.take_losses(), [Loss::of_spans(DropReason::Unfinished, 1)]);
    open.end();
    hanging.end();
    assert!(sink.received.take().is_empty() && sink.received.take_losses().is_empty(), "it ends once");
    assert_eq!(sink.watched(), 0);
}

#[test]
fn a_leaked_guard_costs_only_time() {
    let sink = Watching::new(InMemorySink::default());
    // The other limit is known first, and would be too late.
    let tracer = sink.tracer(|options| options.keep_open_limit(SHORT).max_duration(LONG));
    let request = job(&tracer);
    std::mem::forget(request.context().keep_open());
    let context = request.context().clone();
    request.end();
    context.start_span("function", "in time").end();
    assert!(sink.received.take().is_empty());
    let sent = sink.next();
    assert_eq!((sent.outcome, sent.spans.len()), (Outcome::Complete, 1));
}

#[test]
fn an_idle_one_ends_after_its_last_span() {
    let sink = Watching::new(InMemorySink::default());
    let tracer = sink.tracer(|options| options.idle_timeout(SHORT));
    let idle = job(&tracer);
    let began = Instant::now();
    while began.elapsed() < SHORT {
        idle.start_span("function", "work").end();
    }
    let sent = sink.next();
    let last = sent.spans.last().unwrap().end();
    assert_eq!(sent.outcome, Outcome::TimedOut);
    assert!(sent.root.end() >= last + SHORT, "{sent:?}");
}

#[test]
fn work_that_began_long_ago_is_not_idle() {
    let sink = Watching::new(InMemorySink::default());
    let tracer = sink.tracer(|options| options.idle_timeout(LONG / 2));
    let job = tracer.service_span("task", "job").started_at(SystemTime::now() - LONG).start();
    assert!(sink.deadlines.end_due(|| {}).unwrap() > Instant::now());
    job.end();
    assert_eq!(sink.received.take()[0].outcome, Outcome::Complete);
}

#[test]
fn an_earlier_deadline_wakes_the_thread_and_a_later_one_does_not() {
    let sink = Watching::new(InMemorySink::default());
    let late = sink.tracer(|options| options.max_duration(LONG));
    let (first, second) = (job(&late), job(&late));
    assert_eq!(sink.woken.try_iter().count(), 1, "the first");
    assert!(sink.deadlines.end_due(|| {}).unwrap() > Instant::now());
    let third = job(&late);
    assert_eq!(sink.woken.try_iter().count(), 0, "the thread looks earlier than that");
    let hanging = job(&sink.tracer(|options| options.max_duration(SHORT)));
    assert_eq!(sink.next().root.span_id, hanging.span_id());
    assert_eq!(sink.watched(), 4);
    drop((first, second, third, hanging));
    assert_eq!(sink.watched(), 0, "what has ended is not kept");
}

#[test]
fn nothing_is_watched_without_need() {
    let (transactions, streamed) =
        (Watching::new(InMemorySink::default()), Watching::new(InMemorySink::streaming()));
    let table = [
        ("no limits", &transactions, transactions.tracer(|options| options)),
        (
            "unsampled",
            &transactions,
            transactions.tracer(|options| options.max_duration(SHORT).traces_sample_rate(0.0)),
        ),
        ("streamed", &streamed, streamed.tracer(|options| options.max_duration(SHORT).idle_timeout(SHORT))),
    ];
    for (name, sink, tracer) in table {
        let span = job(&tracer);
        drop(span.context().keep_open());
        assert_eq!((sink.watched(), sink.woken.try_iter().count()), (0, 0), "{name}");
        assert_eq!(sink.deadlines.end_due(|| {}), None, "{name}");
        span.end();
    }
}

#[test]
fn what_wakes_the_sink_may_panic_or_end_what_is_due() {
    let panicking = Deadlines::new(|| panic!("on purpose"), || None);
    let itself = Arc::new(OnceLock::<Deadlines>::new());
    let ending = Deadlines::new(
        {
            let itself = itself.clone();
            move || _ = itself.get().unwrap().end_due(|| {})
        },
        || None,
    );
    itself.set(ending.clone()).unwrap();
    for (deadlines, panics, ended) in [(panicking, 1, 0), (ending, 0, 1)] {
        let sink = InMemorySink::default();
        let options = Tracer::builder().traces_sample_rate(1.0).max_duration(Duration::ZERO);
        let tracer = options.sink(Forward(sink.clone(), deadlines)).build().unwrap();
        let job = tracer.service_span("task", "job").start();
        assert_eq!((tracer.caught_panics(), sink.take().len()), (panics, ended));
        job.end();
        assert_eq!(sink.take().len(), 1 - ended);
    }
}
