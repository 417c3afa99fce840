//! The two services send the same facts, ours some more, and their sources differ in few lines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::routing::get;
use collector::{Answer, Collector, Envelope};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

const TRACE: &str = "771a43a4192642f0b136d5159a501700";
const CALLER: &str = "b72fa28504b07285";
const BAGGAGE: &str =
    "sentry-trace_id=771a43a4192642f0b136d5159a501700,sentry-public_key=public,sentry-sample_rate=0.5";

/// Serves the numbers of the orders. Returns its URL, and the `sentry-trace` of each request.
async fn serve_stock() -> (String, UnboundedReceiver<Option<String>>) {
    let (seen, headers) = unbounded_channel();
    let number = async move |Path(id): Path<u64>, headers: HeaderMap| {
        let line = headers.get("sentry-trace").map(|line| line.to_str().unwrap().to_owned());
        seen.send(line).unwrap();
        if id == 0 { "none" } else { "17" }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/orders/{id}", get(number));
    tokio::spawn(async { axum::serve(listener, app).await });
    (url, headers)
}

/// Runs a service, and asks it for an order that it has and one that it fails to load. Returns what it sent to Sentry,
/// and the `sentry-trace` of its requests to the stock.
async fn run(program: &str) -> (Vec<Envelope>, Vec<Option<String>>) {
    let collector = Collector::open(Answer::Ok);
    let (stock, mut headers) = serve_stock().await;
    let mut service = Command::new(program)
        .env("SENTRY_DSN", &collector.dsn)
        .env("STOCK_URL", stock)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(service.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let client = reqwest::Client::new();
    for (id, status) in [(17, 200), (0, 500)] {
        let request = client
            .get(format!("http://{}/orders/{id}?page=2", address.trim()))
            .header("sentry-trace", format!("{TRACE}-{CALLER}-1"))
            .header("baggage", BAGGAGE)
            .header("host", "shop.test")
            .header("authorization", "Bearer s3cret")
            .header("cookie", "session=s3cret")
            .header("x-client", "a test");
        assert_eq!(request.send().await.unwrap().status(), status, "{program}, {id}");
    }
    drop(client);
    drop(service.stdin.take());
    assert!(service.wait().unwrap().success());
    headers.close();
    let headers = std::iter::from_fn(|| headers.try_recv().ok()).collect();
    (collector.arrived(), headers)
}

/// Returns the items of a kind, also those of containers.
fn items(sent: &[Envelope], kind: &str) -> Vec<Value> {
    let of_kind = sent.iter().filter(|envelope| envelope.kind == kind).map(|envelope| &envelope.item);
    of_kind.flat_map(|item| item["items"].as_array().cloned().unwrap_or_else(|| vec![item.clone()])).collect()
}

fn scope_of(item: &Value) -> Value {
    json!([
        item["user"]["username"],
        item["tags"]["plan"],
        item["extra"]["cart"],
        item["contexts"]["order"]["id"]
    ])
}

fn request_of(item: &Value) -> Value {
    let request = &item["request"];
    assert!(!request.to_string().contains("s3cret"), "{request}");
    json!([request["method"], request["url"], request["headers"]["x-client"]])
}

fn spans_of(transaction: &Value) -> &[Value] {
    transaction["spans"].as_array().map_or(&[], Vec::as_slice)
}

/// Returns the path from the service span to each span that counts: the name of each, and the trace.
fn tree(transaction: &Value, counts: fn(&Value) -> bool) -> Vec<Value> {
    let spans = spans_of(transaction);
    let path = |span: &Value| {
        let mut names = vec![&span["description"]];
        let mut parent = &span["parent_span_id"];
        while let Some(above) = spans.iter().find(|above| above["span_id"] == *parent) {
            names.insert(0, &above["description"]);
            parent = &above["parent_span_id"];
        }
        assert_eq!(*parent, transaction["contexts"]["trace"]["span_id"], "{span}");
        json!([names, span["trace_id"]])
    };
    let mut paths: Vec<_> = spans.iter().filter(|span| counts(span)).map(path).collect();
    paths.sort_by_key(Value::to_string);
    paths
}

/// Returns what both services send, in a form that can be compared.
fn facts(sent: &[Envelope]) -> Value {
    let mut transactions = items(sent, "transaction");
    transactions.sort_by_key(|item| item["contexts"]["trace"]["status"].to_string());
    let traces: Vec<_> = transactions.iter().map(|item| item["contexts"]["trace"].clone()).collect();
    let events = items(sent, "event");
    let [event] = events.as_slice() else { panic!("{events:?}") };
    let last = traces.iter().find(|trace| trace["status"] == "internal_error").unwrap();
    let transactions: Vec<_> = transactions
        .iter()
        .map(|item| {
            let trace = &item["contexts"]["trace"];
            let keys = ["trace_id", "parent_span_id", "op", "status", "origin"].map(|key| trace[key].clone());
            let spans = tree(item, |span| span["op"] != "http.client");
            let code = &trace["data"]["http.response.status_code"];
            json!([item["transaction"], item["release"], keys, code, spans, scope_of(item), request_of(item)])
        })
        .collect();
    let crumbs = event["breadcrumbs"].as_array().or_else(|| event["breadcrumbs"]["values"].as_array());
    let crumbs: Vec<_> = crumbs.unwrap().iter().map(|crumb| crumb["message"].clone()).collect();
    let error = json!({
        "text": event["exception"]["values"][0]["value"], "scope": scope_of(event), "request": request_of(event),
        "is on the span": event["contexts"]["trace"]["span_id"] == last["span_id"], "breadcrumbs": crumbs,
        "trace": event["contexts"]["trace"]["trace_id"],
    });
    let is_known = |id: &Value| traces.iter().any(|trace| trace["span_id"] == *id);
    let logs: Vec<_> = items(sent, "log")
        .iter()
        .map(|log| {
            let attribute = |key: &str| log["attributes"][key]["value"].clone();
            let span = [attribute("sentry.trace.parent_span_id"), attribute("parent_span_id")];
            json!([log["body"], log["trace_id"], span.iter().any(is_known), attribute("user.name")])
        })
        .collect();
    let metrics: Vec<_> = items(sent, "trace_metric")
        .iter()
        .map(|metric| json!([metric["name"], metric["trace_id"], is_known(&metric["span_id"])]))
        .collect();
    json!({ "transactions": transactions, "error": error, "logs": logs, "metrics": metrics })
}

#[tokio::test]
async fn nothing_is_lost_on_the_way_and_the_sampling_context_is_won() {
    let (before, headers_before) = run(env!("CARGO_BIN_EXE_before")).await;
    let (after, mut headers_after) = run(env!("CARGO_BIN_EXE_after")).await;
    let (was, is) = (facts(&before), facts(&after));
    assert_eq!(serde_json::to_string_pretty(&is).unwrap(), serde_json::to_string_pretty(&was).unwrap());
    // The comparison compares something.
    assert_eq!(is["transactions"][0][4], json!([[["load", "ask"], TRACE], [["load"], TRACE]]));
    assert_eq!(is["transactions"].as_array().unwrap().len(), 2);
    let order = json!(["ada", "gold", 3, 17]);
    assert!(is["transactions"].to_string().contains(&order.to_string()), "{is:#}");
    assert_eq!(is["error"]["is on the span"], true);
    assert_eq!(is["error"]["breadcrumbs"], json!(["loads an order"]));
    assert_eq!(is["logs"][0], json!(["loads an order", TRACE, true, "ada"]));
    assert_eq!(is["metrics"][0], json!(["orders", TRACE, true]));
    assert_eq!((is["logs"].as_array().unwrap().len(), is["metrics"].as_array().unwrap().len()), (2, 2));

    // Ours has the requests to the stock below the function that makes them, and the stock is called from there.
    let mut called_from = Vec::new();
    for transaction in items(&after, "transaction") {
        let is_client = |span: &Value| span["op"] == "http.client";
        let [request] = tree(&transaction, is_client).try_into().unwrap();
        assert_eq!((&request[0][0], &request[0][1]), (&json!("load"), &json!("ask")), "{request}");
        let span = spans_of(&transaction).iter().find(|span| is_client(span)).unwrap();
        called_from.push(Some(format!("{TRACE}-{}-1", span["span_id"].as_str().unwrap())));
    }
    headers_after.sort();
    called_from.sort();
    assert_eq!((headers_before, headers_after), (vec![None, None], called_from));

    // Every envelope with an event says how its trace is sampled, in the words of the caller.
    let of_events = |sent: &[Envelope]| -> Vec<Value> {
        let events = sent.iter().filter(|envelope| ["event", "transaction"].contains(&&*envelope.kind));
        events.map(|envelope| envelope.header["trace"].clone()).collect()
    };
    assert!(of_events(&before).iter().all(Value::is_null));
    let headers = of_events(&after);
    assert_eq!(headers.len(), 3);
    for header in headers {
        assert_eq!((&header["trace_id"], &header["sample_rate"]), (&json!(TRACE), &json!("0.5")), "{header}");
    }
}

#[test]
fn the_move_takes_six_lines_and_the_calls_four_besides_the_imports() {
    let lines = |source: &'static str| -> Vec<&str> {
        source.lines().filter(|line| !line.starts_with("use ") && !line.starts_with("//!")).collect()
    };
    let (before, after) =
        (lines(include_str!("../src/bin/before.rs")), lines(include_str!("../src/bin/after.rs")));
    let added: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    let removed: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    assert_eq!(after.len() - before.len(), added.len() - removed.len());
    // The layer, the place where it is kept, what fills that, and a word in the call.
    let is_for_calls = |line: &str| {
        ["layer)", "layer }", "layer:", "TraceClientLayer"].iter().any(|word| line.contains(word))
    };
    let (calls, service): (Vec<&str>, Vec<&str>) = added.into_iter().partition(|line| is_for_calls(line));
    assert_eq!((service.len(), calls.len()), (6, 4), "{service:#?} {calls:#?}");
}
