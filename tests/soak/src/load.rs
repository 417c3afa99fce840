//! The clients: so many connections at a time, each with one request after the other.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use futures_util::FutureExt;
use futures_util::future::join_all;
use http_body_util::BodyExt;
use tower::ServiceExt;
use trace_core::TraceContext;

use crate::app::App;
use crate::ledger::{Count, Ledger};
use crate::plan::{Client, Plan};

const CONNECTIONS: usize = 64;

/// Sends these requests and waits until each has come to its end.
pub(crate) async fn send(requests: Range<usize>, app: App, ledger: &Arc<Ledger>) {
    let next = Arc::new(AtomicUsize::new(requests.start));
    let connections = (0..CONNECTIONS).map(|_| {
        let (next, app, ledger) = (next.clone(), app.clone(), ledger.clone());
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Relaxed);
                if number >= requests.end {
                    return;
                }
                // A task of its own, as a server gives it, which catches what a body panics with.
                let request = visit(Plan::of(number), app.clone(), ledger.clone());
                if tokio::spawn(request).await.is_err() {
                    ledger.add(Count::Panics, 1);
                }
            }
        })
    });
    for connection in join_all(connections).await {
        connection.unwrap();
    }
}

/// One request, with a client that stays as long as planned.
async fn visit(plan: Plan, app: App, ledger: Arc<Ledger>) {
    ledger.add(Count::LeftContexts, u64::from(TraceContext::current().is_some()));
    let mut answer = pin!(app.oneshot(plan.request()));
    if plan.client == Client::LeavesBeforeAnswer {
        let _given_up = answer.as_mut().now_or_never();
        return;
    }
    let Ok(response) = answer.await;
    let mut body = response.into_body();
    match plan.client {
        Client::ReadsAll => while body.frame().await.is_some() {},
        Client::LeavesInBody => drop(body.frame().await),
        Client::LeavesBeforeBody | Client::LeavesBeforeAnswer => {}
    }
}
