//! Callbacks of the application that lead to themselves: a hook that records work of its own would be called for that work,
//! and so on, without end.

use std::cell::Cell;

/// A kind of callback.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Callback {
    /// The hooks before something is sent.
    BeforeSend = 1,
    Observer = 2,
    Predicate = 4,
    Sampler = 8,
}

thread_local! {
    /// The kinds that run on this thread.
    static RUNNING: Cell<u8> = const { Cell::new(0) };
}

/// Restores the kinds that ran before, also if the callback panics.
struct Entered(u8);

impl Drop for Entered {
    fn drop(&mut self) {
        RUNNING.set(self.0);
    }
}

impl Callback {
    /// Calls a callback of this kind. Returns `None` without a call if one runs on this thread already.
    pub(crate) fn call<R>(self, callback: impl FnOnce() -> R) -> Option<R> {
        let running = RUNNING.get();
        if running & self as u8 != 0 {
            return None;
        }
        RUNNING.set(running | self as u8);
        let _entered = Entered(running);
        Some(callback())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use crate::{
        DropReason, InMemorySink, Loss, NamePattern, PropagationEvent, Tracer, TracerBuilder, TransactionName,
    };

    /// The tracer of a row, which its callback uses.
    static TRACER: Mutex<Option<Tracer>> = Mutex::new(None);

    fn work() {
        let tracer = TRACER.lock().unwrap().clone().unwrap();
        let job = tracer.service_span("task", TransactionName::task("within")).start();
        tracer.observe(|| PropagationEvent::Incoming { context: job.context() });
        job.end();
    }

    #[test]
    fn a_callback_is_not_called_for_what_it_does_itself() {
        let dropped = Loss::of_transaction(DropReason::BeforeSend, 0);
        let unsampled = Loss::of_transaction(DropReason::SampleRate, 0);
        // What is sent, in this order, and what is lost.
        let table: [(&str, TracerBuilder, &[&str], Option<Loss>); 4] = [
            (
                "the hook",
                Tracer::builder().before_send_transaction(|it| {
                    work();
                    Some(it)
                }),
                &["job"],
                Some(dropped),
            ),
            (
                "the sampler",
                Tracer::builder().traces_sampler(|_| {
                    work();
                    Some(1.0)
                }),
                &["job"],
                Some(unsampled),
            ),
            (
                "a predicate",
                Tracer::builder().ignore_transactions([NamePattern::matching(|_| {
                    work();
                    false
                })]),
                &["within", "within", "job"],
                None,
            ),
            (
                "the observer",
                Tracer::builder().on_propagation(|_: &PropagationEvent<'_>| work()),
                &["within", "job"],
                None,
            ),
        ];
        for (name, builder, sent, lost) in table {
            let sink = InMemorySink::default();
            let tracer = builder.traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
            *TRACER.lock().unwrap() = Some(tracer.clone());
            let job = tracer.service_span("task", TransactionName::task("job")).start();
            tracer.observe(|| PropagationEvent::Incoming { context: job.context() });
            job.end();
            let taken = sink.take();
            let names: Vec<_> = taken.iter().map(|it| it.name.as_str()).collect();
            assert_eq!((&*names, sink.take_losses()), (sent, Vec::from_iter(lost)), "{name}");
        }
    }
}
