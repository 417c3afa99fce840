//! What the client's own sampler knows of a service span that is about to start.

use sentry_core::TransactionContext;
use sentry_core::protocol::Value;
use trace_core::{AttributeValue, RequestHead, SamplingContext};

/// Converts the input of a sampler to the type that the client's sampler takes. The request and the attributes of the
/// start are its custom data, named by the conventions of OpenTelemetry.
pub(crate) fn official(span: &SamplingContext<'_>) -> TransactionContext {
    let trace_id = span.trace_id().to_bytes().into();
    let mut context =
        TransactionContext::new_with_details(span.name(), span.operation(), trace_id, None, None);
    context.set_sampled(span.parent_sampled());
    let mut insert = |key: &str, value: Value| {
        context.custom_insert(key.to_owned(), value);
    };
    if let Some(request) = span.request() {
        insert_request(request, &mut insert);
    }
    for (key, value) in span.attributes() {
        insert(key, json(value));
    }
    context
}

/// Inserts a request as it came in: the sampler is in this process, so that nothing is filtered.
fn insert_request(request: RequestHead<'_>, insert: &mut impl FnMut(&str, Value)) {
    insert("http.request.method", request.method().as_str().into());
    insert("url.path", request.uri().path().into());
    if let Some(query) = request.uri().query() {
        insert("url.query", query.into());
    }
    for name in request.headers().keys() {
        let values = request.headers().get_all(name).into_iter();
        let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        insert(&["http.request.header.", name.as_str()].concat(), values.join(", ").into());
    }
}

fn json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Bool(value) => (*value).into(),
        AttributeValue::Integer(value) => (*value).into(),
        AttributeValue::Float(value) => (*value).into(),
        other => other.to_string().into(),
    }
}
