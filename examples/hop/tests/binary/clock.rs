//! A wall clock that jumps back whenever it is looked at.

use std::path::Path;
use std::process::Command;

use collector::{Answer, Collector};
use serde_json::Value;

use crate::service::{Service, encoded};

/// The times are numbers of seconds since 1970, to the microsecond.
const ROUNDING: f64 = 0.000_002;

#[tokio::test]
async fn no_span_ends_before_it_starts_and_none_leaves_its_parent() {
    let collector = Collector::open(Answer::Ok);
    let flags = ["--dsn", &collector.dsn, "--traces-sample-rate", "1"];
    let service = Service::run(Service::command(&flags).env("LD_PRELOAD", jumping_clock()));
    let next = Service::start(&[]);
    let path = format!("/stream?chunks=3&ms=20&to={}", encoded(&format!("{}/leaf", next.url)));
    let mut starts = Vec::new();
    for _ in 0..3 {
        service.get(&format!("/hop?to={}", encoded(&format!("{}{path}", service.url))), &[]).await;
        for _ in 0..2 {
            let transaction = collector.next("transaction").item;
            let (start, end) = times(&transaction);
            assert!((0.04..10.0).contains(&(end - start)), "{start} to {end}");
            let spans = transaction["spans"].as_array().unwrap();
            assert_eq!(spans.len(), 1);
            let (first, last) = times(&spans[0]);
            assert!(start - ROUNDING <= first && first <= last && last <= end + ROUNDING, "{transaction}");
            starts.push(start);
        }
    }
    starts.dedup_by(|later, earlier| (*later - *earlier).abs() < 1800.0);
    assert_eq!(starts.len(), 6, "the clock did jump");
}

fn times(span: &Value) -> (f64, f64) {
    (span["start_timestamp"].as_f64().unwrap(), span["timestamp"].as_f64().unwrap())
}

/// A library to be preloaded, built with the C compiler that Rust links with.
fn jumping_clock() -> std::path::PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/binary/clock.c");
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clock.so");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).status().unwrap();
    assert!(built.success());
    library
}
