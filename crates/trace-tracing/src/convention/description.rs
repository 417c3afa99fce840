//! The description of a span that is about to start.

use std::borrow::Cow;

use trace_core::{AttributeValue, SpanStatus};
use trace_http::{scrub_path, scrub_query, scrub_url};
use tracing_core::Metadata;

use super::missing::Missing;
use super::operation::{Kind, Signs, operation, origin};
use super::{FieldUse, field_use, status, without_literals};

/// Everything that is known of a span when it starts.
#[derive(Debug, PartialEq)]
pub(crate) struct Description {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) name: Cow<'static, str>,
    pub(crate) origin: &'static str,
    pub(crate) status: Option<SpanStatus>,
    pub(crate) attributes: Vec<(Cow<'static, str>, AttributeValue)>,
    pub(crate) tags: Vec<(&'static str, String)>,
    /// `true` if somebody holds the span after its work.
    pub(crate) is_held: bool,
}

impl Description {
    /// Describes a span by its metadata and its fields.
    #[inline]
    pub(crate) fn new(
        metadata: &'static Metadata<'static>,
        mut fields: Vec<(&'static str, AttributeValue)>,
    ) -> Self {
        let missing = Missing::of(metadata.target(), metadata.name());
        if let Some(missing) = missing {
            missing.add_to(&mut fields);
        }
        let mut described = Self {
            operation: Cow::Borrowed("function"),
            name: Cow::Borrowed(metadata.name()),
            origin: "auto.function.tracing",
            status: None,
            attributes: Vec::new(),
            tags: Vec::new(),
            is_held: missing.is_some_and(|missing| missing.is_held),
        };
        if !fields.is_empty() {
            described.read(fields);
        }
        described
    }

    fn read(&mut self, fields: Vec<(&'static str, AttributeValue)>) {
        self.attributes.reserve(fields.len());
        let (mut code, mut has_signs) = (None, false);
        let (mut own_name, mut own_operation) = (None, None);
        for (name, value) in fields {
            match field_use(name) {
                FieldUse::Own => self.set(name, value),
                FieldUse::Attribute(name) => {
                    has_signs = true;
                    self.status = status::of_attribute(name, &value).or(self.status);
                    self.set(name, cleaned(name, value));
                }
                FieldUse::Tag(name) => self.tags.push((name, value.to_string())),
                FieldUse::Name => own_name = text(value),
                FieldUse::Operation => own_operation = text(value),
                FieldUse::StatusCode => code = Some(value),
                FieldUse::Ignored => {}
            }
        }
        if let Some(code) = code {
            self.status = status::of_code(&code, self.status).or(self.status);
        }
        let is_named = has_signs && self.apply_signs();
        if has_signs || own_operation.is_some() {
            self.operation = own_operation.unwrap_or(std::mem::take(&mut self.operation));
            self.origin = origin(&self.operation);
        }
        if let Some(name) = own_name.filter(|name| !(is_named && self.is_method(name))) {
            self.name = name;
        }
    }

    /// Describes a span by its attributes alone. Its name is empty if they tell none.
    pub(super) fn of_attributes(attributes: Vec<(Cow<'static, str>, AttributeValue)>) -> Self {
        let mut described = Self {
            operation: "function".into(),
            name: "".into(),
            origin: "auto.function.tracing",
            status: None,
            attributes,
            tags: Vec::new(),
            is_held: false,
        };
        let _has_name = described.apply_signs();
        described.origin = origin(&described.operation);
        described
    }

    /// Sets the operation, and the name if the attributes tell one. Returns whether they do.
    fn apply_signs(&mut self) -> bool {
        let text = |name| self.attribute(name).and_then(AttributeValue::as_str);
        let has = |names: &[&str]| names.iter().any(|name| self.attribute(name).is_some());
        let signs = Signs {
            kind: text("otel.kind").map(Kind::parse).unwrap_or_default(),
            http_method: text("http.request.method"),
            db_system: text("db.system.name"),
            db_operation: text("db.operation.name"),
            has_query: has(&["db.query.text"]),
            rpc_system: text("rpc.system.name"),
            has_rpc: has(&["rpc.system.name", "rpc.service", "rpc.method"]),
            messaging_operation: text("messaging.operation.type"),
            has_messaging: has(&[
                "messaging.system",
                "messaging.destination.name",
                "messaging.operation.type",
            ]),
        };
        let operation = operation(&signs);
        let name = match operation {
            "db.query" | "db.redis" => text("db.query.text").map(str::to_owned),
            "rpc" | "grpc.server" | "grpc.client" => match (text("rpc.service"), text("rpc.method")) {
                (Some(service), Some(method)) => Some(format!("{service}/{method}")),
                _ => None,
            },
            "http" | "http.server" | "http.client" => {
                let place = text("http.route").filter(|route| !route.is_empty());
                let place =
                    place.or_else(|| text("url.full")?.split('?').next()).or_else(|| text("url.path"));
                signs
                    .http_method
                    .zip(place.or_else(|| text("server.address")))
                    .map(|(method, place)| format!("{method} {place}"))
            }
            _ if signs.has_messaging => text("messaging.destination.name").map(str::to_owned),
            _ => None,
        };
        self.operation = operation.into();
        let name = name.filter(|name| !name.is_empty());
        let is_named = name.is_some();
        self.name = name.map_or(std::mem::take(&mut self.name), Cow::Owned);
        is_named
    }

    /// Returns whether a name of an exchange is its method alone, as some crates have it where they know no route.
    fn is_method(&self, name: &str) -> bool {
        self.operation.starts_with("http.")
            && self.attribute("http.request.method").and_then(AttributeValue::as_str) == Some(name)
    }

    /// Sets an attribute. Two fields may have become one attribute.
    fn set(&mut self, name: &'static str, value: AttributeValue) {
        match self.attributes.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.attributes.push((name.into(), value)),
        }
    }

    fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find_map(|(found, value)| (found == name).then_some(value))
    }

    /// Adds the place in the source.
    pub(crate) fn add_place(&mut self, metadata: &'static Metadata<'static>) {
        if let Some(module) = metadata.module_path() {
            self.attributes.push(("code.module.name".into(), AttributeValue::from_static(module)));
        }
        if let Some(file) = metadata.file() {
            self.attributes.push(("code.file.path".into(), AttributeValue::from_static(file)));
        }
        if let Some(line) = metadata.line() {
            self.attributes.push(("code.line.number".into(), line.into()));
        }
    }
}

/// Returns a value as it may be recorded: a query without literals, and a URL without credentials and secrets.
pub(super) fn cleaned(name: &str, value: AttributeValue) -> AttributeValue {
    match (name, value) {
        ("db.query.text", AttributeValue::Text(query)) => without_literals(&query).into(),
        ("url.full" | "http.target", AttributeValue::Text(url)) => scrub_url(&url).into(),
        ("url.path", AttributeValue::Text(path)) => scrub_path(&path).into_owned().into(),
        ("url.query", AttributeValue::Text(query)) => scrub_query(&query).into(),
        (_, value) => value,
    }
}

/// Returns a text that is not empty.
pub(super) fn text(value: AttributeValue) -> Option<Cow<'static, str>> {
    match value {
        AttributeValue::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
