//! The endpoint for envelopes: one request, and the judgement of its response.

use std::error::Error;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, InvalidHeaderValue, USER_AGENT};
use reqwest::redirect::Policy;
use reqwest::{Client, NoProxy, Proxy, Response, Url};
use sentry_core::TransportOptions;
use sentry_core::protocol::client_report::Reason;
use sentry_core::types::{Auth, Dsn};

use super::Transport;
use super::limits;
use super::outbox::Sending;
use super::parcel::Outcome;

/// The smallest body that is compressed. A smaller one fits into one packet anyway.
const SMALLEST: usize = 1024;
/// The longest time for a connection, so that a second address of the host can be tried within the timeout.
const CONNECT: Duration = Duration::from_secs(10);
/// The time and the bytes for the body of a response. It is read only so that the connection can be used again.
const BODY: (Duration, usize) = (Duration::from_secs(1), 64 * 1024);

/// The endpoint of a DSN, with the client that keeps the connections.
pub(super) struct Endpoint {
    client: Client,
    url: Url,
    headers: HeaderMap,
    timeout: Duration,
    gzip: bool,
}

impl Endpoint {
    /// Prepares the client and its headers. Fails if a proxy is no URL, or if TLS cannot be set up.
    pub(super) fn new(transport: &Transport, options: &TransportOptions) -> Result<Self, String> {
        let Transport { timeout, gzip, .. } = *transport;
        let client = client(transport, options).map_err(failure)?;
        let headers = headers(&options.dsn, &options.user_agent).map_err(|error| error.to_string())?;
        Ok(Self { client, url: options.dsn.envelope_api_url(), headers, timeout, gzip })
    }

    /// Sends a body, and notes what became of it.
    pub(super) async fn send(&self, body: Vec<u8>, mut sending: Sending) {
        match self.post(body).await {
            Ok(response) => {
                let status = response.status();
                let limits = limits::of_response(status, response.headers(), SystemTime::now());
                sending.outbox().add_limits(&limits);
                sending.set_outcome(outcome(status));
                if !status.is_success() {
                    sending.outbox().set_failure(format!("the server answered {status}"));
                }
                let _unread = tokio::time::timeout(BODY.0, read(response)).await;
            }
            Err(error) => sending.outbox().set_failure(failure(error)),
        }
    }

    async fn post(&self, body: Vec<u8>) -> Result<Response, reqwest::Error> {
        let mut request =
            self.client.post(self.url.clone()).headers(self.headers.clone()).timeout(self.timeout);
        let is_large = body.len() >= SMALLEST;
        let body = match (self.gzip && is_large).then(|| compressed(&body)) {
            Some(Ok(compressed)) => {
                request = request.header(CONTENT_ENCODING, "gzip");
                compressed
            }
            _ => body,
        };
        request.body(body).send().await
    }
}

fn client(transport: &Transport, options: &TransportOptions) -> Result<Client, reqwest::Error> {
    // Only the proxies of the options are used, which have those of the environment if the application wants so.
    let mut client = Client::builder().no_proxy().connect_timeout(CONNECT.min(transport.timeout));
    if let Some(url) = &options.http_proxy {
        client = client.proxy(Proxy::http(url.as_ref())?.no_proxy(NoProxy::from_env()));
    }
    if let Some(url) = &options.https_proxy {
        client = client.proxy(Proxy::https(url.as_ref())?.no_proxy(NoProxy::from_env()));
    }
    if let Some(configure) = &transport.configure {
        client = configure(client);
    }
    // The key of the DSN is for its host alone.
    client.redirect(Policy::none()).build()
}

/// Returns the headers of every request. The authentication has no `sentry_timestamp`, which is obsolete.
fn headers(dsn: &Dsn, user_agent: &str) -> Result<HeaderMap, Box<dyn Error + Send + Sync>> {
    let agent: String = user_agent.chars().filter(|char| matches!(char, ' '..='~')).collect();
    let mut pairs = vec![("sentry_key", dsn.public_key()), ("sentry_client", &agent)];
    pairs.extend(dsn.secret_key().map(|secret| ("sentry_secret", secret)));
    let mut auth = header(&Auth::from_pairs(pairs)?.to_string())?;
    auth.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert("x-sentry-auth", auth);
    headers.insert(USER_AGENT, header(&agent)?);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-sentry-envelope"));
    Ok(headers)
}

fn header(text: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    text.parse()
}

fn compressed(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

/// Returns what a status says of the envelope. A redirect is not followed.
fn outcome(status: StatusCode) -> Outcome {
    match status {
        StatusCode::TOO_MANY_REQUESTS => Outcome::Refused,
        status if status.is_success() => Outcome::Delivered,
        _ => Outcome::Lost(Reason::SendError),
    }
}

async fn read(mut response: Response) {
    let mut left = BODY.1;
    while let Ok(Some(chunk)) = response.chunk().await {
        match left.checked_sub(chunk.len()) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// Returns an error with its causes, the last of which says most. A URL may have a password.
fn failure(error: reqwest::Error) -> String {
    fn chain(error: &dyn Error) -> String {
        error.source().map_or_else(|| error.to_string(), |cause| format!("{error}: {}", chain(cause)))
    }
    chain(&error.without_url())
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use http::header::USER_AGENT;
    use sentry_core::protocol::client_report::Reason;

    use super::{Outcome, headers, outcome};

    #[test]
    fn only_a_success_delivers() {
        let lost = Outcome::Lost(Reason::SendError);
        let table = [
            (200, Outcome::Delivered),
            (202, Outcome::Delivered),
            (301, lost),
            (304, lost),
            (307, lost),
            (400, lost),
            (403, lost),
            (407, lost),
            (413, lost),
            (429, Outcome::Refused),
            (500, lost),
            (503, lost),
            (599, lost),
        ];
        for (status, expected) in table {
            assert_eq!(outcome(StatusCode::from_u16(status).unwrap()), expected, "{status}");
        }
    }

    #[test]
    fn the_headers_name_the_key_and_the_client() {
        let table = [
            (
                "https://public@host/42",
                "mine/1.0",
                "Sentry sentry_key=public, sentry_version=7, sentry_client=mine/1.0",
            ),
            (
                "https://public:secret@host/42",
                "a\r\nb\u{e9}/1",
                "Sentry sentry_key=public, sentry_version=7, sentry_client=ab/1, sentry_secret=secret",
            ),
        ];
        for (dsn, agent, auth) in table {
            let headers = headers(&dsn.parse().unwrap(), agent).unwrap();
            assert_eq!(headers["x-sentry-auth"], auth);
            assert_eq!(headers["content-type"], "application/x-sentry-envelope");
            assert!(
                !format!("{headers:?}").contains("public")
                    && auth.contains(headers[USER_AGENT].to_str().unwrap())
            );
        }
    }
}
