//! Headers arrive at targets, and nowhere else.

use std::sync::{Arc, Mutex};

use end_to_end::recording_with;
use http::{HeaderMap, HeaderValue, Request};
use trace_client::{Target, TraceClientLayer};
use trace_core::{Injection, PropagationEvent, SentContext, TraceExt, Tracer, Withheld};

use crate::destination::{Destination, Kind};

const TRACE: &str = "771a43a4192642f0b136d5159a501700";
const BAGGAGE: &str = "sentry-trace_id=771a43a4192642f0b136d5159a501700,sentry-release=a%401,\
    sentry-sample_rate=0.5,sentry-sampled=true,sentry-sample_rand=0.250000";

struct Row {
    name: &'static str,
    targets: Option<fn(&Destination) -> Vec<Target>>,
    dsn: fn(&Destination) -> String,
    path: &'static str,
    expected: Injection,
}

const PATH: &str = "/200?page=2";

const INJECTED: Injection = Injection::Injected { sampling_context: SentContext::Complete };
const NOT_A_TARGET: Injection = Injection::Withheld(Withheld::NotATarget);
const SENTRY_HOST: Injection = Injection::Withheld(Withheld::SentryHost);

fn no_dsn(_: &Destination) -> String {
    "https://key@o1.ingest.sentry.io/42".to_owned()
}

const TABLE: &[Row] = &[
    Row { name: "no list: all", targets: None, dsn: no_dsn, path: PATH, expected: INJECTED },
    Row { name: "an empty list", targets: Some(|_| vec![]), dsn: no_dsn, path: PATH, expected: NOT_A_TARGET },
    Row {
        name: "the host",
        targets: Some(|_| vec![Target::host("elsewhere.test"), Target::host("127.0.0.1")]),
        dsn: no_dsn,
        path: PATH,
        expected: INJECTED,
    },
    Row {
        name: "another host",
        targets: Some(|_| vec![Target::host("elsewhere.test")]),
        dsn: no_dsn,
        path: PATH,
        expected: NOT_A_TARGET,
    },
    Row {
        name: "the origin",
        targets: Some(|it| vec![Target::origin(it.url(""))]),
        dsn: no_dsn,
        path: PATH,
        expected: INJECTED,
    },
    Row {
        name: "the origin with another port",
        targets: Some(|_| vec![Target::origin("http://127.0.0.1:1")]),
        dsn: no_dsn,
        path: PATH,
        expected: NOT_A_TARGET,
    },
    Row {
        name: "a part of the URL",
        targets: Some(|_| vec!["/200?page".into()]),
        dsn: no_dsn,
        path: PATH,
        expected: INJECTED,
    },
    Row {
        name: "a regular expression",
        targets: Some(|_| vec![Target::regex("^http://127\\.[0-9.]+:[0-9]+/2")]),
        dsn: no_dsn,
        path: PATH,
        expected: INJECTED,
    },
    Row {
        name: "a path of any host",
        targets: Some(|_| vec![Target::path("/20")]),
        dsn: no_dsn,
        path: PATH,
        expected: INJECTED,
    },
    Row {
        name: "another path",
        targets: Some(|_| vec![Target::path("/api/")]),
        dsn: no_dsn,
        path: PATH,
        expected: NOT_A_TARGET,
    },
    Row {
        name: "the endpoint of the DSN",
        targets: None,
        dsn: |it| format!("http://key@127.0.0.1:{}/42", it.port()),
        path: "/api/42/envelope/?page=2",
        expected: SENTRY_HOST,
    },
    Row {
        name: "the endpoint of the DSN, although it is a target",
        targets: Some(|it| vec![Target::host("127.0.0.1"), Target::path("/"), it.url("").as_str().into()]),
        dsn: |it| format!("http://key@127.0.0.1:{}/sentry/42", it.port()),
        path: "/sentry/api/42/envelope/",
        expected: SENTRY_HOST,
    },
    Row {
        name: "the endpoint of the DSN, although no list names it",
        targets: Some(|_| vec![Target::host("elsewhere.test")]),
        dsn: |it| format!("http://key@127.0.0.1:{}/42", it.port()),
        path: "/api/1/store/",
        expected: SENTRY_HOST,
    },
    Row {
        name: "the endpoint of the DSN with another port and scheme",
        targets: None,
        dsn: |_| "https://key@127.0.0.1:1/42".to_owned(),
        path: "/api/42/envelope/",
        expected: SENTRY_HOST,
    },
    Row {
        name: "another path of the host of the DSN",
        targets: None,
        dsn: |it| format!("http://key@127.0.0.1:{}/42", it.port()),
        path: PATH,
        expected: INJECTED,
    },
    Row {
        name: "an API beside a Sentry below a path",
        targets: None,
        dsn: |it| format!("http://key@127.0.0.1:{}/sentry/42", it.port()),
        path: "/api/orders?page=2",
        expected: INJECTED,
    },
    Row {
        name: "an endpoint that is not below the path of the DSN",
        targets: None,
        dsn: |it| format!("http://key@127.0.0.1:{}/sentry/42", it.port()),
        path: "/api/42/envelope/",
        expected: INJECTED,
    },
];

#[tokio::test]
async fn headers_arrive_at_targets_only() {
    for row in TABLE {
        let destination = Destination::start().await;
        for kind in Kind::ALL {
            for rate in [None, Some(1.0)] {
                arrives(row, &destination, kind, rate).await;
            }
        }
    }
}

/// `rate` is that of the tracer: without one, nothing is recorded.
async fn arrives(row: &Row, destination: &Destination, kind: Kind, rate: Option<f64>) {
    let name = format!("{} by {kind:?} with rate {rate:?}", row.name);
    let decisions = Arc::new(Mutex::new(Vec::new()));
    let options = Tracer::builder().dsn((row.dsn)(destination)).on_propagation({
        let decisions = decisions.clone();
        move |event| {
            if let PropagationEvent::Outgoing { decision, url, .. } = event {
                decisions.lock().unwrap().push((*decision, url.clone()));
            }
        }
    });
    let options = match rate {
        Some(rate) => options.traces_sample_rate(rate),
        None => options,
    };
    let (tracer, mut transactions) = recording_with(options);
    let layer = TraceClientLayer::new(tracer.clone());
    let layer = match row.targets {
        Some(targets) => layer.targets(targets(destination)).unwrap(),
        None => layer,
    };

    let caller = format!("{TRACE}-b72fa28504b07285-1");
    let incoming = [("sentry-trace", caller.as_str()), ("baggage", BAGGAGE)];
    let context = tracer.continue_trace(incoming.as_slice());
    let handler =
        tracer.service_span("test", trace_core::TransactionName::custom("test")).in_trace(context).start();
    let request = Request::get(destination.url(row.path)).header("x-own", "1").body(()).unwrap();
    let call = destination.send(kind, &layer, request).in_trace(&handler);
    call.await.expect(&name);
    let handler_span = handler.span_id();
    handler.end();

    let decisions = decisions.lock().unwrap().clone();
    assert_eq!(decisions, [(row.expected, destination.url(row.path))], "{name}");
    let head = destination.only();
    assert_eq!(head.lines("x-own").as_deref(), Some("1"), "{name}");
    let ended = transactions.ended();
    let span = ended.first().and_then(|ended| ended.spans.first());
    if row.expected == INJECTED {
        let sent = head.lines("sentry-trace").expect(&name);
        let [trace, span_id, flag] = sent.split('-').collect::<Vec<_>>().try_into().expect(&name);
        assert_eq!((trace, flag), (TRACE, "1"), "{name}");
        assert_ne!(span_id, handler_span.to_string(), "{name}: the call has an id of its own");
        if rate.is_some() {
            assert_eq!(span_id, span.expect(&name).span_id.to_string(), "{name}");
        }
        assert_eq!(head.lines("baggage").as_deref(), Some(BAGGAGE), "{name}");
    } else {
        assert_eq!((head.lines("sentry-trace"), head.lines("baggage")), (None, None), "{name}");
    }
    // A span is made for every call but those to Sentry itself.
    assert_eq!(span.is_some(), rate.is_some() && row.expected != SENTRY_HOST, "{name}");
}

#[tokio::test]
async fn a_request_without_a_trace_of_sentrys_is_left_untouched_on_its_way_to_a_stranger() {
    let destination = Destination::start().await;
    let tracer = Tracer::builder().build().unwrap();
    let layer = TraceClientLayer::new(tracer.clone()).targets([]).unwrap();
    let own = [
        ("accept", "text/html"),
        ("baggage", "a=b , c = d;e"),
        ("baggage", "x=y"),
        ("traceparent", "00-00000000000000000000000000000007-0000000000000007-01"),
        ("tracestate", "rojo=1"),
    ];
    let own: HeaderMap = own
        .into_iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
        .collect();
    let mut request = Request::get(destination.url("/200")).body(()).unwrap();
    *request.headers_mut() = own.clone();
    let call = destination.send(Kind::Own, &layer, request).in_trace(tracer.start_new_trace());
    call.await.unwrap();
    assert_eq!(destination.only().headers, own);
}
