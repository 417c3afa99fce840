//! Wrong flags.

use crate::run;

#[test]
fn wrong_flags_are_named_and_nothing_starts() {
    let table: [(&[&str], &str, &str); 10] = [
        (&["--requests", "0"], "--requests", "0"),
        (&["--requests", "many"], "--requests", "many"),
        (&["--requests=-1"], "--requests", "-1"),
        (&["--html", "no/such/folder/shop.html"], "--html", "no/such/folder/shop.html"),
        (&["--dsn", "no DSN"], "--dsn", "no DSN"),
        (&["--dsn", "https://o1.ingest.sentry.io/42"], "--dsn", "https://o1.ingest.sentry.io/42"),
        (&["--dsn", "https://key@o1.ingest.sentry.io/42"], "no TLS", "https://key@o1.ingest.sentry.io/42"),
        (&["--dsn="], "--dsn", "''"),
        (&["--colour"], "--colour", "--colour"),
        (&["storefront"], "storefront", "storefront"),
    ];
    for (flags, flag, value) in table {
        let output = run(flags);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        assert!(message.contains(flag) && message.contains(value), "{message}");
        assert!(output.stdout.is_empty());
    }
}
