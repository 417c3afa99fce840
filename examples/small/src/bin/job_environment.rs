//! A job in a process of its own, in the trace of whoever starts it: the trace goes through the environment.

use std::env::{args, current_exe};
use std::error::Error;

use tokio::process::Command;
use trace_core::{EnvVars, TraceContext, Tracer};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tracer = Tracer::builder().release("reports@2.0.0").build()?;
    if args().nth(1).as_deref() == Some("job") {
        job(&tracer);
        return Ok(());
    }

    let mut command = Command::new(current_exe()?);
    command.arg("job");
    let span = tracer.start_subprocess_span(command.as_std_mut());
    let output = command.output().await?;

    let text = String::from_utf8_lossy(&output.stdout);
    println!("started in trace {}\n{text}", span.trace_id());
    assert!(output.status.success());
    assert!(text.contains(&format!("trace {}, span", span.trace_id())));
    assert!(text.contains(&format!("called by {}", span.span_id())));
    Ok(())
}

/// The other process.
fn job(tracer: &Tracer) {
    let trace = tracer.continue_trace(&EnvVars::of_process());
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
