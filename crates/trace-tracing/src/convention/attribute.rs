//! The use of each field: which become attributes, and under which name.

/// The use of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldUse {
    /// It is an attribute of the application, of its own name.
    Own,
    /// It is an attribute of this name, which may tell something of the span.
    Attribute(&'static str),
    /// It is a tag of this name.
    Tag(&'static str),
    /// It is the name of the span.
    Name,
    /// It is the operation of the span.
    Operation,
    /// It is the status of the span: `ok` or `error`.
    StatusCode,
    /// It is not recorded.
    Ignored,
}

/// Returns the use of a field.
///
/// Older names of OpenTelemetry's become the current ones. A name that begins with `sentry.` is one of Sentry's own, which a
/// field must not overwrite, and one that begins with `log.` is from `tracing-log`, which puts the place there that we have
/// from the metadata.
pub(crate) fn field_use(name: &'static str) -> FieldUse {
    // Most fields, and so first: in row `tracing-fields20` it saves 50 instructions a field.
    if !name.as_bytes().contains(&b'.') {
        return match name {
            "error" => FieldUse::Attribute(name),
            "folded_spans" | "refused_spans" => FieldUse::Ignored,
            _ => FieldUse::Own,
        };
    }
    let renamed = match name {
        "otel.name" | "sentry.name" => return FieldUse::Name,
        "sentry.op" => return FieldUse::Operation,
        "otel.status_code" => return FieldUse::StatusCode,
        "code.file.path" | "code.line.number" | "code.module.name" => return FieldUse::Ignored,
        "db.system" => "db.system.name",
        "db.statement" => "db.query.text",
        "db.operation" => "db.operation.name",
        "db.name" => "db.namespace",
        "db.sql.table" => "db.collection.name",
        "http.method" => "http.request.method",
        "http.status_code" => "http.response.status_code",
        "http.url" => "url.full",
        "http.scheme" => "url.scheme",
        "http.flavor" => "network.protocol.version",
        "http.client_ip" => "client.address",
        "http.user_agent" => "user_agent.original",
        "rpc.system" => "rpc.system.name",
        "rpc.grpc.status_code" => "rpc.response.status_code",
        "messaging.destination" => "messaging.destination.name",
        "messaging.operation" => "messaging.operation.type",
        _ if name.starts_with("sentry.") || name.starts_with("log.") => return FieldUse::Ignored,
        _ => match name.strip_prefix("tags.") {
            Some("") => return FieldUse::Ignored,
            Some(tag) => return FieldUse::Tag(tag),
            None => name,
        },
    };
    FieldUse::Attribute(renamed)
}

#[cfg(test)]
mod tests {
    use super::FieldUse::{Attribute, Ignored, Name, Operation, Own, StatusCode, Tag};
    use super::field_use;

    #[test]
    fn a_field_is_an_attribute_unless_it_means_something_else() {
        let table = [
            ("user_id", Own),
            ("error", Attribute("error")),
            ("http.method", Attribute("http.request.method")),
            ("http.route", Attribute("http.route")),
            ("db.statement", Attribute("db.query.text")),
            ("db.query.text", Attribute("db.query.text")),
            ("otel.kind", Attribute("otel.kind")),
            ("otel.status_description", Attribute("otel.status_description")),
            ("otel.name", Name),
            ("sentry.name", Name),
            ("sentry.op", Operation),
            ("otel.status_code", StatusCode),
            ("tags.plan", Tag("plan")),
            ("tags", Own),
            ("tags.", Ignored),
            ("sentry.origin", Ignored),
            ("sentry.sample_rate", Ignored),
            ("sentry.trace", Ignored),
            ("code.line.number", Ignored),
            ("folded_spans", Ignored),
            ("refused_spans", Ignored),
            ("log.target", Ignored),
        ];
        for (name, expected) in table {
            assert_eq!(field_use(name), expected, "{name}");
        }
    }
}
