//! The official transport, with an ear for what the server answers: the client itself does not tell.

use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::time::Duration;

use sentry::transports::UreqHttpTransportOptions;
use sentry::{Transport, TransportFactory, TransportOptions};
use ureq::http::{Request, Response};
use ureq::middleware::MiddlewareNext;
use ureq::{Agent, Body, Error, SendBody};

use super::answers::Answers;

/// How long a connection may take, its TLS included: less than the end waits, so that the reason is known by then.
const CONNECTING: Duration = Duration::from_secs(4);

/// Makes transports that note the answers to the transactions they send.
pub(super) struct CountingTransport(pub(super) Arc<Answers>);

impl TransportFactory for CountingTransport {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        let answers = self.0.clone();
        let send =
            move |request: Request<SendBody<'_>>, next: MiddlewareNext<'_>| send(request, next, &answers);
        let config = Agent::config_builder().timeout_connect(Some(CONNECTING)).middleware(send);
        let agent = config.build().new_agent();
        Arc::new(UreqHttpTransportOptions::from(options).with_agent(agent).build())
    }
}

fn send(
    request: Request<SendBody<'_>>,
    next: MiddlewareNext<'_>,
    answers: &Answers,
) -> Result<Response<Body>, Error> {
    let (mut parts, body) = request.into_parts();
    let mut envelope = Vec::new();
    body.into_reader().read_to_end(&mut envelope)?;
    // A body that is read again has no length of its own.
    parts.headers.insert("content-length", envelope.len().into());
    let answer = next.handle(Request::from_parts(parts, SendBody::from_reader(&mut &*envelope)));
    if let Some(units) = units(&envelope) {
        match &answer {
            Ok(response) if response.status().is_success() => answers.accepted(units),
            Ok(response) => answers.failed(format!("it answered {}", response.status())),
            Err(error) => answers.failed(reason(error)),
        }
    }
    answer
}

/// How many transactions or spans it holds, if it is no report of losses, say. The second line is the header of the first item.
fn units(envelope: &[u8]) -> Option<u64> {
    let header = envelope.split(|byte| *byte == b'\n').nth(1)?;
    let header: serde_json::Value = serde_json::from_slice(header).ok()?;
    match header.get("type")?.as_str()? {
        "transaction" => Some(1),
        "span" => header.get("item_count")?.as_u64(),
        _ => None,
    }
}

/// Why there was no answer.
fn reason(error: &Error) -> String {
    match error {
        Error::Timeout(_) => format!("no connection within {} seconds", CONNECTING.as_secs()),
        // What rustls says about a certificate, or about a server that speaks no TLS.
        Error::Io(error) if error.kind() == ErrorKind::InvalidData => format!("no TLS connection: {error}"),
        Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::units;

    #[test]
    fn only_transactions_and_spans_count() {
        let table: [(&[u8], Option<u64>); 6] = [
            (b"{}\n{\"type\":\"transaction\",\"length\":2}\n{}", Some(1)),
            (b"{}\n{\"type\":\"span\",\"item_count\":7,\"length\":2}\n{}", Some(7)),
            (b"{}\n{\"type\":\"client_report\",\"length\":2}\n{}", None),
            (b"{\"type\":\"transaction\"}\n{\"type\":\"event\"}\n{}", None),
            (b"{}\n\xff\n{}", None),
            (b"", None),
        ];
        for (envelope, expected) in table {
            assert_eq!(units(envelope), expected, "{}", String::from_utf8_lossy(envelope));
        }
    }
}
