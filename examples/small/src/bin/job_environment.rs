//! A job in a process of its own, in the trace of whoever starts it: the trace goes through the environment.

use std::env::{args, current_exe};
use std::error::Error;
use std::process::Command;

use trace_core::{Environment, TraceContext, Tracer};

fn main() -> Result<(), Box<dyn Error>> {
    let tracer = Tracer::builder().release("reports@2.0.0").build()?;
    if args().nth(1).as_deref() == Some("job") {
        job(&tracer);
        return Ok(());
    }

    let trace = tracer.start_new_trace();
    let mut command = Command::new(current_exe()?);
    command.arg("job");
    trace.inject(&mut command);

    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    println!("started in trace {}\n{text}", trace.trace_id());
    assert!(output.status.success());
    assert!(text.contains(&format!("trace {}, span", trace.trace_id())));
    assert!(text.contains(&format!("called by {}", trace.span_id())));
    Ok(())
}

/// The other process.
fn job(tracer: &Tracer) {
    let trace = tracer.continue_trace(&Environment::of_process());
    println!("the job was {}", trace.continuation());
    trace.scope(work);
}

fn work() {
    if let Some(trace) = TraceContext::current()
        && let Some(caller) = trace.parent_span_id()
    {
        println!("it works in trace {}, span {}, called by {caller}", trace.trace_id(), trace.span_id());
    }
}
