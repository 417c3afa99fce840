//! The table of the tests, as an entity of sea-orm.

#![allow(unreachable_pub, reason = "what sea-orm derives is public")]

use sea_orm::Set;
use sea_orm::entity::prelude::*;

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
