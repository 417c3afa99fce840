use super::*;

#[test]
fn parts_of_a_dsn() {
    let table = [
        ("https://public@sentry.example.com/1", "public", "sentry.example.com", 443, "", "1"),
        ("https://public:secret@host:9000/a/b/42", "public", "host", 9000, "/a/b", "42"),
        ("http://k@[::1]:8080/7", "k", "[::1]", 8080, "", "7"),
        (" http://k@HOST/7 ", "k", "host", 80, "", "7"),
        ("https://k@host.:/a//7?q#f", "k", "host.", 443, "/a/", "7"),
    ];
    for (text, key, host, port, path, project) in table {
        let dsn: Dsn = text.parse().unwrap();
        assert_eq!(
            (dsn.public_key(), dsn.host(), dsn.port(), dsn.path(), dsn.project_id()),
            (key, host, port, path, project)
        );
    }
}

#[test]
fn what_is_no_dsn() {
    let table = [
        ("https://host/1", "public key"),
        ("https://:secret@host/1", "public key"),
        ("https://public@host/", "project id"),
        ("https://public@host", "project id"),
        ("ftp://public@host/1", "scheme"),
        ("public@host/1", "URL"),
        ("https://public@host:99999/1", "port"),
        ("https://public%3As3cret@host/1", "percent-encoded"),
        ("https://public:s3%63ret@host/1", "percent-encoded"),
        ("", "URL"),
        ("not a url", "URL"),
    ];
    for (text, rule) in table {
        let error = text.parse::<Dsn>().unwrap_err().to_string();
        assert!(error.contains(rule), "{text:?}: {error}");
    }
}

#[test]
fn organization_of_a_host() {
    let table = [
        ("o123.ingest.sentry.io", Some(123)),
        ("o123.ingest.us.sentry.io", Some(123)),
        ("O123.ingest.sentry.io", Some(123)),
        ("o123.relay.internal", Some(123)),
        ("o0.ingest.sentry.io", None),
        ("o.ingest.sentry.io", None),
        ("sentry.io", None),
        ("localhost", None),
        ("o123", None),
        ("o123x.ingest.sentry.io", None),
        ("o99999999999999999999.ingest.sentry.io", None),
    ];
    for (host, expected) in table {
        let dsn: Dsn = format!("https://key@{host}/1").parse().unwrap();
        assert_eq!(dsn.organization_id(), expected.and_then(OrganizationId::new), "{host}");
    }
}

#[test]
fn organization_ids_are_numbers() {
    let table: [(&[u8], Option<u64>); 8] = [
        (b"1", Some(1)),
        (b" 01\t", Some(1)),
        (b"18446744073709551615", Some(u64::MAX)),
        (b"18446744073709551616", None),
        (b"0", None),
        (b"+1", None),
        (b"1x", None),
        (b"", None),
    ];
    for (text, expected) in table {
        assert_eq!(OrganizationId::parse(text), expected.and_then(OrganizationId::new), "{text:?}");
    }
}

#[test]
fn the_text_of_a_dsn_has_no_secret_key_and_reads_back() {
    let table = [
        ("https://public:s3cret@host:9000/a/42", "https://public@host:9000/a/42"),
        ("https://public:s3@cret@host/42", "https://public@host/42"),
        ("https://public@s3cret@host/42", "https://public@host/42"),
        ("HTTP://public:@[::1]:80/42", "http://public@[::1]:80/42"),
        (" https://public@Host/42?s3cret=1 ", "https://public@host/42"),
    ];
    for (text, expected) in table {
        let dsn: Dsn = text.parse().unwrap();
        assert_eq!(dsn.to_string(), expected);
        assert!(!format!("{dsn:?}").contains("s3"), "{dsn:?}");
        assert_eq!(expected.parse(), Ok(dsn));
    }
}

#[test]
fn the_endpoint_of_a_dsn_is_its_host_and_path() {
    let (top, below) = ("https://k@o1.Ingest.test/42", "http://k@example.test.:9000/sentry/42");
    let table = [
        (top, "o1.ingest.test", "/api/42/envelope/", true),
        (top, "O1.INGEST.TEST.", "/api/7/store/", true),
        (top, "o1.ingest.test", "/api/42/", true),
        (top, "o1.ingest.test..", "/api/42/envelope/", false),
        (top, ".o1.ingest.test", "/api/42/envelope/", false),
        (top, "o2.ingest.test", "/api/42/envelope/", false),
        (top, "a.o1.ingest.test", "/api/42/envelope/", false),
        (top, "o1.ingest.test", "/api/42", false),
        (top, "o1.ingest.test", "/api//envelope/", false),
        (top, "o1.ingest.test", "/api/4x2/envelope/", false),
        (top, "o1.ingest.test", "/api/٤/envelope/", false),
        (top, "o1.ingest.test", "/API/42/envelope/", false),
        (top, "o1.ingest.test", "/x/api/42/envelope/", false),
        (top, "o1.ingest.test", "/api/orders", false),
        (top, "o1.ingest.test", "/", false),
        (top, "o1.ingest.test", "", false),
        (below, "example.test", "/sentry/api/42/envelope/", true),
        (below, "Example.Test.", "/sentry/api/42/envelope/", true),
        (below, "example.test", "/api/42/envelope/", false),
        (below, "example.test", "/sentry/42", false),
        (below, "example.test", "/sentryapi/42/envelope/", false),
        (below, "example.test", "/Sentry/api/42/envelope/", false),
    ];
    for (dsn, host, path, expected) in table {
        let dsn: Dsn = dsn.parse().unwrap();
        assert_eq!(dsn.is_endpoint(host, path), expected, "{dsn} {host} {path}");
    }
}
