//! What a span turns out to be by fields that it is told after its start.

use std::borrow::Cow;

use trace_core::{TraceContext, TransactionName};

use super::description::Description;

/// A span before it is told what may tell its operation or its name.
pub(super) struct Before(Description);

impl Before {
    /// Returns the span of a context; `None` if none of the attributes that it is about to get is such a sign.
    pub(super) fn of<V>(context: &TraceContext, attributes: &[(&'static str, V)]) -> Option<Self> {
        let has_sign = attributes.iter().any(|(name, _)| is_sign(name));
        has_sign.then(|| Self(Description::of_attributes(context.attributes())))
    }

    /// Changes what the attributes of the span have told before, and tell otherwise now. What the program says itself stays.
    /// `name` is the name that the span has by default.
    pub(super) fn update(self, context: &TraceContext, name: Option<&'static str>) {
        let (Self(before), after) = (self, Description::of_attributes(context.attributes()));
        if context.operation().as_ref() == Some(&before.operation) && after.operation != before.operation {
            context.set_operation(after.operation);
            context.set_origin(after.origin);
        }
        let current = current_name(context);
        let is_told = current == Some(before.name) || (current.is_some() && current.as_deref() == name);
        if is_told && !after.name.is_empty() {
            rename(context, after.name);
        }
    }
}

/// Names the span of a context.
pub(super) fn rename(context: &TraceContext, name: Cow<'static, str>) {
    match is_service_span(context) {
        true => context.set_transaction_name(TransactionName::task(name)),
        false => context.set_description(name),
    }
}

fn current_name(context: &TraceContext) -> Option<Cow<'static, str>> {
    match is_service_span(context) {
        true => context.transaction_name().map(|name| name.as_str().to_owned().into()),
        false => context.description(),
    }
}

fn is_service_span(context: &TraceContext) -> bool {
    context.service_span().is_some_and(|service_span| service_span.span_id() == context.span_id())
}

fn is_sign(name: &str) -> bool {
    const SIGNS: [&str; 14] = [
        "otel.kind",
        "http.request.method",
        "http.route",
        "url.full",
        "server.address",
        "db.system.name",
        "db.operation.name",
        "db.query.text",
        "rpc.system.name",
        "rpc.service",
        "rpc.method",
        "messaging.system",
        "messaging.destination.name",
        "messaging.operation.type",
    ];
    SIGNS.contains(&name)
}
