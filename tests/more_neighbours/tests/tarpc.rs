//! The spans of tarpc's clients. Those of its servers are on no trace, since a request brings none of ours.

use futures_util::StreamExt;
use support::{draw, recorded, subscribe};
use tarpc::server::{BaseChannel, Channel};
use tarpc::{client, context};
use tracing::Level;

mod support;

#[tarpc::service]
trait Orders {
    async fn count(customer: String) -> usize;
}

#[derive(Clone)]
struct Server;

impl Orders for Server {
    async fn count(self, _: context::Context, customer: String) -> usize {
        customer.len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_is_a_span() {
    subscribe(Level::INFO);
    let (of_client, of_server) = tarpc::transport::channel::unbounded();
    let requests = BaseChannel::with_defaults(of_server).execute(Server.serve());
    tokio::spawn(requests.for_each(async |response| drop(tokio::spawn(response))));
    let client = OrdersClient::new(client::Config::default(), of_client).spawn();
    let work = async || {
        client.count(context::current(), "s3cret".to_owned()).await.unwrap();
    };
    let expected = "
rpc: Orders.count
";
    for _ in 0..500 {
        assert_eq!(draw(&recorded(1.0, work).await[0]), expected);
    }
}
