//! The queries of `sqlx`, which it reports once they are over.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use trace_core::{AttributeValue, TraceContext};

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
    rows: Option<(&'static str, AttributeValue)>,
    system: Option<Cow<'static, str>>,
    lasted: Duration,
}

impl Query {
    /// Reads an event. `system` is the database that the application names.
    pub(crate) fn read(fields: &Fields<'_>, system: Option<&'static str>) -> Option<Self> {
        let text_of = |name| fields.get(name).and_then(AttributeValue::as_str).map(str::trim);
        let summary = text_of("summary").filter(|summary| !summary.is_empty());
        let statement = text_of("db.statement").filter(|statement| !statement.is_empty());
        let text = without_literals(statement.or(summary)?);
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
        if is_span_of_query(context) {
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

/// Returns the rows of a query. SQLite says of a query that returns rows that it affected those of the one before.
fn rows(text: &str, fields: &Fields<'_>) -> Option<(&'static str, AttributeValue)> {
    const RETURN_ROWS: [&str; 5] = ["SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA"];
    let verb = text.split_whitespace().next().unwrap_or_default();
    if RETURN_ROWS.iter().any(|known| verb.eq_ignore_ascii_case(known)) {
        fields.get("rows_returned").map(|rows| (RETURNED_ROWS, rows.clone()))
    } else {
        fields.get("rows_affected").map(|rows| (AFFECTED_ROWS, rows.clone()))
    }
}

/// Returns whether the span of a context is that of one query, of which no rows are known yet: sea-orm makes such spans, and
/// an application may.
fn is_span_of_query(context: &TraceContext) -> bool {
    context.operation().is_some_and(|operation| operation == "db.query")
        && !context.attributes().iter().any(|(name, _)| name == RETURNED_ROWS || name == AFFECTED_ROWS)
}

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
            ("", "SELECT 1", "SELECT ?", None, (RETURNED_ROWS, 2)),
            (
                "\n\nSELECT a, b, c, d FROM t\n",
                "SELECT a, b, c, …",
                "SELECT a, b, c, d FROM t",
                Some("SELECT a, b, c, …"),
                (RETURNED_ROWS, 2),
            ),
            ("", "insert into t", "insert into t", None, (AFFECTED_ROWS, 1)),
        ];
        for (statement, summary, text, short, (rows, number)) in table {
            let found = query(statement, summary, 0.25).unwrap();
            assert_eq!((&*found.text, found.summary.as_deref()), (text, short));
            assert_eq!((found.rows, found.lasted), (Some((rows, number.into())), Duration::from_millis(250)));
            assert_eq!(found.system.as_deref(), Some("postgresql"));
        }
    }

    #[test]
    fn an_event_without_text_or_with_an_impossible_time_is_none() {
        for (summary, seconds) in
            [("", 1.0), ("SELECT 1", -1.0), ("SELECT 1", f64::NAN), ("SELECT 1", f64::INFINITY)]
        {
            assert_eq!(query("", summary, seconds), None, "{summary} {seconds}");
        }
    }
}
