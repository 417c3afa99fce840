//! A server that does not take what it is sent: it is told why, in time, and nothing else changes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use collector::{Answer, Collector, Nobody};

use crate::{document, run};

#[test]
fn what_was_not_taken_is_told_in_time() {
    let nobody = Nobody::bind();
    // It takes connections, as the system does for every listener, and never says a word.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let (refusing, silent) =
        (Collector::open(Answer::Status("429 Too Many Requests")), Collector::open(Answer::Never));
    let table = [
        (format!("http://public@{}/42", nobody.address), "refused"),
        (refusing.dsn.clone(), "it answered 429"),
        (silent.dsn.clone(), "not answered within 5 seconds"),
        (format!("https://public@{}/42", nobody.address), "refused"),
        (format!("https://public@{}/42", plain()), "no TLS connection: received corrupt message"),
        (format!("https://public@{}/42", mute.local_addr().unwrap()), "no connection within 4 seconds"),
    ];
    std::thread::scope(|scope| {
        for (dsn, reason) in &table {
            scope.spawn(|| told_in_time(dsn, reason));
        }
    });
}

fn told_in_time(dsn: &str, reason: &str) {
    let started = Instant::now();
    let output = run(&["--requests", "1", "--json", "--dsn", dsn]);
    assert!(started.elapsed() < Duration::from_secs(8), "{reason}");
    assert_eq!(output.status.code(), Some(1), "{reason}");
    assert_eq!(document(&output)["held"], true);
    let line = String::from_utf8(output.stderr).unwrap();
    let url = dsn.replace("public@", "").replace("/42", "/api/42/envelope/");
    assert!(line.starts_with(&format!("✗ 0 of 4 transactions delivered to {url}: ")), "{line}");
    assert!(line.contains(reason) && line.lines().count() == 1, "{line}");
}

/// The address of a server that speaks HTTP without TLS.
fn plain() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // What it was sent has to be read, or the answer might be lost with the connection.
            let _tls = stream.read(&mut [0; 4096]);
            let _answered = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        }
    });
    address
}
