//! The spans of fred, a client for Redis, whose commands a map in memory answers.

use std::sync::Arc;

use fred::mocks::SimpleMap;
use fred::prelude::{Builder, ClientLike, Config, KeysInterface};
use fred::types::config::TracingConfig;
use support::{draw, recorded, subscribe};
use tracing::Level;

mod support;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_a_span() {
    subscribe(Level::INFO);
    let mocks = Some(Arc::new(SimpleMap::new()) as Arc<_>);
    let config = Config { mocks, tracing: TracingConfig::new(true), ..Config::default() };
    let client = Builder::from_config(config).build().unwrap();
    client.init().await.unwrap();
    let work = async || {
        client.set::<(), _, _>("key", "s3cret", None, None, false).await.unwrap();
        assert_eq!(client.get::<String, _>("key").await.unwrap(), "s3cret");
    };
    let expected = "
db.redis SET redis: SET
db.redis GET redis: GET
";
    for _ in 0..300 {
        assert_eq!(draw(&recorded(1.0, work).await[0]), expected);
    }
}
