use trace_core::{AttributeValue, SpanStatus};
use tracing::Metadata;

use super::Description;

fn metadata() -> &'static Metadata<'static> {
    static SPAN: std::sync::LazyLock<&'static Metadata<'static>> = std::sync::LazyLock::new(|| {
        use tracing_subscriber::prelude::*;
        let _default = tracing_subscriber::registry().set_default();
        tracing::info_span!("load").metadata().unwrap()
    });
    *SPAN
}

type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    (&'static str, &'static str, &'static str),
    Option<SpanStatus>,
);

#[test]
fn well_known_fields_describe_a_span() {
    let table: [Case; 23] = [
        ("nothing", &[], ("function", "load", "auto.function.tracing"), None),
        ("its own fields", &[("user", "ada")], ("function", "load", "auto.function.tracing"), None),
        ("a name", &[("otel.name", "GET /x")], ("function", "GET /x", "auto.function.tracing"), None),
        ("an empty name", &[("otel.name", "")], ("function", "load", "auto.function.tracing"), None),
        (
            "sentry's",
            &[("sentry.op", "cache.get"), ("sentry.name", "n")],
            ("cache.get", "n", "auto.function.tracing"),
            None,
        ),
        (
            "sentry's over a convention",
            &[("db.statement", "SELECT"), ("sentry.op", "db.sql.query")],
            ("db.sql.query", "SELECT", "auto.db.tracing"),
            None,
        ),
        (
            "a query",
            &[("db.system", "sqlite"), ("db.statement", "SELECT * FROM t WHERE a = 's3cret'")],
            ("db.query", "SELECT * FROM t WHERE a = ?", "auto.db.tracing"),
            None,
        ),
        (
            "sea-orm's begin",
            &[("otel.kind", "client"), ("db.system", "sqlite"), ("db.operation", "BEGIN")],
            ("db", "load", "auto.db.tracing"),
            None,
        ),
        (
            "a request",
            &[
                ("otel.kind", "Client"),
                ("http.request.method", "GET"),
                ("url.full", "http://u:s3cret@a.test/p?token=1"),
                ("http.response.status_code", "404"),
            ],
            ("http.client", "GET http://a.test/p", "auto.http.tracing"),
            Some(SpanStatus::NotFound),
        ),
        (
            "a request of reqwest-tracing",
            &[
                ("otel.kind", "client"),
                ("otel.name", "GET"),
                ("http.request.method", "GET"),
                ("server.address", "a.test"),
            ],
            ("http.client", "GET a.test", "auto.http.tracing"),
            None,
        ),
        (
            "a request of tracing-actix-web",
            &[
                ("http.method", "GET"),
                ("http.route", "/users/{id}"),
                ("http.target", "/users/1?token=s3cret"),
                ("http.client_ip", "127.0.0.1"),
                ("otel.name", "GET /users/{id}"),
                ("otel.kind", "server"),
            ],
            ("http.server", "GET /users/{id}", "auto.http.tracing"),
            None,
        ),
        (
            "a request of axum-tracing-opentelemetry",
            &[
                ("http.request.method", "GET"),
                ("url.path", "/users/1"),
                ("url.query", "token=s3cret"),
                ("otel.name", "GET"),
                ("otel.kind", "Server"),
                ("span.type", "web"),
            ],
            ("http.server", "GET /users/1", "auto.http.tracing"),
            None,
        ),
        (
            "a call of tonic-tracing-opentelemetry",
            &[
                ("otel.name", "shop.Orders/Get"),
                ("otel.kind", "Client"),
                ("rpc.system", "grpc"),
                ("rpc.service", "shop.Orders"),
                ("rpc.method", "Get"),
            ],
            ("grpc.client", "shop.Orders/Get", "auto.grpc.tracing"),
            None,
        ),
        (
            "a query of diesel-tracing",
            &[
                ("db.system", "sqlite"),
                ("otel.kind", "client"),
                ("db.statement", "SELECT `t`.`a` FROM `t` WHERE `t`.`a` = ? -- binds: [\"s3cret\"]"),
            ],
            ("db.query", "SELECT `t`.`a` FROM `t` WHERE `t`.`a` = ?", "auto.db.tracing"),
            None,
        ),
        (
            "a method of diesel-tracing without its query",
            &[("db.system", "postgresql"), ("db.name", "shop"), ("otel.kind", "client")],
            ("db", "load", "auto.db.tracing"),
            None,
        ),
        (
            "a served request",
            &[("otel.kind", "server"), ("http.method", "GET"), ("http.route", "/users/{id}")],
            ("http.server", "GET /users/{id}", "auto.http.tracing"),
            None,
        ),
        (
            "gRPC",
            &[
                ("otel.kind", "server"),
                ("rpc.system", "grpc"),
                ("rpc.service", "shop.Orders"),
                ("rpc.method", "Get"),
            ],
            ("grpc.server", "shop.Orders/Get", "auto.grpc.tracing"),
            None,
        ),
        (
            "the SDK of AWS",
            &[("rpc.system", "aws-api"), ("rpc.service", "S3"), ("rpc.method", "GetObject")],
            ("rpc", "S3/GetObject", "auto.rpc.tracing"),
            None,
        ),
        (
            "a publisher",
            &[
                ("otel.kind", "producer"),
                ("messaging.system", "kafka"),
                ("messaging.destination.name", "orders"),
            ],
            ("queue.publish", "orders", "auto.queue.tracing"),
            None,
        ),
        (
            "an error",
            &[("error", "gone")],
            ("function", "load", "auto.function.tracing"),
            Some(SpanStatus::InternalError),
        ),
        (
            "a code",
            &[("otel.status_code", "ERROR"), ("otel.status_description", "gone")],
            ("function", "load", "auto.function.tracing"),
            Some(SpanStatus::UnknownError),
        ),
        (
            "a code before its reason",
            &[("otel.status_code", "ERROR"), ("http.status_code", "503")],
            ("function", "load", "auto.function.tracing"),
            Some(SpanStatus::Unavailable),
        ),
        (
            "ours",
            &[("sentry.origin", "mine"), ("code.line.number", "7")],
            ("function", "load", "auto.function.tracing"),
            None,
        ),
    ];
    for (case, fields, (operation, name, origin), status) in table {
        let fields = fields.iter().map(|(name, value)| (*name, AttributeValue::from_static(value))).collect();
        let found = Description::new(metadata(), fields);
        assert_eq!((&*found.operation, &*found.name, found.origin), (operation, name, origin), "{case}");
        assert_eq!(found.status, status, "{case}");
        assert_eq!(found.attribute("sentry.origin"), None);
        assert!(!format!("{found:?}").contains("s3cret"), "{case}: {found:?}");
        assert_eq!(found.attribute("code.line.number"), None, "{case}");
    }
}
