use std::panic::{catch_unwind, panic_any, resume_unwind};
use std::sync::{Arc, Mutex};

use super::CaughtPanics;
use crate::{
    DropReason, FinishedTransaction, NamePattern, Tracer, TracerBuilder, TransactionName, TransactionSink,
};

/// A payload whose own `Drop` panics.
struct Hostile;

impl Drop for Hostile {
    fn drop(&mut self) {
        panic!("in the drop of a payload");
    }
}

fn panics<R>() -> R {
    panic_any(Hostile)
}

/// The callbacks, each of which panics in one row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Callback {
    None,
    Send,
    Dropped,
    SpansDropped,
    DownsamplingFactor,
    TakesUnsampled,
    BeforeSend,
    Observer,
    Name,
    Predicate,
}

use Callback::{
    BeforeSend, DownsamplingFactor, Dropped, Name, Observer, Predicate, Send, SpansDropped, TakesUnsampled,
};

/// A sink that records its calls and panics in one method.
struct Sink {
    panicking: Callback,
    told: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    fn called(&self, method: Callback, what: String) {
        if self.panicking == method {
            panics()
        }
        self.told.lock().unwrap().push(what);
    }
}

impl TransactionSink for Sink {
    fn send(&self, transaction: FinishedTransaction) {
        self.called(Send, format!("{} {:?}", transaction.name.as_str(), transaction.outcome));
    }

    fn takes_unsampled(&self) -> bool {
        self.panicking == TakesUnsampled && panics()
    }

    fn downsampling_factor(&self) -> u32 {
        if self.panicking == DownsamplingFactor { panics() } else { 0 }
    }

    fn dropped(&self, reason: DropReason, spans: usize) {
        self.called(Dropped, format!("{reason:?} {spans}"));
    }

    fn spans_dropped(&self, reason: DropReason, spans: usize) {
        self.called(SpansDropped, format!("spans {reason:?} {spans}"));
    }
}

/// Three transactions with a span each: one is sent without its spans, one is dropped, one is ignored.
fn work(tracer: &Tracer, panicking: Callback) {
    for name in ["sent", "refused", "ignored"] {
        let root = tracer.start_transaction(tracer.start_new_trace(), "task", || match panicking {
            Name => panics(),
            _ => TransactionName::task(name),
        });
        root.start_span("function", "work").end();
        let _outgoing = tracer.continue_trace(&[("sentry-trace", "")][..]);
    }
}

fn options(panicking: Callback, told: &Arc<Mutex<Vec<String>>>) -> TracerBuilder {
    Tracer::builder()
        .traces_sample_rate(1.0)
        .sink(Sink { panicking, told: told.clone() })
        .ignore_transactions([NamePattern::matching(move |name| match panicking {
            Predicate => panics(),
            _ => name == "ignored",
        })])
        .before_send_transaction(move |mut transaction| {
            if panicking == BeforeSend {
                panics()
            }
            transaction.spans.clear();
            (transaction.name.as_str() != "refused").then_some(transaction)
        })
        .on_propagation(move |_| {
            if panicking == Observer {
                panics()
            }
        })
}

/// Works when it is dropped.
struct OnDrop<'a>(&'a Tracer, Callback);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        work(self.0, self.1);
    }
}

/// If one of these panics were not caught, this process would abort.
#[test]
fn a_callback_that_panics_is_caught_and_counted_also_while_the_thread_unwinds() {
    let usual = ["spans BeforeSend 1", "sent OUTCOME", "BeforeSend 1", "Ignored 0"];
    let panicked = "BeforeSendPanicked 1";
    let table: [(Callback, u64, &[&str]); 10] = [
        (Callback::None, 0, &usual),
        (Send, 1, &["spans BeforeSend 1", "BeforeSend 1", "Ignored 0"]),
        (Dropped, 2, &["spans BeforeSend 1", "sent OUTCOME"]),
        (SpansDropped, 1, &["sent OUTCOME", "BeforeSend 1", "Ignored 0"]),
        (DownsamplingFactor, 3, &usual),
        (TakesUnsampled, 1, &usual),
        (BeforeSend, 2, &[panicked, panicked, "Ignored 0"]),
        (Observer, 3, &usual),
        (Name, 3, &["spans BeforeSend 1", " OUTCOME"].repeat(3)),
        // Asked at the start and at the end.
        (
            Predicate,
            6,
            &["spans BeforeSend 1", "sent OUTCOME", "BeforeSend 1", "spans BeforeSend 1", "ignored OUTCOME"],
        ),
    ];
    for (panicking, caught, expected) in table {
        for (is_unwinding, outcome) in [(false, "Complete"), (true, "Panicked")] {
            let told = Arc::<Mutex<Vec<String>>>::default();
            let tracer = options(panicking, &told).build().unwrap();
            if is_unwinding {
                let handler = || {
                    let _working = OnDrop(&tracer, panicking);
                    resume_unwind(Box::new("the handler's own panic"));
                };
                assert!(std::thread::scope(|scope| scope.spawn(handler).join()).is_err());
            } else {
                work(&tracer, panicking);
            }
            let expected: Vec<_> = expected.iter().map(|told| told.replace("OUTCOME", outcome)).collect();
            assert_eq!(*told.lock().unwrap(), expected, "{panicking:?}, unwinding: {is_unwinding}");
            assert_eq!(tracer.caught_panics(), caught, "{panicking:?}, unwinding: {is_unwinding}");
        }
    }
}

#[test]
fn a_span_that_is_dropped_by_a_panic_reaches_callbacks_that_panic() {
    let told = Arc::<Mutex<Vec<String>>>::default();
    let tracer = options(Send, &told).build().unwrap();
    let handler = || {
        let root =
            tracer.start_transaction(tracer.start_new_trace(), "task", || TransactionName::task("job"));
        let _open = (root.keep_open(), root.start_span("function", "work"));
        resume_unwind(Box::new("the handler's own panic"));
    };
    assert!(std::thread::scope(|scope| scope.spawn(handler).join()).is_err());
    assert_eq!(
        (tracer.caught_panics(), &**told.lock().unwrap()),
        (1, &["spans BeforeSend 1".to_owned()][..])
    );
}

#[test]
fn the_samplers_panic_stays_the_callers() {
    let tracer = Tracer::builder().traces_sampler(|_| panic!("the sampler's")).build().unwrap();
    let start = std::panic::AssertUnwindSafe(|| {
        tracer.start_transaction(tracer.start_new_trace(), "task", TransactionName::default)
    });
    assert!(catch_unwind(start).is_err());
    assert_eq!(tracer.caught_panics(), 0);
}

#[test]
fn clones_share_one_count() {
    let caught = CaughtPanics::default();
    let clone = caught.clone();
    assert_eq!((caught.catch(|| 1), clone.catch(panics::<u32>)), (Some(1), None));
    assert_eq!((caught.count(), clone.count()), (1, 1));
}
