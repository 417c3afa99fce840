//! With Spotlight, a copy of the same run also arrives there.

use std::time::{Duration, Instant};

use collector::{Answer, Collector, Nobody};

use crate::{command, document, requests, run};

/// The sidecar of Spotlight takes the envelopes that Sentry takes, at another path.
fn sidecar(answer: Answer) -> (Collector, String) {
    let sidecar = Collector::open(answer);
    let url = sidecar.dsn.replace("public@", "").replace("/42", "/stream");
    (sidecar, url)
}

#[test]
fn it_is_sent_all_and_the_report_stays() {
    let (sidecar, url) = sidecar(Answer::Ok);
    let output = run(&["--json", &format!("--spotlight={url}")]);
    let line = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}");
    assert_eq!(line, format!("✓ 24 transactions copied to Spotlight at {url}\n"));

    let copies = sidecar.arrived();
    assert_eq!(copies.len(), 24);
    assert!(copies.iter().all(|copy| copy.path == "/stream" && copy.kind == "transaction"));
    let document = document(&output);
    assert_eq!(document["held"], true);
    for request in requests(&document) {
        let trace = &request["services"][0]["trace_id"];
        let of_trace = copies.iter().filter(|copy| copy.item["contexts"]["trace"]["trace_id"] == *trace);
        assert_eq!(of_trace.count(), 4, "{}", request["scenario"]);
        let reported = request["transactions"].as_array().map(Vec::len);
        assert_eq!(reported, Some(if request["scenario"] == "unsampled" { 0 } else { 4 }));
    }
}

#[test]
fn the_variable_copies_too() {
    let (sidecar, url) = sidecar(Answer::Ok);
    for (variable, copies) in [(url.as_str(), 4), ("off", 0), ("", 0)] {
        let output = command(&["--requests", "1"]).env("SENTRY_SPOTLIGHT", variable).output().unwrap();
        assert!(output.status.success());
        let told = String::from_utf8_lossy(&output.stdout).contains("to Spotlight at");
        assert_eq!((sidecar.arrived().len(), told), (copies, copies > 0), "{variable}");
    }
}

#[test]
fn whatever_it_does_sentry_gets_the_same() {
    let nobody = Nobody::bind();
    let (_taking, taking) = sidecar(Answer::Ok);
    let (_failing, failing) = sidecar(Answer::Status("500 Internal Server Error"));
    let (_silent, silent) = sidecar(Answer::Never);
    let table = [
        (taking, "✓ 24 transactions copied to "),
        (failing, "500"),
        (silent, "✗ 0 transactions copied to "),
        (format!("http://{}/stream", nobody.address), "refused"),
    ];
    std::thread::scope(|scope| {
        for (url, told) in &table {
            scope.spawn(|| sentry_gets_the_same(url, told));
        }
    });
}

fn sentry_gets_the_same(url: &str, told: &str) {
    let sentry = Collector::open(Answer::Ok);
    let started = Instant::now();
    let output = run(&["--dsn", &sentry.dsn, &format!("--spotlight={url}")]);
    assert!(started.elapsed() < Duration::from_secs(8), "{url}");
    assert!(output.status.success(), "{url}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("\n✓ 20 transactions delivered to "), "{text}");
    let line = text.lines().last().unwrap();
    assert!(line.contains(url) && line.contains(told), "{line}");
    let sampled = sentry.arrived().into_iter().filter(|envelope| envelope.kind == "transaction");
    assert_eq!(sampled.count(), 20, "{url}");
}
