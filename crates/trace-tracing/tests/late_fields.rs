//! Fields that a span is told after its start say the same of it as those that it is told at once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use support::run;
use tracing::field::Empty;
use tracing::{Span, info_span};

mod support;

fn span(name: Option<&str>) -> Span {
    info_span!(
        "span",
        otel.name = name,
        otel.kind = Empty,
        sentry.op = Empty,
        http.request.method = Empty,
        http.route = Empty,
        url.full = Empty,
        db.system = Empty,
        db.statement = Empty,
        rpc.system = Empty,
        rpc.service = Empty,
        rpc.method = Empty,
        messaging.destination = Empty,
        rows = Empty,
    )
}

type Case = (&'static [(&'static str, &'static str)], [&'static str; 3]);

#[test]
fn late_fields_tell_the_operation_and_the_name() {
    let table: [Case; 8] = [
        (&[("rows", "3")], ["function", "span", "auto.function.tracing"]),
        (&[("db.system", "postgresql")], ["db", "span", "auto.db.tracing"]),
        (
            &[("db.system", "postgresql"), ("db.statement", "SELECT a FROM t WHERE b = 's3cret'")],
            ["db.query", "SELECT a FROM t WHERE b = ?", "auto.db.tracing"],
        ),
        (
            &[("otel.kind", "client"), ("http.request.method", "GET"), ("url.full", "http://a.test/p?q=1")],
            ["http.client", "GET http://a.test/p", "auto.http.tracing"],
        ),
        (
            &[("otel.kind", "server"), ("http.request.method", "GET"), ("http.route", "/users/{id}")],
            ["http.server", "GET /users/{id}", "auto.http.tracing"],
        ),
        (
            &[
                ("otel.kind", "server"),
                ("rpc.system", "grpc"),
                ("rpc.service", "shop.Orders"),
                ("rpc.method", "Get"),
            ],
            ["grpc.server", "shop.Orders/Get", "auto.grpc.tracing"],
        ),
        (
            &[("messaging.destination", "orders"), ("otel.kind", "producer")],
            ["queue.publish", "orders", "auto.queue.tracing"],
        ),
        (
            &[("sentry.op", "cache.get"), ("db.statement", "SELECT a")],
            ["cache.get", "SELECT a", "auto.function.tracing"],
        ),
    ];
    for (fields, [operation, name, origin]) in table {
        let sent = run(|| {
            let (span, named) = (span(None), span(Some("mine")));
            for (field, value) in fields {
                span.record(*field, *value);
                named.record(*field, *value);
            }
        });
        let (found, named) = (sent.span(name), sent.span("mine"));
        assert_eq!((&*found.operation, &*found.origin), (operation, origin), "{fields:?}");
        assert_eq!(&*named.operation, operation, "the program's own name stays: {fields:?}");
    }
}
