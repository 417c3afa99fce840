//! The server of one contender.

use std::io::Read;
use std::thread;

use axum::Router;
use axum::routing::get;
use rustix::time::{ClockId, clock_gettime};
use tokio::net::TcpListener;

use crate::contenders::Contender;

/// The path that tells how much processor time the server has had.
pub(super) const CLOCK: &str = "/clock";

/// Serves until nobody holds the other end of the standard input, after it has written its port.
pub(crate) fn serve(contender: Contender) {
    let orders = Router::new().route("/api/customers/{customer}/orders/{order}", get(async || "an order"));
    let app = contender.serve(orders).route(CLOCK, get(async || processor_time().to_string()));
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

/// Nanoseconds of processor time of this thread, which is the one that serves.
fn processor_time() -> i64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
