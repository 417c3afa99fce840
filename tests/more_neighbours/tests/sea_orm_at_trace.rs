//! At level `TRACE`, sea-orm has a span for each of its methods. They change nothing.

use futures_util::TryStreamExt;
use sea_orm::{ActiveModelTrait, DatabaseConnection, EntityTrait, TransactionTrait};
use support::orders::{Entity, database, named};
use support::{drawn, subscribe};
use tracing::Level;

mod support;

#[tracing::instrument(skip_all)]
async fn work(db: &DatabaseConnection) {
    let transaction = db.begin().await.unwrap();
    named("s3cret").insert(&transaction).await.unwrap();
    transaction.commit().await.unwrap();
    Entity::find().stream(db).await.unwrap().try_collect::<Vec<_>>().await.unwrap();
    Entity::find_by_id(1).one(db).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_methods_of_sea_orm_are_no_spans() {
    subscribe(Level::TRACE);
    let db = database().await;
    let expected = r#"
function: work
  db BEGIN sqlite, ok: sea_orm.begin
  db.query INSERT sqlite, 1 returned, ok: INSERT INTO "orders" ("name") VALUES (?) RETURNING "id", "name"
  db COMMIT sqlite, ok: sea_orm.commit
  db.query ? sqlite, 3 returned: SELECT "orders"."id", "orders"."name" FROM "orders"
  db.query SELECT sqlite, 1 returned, ok: SELECT "orders"."id", "orders"."name" FROM "orders" WHERE "orders"."id" = ? LIMIT ?
"#;
    assert_eq!(drawn(async || work(&db).await).await, expected);
}
