//! The document of `--json`.

use serde_json::Value;

use crate::{SCENARIOS, command, document, requests, run, service};

#[test]
fn json_is_one_document_and_everything_held() {
    let output = run(&["--json", "--requests", "13"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stderr.is_empty(), "no progress bar without a terminal");
    let document = document(&output);
    assert_eq!(document["held"], true);
    let scenarios: Vec<_> = requests(&document).map(|request| &request["scenario"]).collect();
    assert_eq!(scenarios.len(), 13);
    assert!(scenarios.iter().zip(SCENARIOS.iter().cycle()).all(|(scenario, name)| *scenario == name));
    for request in requests(&document) {
        assert!(request["expectations"].as_array().unwrap().len() >= 8);
        assert!(
            request["expectations"].as_array().unwrap().iter().all(|expectation| expectation["held"] == true)
        );
    }
}

#[test]
fn json_tells_what_each_service_received_and_sent() {
    let document = document(&run(&["--json"]));
    for request in requests(&document) {
        let orders = service(request, "orders");
        for key in ["name", "trace_id", "span_id", "parent_span_id", "sampled", "continuation"] {
            assert!(orders.get(key).is_some_and(|value| !value.is_null()), "{key}");
        }
        assert!(
            orders["received"]["sentry-trace"]
                .as_str()
                .unwrap()
                .starts_with(orders["trace_id"].as_str().unwrap())
        );
        let sent: Vec<_> =
            orders["sent"].as_array().unwrap().iter().map(|sent| (&sent["to"], sent)).collect();
        for (to, sent) in sent {
            let withheld = to == "courier";
            assert_eq!(sent["decision"], if withheld { "withheld" } else { "injected" });
            assert_eq!(sent["headers"]["sentry-trace"].is_null(), withheld);
            assert!(sent["url"].is_string() && sent["reason"].is_string());
        }
        assert!(service(request, "courier")["received"].as_object().unwrap().values().all(Value::is_null));
    }
}

#[test]
fn sampled_transactions_form_one_tree_and_unsampled_ones_are_not_sent() {
    let document = document(&run(&["--json"]));
    for request in requests(&document) {
        let transactions = request["transactions"].as_array().unwrap();
        if request["scenario"] == "unsampled" {
            assert!(transactions.is_empty());
            continue;
        }
        assert_eq!(transactions.len(), 4);
        let spans: Vec<_> = transactions
            .iter()
            .flat_map(|transaction| {
                std::iter::once(transaction).chain(transaction["spans"].as_array().unwrap())
            })
            .collect();
        let ids: Vec<_> = spans.iter().map(|span| &span["span_id"]).collect();
        let roots = spans.iter().filter(|span| !ids.contains(&&span["parent_span_id"])).count();
        assert_eq!(roots, 1, "only storefront's parent is not among the spans");
        for transaction in transactions {
            assert_eq!(transaction["outcome"], "complete");
            assert_eq!(transaction["trace_id"], service(request, "storefront")["trace_id"]);
            assert!(transaction["duration_ms"].as_f64().unwrap() > 0.0);
        }
    }
}

#[test]
fn inventory_records_its_work_by_spans_of_tracing() {
    let document = document(&run(&["--json", "--requests", "1"]));
    let transactions = requests(&document).next().unwrap()["transactions"].as_array().unwrap();
    let inventory = transactions.iter().find(|transaction| transaction["service"] == "inventory").unwrap();
    let spans = inventory["spans"].as_array().unwrap();
    let names: Vec<_> = spans.iter().map(|span| span["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["pick teapot", "pick cups", "pick honey", "pick biscuits"]);
    for span in spans {
        assert_eq!((&span["op"], &span["status"]), (&"function".into(), &"ok".into()));
        assert_eq!(span["parent_span_id"], inventory["span_id"]);
    }
}

#[test]
fn a_proxy_of_the_environment_is_not_asked() {
    let output =
        command(&["--json", "--requests", "1"]).env("HTTP_PROXY", "http://127.0.0.1:9").output().unwrap();
    assert_eq!(document(&output)["held"], true);
}
