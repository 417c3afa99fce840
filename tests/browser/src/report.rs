//! What happened, as lines of JSON on standard output.

use serde_json::{Value, json};
use trace_core::{Record, SpanSink};

/// A sink that prints each transaction.
pub(crate) struct Printed;

impl SpanSink for Printed {
    fn receive(&self, record: Record) {
        if let Record::Transaction(transaction) = record {
            let span = &transaction.root;
            print(&json!({
                "name": transaction.name.as_str(),
                "status": span.attribute("http.response.status_code").map(ToString::to_string),
                "path": span.attribute("url.path").map(ToString::to_string),
                "trace_id": transaction.trace_id.to_string(),
                "span_id": span.span_id.to_string(),
                "parent_span_id": span.parent_span_id.map(|id| id.to_string()),
            }));
        }
    }
}

pub(crate) fn print(line: &Value) {
    println!("{line}");
}
