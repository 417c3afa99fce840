//! The spans of diesel-tracing, which has the text of queries with its feature `statement-fields`.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Integer, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};
use diesel_tracing::sqlite::InstrumentedSqliteConnection;
use support::{drawn, subscribe};
use tracing::Level;

mod support;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    id: i32,
}

#[tokio::test]
async fn a_query_that_returns_rows_has_its_text_without_values() {
    subscribe(Level::INFO);
    let work = async || {
        let mut db = InstrumentedSqliteConnection::establish(":memory:").unwrap();
        db.batch_execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT)").unwrap();
        let insert = sql_query("INSERT INTO orders (name) VALUES (?)").bind::<Text, _>("s3cret");
        insert.execute(&mut db).unwrap();
        let select = sql_query("SELECT id FROM orders WHERE name = ? AND id < 47").bind::<Text, _>("s3cret");
        assert_eq!(select.load::<Row>(&mut db).unwrap()[0].id, 1);
        assert!(sql_query("SELECT 's3cret' FROM nowhere").load::<Row>(&mut db).is_err());
    };
    let expected = "
db ? sqlite: establish
db ? sqlite: batch_execute
db ? sqlite: execute_returning_count
db.query ? sqlite: SELECT id FROM orders WHERE name = ? AND id < ?
db.query ? sqlite, internal_error: SELECT ? FROM nowhere
";
    assert_eq!(drawn(work).await, expected);
}
