//! The options of the transport, and the factory that the client calls.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use reqwest::ClientBuilder;
use sentry_core::{TransportFactory, TransportOptions};

use super::endpoint::Endpoint;
use super::outbox::{Bounds, Outbox};
use super::running::{Made, Running};
use super::worker;

/// The transport of this crate, for [`ClientOptions::transport`](method@sentry_core::ClientOptions::transport). All data of the
/// client goes through it: errors, transactions, logs, sessions and check-ins.
///
/// ```
/// use std::time::Duration;
/// use sentry_core::ClientOptions;
/// use trace_sentry::Transport;
///
/// let options = ClientOptions::new()
///     .dsn("https://public@sentry.example.com/42")
///     .transport(Transport::new().max_requests(16).timeout(Duration::from_secs(10)));
/// ```
///
/// A transport of the application may create this one and pass envelopes on to it. Then [`SentrySink`](crate::SentrySink)
/// sends through that transport, at most eight envelopes at a time, as through any other.
///
/// # Connections
///
/// It sends several requests at a time over kept connections, from a thread with a runtime of its own. It needs no
/// runtime of the application.
///
/// TLS and HTTP/2 are features of `reqwest` 0.13, which the application chooses: `reqwest = { version = "0.13",
/// default-features = false, features = ["rustls", "http2"] }`. Without TLS, nothing arrives at a DSN with `https`.
/// [`configure`](Self::configure) changes everything else about the HTTP client. The client's `accept_invalid_certs` is
/// one of these things, since it only exists with TLS: it has no effect by itself.
///
/// The client's `http_proxy` and `https_proxy` are used, with credentials, except for the hosts in `NO_PROXY`. If one of
/// them is no URL, nothing is sent.
///
/// # Losses
///
/// An envelope is delivered if the server answers with a success. Otherwise it is lost, and the client reports it:
///
/// | Reason | When |
/// | --- | --- |
/// | `ratelimit_backoff` | The server has limited its category. This is decided for each item of an envelope. |
/// | `network_error` | There was no response within the timeout, or the transport was closed before it came. |
/// | `send_error` | The status was neither a success nor 429. Redirects are not followed. |
/// | `queue_overflow` | There was no room in the queue, or no time left when the transport was closed. |
/// | `internal_sdk_error` | It could not be written, or the transport was closed, failed to start, or is that of a forked process. |
///
/// With the client's option `debug`, each kind of failure is printed once on stderr, if the client has a
/// [`SentrySink`](crate::SentrySink).
///
/// A response with status 429 is not reported, because the server counts it. An envelope is sent once. Only if a kept
/// connection turns out to be closed before anything was written to it, the HTTP client uses another.
///
/// Rate limits last at most an hour, whatever the server says; then one request asks it again. If there is no room in the
/// queue, the oldest data of the lowest priority is dropped: logs, metrics and profiles first, then transactions, and at
/// last errors, sessions, check-ins and reports.
///
/// # Close and fork
///
/// `Client::flush` and `Client::close` keep their timeouts, also if the server does not answer. What is not sent by the
/// end of a close is counted as lost. A client that is dropped without a close has the time of one request to send the
/// rest in the background.
///
/// A forked process has no thread that sends: everything is counted as lost there, and no call waits.
#[derive(Clone)]
#[must_use]
pub struct Transport {
    max_requests: usize,
    max_envelopes: Option<usize>,
    max_bytes: usize,
    pub(super) timeout: Duration,
    pub(super) gzip: bool,
    pub(super) configure: Option<Arc<Configure>>,
}

type Configure = dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync;

impl Transport {
    /// Creates a transport with default options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the maximum number of requests at a time. The default is 64, and the minimum is 1.
    ///
    /// The number divided by the time of a request limits the rate: with 64 requests and a round trip of 50 ms, it is
    /// 1280 envelopes per second. With HTTP/1, it is also the maximum number of connections. They are opened only when
    /// they are needed.
    pub fn max_requests(mut self, requests: usize) -> Self {
        self.max_requests = requests.max(1);
        self
    }

    /// Sets the maximum number of envelopes that wait. The default is the client's `transport_channel_capacity` if that
    /// is set, and otherwise 1000. The minimum is 1. Up to 100 more may wait, for a moment, to be written.
    pub fn max_envelopes(mut self, envelopes: usize) -> Self {
        self.max_envelopes = Some(envelopes.max(1));
        self
    }

    /// Sets the maximum number of bytes of the envelopes that wait and that are being sent, before compression. The
    /// default is 32 MiB. An envelope that is larger by itself is dropped.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets the timeout of a request, from the connection to the end of the response. The default is 30 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets whether envelopes of at least 1 KiB are compressed. The default is `true`.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = gzip;
        self
    }

    /// Sets a function that changes the HTTP client, for example its certificates. The timeout of a request stays
    /// that of the transport, and redirects are never followed.
    pub fn configure(
        mut self,
        configure: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.configure = Some(Arc::new(configure));
        self
    }
}

impl Default for Transport {
    fn default() -> Self {
        Self {
            max_requests: 64,
            max_envelopes: None,
            max_bytes: 32 * 1024 * 1024,
            timeout: Duration::from_secs(30),
            gzip: true,
            configure: None,
        }
    }
}

impl TransportFactory for Transport {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn sentry_core::Transport> {
        let capacity = options.transport_channel_capacity.map_or(1000, NonZeroUsize::get);
        let bounds = Bounds { entries: self.max_envelopes.unwrap_or(capacity), bytes: self.max_bytes };
        let endpoint = Endpoint::new(self, &options);
        let public_key = options.dsn.public_key().to_owned();
        let outbox = Outbox::new(options.client_report_recorder, bounds, self.max_requests);
        let started = endpoint
            .and_then(|endpoint| worker::start(outbox.clone(), endpoint).map_err(|error| error.to_string()));
        if let Err(failure) = started {
            outbox.set_failure(failure);
            outbox.end();
        }
        Arc::new(Running::new(outbox, Made::by(self), public_key, self.timeout))
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { max_requests, max_envelopes, max_bytes, timeout, gzip, configure: _ } = self;
        f.debug_struct("Transport")
            .field("max_requests", max_requests)
            .field("max_envelopes", max_envelopes)
            .field("max_bytes", max_bytes)
            .field("timeout", timeout)
            .field("gzip", gzip)
            .finish_non_exhaustive()
    }
}
