//! The spans of sea-orm are below the code that asks, whatever else happens meanwhile.

use std::collections::BTreeSet;

use log::LevelFilter;
use sea_orm::sqlx::ConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, SqlxSqliteConnector, Statement,
    TransactionTrait,
};
use support::orders::{Entity, database};
use support::{draw, drawn, recorded, subscribe};
use tracing::Level;

mod support;

#[tracing::instrument(skip_all)]
async fn find(db: &DatabaseConnection, id: i32) {
    Entity::find_by_id(id).one(db).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_at_the_same_time_are_below_the_functions_that_run_them() {
    let db = database().await;
    let expected = r#"
function: find
  db.query SELECT sqlite, 1 returned, ok: SELECT "orders"."id", "orders"."name" FROM "orders" WHERE "orders"."id" = ? LIMIT ?
function: find
  db.query SELECT sqlite, 1 returned, ok: SELECT "orders"."id", "orders"."name" FROM "orders" WHERE "orders"."id" = ? LIMIT ?
function: find
  db.query SELECT sqlite, 1 returned, ok: SELECT "orders"."id", "orders"."name" FROM "orders" WHERE "orders"."id" = ? LIMIT ?
"#;
    let work = async || {
        tokio::join!(find(&db, 1), find(&db, 2), find(&db, 1));
    };
    assert_eq!(drawn(work).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_trace_that_is_not_sampled_is_recorded() {
    let db = database().await;
    let work = async || {
        find(&db, 1).await;
        db.begin().await.unwrap().commit().await.unwrap();
    };
    assert!(recorded(0.0, work).await.is_empty());
    assert_eq!(drawn(work).await.lines().count(), 5, "the next one is recorded");
}

/// The settings of a connection are sent within the span of the query that needs it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_may_be_opened_for_a_query() {
    subscribe(Level::INFO);
    let options = SqliteConnectOptions::new().in_memory(true).log_statements(LevelFilter::Info);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_lazy_with(options);
    let db = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
    let work = async || {
        let query = Statement::from_string(DbBackend::Sqlite, "SELECT 's3cret'");
        db.query_one_raw(query).await.unwrap();
    };
    let expected = "
db.query SELECT sqlite, 1 returned, ok: SELECT ?
  db.query ? sqlite, 0 returned: PRAGMA foreign_keys = ON;
";
    assert_eq!(drawn(work).await, expected);
}

#[tracing::instrument(skip_all)]
async fn begin_and_commit(db: &DatabaseConnection) {
    db.begin().await.unwrap().commit().await.unwrap();
}

/// The thread of the driver holds the span of a query for a moment after it has answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_may_end_while_the_database_answers() {
    let db = database().await;
    let mut drawings = BTreeSet::new();
    for _ in 0..500 {
        drawings.insert(draw(&recorded(1.0, async || begin_and_commit(&db).await).await[0]));
    }
    let expected = "
function: begin_and_commit
  db BEGIN sqlite, ok: sea_orm.begin
  db COMMIT sqlite, ok: sea_orm.commit
";
    assert_eq!(drawings.iter().map(String::as_str).collect::<Vec<_>>(), [expected]);
}
