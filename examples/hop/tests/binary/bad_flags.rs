//! A bad flag: an error that names it and its value, status 2, nothing started.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

#[test]
fn bad_flags() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let table: &[(&[&str], &str, &str)] = &[
        (&["--listen", "nowhere"], "--listen", "nowhere"),
        (&["--listen=127.0.0.1:99999"], "--listen", "127.0.0.1:99999"),
        (&["--listen", &taken], "--listen", &taken),
        (&["--dsn", "http://host/1"], "--dsn", "http://host/1"),
        (&["--dsn=http://key@host/"], "--dsn", "http://key@host/"),
        (&["--dsn", "ftp://key@host/1"], "--dsn", "ftp://key@host/1"),
        (&["--dsn", ""], "--dsn", "''"),
        (&["--dsn", "https://public:s3cret@host:99999/1"], "--dsn", "https://public:…@host:99999/1"),
        (&["--dsn=https://public:s3cret@/1"], "--dsn", "https://public:…@/1"),
        (&["--dsn=public:s3cret@host"], "--dsn", "public:…@host"),
        (&["--dsn", "https://public:s3cret/1"], "--dsn", "https://public:…"),
        (&["https://public:s3cret@host/1"], "https://public:…@host/1", ""),
        (&["https://public:s3cret/1"], "https://public:…", ""),
        (&["--dsn-https://public:s3cret@host/1"], "--dsn-https:", "host/1"),
        (&["--strict=https://public:s3cret@host/1"], "--strict", "https://public:…@host/1"),
        (&["--target=prefix:https://user:s3cret@host"], "--target", "@host"),
        (&["--traces-sample-rate", "1.5"], "--traces-sample-rate", "1.5"),
        (&["--traces-sample-rate", "-0.1"], "--traces-sample-rate", "-0.1"),
        (&["--traces-sample-rate=-0.1"], "--traces-sample-rate", "-0.1"),
        (&["--traces-sample-rate", "NaN"], "--traces-sample-rate", "NaN"),
        (&["--traces-sample-rate", "-inf"], "--traces-sample-rate", "-inf"),
        (&["--traces-sample-rate", "half"], "--traces-sample-rate", "half"),
        (&["--sampler", "always"], "--sampler", "always"),
        (&["--inherit-or", "1.5"], "--inherit-or", "1.5"),
        (&["--inherit-or=1", "--sampler=1"], "--inherit-or", "--sampler"),
        (&["--ignore-transaction", ""], "--ignore-transaction", ""),
        (&["--org-id", "0"], "--org-id", "0"),
        (&["--org-id=-1"], "--org-id", "-1"),
        (&["--org-id", "one"], "--org-id", "one"),
        (&["--target", ""], "--target", "''"),
        (&["--target", "host:"], "--target", "host:"),
        (&["--target", "origin:nowhere"], "--target", "origin:nowhere"),
        (&["--target", "prefix:"], "--target", "prefix:"),
        (&["--target", "path:api"], "--target", "path:api"),
        (&["--target", "regex:["], "--target", "regex:["),
        (&["--target", "regex:^/api/"], "--target", "Target::path"),
        (&["--target", "fine", "--target=regex:("], "--target", "regex:("),
        (&["--target=fine", "--no-targets"], "--target", "--no-targets"),
        (&["--strict=maybe"], "--strict", "maybe"),
        (&["--no-targets=1"], "--no-targets", "1"),
        (&["--release"], "--release", ""),
        (&["--strict", "--strict"], "--strict", ""),
        (&["--unknown", "flag"], "--unknown", ""),
        (&["word"], "word", ""),
    ];
    for (flags, flag, value) in table {
        let listen: &[_] = if flags[0].starts_with("--listen") { &[] } else { &["--listen=127.0.0.1:0"] };
        let (status, message) = refusal(&[listen, flags].concat());
        assert_eq!(status, Some(2), "{flags:?}: {message}");
        assert!(message.contains(flag) && message.contains(value), "{flags:?}: {message}");
        assert!(!message.contains("s3cret"), "{flags:?}: {message}");
    }
}

#[test]
fn listen_is_required() {
    let (status, message) = refusal(&[]);
    assert_eq!(status, Some(2));
    assert!(message.contains("--listen"), "{message}");
}

/// The exit status and the standard error of a hop that must not start.
fn refusal(flags: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hop"));
    let mut process = command.args(flags).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    if !ready.is_empty() {
        process.kill().unwrap();
        panic!("{flags:?} started a service: {ready}");
    }
    let output = process.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}
