//! What the scope of a request says is on its transaction and on its events, in either order of the layers, however the
//! request ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Path;
use axum::http::Request;
use axum::{Router, routing::get};
use collector::{Answer, Collector};
use http_body_util::BodyExt;
use sentry::protocol::{Context, Map, User, Value as Json};
use sentry::{Client, ClientOptions, Hub, Level, TransactionContext};
use serde_json::{Value, json};
use tower::ServiceExt;
use trace_core::TraceContext;
use trace_sentry::{HubLayer, SentrySink};
use trace_server::TraceServerLayer;

const PATIENCE: Duration = Duration::from_secs(10);
const TRACE: &str = "771a43a4192642f0b136d5159a501700";

fn set_user(name: &str) {
    sentry::configure_scope(|scope| {
        scope.set_user(Some(User { username: Some(name.to_owned()), ..User::default() }));
        scope.set_tag("plan", "gold");
        scope.set_tag("shared", "of the scope");
        scope.set_extra("cart", json!({ "items": 3 }));
        let order: Map<String, Json> = [("id".to_owned(), json!(17))].into();
        scope.set_context("order", Context::Other(order));
        scope.set_context("trace", Context::Other(Map::new()));
    });
}

async fn order(Path(how): Path<String>) -> Body {
    TraceContext::current().unwrap().set_tag("shared", "of the span");
    match how.as_str() {
        "early" => set_user("ada"),
        "hang" => {
            set_user("ada");
            std::future::pending::<()>().await;
        }
        "panic" => {
            set_user("ada");
            panic!("in the handler");
        }
        "large" => set_user(&"a".repeat(2 * 1024 * 1024)),
        "nothing" => {}
        _ => {
            return Body::from_stream(futures_util::stream::once(async {
                set_user("ada");
                sentry::capture_message("late", Level::Error);
                Ok::<_, Infallible>("chunk")
            }));
        }
    }
    Body::empty()
}

async fn ask(app: Router, how: &str, sampled: u8) {
    let request = Request::get(format!("/orders/{how}?token=s3cret&page=2"))
        .header("sentry-trace", format!("{TRACE}-b72fa28504b07285-{sampled}"))
        .header("host", "shop.test")
        .header("cookie", "session=s3cret")
        .header("x-client", "curl")
        .body(Body::empty())
        .unwrap();
    let answer = app.oneshot(request);
    if how == "hang" {
        let mut answer = Box::pin(answer);
        assert!(futures_util::FutureExt::now_or_never(&mut answer).is_none());
    } else if how == "panic" {
        tokio::spawn(answer).await.unwrap_err();
    } else {
        answer.await.unwrap().into_body().collect().await.unwrap();
    }
}

fn start(options: ClientOptions, dsn: &str) -> (SentrySink, trace_core::Tracer) {
    let options = options.dsn(dsn).traces_sample_rate(1.0);
    let client = Arc::new(Client::from_config(sentry::apply_defaults(options)));
    Hub::main().bind_client(Some(client.clone()));
    let sink = SentrySink::new(client).unwrap();
    let tracer = sink.tracer().build().unwrap();
    (sink, tracer)
}

fn request_of(item: &Value) -> Value {
    json!({
        "method": item["request"]["method"], "url": item["request"]["url"],
        "x-client": item["request"]["headers"]["x-client"], "cookie": item["request"]["headers"]["cookie"],
    })
}

/// One test, because the main hub has one client at a time.
#[tokio::test]
async fn the_scope_and_the_request_are_on_transactions_and_events() {
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(ClientOptions::new(), &collector.dsn);
    let routes = || Router::new().route("/orders/{how}", get(order));
    let trace = TraceServerLayer::new(tracer.clone());
    let (inside, outside) = (
        routes().layer(HubLayer::new()).layer(trace.clone()),
        routes().layer(trace.clone()).layer(HubLayer::new()),
    );
    let request = |how: &str| {
        json!({
            "method": "GET", "url": format!("http://shop.test/orders/{how}?token=[Filtered]&page=2"),
            "x-client": "curl", "cookie": "[Filtered]",
        })
    };
    for (name, app) in [("the hub inside", inside), ("the hub outside", outside)] {
        for how in ["early", "late", "hang", "panic"] {
            ask(app.clone(), how, 1).await;
            assert!(sink.flush(PATIENCE));
            let found = collector.next("transaction").item;
            let place = format!("{name}, {how}: {found}");
            assert_eq!(found["user"]["username"], "ada", "{place}");
            assert_eq!(
                (&found["tags"]["plan"], &found["extra"]["cart"]["items"]),
                (&json!("gold"), &json!(3)),
                "{place}"
            );
            assert_eq!(found["tags"]["shared"], "of the span", "{place}");
            assert_eq!(found["contexts"]["order"]["id"], 17, "{place}");
            assert_eq!(found["contexts"]["trace"]["trace_id"], TRACE, "{place}");
            assert_eq!(request_of(&found), request(how), "{place}");
        }
        let _checked = collector.arrived();
        // An error has the request also if nothing is recorded.
        for sampled in [0, 1] {
            ask(app.clone(), "late", sampled).await;
            assert!(sink.flush(PATIENCE));
            let event = collector.next("event").item;
            assert_eq!(request_of(&event), request("late"), "{name}");
            assert_eq!((&event["user"]["username"], &event["tags"]["plan"]), (&json!("ada"), &json!("gold")));
            let _checked = collector.arrived();
        }
        // The scope of one request is not that of the next.
        ask(app.clone(), "nothing", 1).await;
        assert!(sink.flush(PATIENCE));
        let next = collector.next("transaction").item;
        assert!(next["user"].is_null() && next["tags"]["plan"].is_null(), "{next}");
        // A user of any size costs itself, not the transaction.
        ask(app, "large", 1).await;
        assert!(sink.flush(PATIENCE));
        let large = collector.next("transaction").item;
        assert!(large["user"].is_null());
        assert_eq!(large["transaction"], "GET /orders/{how}");
    }

    // A job within a request has the scope of the request, as with the official client, but is not the request.
    let job = tracer.service_span("task", "job");
    let app = {
        let job_tracer = tracer.clone();
        let work = async move || {
            set_user("ada");
            job_tracer.service_span("task", "job").start().end();
        };
        Router::new().route("/", get(work)).layer(HubLayer::new())
    };
    app.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    job.start().end();
    assert!(sink.flush(PATIENCE));
    let (within, alone) = (collector.next("transaction").item, collector.next("transaction").item);
    assert_eq!((&within["user"]["username"], &within["request"]), (&json!("ada"), &Value::Null));
    assert!(alone["user"].is_null());

    // Without the data of the request, and with official spans.
    let hub = HubLayer::new().request_data(false).official_spans(true);
    let continued = async || {
        let span = sentry::configure_scope(|scope| scope.get_span());
        let context = TransactionContext::continue_from_span("inner", "function", span.clone());
        sentry::capture_message("with a span", Level::Error);
        let header = span.unwrap().iter_headers().next().unwrap().1;
        let expected = TraceContext::current().unwrap().sentry_trace().to_string();
        assert_eq!(header, expected);
        sentry::start_transaction(context).finish();
    };
    let app = Router::new().route("/orders/{how}", get(continued)).layer(hub).layer(trace);
    ask(app, "early", 1).await;
    assert!(sink.flush(PATIENCE));
    let (mut transactions, event) = (vec![], collector.next("event").item);
    transactions.extend([collector.next("transaction").item, collector.next("transaction").item]);
    let of = |name: &str| transactions.iter().find(|item| item["transaction"] == name).unwrap();
    let (outer, inner) = (of("GET /orders/{how}"), of("inner"));
    assert!(outer["request"].is_null() && event["request"].is_null());
    assert_eq!(inner["contexts"]["trace"]["trace_id"], TRACE);
    assert_eq!(inner["contexts"]["trace"]["parent_span_id"], outer["contexts"]["trace"]["span_id"]);
    assert_eq!(event["contexts"]["trace"]["span_id"], outer["contexts"]["trace"]["span_id"]);
}
