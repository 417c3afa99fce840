//! One request with very many spans.

use std::io;
use std::thread::yield_now;

use trace_core::Tracer;
use trace_sentry::SentrySink;

use crate::memory;

/// The spans that may wait. A request that is faster than the delivery would lose its oldest spans.
const MOST_WAITING: u64 = 10_000;

/// Records a request with so many spans below it. Returns the memory after a tenth of them, and at their end.
pub(crate) fn run(tracer: &Tracer, sink: &SentrySink, spans: usize) -> io::Result<(u64, u64)> {
    let request = tracer.service_span("http.server", "GET /endless").sampled(true).start();
    let mut warm = 0;
    for number in 0..spans {
        let outer = request.start_span("function", "outer");
        outer.set_attribute("number", number);
        outer.end();
        if number == spans / 10 {
            warm = memory::resident()?;
        }
        while sink.statistics().waiting > MOST_WAITING {
            yield_now();
        }
    }
    let end = memory::resident()?;
    request.end();
    Ok((warm, end))
}
