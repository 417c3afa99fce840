//! The official transport, with an ear for what the server answers: the client itself does not tell.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sentry::transports::UreqHttpTransportOptions;
use sentry::{Transport, TransportFactory, TransportOptions};
use ureq::http::{Request, Response};
use ureq::middleware::MiddlewareNext;
use ureq::{Agent, Body, SendBody};

/// Makes transports that note the answers to the envelopes they send.
pub(super) struct CountingTransport(pub(super) Arc<Answers>);

/// The answers of the server to all clients.
#[derive(Default)]
pub(super) struct Answers {
    accepted: AtomicU64,
    failure: Mutex<Option<String>>,
}

impl TransportFactory for CountingTransport {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        let answers = self.0.clone();
        let send = move |request: Request<SendBody<'_>>, next: MiddlewareNext<'_>| {
            let answer = next.handle(request);
            answers.note(&answer);
            answer
        };
        let agent = Agent::config_builder().middleware(send).build().new_agent();
        Arc::new(UreqHttpTransportOptions::from(options).with_agent(agent).build())
    }
}

impl Answers {
    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// The last failure.
    pub(super) fn failure(&self) -> Option<String> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, answer: &Result<Response<Body>, ureq::Error>) {
        let failure = match answer {
            Ok(response) if response.status().is_success() => {
                self.accepted.fetch_add(1, Ordering::Relaxed);
                return;
            }
            Ok(response) => format!("it answered {}", response.status()),
            Err(error) => error.to_string(),
        };
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
    }
}
