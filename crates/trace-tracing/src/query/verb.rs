//! The first word of a query, which tells what it does.

/// Queries that return rows.
pub(super) const READ: [&str; 5] = ["SELECT", "WITH", "VALUES", "EXPLAIN", "PRAGMA"];

/// Queries that affect rows.
pub(super) const WRITE: [&str; 6] = ["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "COPY"];

/// Queries that begin or end a transaction.
pub(super) const TRANSACTION: [&str; 7] =
    ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"];

/// Queries that change a setting of their connection.
pub(super) const SETTING: [&str; 2] = ["PRAGMA", "SET"];

/// Queries that sea-orm knows by their name.
pub(super) const STATEMENT: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];

/// Returns the first word of a query.
pub(super) fn verb(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

/// Returns whether a first word is one of these, in any case of letters.
pub(super) fn is_one_of(verb: &str, verbs: &[&str]) -> bool {
    verbs.iter().any(|known| verb.eq_ignore_ascii_case(known))
}
