//! The fields that a span is told after its start.

use trace_core::{AttributeValue, SpanStatus, TraceContext};

use super::description::{cleaned, text};
use super::late::{Before, rename};
use super::{FieldUse, field_use, status};

/// The change of a span.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Update {
    name: Option<std::borrow::Cow<'static, str>>,
    operation: Option<std::borrow::Cow<'static, str>>,
    status: Option<SpanStatus>,
    code: Option<AttributeValue>,
    attributes: Vec<(&'static str, AttributeValue)>,
    tags: Vec<(&'static str, String)>,
}

impl Update {
    /// Returns the change that fields mean.
    pub(crate) fn new(fields: Vec<(&'static str, AttributeValue)>) -> Self {
        let mut update = Self::default();
        for (name, value) in fields {
            match field_use(name) {
                FieldUse::Own => update.attributes.push((name, value)),
                FieldUse::Attribute(name) => {
                    update.status = status::of_attribute(name, &value).or(update.status);
                    update.attributes.push((name, cleaned(name, value)));
                }
                FieldUse::Tag(name) => update.tags.push((name, value.to_string())),
                FieldUse::Name => update.name = text(value).or(update.name),
                FieldUse::Operation => update.operation = text(value).or(update.operation),
                FieldUse::StatusCode => update.code = Some(value),
                FieldUse::Ignored => {}
            }
        }
        update
    }

    /// Changes the span of a context. `default_name` is the name that it has if no field tells one.
    pub(crate) fn apply(self, context: &TraceContext, default_name: impl FnOnce() -> Option<&'static str>) {
        let Self { name, operation, status, code, mut attributes, tags } = self;
        // This is how fred names its commands.
        if let Some(command) = text_of("cmd.name", &attributes)
            && context.operation().is_some_and(|operation| operation == "db.redis")
        {
            attributes.push(("db.operation.name", command.clone().into()));
            context.set_description(command);
        }
        if let Some(operation) = operation {
            context.set_operation(operation);
        }
        if !attributes.is_empty() {
            let before = Before::of(context, &attributes);
            context.set_attributes(attributes);
            if let Some(before) = before {
                before.update(context, default_name());
            }
        }
        if let Some(name) = name {
            rename(context, name);
        }
        for (name, value) in tags {
            context.set_tag(name, value);
        }
        let known = status.or_else(|| code.as_ref().and_then(|_| context.status()));
        let by_code = code.and_then(|code| status::of_code(&code, known));
        if let Some(status) = by_code.or(status) {
            context.set_status(status);
        }
    }
}

fn text_of(
    name: &str,
    attributes: &[(&'static str, AttributeValue)],
) -> Option<std::borrow::Cow<'static, str>> {
    let value = attributes.iter().find_map(|(found, value)| (*found == name).then_some(value));
    text(value?.clone())
}
