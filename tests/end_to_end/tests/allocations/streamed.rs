//! The memory of a request whose spans are streamed: that of what runs, however many spans have ended.

use trace_core::{Record, Requirements, SpanSink, TraceLifecycle, Tracer};

/// A sink that has sent a span at once.
struct Gone;

impl SpanSink for Gone {
    fn receive(&self, _record: Record) {}

    fn requirements(&self) -> Requirements {
        Requirements::default().lifecycle(TraceLifecycle::Stream)
    }
}

/// Returns the most bytes that a request with this number of spans takes, two of which run at a time.
fn most_bytes(tracer: &Tracer, spans: usize) -> u64 {
    let measured = allocation_counter::measure(|| {
        let request = tracer.service_span("http.server", "GET /").start();
        for number in 0..spans {
            let outer = request.start_span("function", "outer");
            outer.set_attribute("number", number);
            outer.start_span("function", "inner").end();
        }
    });
    measured.bytes_max
}

#[test]
fn a_million_ended_spans_take_no_more_than_one() {
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(Gone).build().unwrap();
    // The first request of a thread prepares what later ones share.
    most_bytes(&tracer, 1);
    let few = most_bytes(&tracer, 1);
    assert_eq!(most_bytes(&tracer, 500_000), few);
    assert!(few < 4096, "{few} bytes");
}
