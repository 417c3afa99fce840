//! The events of `sqlx`, as it sends them. `tests/queries` has the real ones.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use support::run_with;
use trace_core::TraceContext;
use tracing::{info, info_span};

mod support;

fn query(summary: &str, statement: &str) {
    info!(
        target: "sqlx::query",
        summary,
        db.statement = statement,
        rows_affected = 7,
        rows_returned = 2,
        elapsed = ?std::time::Duration::from_millis(5),
        elapsed_secs = 0.005,
    );
}

#[test]
fn a_query_is_a_span_that_is_over() {
    let sent = run_with(trace_tracing::layer().database("postgresql"), || {
        info_span!("load").in_scope(|| query("SELECT a FROM t …", "\n\nSELECT a FROM t WHERE b = $1\n"));
        query("DELETE FROM t", "");
    });
    assert_eq!(sent.children("load")[0].description, "SELECT a FROM t WHERE b = $1");
    let span = sent.span("SELECT a FROM t WHERE b = $1");
    assert_eq!(
        (&*span.operation, &*span.origin, span.duration.as_millis()),
        ("db.query", "auto.db.tracing", 5)
    );
    let expected = [
        ("db.query.text", "SELECT a FROM t WHERE b = $1".into()),
        ("db.system.name", "postgresql".into()),
        ("db.query.summary", "SELECT a FROM t …".into()),
        ("db.response.returned_rows", 2.into()),
    ];
    assert_eq!(span.attributes, expected.map(|(key, value)| (key.into(), value)));
    assert_eq!(sent.span("DELETE FROM t").attribute("db.response.affected_rows"), Some(&7.into()));
}

#[test]
fn the_span_of_a_query_is_enriched_once() {
    let sent = run_with(trace_tracing::layer(), || {
        let sea_orm = info_span!(
            "sea_orm.query_all",
            otel.kind = "client",
            db.system = "sqlite",
            db.operation = "SELECT",
            db.statement = tracing::field::Empty
        );
        sea_orm.in_scope(|| query("SELECT a", ""));
        sea_orm.record("db.statement", "SELECT a");
        drop(sea_orm);
        TraceContext::current().unwrap().in_child_span("db.query", "mine", |_| {
            query("SELECT b", "");
            query("SELECT c", "");
        });
        // On PostgreSQL and MySQL, sqlx reports what begins a transaction.
        info_span!("sea_orm.begin", otel.kind = "client", db.system = "mysql", db.operation = "EXECUTE")
            .in_scope(|| {
                query("SET TRANSACTION READ ONLY", "");
                query("BEGIN", "");
            });
    });
    let mut tree = sent.tree();
    tree.sort_unstable();
    let expected = [
        "job > SELECT a",
        "job > mine",
        "job > sea_orm.begin",
        "mine > SELECT c",
        "sea_orm.begin > SET TRANSACTION READ ONLY",
    ];
    assert_eq!(tree, expected);
    let begin = sent.span("sea_orm.begin");
    assert_eq!((&*begin.operation, begin.attribute("db.query.text")), ("db", Some(&"BEGIN".into())));
    assert_eq!(begin.attribute("db.operation.name"), Some(&"BEGIN".into()));
    for name in ["SELECT a", "mine"] {
        assert_eq!(sent.span(name).attribute("db.response.returned_rows"), Some(&2.into()), "{name}");
    }
}

#[test]
fn a_thread_of_the_driver_may_enter_a_span_that_is_not_recorded() {
    let layer = trace_tracing::layer().filter(|metadata| metadata.name() != "refused");
    let sent = run_with(layer, || {
        let load = info_span!("load").entered();
        let refused = info_span!("refused");
        let dispatch = tracing::dispatcher::get_default(Clone::clone);
        let work = move || refused.in_scope(|| query("SELECT a", ""));
        let work = move || tracing::dispatcher::with_default(&dispatch, work);
        let driver = std::thread::Builder::new().name("sqlx-sqlite-worker-0".to_owned());
        driver.spawn(work).unwrap().join().unwrap();
        drop(load);
    });
    assert_eq!(sent.children("load")[0].attribute("db.system.name"), Some(&"sqlite".into()));
    assert_eq!(sent.spans.len(), 2);
}
