//! A server with the envelope endpoint, which keeps what the official transport sent; and an address without one.

mod answer;
mod envelope;
mod nobody;

use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, Uri};

pub use answer::Answer;
pub use envelope::Envelope;
pub use nobody::Nobody;

/// The name of the threads of servers, by which a test can tell what is not its own.
pub const THREAD: &str = "collector";

/// The server, on a port that the system chose.
#[derive(Debug)]
pub struct Collector {
    /// The DSN under which it is reached.
    pub dsn: String,
    answer: Arc<Mutex<Answer>>,
    envelopes: Receiver<Envelope>,
}

impl Collector {
    /// Starts the server, on a thread of its own.
    ///
    /// # Panics
    ///
    /// If there is no free port or no thread.
    #[must_use]
    pub fn open(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let dsn = format!("http://public@{}/42", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(answer));
        let (sender, envelopes) = channel();
        let current = answer.clone();
        let receive = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            // As soon as the test has the envelope, it may set another answer.
            let answer = *current.lock().unwrap();
            // The test may have ended.
            let _sent = sender.send(Envelope::parse(&uri, &headers, &body));
            answer.respond()
        };
        let app = Router::new().fallback(receive).layer(DefaultBodyLimit::disable());
        thread::Builder::new().name(THREAD.to_owned()).spawn(|| serve(listener, app)).unwrap();
        Self { dsn, answer, envelopes }
    }

    /// Sets the answer to the following requests, also to those of open connections.
    pub fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// Returns the next envelope of a kind, and drops those of other kinds before it.
    ///
    /// # Panics
    ///
    /// If none arrives within ten seconds.
    #[must_use]
    pub fn next(&self, kind: &str) -> Envelope {
        self.next_of(&[kind])
    }

    /// The next envelope of one of these kinds; other kinds are passed over.
    ///
    /// # Panics
    ///
    /// If none arrives within ten seconds.
    #[must_use]
    pub fn next_of(&self, kinds: &[&str]) -> Envelope {
        loop {
            let envelope = self.envelopes.recv_timeout(Duration::from_secs(10));
            let envelope = envelope.unwrap_or_else(|error| panic!("{kinds:?}: {error}"));
            if kinds.contains(&&*envelope.kind) {
                return envelope;
            }
        }
    }

    /// Returns all envelopes that have arrived.
    #[must_use]
    pub fn arrived(&self) -> Vec<Envelope> {
        self.envelopes.try_iter().collect()
    }
}

fn serve(listener: TcpListener, app: Router) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(async {
        listener.set_nonblocking(true).unwrap();
        axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), app).await.unwrap();
    });
}
