//! The span that a query has already: sea-orm and others make one round each query, and an application may.

use std::borrow::Cow;

use trace_core::AttributeValue;

use super::verb::{SETTING, STATEMENT, TRANSACTION, is_one_of, verb};
use super::{AFFECTED_ROWS, RETURNED_ROWS, TEXT};
use crate::convention::without_literals;

/// The name of the operation, which sea-orm tells at the start.
const OPERATION: &str = "db.operation.name";

/// The name that sea-orm gives to all statements but the four that it knows.
const OTHER_STATEMENT: &str = "EXECUTE";

/// A span that is current when a query is reported.
#[derive(Debug)]
pub(super) struct CurrentSpan<'a> {
    pub(super) operation: &'a str,
    pub(super) attributes: &'a [(Cow<'static, str>, AttributeValue)],
}

impl CurrentSpan<'_> {
    /// Returns whether this is the span of a query with this text. It is not if it is that of another query: within the span of
    /// the first query on a new connection, the driver also sends the settings of the connection.
    pub(super) fn is_of(&self, text: &str) -> bool {
        let verb = verb(text);
        match self.operation {
            "db" => is_one_of(verb, &TRANSACTION) && self.lacks_text(),
            "db.query" if self.has_rows() => false,
            "db.query" => match (self.text(TEXT), self.text(OPERATION)) {
                (Some(own), _) => has_same_words(&without_literals(own), text),
                (None, None) => !is_one_of(verb, &SETTING),
                (None, Some(OTHER_STATEMENT)) => !is_one_of(verb, &SETTING) && !is_one_of(verb, &STATEMENT),
                (None, Some(own)) => own.eq_ignore_ascii_case(verb),
            },
            _ => false,
        }
    }

    /// Returns whether the span knows its operation alone.
    pub(super) fn lacks_text(&self) -> bool {
        self.text(TEXT).is_none() && self.text(OPERATION).is_some()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find_map(|(found, value)| (found == name).then_some(value.as_str())).flatten()
    }

    fn has_rows(&self) -> bool {
        self.attributes.iter().any(|(name, _)| name == RETURNED_ROWS || name == AFFECTED_ROWS)
    }
}

/// Returns whether two queries are the same up to white space. The end of a long one has been cut off.
fn has_same_words(first: &str, second: &str) -> bool {
    const MANY: usize = 100;
    first.split_whitespace().take(MANY).eq(second.split_whitespace().take(MANY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_of_the_query_that_it_describes() {
        let select = [(TEXT, "SELECT a  FROM t"), (OPERATION, "SELECT")];
        let insert = [(OPERATION, "INSERT")];
        let execute = [(OPERATION, "EXECUTE")];
        let begin = [(OPERATION, "BEGIN")];
        let nothing = &[][..];
        let table = [
            ("db.query", &select[..], "SELECT a FROM t", true),
            ("db.query", &select, "SELECT b FROM t", false),
            ("db.query", &select, "PRAGMA foreign_keys = ON;", false),
            ("db.query", &insert, "insert into t", true),
            ("db.query", &insert, "SET NAMES utf8mb4", false),
            ("db.query", &execute, "CREATE TABLE t (a)", true),
            ("db.query", &execute, "PRAGMA foreign_keys = ON;", false),
            ("db.query", &execute, "SELECT 1", false),
            ("db.query", nothing, "SELECT 1", true),
            ("db.query", &[(TEXT, "SELECT 1")], "SELECT ?", true),
            ("db.query", nothing, "PRAGMA foreign_keys = ON;", false),
            ("db.query", &[(RETURNED_ROWS, "2")], "SELECT 1", false),
            ("db.query", &[(AFFECTED_ROWS, "2")], "SELECT 1", false),
            ("db", &begin, "BEGIN", true),
            ("db", &begin, "SAVEPOINT _sqlx_savepoint_1", true),
            ("db", &begin, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", false),
            ("db", &[(OPERATION, "BEGIN"), (TEXT, "BEGIN")], "BEGIN", false),
            ("db", nothing, "BEGIN", false),
            ("function", nothing, "SELECT 1", false),
        ];
        for (operation, attributes, text, expected) in table {
            let attributes: Vec<_> = attributes
                .iter()
                .map(|(name, value)| (Cow::Borrowed(*name), (*value).to_owned().into()))
                .collect();
            let span = CurrentSpan { operation, attributes: &attributes };
            assert_eq!(span.is_of(text), expected, "{span:?} {text}");
        }
    }
}
