use std::panic::{catch_unwind, panic_any, resume_unwind};
use std::sync::{Arc, Mutex};

use super::CaughtPanics;
use crate::{
    Loss, NamePattern, Record, RequestHead, Requirements, ServedRequest, SpanSink, Tracer, TracerBuilder,
    TransactionName,
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
    Lost,
    Required,
    BeforeSend,
    Observer,
    Predicate,
}

use Callback::{BeforeSend, Lost, Observer, Predicate, Required, Send};

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

impl SpanSink for Sink {
    fn receive(&self, record: Record) {
        match record {
            Record::Transaction(transaction) => {
                self.called(Send, format!("{} {:?}", transaction.name.as_str(), transaction.outcome));
            }
            Record::Lost(Loss { reason, transactions, spans, .. }) => {
                self.called(Lost, format!("{reason:?} {transactions} {spans}"));
            }
            Record::Span(_) => unreachable!(),
        }
    }

    fn requirements(&self) -> Requirements {
        if self.panicking == Required { panics() } else { Requirements::default() }
    }
}

/// Three transactions with a span each: one is sent without its spans, one is dropped, one is ignored.
fn work(tracer: &Tracer) {
    for name in ["sent", "refused", "ignored"] {
        let root = tracer.service_span("task", name).start();
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
struct OnDrop<'a>(&'a Tracer);

impl Drop for OnDrop<'_> {
    fn drop(&mut self) {
        work(self.0);
    }
}

/// If one of these panics were not caught, this process would abort.
#[test]
fn a_callback_that_panics_is_caught_and_counted_also_while_the_thread_unwinds() {
    let usual = ["BeforeSend 0 1", "sent OUTCOME", "BeforeSend 1 2", "Ignored 1 1"];
    let panicked = "BeforeSendPanicked 1 2";
    let table: [(Callback, u64, &[&str]); 7] = [
        (Callback::None, 0, &usual),
        (Send, 1, &["BeforeSend 0 1", "BeforeSend 1 2", "Ignored 1 1"]),
        (Lost, 3, &["sent OUTCOME"]),
        (Required, 1, &usual),
        (BeforeSend, 2, &[panicked, panicked, "Ignored 1 1"]),
        (Observer, 3, &usual),
        // Asked at the start and at the end.
        (
            Predicate,
            6,
            &["BeforeSend 0 1", "sent OUTCOME", "BeforeSend 1 2", "BeforeSend 0 1", "ignored OUTCOME"],
        ),
    ];
    for (panicking, caught, expected) in table {
        for (is_unwinding, outcome) in [(false, "Complete"), (true, "Panicked")] {
            let told = Arc::<Mutex<Vec<String>>>::default();
            let tracer = options(panicking, &told).build().unwrap();
            if is_unwinding {
                let handler = || {
                    let _working = OnDrop(&tracer);
                    resume_unwind(Box::new("the handler's own panic"));
                };
                assert!(std::thread::scope(|scope| scope.spawn(handler).join()).is_err());
            } else {
                work(&tracer);
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
        let root = tracer.service_span("task", TransactionName::task("job")).start();
        let _open = (root.context().keep_open(), root.start_span("function", "work"));
        resume_unwind(Box::new("the handler's own panic"));
    };
    assert!(std::thread::scope(|scope| scope.spawn(handler).join()).is_err());
    assert_eq!((tracer.caught_panics(), &**told.lock().unwrap()), (1, &["BeforeSend 0 1".to_owned()][..]));
}

#[test]
fn a_name_that_panics_is_empty() {
    let told = Arc::<Mutex<Vec<String>>>::default();
    let tracer = options(Callback::None, &told).build().unwrap();
    let request = http::Request::new(());
    let describe = || Some(ServedRequest::new("http.server", || -> TransactionName { panics() }));
    let mut served = tracer.serve(RequestHead::from(&request), describe).unwrap();
    served.end(crate::Outcome::Complete, None);
    assert_eq!((tracer.caught_panics(), &**told.lock().unwrap()), (1, &[" Complete".to_owned()][..]));
}

#[test]
fn the_samplers_panic_stays_the_callers() {
    let tracer = Tracer::builder().traces_sampler(|_| panic!("the sampler's")).build().unwrap();
    let start =
        std::panic::AssertUnwindSafe(|| tracer.service_span("task", TransactionName::default()).start());
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
