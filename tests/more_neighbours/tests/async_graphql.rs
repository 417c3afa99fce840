//! The spans of async-graphql's extension for `tracing`.

use async_graphql::extensions::Tracing;
use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema};
use support::{drawn, subscribe};
use tracing::Level;

mod support;

struct Query;

#[Object]
impl Query {
    async fn order(&self, id: i32) -> Order {
        Order(id)
    }
}

struct Order(i32);

#[Object]
impl Order {
    async fn id(&self) -> i32 {
        self.0
    }

    async fn customer(&self) -> async_graphql::Result<Customer> {
        tracing::info_span!("load").in_scope(|| Err("gone".into()))
    }
}

struct Customer;

#[Object]
impl Customer {
    async fn name(&self) -> &str {
        "Ada"
    }
}

#[tokio::test]
async fn each_step_and_each_object_is_a_span() {
    subscribe(Level::INFO);
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).extension(Tracing).finish();
    let work = async || {
        let response = schema.execute("{ order(id: 7) { id customer { name } } }").await;
        assert_eq!(response.errors.len(), 1);
    };
    let expected = "
graphql: request
  graphql.parse: parse
  graphql.validate: validation
  graphql.execute: execute
    graphql.resolve: order
      graphql.resolve: order.customer
        function: load
";
    assert_eq!(drawn(work).await, expected);
}
