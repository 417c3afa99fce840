//! What crates do not tell in fields, but by the names of their spans.

use trace_core::AttributeValue;

/// The facts that a span lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Fields that the span would have.
    pub(crate) fields: &'static [(&'static str, &'static str)],
    /// The field that is the name of the span.
    pub(crate) name: Option<&'static str>,
}

const NOTHING: Missing = Missing { fields: &[], name: None };

impl Missing {
    /// Adds what is missing to the fields of a span.
    pub(crate) fn add_to(self, fields: &mut Vec<(&'static str, AttributeValue)>) {
        fields.extend(self.fields.iter().map(|(name, value)| (*name, AttributeValue::from_static(value))));
        let name =
            fields.iter().find_map(|(found, value)| (Some(*found) == self.name).then(|| value.clone()));
        fields.extend(name.map(|name| ("otel.name", name)));
    }

    /// Returns what is missing in a span with this target and this name.
    #[inline]
    pub(crate) fn of(target: &str, name: &str) -> Self {
        if let Some(method) = name.strip_prefix("sea_orm.") {
            of_sea_orm(method)
        } else if target == "async_graphql::graphql" {
            of_async_graphql(name)
        } else if name == "fred.command" {
            Self { fields: &[("db.system.name", "redis")], ..NOTHING }
        } else if name == "RPC" && target.starts_with("tarpc::") {
            Self { fields: &[("rpc.system.name", "tarpc")], ..NOTHING }
        } else {
            NOTHING
        }
    }
}

/// The `db.operation` of these is `EXECUTE`.
fn of_sea_orm(method: &str) -> Missing {
    let fields: &[_] = match method {
        "begin" => &[("db.operation.name", "BEGIN")],
        "commit" => &[("db.operation.name", "COMMIT")],
        "rollback" => &[("db.operation.name", "ROLLBACK")],
        _ => &[],
    };
    Missing { fields, name: None }
}

fn of_async_graphql(name: &str) -> Missing {
    let fields: &[_] = match name {
        "parse" => &[("sentry.op", "graphql.parse")],
        "validation" => &[("sentry.op", "graphql.validate")],
        "execute" => &[("sentry.op", "graphql.execute")],
        "field" => &[("sentry.op", "graphql.resolve")],
        "subscribe" => &[("sentry.op", "graphql.subscription")],
        _ => &[("sentry.op", "graphql")],
    };
    Missing { fields, name: (name == "field").then_some("path") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_fields_do_not() {
        type Fields = &'static [(&'static str, &'static str)];
        let table: [(&str, &str, Fields, Option<&str>); 10] = [
            ("sea_orm::database::transaction", "sea_orm.begin", &[("db.operation.name", "BEGIN")], None),
            ("sea_orm::database::transaction", "sea_orm.commit", &[("db.operation.name", "COMMIT")], None),
            (
                "sea_orm::database::transaction",
                "sea_orm.rollback",
                &[("db.operation.name", "ROLLBACK")],
                None,
            ),
            ("sea_orm::database::db_connection", "sea_orm.execute", &[], None),
            ("async_graphql::graphql", "request", &[("sentry.op", "graphql")], None),
            ("async_graphql::graphql", "field", &[("sentry.op", "graphql.resolve")], Some("path")),
            ("fred::trace::enabled", "fred.command", &[("db.system.name", "redis")], None),
            ("tarpc::client", "RPC", &[("rpc.system.name", "tarpc")], None),
            ("shop", "RPC", &[], None),
            ("shop", "field", &[], None),
        ];
        for (target, name, fields, naming) in table {
            assert_eq!(Missing::of(target, name), Missing { fields, name: naming }, "{target} {name}");
        }
    }
}
