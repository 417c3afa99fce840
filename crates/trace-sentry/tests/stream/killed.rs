//! A process that is killed in the middle of a request.

use std::process::{Command, Stdio};

use collector::{Answer, Collector};

use crate::validator::spans;

/// The variable that makes the test the process that is killed.
const DSN: &str = "DSN_OF_THE_PROCESS_THAT_IS_KILLED";

#[test]
fn what_was_sent_before_a_kill_is_complete_and_valid() {
    if let Ok(dsn) = std::env::var(DSN) {
        let sink = crate::streaming(&dsn);
        let tracer = sink.tracer().build().unwrap();
        let job = tracer.service_span("http.server", "endless").start();
        loop {
            let outer = job.start_span("function", "outer");
            outer.start_span("function", "inner").end();
        }
    }
    let collector = Collector::open(Answer::Ok);
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::what_was_sent_before_a_kill_is_complete_and_valid"])
        .env(DSN, &collector.dsn)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let first = collector.next("span");
    process.kill().unwrap();
    process.wait().unwrap();
    let mut arrived = spans(&first);
    collector.arrived().iter().filter(|it| it.kind == "span").for_each(|it| arrived.extend(spans(it)));
    assert!(arrived.len() >= 1000);
    assert!(arrived.iter().all(|span| span["is_segment"] == false), "it has not ended");
    // An inner span ends before its parent, which may not have been sent.
    let ids: Vec<_> = arrived.iter().map(|span| &span["span_id"]).collect();
    let orphans =
        arrived.iter().filter(|span| span["name"] == "inner" && !ids.contains(&&span["parent_span_id"]));
    assert!(orphans.count() <= 1);
}
