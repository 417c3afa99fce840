//! Transactions are spans that say when they begin and end.

use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, TransactionTrait};
use support::drawn;
use support::orders::{Entity, database, named};

mod support;

#[tracing::instrument(skip_all)]
async fn commit(db: &DatabaseConnection) {
    let outer = db.begin().await.unwrap();
    let nested = outer.begin().await.unwrap();
    named("s3cret").insert(&nested).await.unwrap();
    nested.rollback().await.unwrap();
    outer.commit().await.unwrap();
}

#[tracing::instrument(skip_all)]
async fn fail(db: &DatabaseConnection) {
    let insert = db.transaction::<_, (), DbErr>(|transaction| {
        Box::pin(async move { named("first").insert(transaction).await.map(drop) })
    });
    insert.await.unwrap_err();
}

#[tracing::instrument(skip_all)]
async fn forget(db: &DatabaseConnection) {
    drop(db.begin().await.unwrap());
    Entity::find().all(db).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_is_between_its_spans() {
    let db = database().await;
    let work = async || {
        commit(&db).await;
        fail(&db).await;
        forget(&db).await;
    };
    let expected = r#"
function: commit
  db BEGIN sqlite, ok: sea_orm.begin
  db BEGIN sqlite, ok: sea_orm.begin
  db.query INSERT sqlite, 1 returned, ok: INSERT INTO "orders" ("name") VALUES (?) RETURNING "id", "name"
  db ROLLBACK sqlite, ok: sea_orm.rollback
  db COMMIT sqlite, ok: sea_orm.commit
function: fail
  db BEGIN sqlite, ok: sea_orm.begin
  db.query INSERT sqlite, 0 affected, internal_error (Query Error: error returned from database: (code: 2067) UNIQUE constraint failed: orders.name): INSERT INTO "orders" ("name") VALUES (?) RETURNING "id", "name"
  db ROLLBACK sqlite, ok: sea_orm.rollback
function: forget
  db BEGIN sqlite, ok: sea_orm.begin
  db.query SELECT sqlite, 2 returned, ok: SELECT "orders"."id", "orders"."name" FROM "orders"
"#;
    assert_eq!(drawn(work).await, expected);
}
