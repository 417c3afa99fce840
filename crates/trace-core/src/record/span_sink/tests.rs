use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::{DropReason, Record, Requirements, SpanSink};
use crate::{Downsampling, Tracer, TracerBuilder, TransactionName};

/// The calls that a sink received: the decision of each transaction, and the losses.
#[derive(Debug, Default, PartialEq)]
struct Told {
    sampled: Vec<bool>,
    dropped: Vec<(DropReason, usize)>,
}

struct Listening {
    records_unsampled: bool,
    downsampling: Downsampling,
    told: Arc<Mutex<Told>>,
}

impl SpanSink for Listening {
    fn receive(&self, record: Record) {
        let mut told = self.told.lock().unwrap();
        match record {
            Record::Transaction(transaction) => told.sampled.push(transaction.sampled),
            Record::Lost(loss) => told.dropped.push((loss.reason, loss.spans)),
            Record::Span(_) => unreachable!(),
        }
    }

    fn requirements(&self) -> Requirements {
        Requirements::default()
            .record_unsampled(self.records_unsampled)
            .downsampling(self.downsampling.clone())
    }
}

const CALLER: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285";

/// Makes a transaction with a span. Returns the flag and rate sent on, and the calls that the sink received.
fn one(builder: TracerBuilder, flag: &str, records_unsampled: bool, factor: u32) -> (String, String, Told) {
    let told = Arc::<Mutex<Told>>::default();
    let downsampling = Downsampling::default();
    downsampling.set_factor(factor);
    let sink = Listening { records_unsampled, downsampling, told: told.clone() };
    let tracer = builder.sink(sink).build().unwrap();
    let context = match flag {
        "none" => tracer.start_new_trace(),
        _ => tracer.continue_trace(&HashMap::from([("sentry-trace", format!("{CALLER}{flag}"))])),
    };
    let root = tracer.service_span("task", TransactionName::task("job")).in_trace(context).start();
    root.start_span("function", "work").end();
    let (header, context) =
        (root.context().sentry_trace().to_string(), root.context().dynamic_sampling_context().into_owned());
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
        ("not sampled", rate(0.0), rate(0.0), "none", "-0", told(&[], &[(SampleRate, 1)]), true),
        ("caller's", rate(1.0), rate(1.0), "-0", "-0", told(&[], &[(SampleRate, 1)]), true),
        ("no option", Tracer::builder(), Tracer::builder(), "none", "", told(&[], &[]), true),
        ("no option, a caller", Tracer::builder(), Tracer::builder(), "-1", "-1", told(&[], &[]), true),
        ("ignored", ignoring(), ignoring(), "none", "-0", told(&[], &[(Ignored, 1)]), false),
        (
            "hook",
            dropping(1.0),
            dropping(1.0),
            "none",
            "-1",
            told(&[], &[(DropReason::BeforeSend, 2)]),
            false,
        ),
        (
            "hook, not sampled",
            dropping(0.0),
            dropping(0.0),
            "none",
            "-0",
            told(&[], &[(SampleRate, 1)]),
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
            _ => Told { sampled: vec![], dropped: vec![(reason, 1)] },
        };
        assert_eq!(told, expected, "{name}");
    }
}

#[test]
fn the_end_of_a_span_runs_hooks_if_it_is_handed_to_a_sink_that_may() {
    use crate::InMemorySink;

    let listening = || Listening {
        records_unsampled: false,
        downsampling: Downsampling::default(),
        told: Arc::default(),
    };
    let builder = || Tracer::builder().traces_sample_rate(1.0);
    let table = [
        ("a sink that stores", builder().sink(InMemorySink::default()), [false, false]),
        ("one that streams", builder().sink(InMemorySink::streaming()), [false, false]),
        ("none", builder().sink(None::<InMemorySink>), [false, false]),
        ("a sink of the application", builder().sink(listening()), [true, false]),
        ("in a pointer", builder().sink(Some(Arc::new(listening()))), [true, false]),
        ("a hook", builder().sink(InMemorySink::streaming()).before_send_span(|_| ()), [true, true]),
    ];
    for (name, builder, expected) in table {
        let tracer = builder.build().unwrap();
        let job = tracer.service_span("task", "job").start_shared();
        let span = job.context().span("function", "work").start_shared();
        assert_eq!([&job, &span].map(|span| span.end_runs_hooks()), expected, "{name}");
    }
}
