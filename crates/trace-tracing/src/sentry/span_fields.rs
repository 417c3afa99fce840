//! The fields of the spans round an event.

use trace_core::{AttributeValue, CaughtPanics};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::traced_span::TracedSpan;
use crate::values::{Fields, MOST_FIELDS};

/// The fields of a span, in its extensions.
pub(crate) struct KeptFields(Vec<(&'static str, AttributeValue)>);

impl KeptFields {
    /// Keeps the fields of a new span.
    pub(crate) fn keep<S>(
        attributes: &Attributes<'_>,
        id: &Id,
        context: &Context<'_, S>,
        panics: &CaughtPanics,
    ) where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let mut fields = Fields::new(attributes.fields().len(), panics);
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(Self(fields.list));
        }
    }

    /// Keeps the fields that a span is told later.
    pub(crate) fn update<S>(id: &Id, values: &Record<'_>, context: &Context<'_, S>, panics: &CaughtPanics)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let mut fields = Fields::new(values.len(), panics);
        values.record(&mut fields);
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        let Some(Self(kept)) = extensions.get_mut::<Self>() else { return };
        // A span can only be told the fields that it was declared with.
        for (name, value) in fields.list {
            kept.retain(|(known, _)| *known != name);
            kept.push((name, value));
        }
    }
}

/// Returns the fields of the recorded spans round an event, the innermost first.
pub(super) fn of_recorded<S>(event: &Event<'_>, context: &Context<'_, S>) -> Vec<(String, AttributeValue)>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    gather(event, context, |span| {
        // The lock of the extensions is not held while the one of the span is taken.
        let traced = span.extensions().get::<TracedSpan>().map(|traced| traced.span().clone());
        let attributes = traced.map(|span| span.context().attributes()).unwrap_or_default();
        attributes
            .into_iter()
            .filter(|(name, _)| !is_of_layer(name))
            .map(|(name, value)| (name.into_owned(), value))
            .collect()
    })
}

/// Returns the kept fields of the spans round an event, the innermost first.
pub(super) fn of_all<S>(event: &Event<'_>, context: &Context<'_, S>) -> Vec<(String, AttributeValue)>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    gather(event, context, |span| {
        let extensions = span.extensions();
        let kept = extensions.get::<KeptFields>().map(|kept| &kept.0[..]).unwrap_or_default();
        kept.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    })
}

fn gather<S>(
    event: &Event<'_>,
    context: &Context<'_, S>,
    fields_of: impl Fn(&SpanRef<'_, S>) -> Vec<(String, AttributeValue)>,
) -> Vec<(String, AttributeValue)>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let scope = context.event_scope(event).into_iter().flatten();
    let named = scope.flat_map(|span| {
        let fields = fields_of(&span).into_iter().filter(|(name, _)| name != "message");
        fields.map(|(name, value)| (format!("{}:{name}", span.name()), value)).collect::<Vec<_>>()
    });
    // Recursion may be deep.
    named.take(MOST_FIELDS).collect()
}

/// Returns whether an attribute is the layer's and no field.
fn is_of_layer(name: &str) -> bool {
    matches!(
        name,
        "code.module.name" | "code.file.path" | "code.line.number" | "folded_spans" | "refused_spans"
    )
}
