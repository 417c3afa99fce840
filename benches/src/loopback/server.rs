//! The server of one contender.

use std::io::Read;
use std::thread;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::contenders::Contender;

/// Serves until nobody holds the other end of the standard input, after it has written its port.
pub(crate) fn serve(contender: Contender) {
    let orders = Router::new().route("/api/customers/{customer}/orders/{order}", get(async || "an order"));
    let app = contender.serve(orders);
    thread::spawn(|| {
        let _closed = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        println!("{}", listener.local_addr().expect("it is bound").port());
        axum::serve(listener, app).await.expect("it serves");
    });
}
