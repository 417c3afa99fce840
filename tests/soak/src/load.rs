//! The clients: so many connections at a time, each with one request after the other.

use std::collections::VecDeque;
use std::ops::Range;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::join_all;
use http::Request;
use http_body_util::{BodyExt, Empty};
use tokio::task::yield_now;
use tower::ServiceExt;
use tower::util::Oneshot;
use trace_core::TraceContext;

use crate::app::App;
use crate::ledger::{Count, Counts, Ledger};
use crate::plan::{Client, Plan};

const CONNECTIONS: usize = 64;
/// The requests that hang at a time.
const MOST_HANGING: usize = 100;

type Answer = Oneshot<App, Request<Empty<Bytes>>>;

/// Requests that hang, whose clients stay until there are too many of them.
type Hanging = Arc<Mutex<VecDeque<Pin<Box<Answer>>>>>;

/// Sends these requests and waits until each has come to its end.
pub(crate) async fn send(requests: Range<usize>, app: App, ledger: &Arc<Ledger>) {
    let (next, hanging) = (Arc::new(AtomicUsize::new(requests.start)), Hanging::default());
    let connections = (0..CONNECTIONS).map(|_| {
        let (next, app, ledger, hanging) = (next.clone(), app.clone(), ledger.clone(), hanging.clone());
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Relaxed);
                if number >= requests.end {
                    return;
                }
                // A task of its own, as a server gives it, which catches what a body panics with.
                let request = visit(Plan::of(number), app.clone(), ledger.clone(), hanging.clone());
                if tokio::spawn(request).await.is_err() {
                    ledger.add(Count::Panics, 1);
                }
            }
        })
    });
    for connection in join_all(connections).await {
        connection.unwrap();
    }
    hanging.lock().unwrap().clear();
    let open = |counts: &Counts| counts[Count::LeftSpans] > counts[Count::LateSpans];
    while open(&ledger.counts()) {
        yield_now().await;
    }
}

/// One request, with a client that stays as long as planned.
async fn visit(plan: Plan, app: App, ledger: Arc<Ledger>, hanging: Hanging) {
    ledger.add(Count::LeftContexts, u64::from(TraceContext::current().is_some()));
    if plan.client == Client::Stays {
        return hanging_in(&hanging, Box::pin(app.oneshot(plan.request())));
    }
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
        Client::LeavesBeforeBody | Client::LeavesBeforeAnswer | Client::Stays => {}
    }
}

/// Lets a request run until it hangs. If there are too many, the client of the oldest leaves.
fn hanging_in(hanging: &Hanging, mut answer: Pin<Box<Answer>>) {
    // The handler yields once before.
    for _ in 0..2 {
        assert!(answer.as_mut().now_or_never().is_none());
    }
    let mut hanging = hanging.lock().unwrap();
    hanging.push_back(answer);
    if hanging.len() > MOST_HANGING {
        hanging.pop_front();
    }
}
