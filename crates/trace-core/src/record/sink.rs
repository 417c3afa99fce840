//! The destination of recorded transactions.

use std::sync::Arc;

use crate::record::{CaughtPanics, FinishedTransaction};

/// A receiver of every recorded transaction that has ended.
///
/// The sink is called on the thread on which the transaction ended, possibly within a `Drop`. It must not fail or
/// block. A panic in one of its methods is [caught and counted](crate::Tracer::caught_panics). The tracer then
/// continues as if the method had done nothing, or had returned what the default method returns.
pub trait TransactionSink: Send + Sync + 'static {
    /// Takes one transaction.
    fn send(&self, transaction: FinishedTransaction);

    /// Returns whether the sink also takes transactions that were not [sampled](FinishedTransaction::sampled), as a
    /// viewer on the developer's own machine does. It is called once, when the tracer is built. If it returns `true`,
    /// every transaction is recorded, even without a sampling option. Other services still receive the actual decision.
    fn takes_unsampled(&self) -> bool {
        false
    }

    /// Returns how many times a sample rate of this service is halved before it is applied, because the sink cannot
    /// take more; 0 in normal operation. It is called on the request path.
    ///
    /// Source: Sentry's Backpressure Management document.
    fn downsampling_factor(&self) -> u32 {
        0
    }

    /// Receives notice of a transaction that is not sent and had `spans` spans below its root, so that a sink can count
    /// losses. For a transaction that is not sampled, it is called on the request path.
    fn dropped(&self, reason: DropReason, spans: usize) {
        let _uncounted = (reason, spans);
    }

    /// Receives notice of spans that are lost although their transaction is sent.
    fn spans_dropped(&self, reason: DropReason, spans: usize) {
        let _uncounted = (reason, spans);
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {
        $(impl<S: TransactionSink + ?Sized> TransactionSink for $pointer {
            fn send(&self, transaction: FinishedTransaction) {
                (**self).send(transaction);
            }

            fn takes_unsampled(&self) -> bool {
                (**self).takes_unsampled()
            }

            fn downsampling_factor(&self) -> u32 {
                (**self).downsampling_factor()
            }

            fn dropped(&self, reason: DropReason, spans: usize) {
                (**self).dropped(reason, spans);
            }

            fn spans_dropped(&self, reason: DropReason, spans: usize) {
                (**self).spans_dropped(reason, spans);
            }
        })*
    };
}

forward!(Arc<S>, Box<S>);

/// The reason why a transaction or span is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DropReason {
    /// It was ignored by [`ignore_transactions`](crate::TracerBuilder::ignore_transactions) or
    /// [`trace_ignore_status_codes`](crate::TracerBuilder::trace_ignore_status_codes).
    Ignored,
    /// It was dropped by [`before_send_transaction`](crate::TracerBuilder::before_send_transaction).
    BeforeSend,
    /// [`before_send_transaction`](crate::TracerBuilder::before_send_transaction) panicked.
    BeforeSendPanicked,
    /// A span had not ended when its transaction was sent, or began later.
    Unfinished,
    /// It was not sampled.
    SampleRate,
    /// It was not sampled, at a rate that the [sink](TransactionSink::downsampling_factor) had asked to lower.
    Backpressure,
}

/// A sink whose panics are caught.
pub(crate) struct Caught<S> {
    sink: S,
    panics: CaughtPanics,
}

impl<S: TransactionSink> Caught<S> {
    pub(crate) fn new(sink: S, panics: CaughtPanics) -> Self {
        Self { sink, panics }
    }
}

impl<S: TransactionSink> TransactionSink for Caught<S> {
    fn send(&self, transaction: FinishedTransaction) {
        self.panics.catch(|| self.sink.send(transaction)).unwrap_or_default();
    }

    fn takes_unsampled(&self) -> bool {
        self.panics.catch(|| self.sink.takes_unsampled()).unwrap_or_default()
    }

    fn downsampling_factor(&self) -> u32 {
        self.panics.catch(|| self.sink.downsampling_factor()).unwrap_or_default()
    }

    fn dropped(&self, reason: DropReason, spans: usize) {
        self.panics.catch(|| self.sink.dropped(reason, spans)).unwrap_or_default();
    }

    fn spans_dropped(&self, reason: DropReason, spans: usize) {
        self.panics.catch(|| self.sink.spans_dropped(reason, spans)).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex};

    use super::{DropReason, TransactionSink};
    use crate::{FinishedTransaction, Tracer, TracerBuilder, TransactionName};

    /// The calls that a sink received: the decision of each transaction, and the losses.
    #[derive(Debug, Default, PartialEq)]
    struct Told {
        sampled: Vec<bool>,
        dropped: Vec<(DropReason, usize)>,
    }

    struct Listening {
        takes_unsampled: bool,
        factor: u32,
        told: Arc<Mutex<Told>>,
    }

    impl TransactionSink for Listening {
        fn send(&self, transaction: FinishedTransaction) {
            self.told.lock().unwrap().sampled.push(transaction.sampled);
        }

        fn takes_unsampled(&self) -> bool {
            self.takes_unsampled
        }

        fn downsampling_factor(&self) -> u32 {
            self.factor
        }

        fn dropped(&self, reason: DropReason, spans: usize) {
            self.told.lock().unwrap().dropped.push((reason, spans));
        }
    }

    const CALLER: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285";

    /// Makes a transaction with a span. Returns the flag and rate sent on, and the calls that the sink received.
    fn one(builder: TracerBuilder, flag: &str, takes_unsampled: bool, factor: u32) -> (String, String, Told) {
        let told = Arc::<Mutex<Told>>::default();
        let sink = Listening { takes_unsampled, factor, told: told.clone() };
        let tracer = builder.sink(sink).build().unwrap();
        let context = match flag {
            "none" => tracer.start_new_trace(),
            _ => tracer.continue_trace(&HashMap::from([("sentry-trace", format!("{CALLER}{flag}"))])),
        };
        let root = tracer.start_transaction(context, "task", || TransactionName::task("job"));
        root.start_span("function", "work").end();
        let (header, context) =
            (root.sentry_trace().to_string(), root.dynamic_sampling_context().into_owned());
        root.end();
        let rate = context.get("sample_rate").unwrap_or_default().into_owned();
        let told = std::mem::take(&mut *told.lock().unwrap());
        (header.chars().skip(49).collect(), rate, told)
    }

    #[test]
    fn a_sink_that_takes_everything_changes_nothing_for_others() {
        use DropReason::{Ignored, SampleRate};
        let rate = |rate| Tracer::builder().traces_sample_rate(rate);
        let ignoring = || rate(1.0).ignore_transactions(["job"]);
        let dropping = |rate| Tracer::builder().traces_sample_rate(rate).before_send_transaction(|_| None);
        // Tracer, caller's flag; the flag sent on, what is told to any sink, whether it is recorded only for this one.
        type Row = (&'static str, TracerBuilder, TracerBuilder, &'static str, &'static str, Told, bool);
        let told = |sampled: &[bool], dropped: &[(DropReason, usize)]| Told {
            sampled: sampled.to_vec(),
            dropped: dropped.to_vec(),
        };
        let table: [Row; 8] = [
            ("sampled", rate(1.0), rate(1.0), "none", "-1", told(&[true], &[]), false),
            ("not sampled", rate(0.0), rate(0.0), "none", "-0", told(&[], &[(SampleRate, 0)]), true),
            ("caller's", rate(1.0), rate(1.0), "-0", "-0", told(&[], &[(SampleRate, 0)]), true),
            ("no option", Tracer::builder(), Tracer::builder(), "none", "", told(&[], &[]), true),
            ("no option, a caller", Tracer::builder(), Tracer::builder(), "-1", "-1", told(&[], &[]), true),
            ("ignored", ignoring(), ignoring(), "none", "-0", told(&[], &[(Ignored, 0)]), false),
            (
                "hook",
                dropping(1.0),
                dropping(1.0),
                "none",
                "-1",
                told(&[], &[(DropReason::BeforeSend, 1)]),
                false,
            ),
            (
                "hook, not sampled",
                dropping(0.0),
                dropping(0.0),
                "none",
                "-0",
                told(&[], &[(SampleRate, 0)]),
                false,
            ),
        ];
        for (name, builder, same, flag, sent_on, mut expected, is_extra) in table {
            let (header, rate, told) = one(builder, flag, false, 0);
            assert_eq!((header.as_str(), &told), (sent_on, &expected), "{name}");
            if is_extra {
                expected.sampled.push(false);
            }
            assert_eq!(one(same, flag, true, 0), (header, rate, expected), "{name}, takes everything");
        }
    }

    #[test]
    fn a_factor_halves_own_rates_and_tells_so() {
        let fixed = |rate| Tracer::builder().traces_sample_rate(rate);
        let sampler = |rate: f64| Tracer::builder().traces_sampler(move |_| Some(rate));
        let table = [
            ("no factor", fixed(0.5), "none", 0, "0.5"),
            ("the example of the document", fixed(0.5), "none", 3, "0.0625"),
            ("the largest", fixed(1.0), "none", 10, "0.0009765625"),
            ("beyond", fixed(1.0), "none", 5000, "0"),
            ("a sampler", sampler(0.5), "none", 1, "0.25"),
            ("a sampler out of range stays so", sampler(1.5), "none", 1, ""),
            ("a caller's decision is kept", fixed(0.5), "-1", 3, ""),
        ];
        for (name, builder, flag, factor, expected) in table {
            let (header, rate, told) = one(builder, flag, false, factor);
            assert_eq!(rate, expected, "{name}");
            let reason = if factor > 0 { DropReason::Backpressure } else { DropReason::SampleRate };
            let expected = match header.as_str() {
                "-1" => Told { sampled: vec![true], dropped: vec![] },
                _ => Told { sampled: vec![], dropped: vec![(reason, 0)] },
            };
            assert_eq!(told, expected, "{name}");
        }
    }
}
