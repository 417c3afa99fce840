//! Planted secrets are in no `Debug`, `Display`, event, name or attribute.

use std::convert::Infallible;
use std::fmt::{Debug, Display};
use std::sync::{Arc, Mutex};

use end_to_end::recording_with;
use http::{Request, Response};
use http_body_util::Empty;
use tower::{Layer, ServiceExt, service_fn};
use trace_client::{PropagationTargets, Target, TraceClientLayer};
use trace_core::{Dsn, TraceExt, Tracer, TransactionName};
use trace_server::TraceServerLayer;

const SECRET: &str = "s3cret";

/// What could be read by somebody.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn debug(&self, value: &impl Debug) {
        self.0.lock().unwrap().extend([format!("{value:?}"), format!("{value:#?}")]);
    }

    fn both(&self, value: &(impl Debug + Display)) {
        self.debug(value);
        self.0.lock().unwrap().push(value.to_string());
    }

    #[track_caller]
    fn holds_no_secret(&self, name: &str) {
        let seen = std::mem::take(&mut *self.0.lock().unwrap());
        assert!(!seen.is_empty(), "{name}");
        for text in seen {
            assert!(!text.contains(SECRET), "{name}: {text}");
        }
    }
}

#[test]
fn the_secret_key_of_a_dsn_is_nowhere() {
    let table = [
        "https://public:s3cret@o1.ingest.sentry.io/42",
        "http://public:s3cret@[::1]:9000/sentry/42",
        "https://public:a:s3cret@host/42",
        "https://public:a@s3cret@host/42",
        "https://public@s3cret@host/42",
        "https://public:s3cret@host/42?s3cret=s3cret#s3cret",
        "https://public:s3cret@host:99999/1",
        "https://public:s3cret@host:port/1",
        "https://public:s3cret@/1",
        "https://public:s3cret@host/",
        "https://public:s3cret@host",
        "https://:s3cret@host/1",
        "ftp://public:s3cret@host/1",
        "public:s3cret@host",
        "public:s3cret@host/1",
        "https:/public:s3cret@host/1",
        "https:public:s3cret@host/1",
        "https//public:s3cret@host/1",
        "SENTRY_DSN=https://public:s3cret@host/1",
        "https://public:s3cret @host/1",
        "https://public:a/s3cret@host/1",
        "https://public:a#s3cret@host/1",
        "https://public/s3cret@host/1",
        "https://public%3As3cret@ho st/1",
        "https://public%3As3cret@host/1",
        "https://public%253as3cret@host/1",
        "https://public%2Fs3cret:a@host/1",
        "https://public:a%40s3cret@host/1",
        "https://public:s3cret",
        "https://public:s3cret/1",
        "https://public:s3cret.host/1",
        "public:s3cret",
        "\"https://public:s3cret@host/1\"",
        " https://public:s3cret@host:99999/1\n",
    ];
    let seen = Seen::default();
    for text in table {
        match text.parse::<Dsn>() {
            Ok(dsn) => seen.both(&dsn),
            Err(error) => seen.both(&error),
        }
        seen.debug(&Dsn::redact(text));
        let builder = Tracer::builder().dsn(text);
        seen.debug(&builder);
        match builder.build() {
            Ok(tracer) => {
                let (server, client) =
                    (TraceServerLayer::new(tracer.clone()), TraceClientLayer::new(tracer.clone()));
                seen.debug(&(&server, server.layer(())));
                seen.debug(&(&client, client.layer(())));
                let root = tracer.service_span("test", TransactionName::task("t")).start();
                seen.debug(&root);
                seen.debug(&root.context().dynamic_sampling_context().iter().collect::<Vec<_>>());
                seen.debug(&tracer);
            }
            Err(error) => seen.both(&error),
        }
        seen.holds_no_secret(text);
    }
}

#[test]
fn credentials_in_a_target_or_a_url_are_not_shown() {
    let url = "https://user:s3cret@api.example.com/v1?token=s3cret&next=//user:s3cret@host/#s3cret";
    let table = [
        Target::host("user:s3cret@api.example.com"),
        Target::origin("https://user:s3cret@api.example.com"),
        Target::subdomains_of("user:s3cret@example.com"),
        Target::url_prefix("https://user:s3cret@api.example.com/"),
        Target::url_prefix("https://api.example.com//user:s3cret@host/"),
        Target::path("//user:s3cret@host/"),
        Target::substring("https://user:s3cret@api.example.com/"),
        Target::substring("user:s3cret@api.example.com"),
        Target::substring("api.example.com"),
        Target::regex("https://user:s3cret@api"),
        Target::regex("^https://user:s3cret@api"),
        Target::regex("https://user:s3cret@(api"),
        Target::regex("https://user:s3cret@api|//user:s3cret@"),
        Target::regex("."),
    ];
    let seen = Seen::default();
    for target in table {
        let name = target.to_string();
        seen.both(&target);
        match PropagationTargets::new([target.clone()]) {
            Ok(targets) => {
                seen.debug(&targets);
                seen.both(&targets.explain(url));
                targets.warnings().iter().for_each(|warning| seen.both(warning));
                let tracer = Tracer::builder().build().unwrap();
                let layer = TraceClientLayer::new(tracer).targets([target]).unwrap();
                seen.debug(&(&layer, layer.layer(())));
            }
            Err(error) => seen.both(&error),
        }
        seen.holds_no_secret(&name);
    }
}

/// A request with secrets, and its `Host` header.
type Planted = (&'static str, Option<&'static str>);

const CLIENT: &[Planted] = &[
    ("https://user:s3cret@host/p", None),
    ("http://user:s3cret@host:99999/", None),
    ("http://user:s3cret@host:port/", None),
    ("http://s3cret@host/", None),
    ("http://a@s3cret@host:99999/", None),
    ("//user:s3cret@host/p", None),
    ("//user:s3cret@host/p", Some("api.example.com")),
    ("/p", Some("user:s3cret@api.example.com")),
    ("/p", Some("user:s3cret@api.example.com:99999")),
    ("/proxy/https://user:s3cret@host/p", Some("api.example.com")),
    ("user:s3cret@host:99999", None),
    ("https://host/p?token=s3cret&a=1", None),
    ("https://host:99999/p?token=s3cret&a=1", None),
    ("/p?api_key=s3cret", None),
    ("https://host/p?next=https://user:s3cret@host/", None),
    ("http://a.test/https%3A%2F%2Fuser%3As3cret%40h/", None),
    ("/https%3A%2F%2Fuser%3As3cret%40h/", Some("a.test")),
    ("/https%253A%252F%252Fs3cret%2540h/", None),
    ("http://p.test/login;token=s3cret/x", None),
    ("http://p.test/p;jsessionid=s3cret", None),
    ("http://p.test/p;%74oken=s3cret?a=1", None),
    ("http://p.test/https:%2F%2Fh%2F%3Ftoken%3Ds3cret", None),
    ("http://p.test/mailto:user:s3cret@h", None),
    ("http://p.test:99999/mailto:user:s3cret@h", None),
];

#[tokio::test]
async fn secrets_of_an_outgoing_request_are_neither_told_nor_recorded() {
    let seen = Seen::default();
    for (uri, host) in CLIENT {
        let (tracer, mut transactions) = recording_with(observed(&seen));
        let layer = TraceClientLayer::new(tracer.clone()).record_query(true);
        let root = tracer.service_span("test", TransactionName::task("t")).start();
        let call = layer.layer(service_fn(answer)).oneshot(request(uri, *host));
        call.in_trace(&root).await.unwrap();
        root.end();
        let ended = transactions.ended();
        assert_eq!(ended[0].spans.len(), 1, "{uri}");
        seen.debug(&ended);
        seen.holds_no_secret(uri);
    }
}

const SERVER: &[Planted] = &[
    ("http://user:s3cret@host/p", None),
    ("/p", Some("user:s3cret@api.example.com")),
    ("/p", Some("user:s3cret@api.example.com:99999")),
    ("/p?token=s3cret&a=1", None),
    ("user:s3cret@host:443", None),
    ("/https%3A%2F%2Fuser%3As3cret%40h/", None),
    ("/login;token=s3cret/x", None),
    ("/mailto:user:s3cret@h", None),
];

#[tokio::test]
async fn secrets_of_an_incoming_request_are_neither_told_nor_recorded() {
    let seen = Seen::default();
    for (uri, host) in SERVER {
        let (tracer, mut transactions) = recording_with(observed(&seen));
        let layer = TraceServerLayer::new(tracer).record_query(true);
        drop(layer.layer(service_fn(answer)).oneshot(request(uri, *host)).await.unwrap());
        let ended = transactions.ended();
        assert_eq!(ended.len(), 1, "{uri}");
        seen.debug(&ended);
        seen.holds_no_secret(uri);
    }
}

/// Options with which all events are seen.
fn observed(seen: &Seen) -> trace_core::TracerBuilder {
    let seen = seen.clone();
    Tracer::builder().traces_sample_rate(1.0).on_propagation(move |event| seen.debug(event))
}

fn request(uri: &str, host: Option<&str>) -> Request<()> {
    let request = Request::get(uri);
    match host {
        Some(host) => request.header("host", host),
        None => request,
    }
    .body(())
    .unwrap()
}

async fn answer(_: Request<()>) -> Result<Response<Empty<&'static [u8]>>, Infallible> {
    Ok(Response::new(Empty::new()))
}
