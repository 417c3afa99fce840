//! What spans of some crates do not tell in fields, so that it has to be known.

use trace_core::AttributeValue;

/// The facts that a span lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Fields that the span would have.
    pub(crate) fields: &'static [(&'static str, &'static str)],
    /// The field that is the name of the span.
    pub(crate) name: Option<&'static str>,
    /// `true` if a task of the crate holds the span after its work, when the request may be over.
    pub(crate) is_held: bool,
}

const NOTHING: Missing = Missing { fields: &[], name: None, is_held: false };

impl Missing {
    /// Adds what is missing to the fields of a span.
    pub(crate) fn add_to(self, fields: &mut Vec<(&'static str, AttributeValue)>) {
        fields.extend(self.fields.iter().map(|(name, value)| (*name, AttributeValue::from_static(value))));
        if let Some(naming) = self.name {
            let name = fields.iter().find_map(|(found, value)| (*found == naming).then(|| value.clone()));
            fields.extend(name.map(|name| ("otel.name", name)));
        }
    }

    /// Returns what is missing in a span with this target and this name.
    #[inline]
    pub(crate) fn of(target: &str, name: &str) -> Self {
        if let Some(method) = name.strip_prefix("sea_orm.") {
            of_sea_orm(method)
        } else if target == "async_graphql::graphql" {
            of_async_graphql(name)
        } else if name == "fred.command" {
            Self { fields: &[("db.system.name", "redis")], is_held: true, ..NOTHING }
        } else if name == "RPC" && target.starts_with("tarpc::") {
            Self { fields: &[("rpc.system.name", "tarpc")], is_held: true, ..NOTHING }
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
    Missing { fields, ..NOTHING }
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
    Missing { fields, name: (name == "field").then_some("path"), ..NOTHING }
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
            let missing = Missing::of(target, name);
            assert_eq!((missing.fields, missing.name), (fields, naming), "{target} {name}");
        }
    }
}
