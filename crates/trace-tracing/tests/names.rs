//! Spans of crates that tell by their names what others tell in fields, as they make them. `tests/more_neighbours` has the
//! crates themselves.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use support::run;
use trace_core::{AttributeValue, FinishedSpan, SpanStatus};
use tracing::field::Empty;
use tracing::{Level, info_span, span};

mod support;

fn facts<'a>(span: &'a FinishedSpan, attribute: &str) -> (&'a str, &'a str, Option<String>) {
    let value = span.attribute(attribute).map(AttributeValue::to_string);
    (&span.operation, &span.description, value)
}

#[test]
fn a_command_of_fred_is_named_when_it_is_known() {
    let sent = run(|| {
        let span = info_span!(
            "fred.command",
            module = "fred",
            "client.id" = "fred-1",
            "cmd.name" = Empty,
            "cmd.req" = Empty,
            "cmd.res" = Empty
        );
        span.record("cmd.name", "GET");
    });
    let facts = facts(sent.span("GET"), "db.operation.name");
    assert_eq!(facts, ("db.redis", "GET", Some("GET".to_owned())));
}

#[test]
fn a_field_of_async_graphql_is_named_after_its_path() {
    let sent = run(|| {
        span!(target: "async_graphql::graphql", Level::INFO, "execute").in_scope(|| {
            let _field = span!(
                target: "async_graphql::graphql",
                Level::INFO,
                "field",
                path = "order.customer",
                parent_type = "Order",
                return_type = "Customer!",
            );
        });
    });
    assert_eq!(facts(sent.span("execute"), "path"), ("graphql.execute", "execute", None));
    let facts = facts(sent.children("execute")[0], "path");
    assert_eq!(facts, ("graphql.resolve", "order.customer", Some("order.customer".to_owned())));
}

#[test]
fn a_transaction_of_sea_orm_is_no_query() {
    let sent = run(|| {
        let span = info_span!(
            "sea_orm.commit",
            otel.kind = "client",
            db.system = "postgresql",
            db.operation = "EXECUTE",
            db.statement = Empty,
            otel.status_code = Empty,
            exception.message = Empty,
        );
        span.record("otel.status_code", "ERROR");
        span.record("exception.message", "gone");
    });
    let span = sent.span("sea_orm.commit");
    assert_eq!(facts(span, "db.operation.name"), ("db", "sea_orm.commit", Some("COMMIT".to_owned())));
    assert_eq!(span.status, Some(SpanStatus::InternalError));
}

/// The task of tarpc that has sent the answer drops its handle later.
#[test]
fn a_call_of_tarpc_ends_with_the_transaction_at_the_latest() {
    let mut held = None;
    let sent = run(|| {
        held = Some(span!(
            target: "tarpc::client",
            Level::INFO,
            "RPC",
            rpc.trace_id = Empty,
            rpc.deadline = "2026-11-26T12:00:00Z",
            otel.kind = "client",
            otel.name = "Orders.count",
        ));
    });
    let facts = facts(sent.span("Orders.count"), "rpc.system.name");
    assert_eq!(facts, ("rpc", "Orders.count", Some("tarpc".to_owned())));
    drop(held);
}
