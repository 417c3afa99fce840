//! Real queries on SQLite become spans, under the span that runs them and with their text, but without any value.

use std::str::FromStr;
use std::sync::Once;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Row};
use trace_core::{FinishedSpan, FinishedTransaction, InMemorySink, TraceExt, Tracer};
use tracing::Instrument;
use tracing_subscriber::prelude::*;

async fn pool() -> SqlitePool {
    static SUBSCRIBER: Once = Once::new();
    // The driver runs queries on threads of its own, so the subscriber is that of the process.
    SUBSCRIBER.call_once(|| tracing_subscriber::registry().with(trace_tracing::layer()).init());
    let options = SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
    // At this level the layer looks at the queries without a level of its own.
    let options = options.log_statements("info".parse().unwrap());
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

#[tracing::instrument(skip_all)]
async fn load(pool: &SqlitePool, name: &str) -> i64 {
    let row = sqlx::query("SELECT id, name FROM orders WHERE name = ? AND note <> 'a s3cret'")
        .bind(name)
        .fetch_one(pool)
        .await
        .unwrap();
    row.get("id")
}

#[tracing::instrument(skip_all, err)]
async fn fail(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT nothing FROM nowhere").execute(pool).await.map(|_| ())
}

fn children<'a>(sent: &'a FinishedTransaction, of: &FinishedSpan) -> Vec<&'a FinishedSpan> {
    sent.spans.iter().filter(|span| span.parent_span_id == Some(of.span_id)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queries_are_spans_below_what_runs_them() {
    let pool = pool().await;
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    let job = tracer.service_span("task", "job").start();
    let work = async {
        let setup = async {
            sqlx::query("CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT, note TEXT)")
                .execute(&pool)
                .await
                .unwrap();
            for name in ["s3cret bound", "another"] {
                sqlx::query("INSERT INTO orders (name, note) VALUES (?, 'x')")
                    .bind(name)
                    .execute(&pool)
                    .await
                    .unwrap();
            }
        };
        setup.instrument(tracing::info_span!("setup")).await;
        let (first, second) = tokio::join!(load(&pool, "s3cret bound"), load(&pool, "another"));
        assert_eq!((first, second), (1, 2));
        let mut transaction = pool.begin().await.unwrap();
        let update = sqlx::query("UPDATE orders SET note = ?").bind("s3cret").execute(&mut *transaction);
        update.instrument(tracing::info_span!("update")).await.unwrap();
        transaction.commit().await.unwrap();
        assert!(fail(&pool).await.is_err());
    };
    work.in_trace(&job).await;
    pool.close().await;
    job.end();

    let sent = sink.take().remove(0);
    let named = |name: &str| sent.spans.iter().filter(|span| span.description == name).collect::<Vec<_>>();
    let text = "SELECT id, name FROM orders WHERE name = ? AND note <> ?";
    for load in named("load") {
        let queries = children(&sent, load);
        assert_eq!(queries.iter().map(|query| &*query.description).collect::<Vec<_>>(), [text]);
        let query = queries[0];
        assert_eq!((&*query.operation, &*query.origin), ("db.query", "auto.db.tracing"));
        assert_eq!(query.attribute("db.system.name"), Some(&"sqlite".into()));
        assert_eq!(query.attribute("db.query.text"), Some(&text.into()));
        assert_eq!(query.attribute("db.response.returned_rows"), Some(&1.into()));
        assert!(query.start >= load.start && query.end() <= load.end() + std::time::Duration::from_millis(5));
    }
    assert_eq!(children(&sent, named("setup")[0]).len(), 3);
    let updates = children(&sent, named("update")[0]);
    assert_eq!(updates[0].attribute("db.response.affected_rows"), Some(&2.into()));
    assert_eq!(named("fail")[0].status, Some(trace_core::SpanStatus::InternalError));
    assert!(!format!("{sent:?}").contains("s3cret"), "no value is recorded");
}

#[tracing::instrument(skip_all)]
async fn outer(pool: &SqlitePool) {
    let inner = async { pool.begin().await.unwrap().commit().await.unwrap() };
    inner.instrument(tracing::info_span!("inner")).await;
}

/// The thread of the driver holds the span for a moment after it has answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_may_end_while_the_database_answers() {
    let pool = pool().await;
    let sink = InMemorySink::default();
    let tracer = Tracer::builder().traces_sample_rate(1.0).sink(sink.clone()).build().unwrap();
    for _ in 0..500 {
        let job = tracer.service_span("task", "job").start();
        outer(&pool).in_trace(&job).await;
        job.end();
    }
    for sent in sink.take() {
        let mut names: Vec<_> = sent.spans.iter().map(|span| &*span.description).collect();
        names.sort_unstable();
        assert_eq!(names, ["inner", "outer"]);
    }
    assert!(sink.take_losses().is_empty());
}
