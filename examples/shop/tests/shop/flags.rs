//! Wrong flags and variables.

use std::process::Output;

use crate::{command, run};

#[test]
fn wrong_flags_are_named_and_nothing_starts() {
    let table: [(&[&str], &str, &str); 14] = [
        (&["--requests", "0"], "--requests", "0"),
        (&["--requests", "many"], "--requests", "many"),
        (&["--requests=-1"], "--requests", "-1"),
        (&["--html", "no/such/folder/shop.html"], "--html", "no/such/folder/shop.html"),
        (&["--dsn", "no DSN"], "--dsn", "no DSN"),
        (&["--dsn", "https://o1.ingest.sentry.io/42"], "--dsn", "https://o1.ingest.sentry.io/42"),
        (&["--dsn="], "--dsn", "''"),
        (&["--dsn", "https://public:topsecret@host:99999/1"], "--dsn", "https://public:…@host:99999/1"),
        (&["--dsn=https://public:topsecret/1"], "--dsn", "https://public:…"),
        (&["https://public:topsecret@host/1"], "unexpected", "https://public:…@host/1"),
        (&["--spotlight=https://localhost/stream"], "spotlight", "https://localhost/stream"),
        (&["--spotlight="], "spotlight", "URL"),
        (&["--colour"], "--colour", "--colour"),
        (&["storefront"], "storefront", "storefront"),
    ];
    for (flags, flag, value) in table {
        refused(&run(flags), flag, value);
    }
}

#[test]
fn wrong_variables_are_named_and_nothing_starts() {
    let table = [
        ("SENTRY_DSN", "no DSN", "no DSN"),
        ("SENTRY_DSN", "https://public@o1.ingest.sentry.io/", "project id"),
        (
            "SENTRY_DSN",
            "ftp://public:topsecret@o1.ingest.sentry.io/42",
            "ftp://public:…@o1.ingest.sentry.io/42",
        ),
        ("SENTRY_SPOTLIGHT", "maybe", "maybe"),
    ];
    for (variable, value, told) in table {
        refused(&command(&[]).env(variable, value).output().unwrap(), variable, told);
    }
}

#[test]
fn the_help_shows_no_dsn_of_the_environment() {
    let dsn = "https://public:topsecret@o1.ingest.sentry.io/42";
    let help = command(&["--help"]).env("SENTRY_DSN", dsn).output().unwrap();
    let text = String::from_utf8_lossy(&help.stdout);
    assert!(text.contains("SENTRY_DSN") && !text.contains("topsecret"), "{text}");
}

fn refused(output: &Output, name: &str, told: &str) {
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{name}: {message}");
    assert!(message.contains(name) && message.contains(told), "{message}");
    assert!(!message.contains("topsecret"), "{message}");
    assert!(output.stdout.is_empty());
}
