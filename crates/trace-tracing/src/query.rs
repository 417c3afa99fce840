//! The queries of `sqlx`, which it reports once they are over.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use trace_core::{AttributeValue, TraceContext};

use self::own_span::CurrentSpan;
use self::verb::{READ, WRITE, is_one_of, verb};
use crate::convention::without_literals;
use crate::sqlite_driver;
use crate::values::Fields;

/// The target of the events.
pub(crate) const TARGET: &str = "sqlx::query";

const SYSTEM: &str = "db.system.name";
const TEXT: &str = "db.query.text";
const SUMMARY: &str = "db.query.summary";
const RETURNED_ROWS: &str = "db.response.returned_rows";
const AFFECTED_ROWS: &str = "db.response.affected_rows";

/// A query that is over.
#[derive(Debug, PartialEq)]
pub(crate) struct Query {
    text: String,
    summary: Option<String>,
    rows: Vec<(&'static str, AttributeValue)>,
    system: Option<Cow<'static, str>>,
    lasted: Duration,
}

impl Query {
    /// Reads an event. `system` is the database that the application names.
    pub(crate) fn read(fields: &Fields<'_>, system: Option<&'static str>) -> Option<Self> {
        let text_of = |name| fields.get(name).and_then(AttributeValue::as_str).map(str::trim);
        let summary = text_of("summary").filter(|summary| !summary.is_empty());
        let statement = text_of("db.statement").filter(|statement| !statement.is_empty());
        // A comment alone, which sqlx sends to PostgreSQL to see whether a connection is alive, is no query.
        let text = Some(without_literals(statement.or(summary)?)).filter(|text| !text.is_empty())?;
        let AttributeValue::Float(seconds) = fields.get("elapsed_secs")? else { return None };
        Some(Self {
            rows: rows(&text, fields),
            // Without a statement, the summary is the whole text.
            summary: statement.and(summary).map(without_literals),
            text,
            system: system.or_else(|| sqlite_driver::is_here().then_some("sqlite")).map(Cow::Borrowed),
            lasted: Duration::try_from_secs_f64(*seconds).ok()?,
        })
    }

    /// Records the query as a span below a context, or on the span of the context if that is the span of this query.
    pub(crate) fn record(self, context: &TraceContext) {
        let attributes = self.attributes();
        let operation = context.operation().unwrap_or_default();
        let attributes_so_far = if operation.starts_with("db") { context.attributes() } else { Vec::new() };
        let current = CurrentSpan { operation: &operation, attributes: &attributes_so_far };
        if current.is_of(&self.text) {
            if current.operation == "db.query" && current.lacks_text() {
                context.set_description(self.text);
            }
            context.set_attributes(attributes);
            return;
        }
        let now = SystemTime::now();
        let began = now.checked_sub(self.lasted).unwrap_or(now);
        let builder = context.span("db.query", self.text).origin("auto.db.tracing");
        let builder =
            attributes.into_iter().fold(builder, |builder, (key, value)| builder.attribute(key, value));
        builder.record(began, now);
    }

    fn attributes(&self) -> Vec<(&'static str, AttributeValue)> {
        let mut attributes = vec![(TEXT, AttributeValue::from(&*self.text))];
        attributes.extend(self.system.clone().map(|system| (SYSTEM, system.into())));
        attributes.extend(self.summary.as_deref().map(|summary| (SUMMARY, summary.into())));
        attributes.extend(self.rows.clone());
        attributes
    }
}

/// Returns the rows of a query. Those that were affected are told of every query: on SQLite they are those of the one before,
/// unless it writes, and none if it returns what it writes and nobody reads on.
fn rows(text: &str, fields: &Fields<'_>) -> Vec<(&'static str, AttributeValue)> {
    let (reads, writes) = (is_one_of(verb(text), &READ), is_one_of(verb(text), &WRITE));
    let is_some = |rows: &AttributeValue| *rows != AttributeValue::from(0);
    let returned = fields.get("rows_returned").filter(|rows| reads || is_some(rows));
    let affected = fields.get("rows_affected").filter(|rows| writes && (returned.is_none() || is_some(rows)));
    let rows = [(RETURNED_ROWS, returned), (AFFECTED_ROWS, affected)];
    rows.into_iter().filter_map(|(name, rows)| Some((name, rows?.clone()))).collect()
}

mod own_span;
mod verb;

#[cfg(test)]
mod tests {
    use trace_core::CaughtPanics;

    use super::*;

    fn query(statement: &'static str, summary: &'static str, seconds: f64) -> Option<Query> {
        let panics = CaughtPanics::default();
        let mut fields = Fields::new(8, &panics);
        fields.list = vec![
            ("summary", AttributeValue::from_static(summary)),
            ("db.statement", AttributeValue::from_static(statement)),
            ("rows_affected", 1.into()),
            ("rows_returned", 2.into()),
            ("elapsed_secs", seconds.into()),
        ];
        Query::read(&fields, Some("postgresql"))
    }

    #[test]
    fn an_event_is_read() {
        let table = [
            ("", "SELECT 1", "SELECT ?", None, &[(RETURNED_ROWS, 2)][..]),
            (
                "\n\nSELECT a, b, c, d FROM t\n",
                "SELECT a, b, c, …",
                "SELECT a, b, c, d FROM t",
                Some("SELECT a, b, c, …"),
                &[(RETURNED_ROWS, 2)],
            ),
            ("", "insert into t", "insert into t", None, &[(RETURNED_ROWS, 2), (AFFECTED_ROWS, 1)]),
            ("", "CREATE TABLE t", "CREATE TABLE t", None, &[(RETURNED_ROWS, 2)]),
        ];
        for (statement, summary, text, short, rows) in table {
            let found = query(statement, summary, 0.25).unwrap();
            assert_eq!((&*found.text, found.summary.as_deref()), (text, short));
            let rows: Vec<_> = rows.iter().map(|(name, rows)| (*name, AttributeValue::from(*rows))).collect();
            assert_eq!((found.rows, found.lasted), (rows, Duration::from_millis(250)));
            assert_eq!(found.system.as_deref(), Some("postgresql"));
        }
    }

    #[test]
    fn an_event_without_text_or_with_an_impossible_time_is_none() {
        for (summary, seconds) in [
            ("", 1.0),
            ("/* SQLx ping */", 1.0),
            ("SELECT 1", -1.0),
            ("SELECT 1", f64::NAN),
            ("SELECT 1", f64::INFINITY),
        ] {
            assert_eq!(query("", summary, seconds), None, "{summary} {seconds}");
        }
    }
}
