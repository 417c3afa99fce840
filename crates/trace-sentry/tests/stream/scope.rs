//! What spans take from the scope of their request, and from the thread on which they end.

use std::sync::Arc;
use std::thread;

use collector::{Answer, Collector};
use http::{Request, Response};
use sentry::protocol::{
    AppContext, BrowserContext, Context, DeviceContext, IpAddress, Map, OsContext, RuntimeContext, User,
    Value as Json,
};
use sentry::{Client, ClientOptions, Hub};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tower::{Layer, ServiceExt, service_fn};
use trace_core::{TraceContext, TraceLifecycle, Tracer};
use trace_sentry::{HubLayer, SentrySink};
use trace_server::TraceServerLayer;

use crate::PATIENCE;
use crate::envelope::text;
use crate::validator::spans;

/// What the handler sets on its scope, after its first span has ended.
pub(crate) fn set_scope() {
    sentry::configure_scope(|scope| {
        scope.set_user(Some(User {
            id: Some("17".to_owned()),
            email: Some("ada@example.com".to_owned()),
            username: Some("ada".to_owned()),
            ip_address: Some(IpAddress::Exact([192, 0, 2, 1].into())),
            ..User::default()
        }));
        scope.set_tag("plan", "gold");
        let text = |text: &str| Some(text.to_owned());
        let mut os = OsContext { name: text("Debian"), version: text("13"), ..OsContext::default() };
        (os.build, os.kernel_version) = (text("13.2"), text("6.12"));
        scope.set_context("os", os);
        let runtime =
            RuntimeContext { name: text("rustc"), version: text("1.89"), ..RuntimeContext::default() };
        scope.set_context("runtime", runtime);
        let browser =
            BrowserContext { name: text("Firefox"), version: text("150"), ..BrowserContext::default() };
        scope.set_context("browser", browser);
        let mut app =
            AppContext { app_name: text("orders"), app_version: text("2"), ..AppContext::default() };
        (app.app_build, app.app_identifier) = (text("7"), text("test.shop.orders"));
        scope.set_context("app", app);
        let mut device =
            DeviceContext { name: text("host-1"), family: text("server"), ..DeviceContext::default() };
        (device.model, device.model_id) = (text("R1"), text("R1-2"));
        scope.set_context("device", device);
    });
}

/// Sets contexts whose keys are the application's own.
fn set_own_contexts() {
    let other = |values: Json| {
        let values: Map<String, Json> = serde_json::from_value(values).unwrap();
        Context::Other(values)
    };
    sentry::configure_scope(|scope| {
        scope.set_context("order", other(json!({ "id": 17 })));
        scope.set_context(
            "cloud_resource",
            other(json!({ "cloud.region": "eu", "host.cpus": 4, "spot": true, "load": 0.5, "tags": [1] })),
        );
    });
}

/// Held by a test that binds the main hub, which has one client at a time.
pub(crate) static MAIN_HUB: Mutex<()> = Mutex::const_new(());

pub(crate) fn start(collector: &Collector, options: ClientOptions) -> (SentrySink, Tracer) {
    let options = sentry::apply_defaults(options.dsn(&collector.dsn).traces_sample_rate(1.0));
    let client = Arc::new(Client::from_config(options));
    Hub::main().bind_client(Some(client.clone()));
    let sink = SentrySink::builder(client).trace_lifecycle(TraceLifecycle::Stream).build().unwrap();
    let tracer = sink.tracer().build().unwrap();
    (sink, tracer)
}

async fn ask(tracer: &Tracer) {
    let handler = service_fn(async |_: Request<String>| {
        let context = TraceContext::current().unwrap();
        context.start_span("function", "work").end();
        set_scope();
        set_own_contexts();
        context.set_attribute("user.name", "set on the span");
        let job = context.start_span("function", "elsewhere");
        // A thread with a hub of its own.
        thread::Builder::new().name("worker".to_owned()).spawn(|| job.end()).unwrap().join().unwrap();
        Ok::<_, std::convert::Infallible>(Response::new(String::new()))
    });
    let request = Request::get("/orders/17?token=s3cret&page=2")
        .header("host", "shop.test")
        .header("cookie", "theme=dark; session=s3cret")
        .header("authorization", "Basic s3cret")
        .header("accept", "text/html")
        .header("accept", "application/json")
        .body(String::new())
        .unwrap();
    let app = TraceServerLayer::new(tracer.clone()).layer(HubLayer::new().layer(handler));
    app.oneshot(request).await.unwrap();
}

fn array(texts: &[&str]) -> Value {
    json!({ "type": "array", "value": texts })
}

#[tokio::test]
async fn the_user_is_on_every_span_and_the_request_on_the_service_span() {
    let _alone = MAIN_HUB.lock().await;
    for sends_pii in [false, true] {
        let collector = Collector::open(Answer::Ok);
        let (sink, tracer) = start(&collector, ClientOptions::new().send_default_pii(sends_pii));
        ask(&tracer).await;
        assert!(sink.flush(PATIENCE));
        let arrived = spans(&collector.next("span"));
        let [work, elsewhere, root] = &arrived[..] else { panic!("{arrived:?}") };
        let this = thread::current().name().map(str::to_owned).unwrap();
        for (span, name, os, thread) in [
            (work, "ada", "Linux", &*this),
            (elsewhere, "ada", "Linux", "worker"),
            (root, "set on the span", "Debian", &*this),
        ] {
            let found = &span["attributes"];
            assert_eq!(found["user.id"], text("17"), "{span}");
            assert_eq!(found["user.email"], text("ada@example.com"), "{span}");
            assert_eq!(found["user.ip_address"], text("192.0.2.1"), "{span}");
            assert_eq!(found["user.name"], text(name), "{span}");
            assert_eq!(found["os.name"], text(os), "{span}");
            assert_eq!(found["thread.name"], text(thread), "{span}");
            assert!(found["thread.id"]["value"].as_str().unwrap().parse::<u64>().is_ok(), "{span}");
            assert!(found.get("plan").is_none(), "tags are not sent: {span}");
        }
        let cookie = match sends_pii {
            true => array(&["theme=dark", "session=[Filtered]"]),
            false => Value::Null,
        };
        for (key, expected) in [
            ("http.request.method", text("GET")),
            ("url.full", text("http://shop.test/orders/17?token=[Filtered]&page=2")),
            ("http.request.header.accept", array(&["text/html", "application/json"])),
            ("http.request.header.authorization", array(&["[Filtered]"])),
            ("http.request.header.cookie", cookie),
            ("os.version", text("13")),
            ("process.runtime.name", text("rustc")),
            ("process.runtime.version", text("1.89")),
            ("browser.name", text("Firefox")),
            ("cloud.region", text("eu")),
            ("host.cpus", json!({ "type": "integer", "value": 4 })),
            ("spot", json!({ "type": "boolean", "value": true })),
            ("load", json!({ "type": "double", "value": 0.5 })),
            ("tags", Value::Null),
            ("id", Value::Null),
            ("order.id", Value::Null),
        ] {
            assert_eq!(root["attributes"].get(key).unwrap_or(&Value::Null), &expected, "{key}: {root}");
            assert!(work["attributes"].get(key).is_none(), "{key}: {work}");
        }
    }
}

#[tokio::test]
async fn a_job_has_the_user_of_the_hub_that_is_current_when_it_ends() {
    let _alone = MAIN_HUB.lock().await;
    let collector = Collector::open(Answer::Ok);
    let (sink, tracer) = start(&collector, ClientOptions::new());
    let user = |name: &str| {
        let user =
            User { username: Some(name.to_owned()), ip_address: Some(IpAddress::Auto), ..User::default() };
        sentry::configure_scope(|scope| scope.set_user(Some(user)));
    };
    let hub = Arc::new(Hub::new_from_top(Hub::main()));
    Hub::run(hub, || {
        let job = tracer.service_span("task", "job").start();
        job.start_span("function", "before").end();
        user("ada");
        job.start_span("function", "during").end();
        job.end();
        user("of the next job");
    });
    assert!(sink.flush(PATIENCE));
    let arrived = spans(&collector.next("span"));
    let users: Vec<_> = arrived.iter().map(|span| span["attributes"].get("user.name")).collect();
    assert_eq!(users, [Some(&text("ada")); 3]);
    assert!(arrived.iter().all(|span| span["attributes"].get("user.ip_address").is_none()));
}
