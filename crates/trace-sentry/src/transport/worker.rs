//! The thread that sends. It has a runtime of its own, so that it works without one, and after the application's is
//! gone.

use std::io;
use std::sync::Arc;
use std::thread;

use tokio::runtime::{self, Runtime};

use super::endpoint::Endpoint;
use super::outbox::{Ending, Outbox, Sending};
use crate::own_work;

/// The maximum number of threads that look up the host. There is one host.
const LOOKUPS: usize = 2;

/// Starts the thread, which runs until the queue is closed and empty, or has no more time.
pub(super) fn start(outbox: Arc<Outbox>, endpoint: Endpoint) -> io::Result<()> {
    let mut runtime = runtime::Builder::new_current_thread();
    let runtime =
        runtime.enable_all().max_blocking_threads(LOOKUPS).on_thread_start(own_work::begin_thread).build()?;
    let run = move || {
        own_work::begin_thread();
        let _ending = Ending(&outbox);
        run(&runtime, &outbox, Arc::new(endpoint));
        // Aborts the requests, and does not wait for lookups.
        runtime.shutdown_background();
    };
    thread::Builder::new().name("trace-sentry-http".to_owned()).spawn(run)?;
    Ok(())
}

fn run(runtime: &Runtime, outbox: &Arc<Outbox>, endpoint: Arc<Endpoint>) {
    let start_requests = || {
        while let Some((body, sending)) = Sending::next(outbox) {
            let endpoint = endpoint.clone();
            tokio::spawn(async move { endpoint.send(body, sending).await });
        }
    };
    runtime.block_on(async {
        start_requests();
        while outbox.has_work().await {
            start_requests();
            while outbox.write_next() {
                start_requests();
            }
        }
    });
}
