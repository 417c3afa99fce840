//! A worker behind a queue, in the trace of whoever put the message in: the trace travels in the message's metadata.

use std::collections::HashMap;
use std::error::Error;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use trace_core::{InMemorySink, QueueMessage, SpanStatus, Tracer, TransactionName};

struct Mail {
    address: &'static str,
    metadata: HashMap<String, String>,
    published: Instant,
}

fn main() -> Result<(), Box<dyn Error>> {
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build()?;
    let (queue, mails) = channel();

    let signup = tracer.service_span("task", TransactionName::task("signup")).start();
    signup.scope(|| {
        let address = "ada@example.com";
        let mut metadata = HashMap::new();
        let message = QueueMessage::new("in_process", "welcome").id("1").body_size(address.len());
        let publish = message.publish(&tracer, &mut metadata);
        queue.send(Mail { address, metadata, published: Instant::now() })?;
        publish.set_status(SpanStatus::Ok);
        Ok::<(), Box<dyn Error>>(())
    })?;
    signup.end();
    drop(queue);

    let worker = thread::spawn(move || mails.into_iter().for_each(|mail| process(&tracer, &mail)));
    worker.join().map_err(|_| "the worker panicked")?;

    let transactions = sink.take();
    let [signup, job] = &*transactions else { return Err("two transactions were to be recorded".into()) };
    for transaction in [signup, job] {
        println!("{} in trace {}", transaction.name.as_str(), transaction.trace_id);
    }
    assert_eq!(job.trace_id, signup.trace_id);
    assert_eq!(job.root.parent_span_id, signup.spans.first().map(|publish| publish.span_id));
    Ok(())
}

fn process(tracer: &Tracer, Mail { address, metadata, published }: &Mail) {
    let message = QueueMessage::new("in_process", "welcome").name("send welcome");
    let job = message.id("1").receive_latency(published.elapsed()).process(tracer, metadata);
    job.scope(|| println!("Welcome, {address}!"));
    job.set_status(SpanStatus::Ok);
}
