//! Each query of sea-orm is one span, with its text, its rows and its status, and without any value.

use futures_util::TryStreamExt;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait,
    IntoActiveModel, ModelTrait, QueryFilter, Set, Statement,
};
use support::drawn;
use support::orders::{Column, Entity, database, named};

mod support;

#[tracing::instrument(skip_all)]
async fn write(db: &DatabaseConnection) {
    let mut order = named("s3cret").insert(db).await.unwrap().into_active_model();
    Entity::insert(named("s3cret 2")).exec_without_returning(db).await.unwrap();
    Entity::insert_many([named("s3cret 3"), named("s3cret 4")]).exec(db).await.unwrap();
    order.name = Set("s3cret 5".to_owned());
    let order = order.update(db).await.unwrap();
    let of_both = Entity::update_many().col_expr(Column::Name, "s3cret 6".into());
    of_both.filter(Column::Name.eq("s3cret 2")).exec(db).await.unwrap();
    order.delete(db).await.unwrap();
    Entity::delete_many().filter(Column::Id.gt(2)).exec(db).await.unwrap();
}

#[tracing::instrument(skip_all)]
async fn read(db: &DatabaseConnection) {
    assert!(Entity::find_by_id(1).one(db).await.unwrap().is_some());
    assert!(Entity::find_by_id(4711).one(db).await.unwrap().is_none());
    assert_eq!(Entity::find().filter(Column::Name.ne("s3cret")).all(db).await.unwrap().len(), 2);
    let stream = Entity::find().stream(db).await.unwrap();
    assert_eq!(stream.try_collect::<Vec<_>>().await.unwrap().len(), 2);
}

#[tracing::instrument(skip_all)]
async fn run(db: &DatabaseConnection) {
    let raw = |text: &str| Statement::from_string(DbBackend::Sqlite, text);
    db.execute_raw(raw("UPDATE orders SET name = 's3cret' WHERE id = 1")).await.unwrap();
    db.execute_raw(raw("CREATE INDEX by_name ON orders (name)")).await.unwrap();
    db.execute_unprepared("UPDATE orders SET name = 's3cret 2'; DELETE FROM orders WHERE id = 2")
        .await
        .unwrap_err();
    db.execute_unprepared("DROP INDEX by_name").await.unwrap();
    let bound = Statement::from_sql_and_values(
        DbBackend::Sqlite,
        "SELECT * FROM orders WHERE name = ?",
        ["s3cret".into()],
    );
    assert_eq!(db.query_all_raw(bound).await.unwrap().len(), 1);
}

#[tracing::instrument(skip_all)]
async fn fail(db: &DatabaseConnection) {
    let raw = Statement::from_string(DbBackend::Sqlite, "SELECT 1 FROM nowhere");
    db.query_all_raw(raw).await.unwrap_err();
    named("first").insert(db).await.unwrap_err();
    Entity::find_by_id(1).one(db).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_is_one_span() {
    let db = database().await;
    let work = async || {
        write(&db).await;
        read(&db).await;
        run(&db).await;
    };
    let expected = r#"
function: write
  db.query INSERT sqlite, 1 returned, ok: INSERT INTO "orders" ("name") VALUES (?) RETURNING "id", "name"
  db.query INSERT sqlite, 1 affected, ok: INSERT INTO "orders" ("name") VALUES (?)
  db.query INSERT sqlite, 2 affected, 2 returned, ok: INSERT INTO "orders" ("name") VALUES (?), (?) RETURNING "id"
  db.query UPDATE sqlite, 1 returned, ok: UPDATE "orders" SET "name" = ? WHERE "orders"."id" = ? RETURNING "id", "name"
  db.query UPDATE sqlite, 1 affected, ok: UPDATE "orders" SET "name" = ? WHERE "orders"."name" = ?
  db.query DELETE sqlite, 1 affected, ok: DELETE FROM "orders" WHERE "orders"."id" = ?
  db.query DELETE sqlite, 3 affected, ok: DELETE FROM "orders" WHERE "orders"."id" > ?
function: read
  db.query SELECT sqlite, 1 returned, ok: SELECT "orders"."id", "orders"."name" FROM "orders" WHERE "orders"."id" = ? LIMIT ?
  db.query SELECT sqlite, 0 returned, ok: SELECT "orders"."id", "orders"."name" FROM "orders" WHERE "orders"."id" = ? LIMIT ?
  db.query SELECT sqlite, 2 returned, ok: SELECT "orders"."id", "orders"."name" FROM "orders" WHERE "orders"."name" <> ?
  db.query ? sqlite, 2 returned: SELECT "orders"."id", "orders"."name" FROM "orders"
function: run
  db.query UPDATE sqlite, 1 affected, ok: UPDATE orders SET name = ? WHERE id = ?
  db.query EXECUTE sqlite, ok: CREATE INDEX by_name ON orders (name)
  db.query UPDATE sqlite, 0 affected, internal_error (Execution Error: error returned from database: (code: 2067) UNIQUE constraint failed: orders.name): UPDATE orders SET name = ?; DELETE FROM orders WHERE id = ?
  db.query EXECUTE sqlite, ok: DROP INDEX by_name
  db.query SELECT sqlite, 1 returned, ok: SELECT * FROM orders WHERE name = ?
"#;
    assert_eq!(drawn(work).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_fails_is_an_error() {
    let db = database().await;
    let expected = r#"
function: fail
  db.query SELECT sqlite, 0 returned, internal_error (Query Error: error returned from database: (code: 1) no such table: nowhere): SELECT ? FROM nowhere
  db.query INSERT sqlite, 0 affected, internal_error (Query Error: error returned from database: (code: 2067) UNIQUE constraint failed: orders.name): INSERT INTO "orders" ("name") VALUES (?) RETURNING "id", "name"
  db.query SELECT sqlite, 1 returned, ok: SELECT "orders"."id", "orders"."name" FROM "orders" WHERE "orders"."id" = ? LIMIT ?
"#;
    assert_eq!(drawn(async || fail(&db).await).await, expected);
}
