//! The kind of work that a span describes.

/// The span's part in an exchange between services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    /// Work within the service.
    #[default]
    Internal,
    /// The service answers a request.
    Server,
    /// The service sends a request.
    Client,
    /// The service sends a message.
    Producer,
    /// The service processes a message.
    Consumer,
}

impl Kind {
    /// Reads `otel.kind`, in any case of letters.
    pub(crate) fn parse(text: &str) -> Self {
        let kinds = [
            ("server", Self::Server),
            ("client", Self::Client),
            ("producer", Self::Producer),
            ("consumer", Self::Consumer),
        ];
        let found = kinds.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
        found.map_or(Self::Internal, |(_, kind)| *kind)
    }
}

/// The attributes that tell the kind of work.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Signs<'a> {
    pub(crate) kind: Kind,
    pub(crate) http_method: Option<&'a str>,
    pub(crate) db_system: Option<&'a str>,
    pub(crate) db_operation: Option<&'a str>,
    pub(crate) has_query: bool,
    pub(crate) rpc_system: Option<&'a str>,
    pub(crate) has_rpc: bool,
    pub(crate) messaging_operation: Option<&'a str>,
    pub(crate) has_messaging: bool,
}

/// Returns the operation.
pub(crate) fn operation(signs: &Signs<'_>) -> &'static str {
    if signs.has_query || signs.db_system.is_some() || signs.db_operation.is_some() {
        database(signs)
    } else if signs.has_rpc {
        match (signs.kind, signs.rpc_system) {
            (Kind::Server, Some("grpc")) => "grpc.server",
            (Kind::Client, Some("grpc")) => "grpc.client",
            _ => "rpc",
        }
    } else if signs.has_messaging {
        messaging(signs)
    } else if signs.http_method.is_some() {
        match signs.kind {
            Kind::Server => "http.server",
            Kind::Client => "http.client",
            Kind::Internal | Kind::Producer | Kind::Consumer => "http",
        }
    } else {
        "function"
    }
}

fn database(signs: &Signs<'_>) -> &'static str {
    const NO_QUERIES: [&str; 4] = ["begin", "commit", "rollback", "savepoint"];
    let is_query = |name: &str| !NO_QUERIES.iter().any(|other| name.eq_ignore_ascii_case(other));
    match signs.db_system {
        Some("redis") => "db.redis",
        _ if signs.has_query || signs.db_operation.is_some_and(is_query) => "db.query",
        _ => "db",
    }
}

fn messaging(signs: &Signs<'_>) -> &'static str {
    match signs.messaging_operation.unwrap_or_default() {
        "publish" | "send" => "queue.publish",
        "create" => "queue.create",
        "receive" => "queue.receive",
        "process" | "deliver" => "queue.process",
        "settle" | "ack" | "nack" => "queue.settle",
        _ => match signs.kind {
            Kind::Producer | Kind::Client => "queue.publish",
            Kind::Consumer | Kind::Server | Kind::Internal => "queue.process",
        },
    }
}

/// Returns the origin of a span with this operation.
pub(crate) fn origin(operation: &str) -> &'static str {
    match operation.split('.').next().unwrap_or_default() {
        "db" => "auto.db.tracing",
        "http" => "auto.http.tracing",
        "grpc" => "auto.grpc.tracing",
        "rpc" => "auto.rpc.tracing",
        "queue" => "auto.queue.tracing",
        _ => "auto.function.tracing",
    }
}

/// Returns whether a span describes the same exchange as its parent: two layers describe one request.
pub(crate) fn is_duplicate(operation: &str, parent: &str) -> bool {
    matches!(operation, "http.server" | "http.client" | "grpc.server" | "grpc.client") && operation == parent
        || matches!((operation, parent), ("grpc.server", "http.server") | ("grpc.client", "http.client"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operation_follows_from_the_attributes() {
        let http = Signs { http_method: Some("GET"), ..Signs::default() };
        let db = Signs { db_system: Some("sqlite"), ..Signs::default() };
        let rpc = Signs { has_rpc: true, rpc_system: Some("grpc"), ..Signs::default() };
        let queue = Signs { has_messaging: true, ..Signs::default() };
        let table = [
            (Signs::default(), "function"),
            (Signs { kind: Kind::Server, ..Signs::default() }, "function"),
            (http, "http"),
            (Signs { kind: Kind::Server, ..http }, "http.server"),
            (Signs { kind: Kind::Client, ..http }, "http.client"),
            (db, "db"),
            (Signs { has_query: true, ..db }, "db.query"),
            (Signs { db_operation: Some("SELECT"), ..db }, "db.query"),
            (Signs { db_operation: Some("Begin"), ..db }, "db"),
            (Signs { db_operation: Some("commit"), ..Signs::default() }, "db"),
            (Signs { db_system: Some("redis"), db_operation: Some("GET"), ..db }, "db.redis"),
            (Signs { http_method: Some("POST"), has_query: true, ..db }, "db.query"),
            (rpc, "rpc"),
            (Signs { kind: Kind::Server, ..rpc }, "grpc.server"),
            (Signs { kind: Kind::Client, ..rpc }, "grpc.client"),
            (Signs { kind: Kind::Client, rpc_system: Some("aws-api"), ..rpc }, "rpc"),
            (queue, "queue.process"),
            (Signs { kind: Kind::Producer, ..queue }, "queue.publish"),
            (Signs { messaging_operation: Some("receive"), ..queue }, "queue.receive"),
            (Signs { messaging_operation: Some("send"), ..queue }, "queue.publish"),
        ];
        for (signs, expected) in table {
            assert_eq!(operation(&signs), expected, "{signs:?}");
        }
    }

    #[test]
    fn kinds_are_read_in_any_case() {
        let table = [
            ("server", Kind::Server),
            ("Client", Kind::Client),
            ("PRODUCER", Kind::Producer),
            ("consumer", Kind::Consumer),
            ("internal", Kind::Internal),
            ("other", Kind::Internal),
        ];
        for (text, expected) in table {
            assert_eq!(Kind::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn one_exchange_is_one_span() {
        let table = [
            ("http.client", "http.client", true),
            ("http.server", "http.server", true),
            ("grpc.client", "http.client", true),
            ("http.client", "http.server", false),
            ("http.client", "function", false),
            ("function", "function", false),
            ("db.query", "db.query", false),
        ];
        for (operation, parent, expected) in table {
            assert_eq!(is_duplicate(operation, parent), expected, "{operation} in {parent}");
        }
    }
}
