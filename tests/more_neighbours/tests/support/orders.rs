//! A table, as an entity of sea-orm, in a database.

#![allow(unreachable_pub, reason = "what sea-orm derives is public")]

use sea_orm::entity::prelude::*;
use sea_orm::{Database, Set};
use tracing::Level;

use super::subscribe;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "orders")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub name: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Returns an order that is yet to be inserted.
pub(crate) fn named(name: &str) -> ActiveModel {
    ActiveModel { name: Set(name.to_owned()), ..Default::default() }
}

/// Returns a database in memory with two orders. Its options are those of sea-orm.
pub(crate) async fn database() -> DatabaseConnection {
    subscribe(Level::INFO);
    let database = Database::connect("sqlite::memory:").await.unwrap();
    let setup = "CREATE TABLE orders (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        INSERT INTO orders (name) VALUES ('first'), ('second')";
    database.execute_unprepared(setup).await.unwrap();
    database
}
