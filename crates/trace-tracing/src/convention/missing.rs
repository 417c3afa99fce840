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

/// The start of the names of sea-orm's spans.
const SEA_ORM: &str = "sea_orm.";

/// The name of the spans of fred's commands.
const FRED: &str = "fred.command";

/// The name of the spans of tarpc's calls.
const TARPC: &str = "RPC";

/// The target of the spans of async-graphql.
const ASYNC_GRAPHQL: &str = "async_graphql::graphql";

const NOTHING: Missing = Missing { fields: &[], name: None, is_held: false };

impl Missing {
    /// Returns what is missing in a span with this target and this name; `None` if nothing is.
    #[inline]
    pub(crate) fn of(target: &str, name: &str) -> Option<Self> {
        // Few comparisons, since all other spans pay for them.
        let is_known = name.starts_with(SEA_ORM) || name == FRED || name == TARPC || target == ASYNC_GRAPHQL;
        if is_known { Self::look_up(target, name) } else { None }
    }

    #[cold]
    fn look_up(target: &str, name: &str) -> Option<Self> {
        if let Some(method) = name.strip_prefix(SEA_ORM) {
            of_sea_orm(method)
        } else if target == ASYNC_GRAPHQL {
            Some(of_async_graphql(name))
        } else if name == FRED {
            Some(Self { fields: &[("db.system.name", "redis")], is_held: true, ..NOTHING })
        } else {
            let of_tarpc = Self { fields: &[("rpc.system.name", "tarpc")], is_held: true, ..NOTHING };
            target.starts_with("tarpc::").then_some(of_tarpc)
        }
    }

    /// Adds what is missing to the fields of a span.
    pub(crate) fn add_to(self, fields: &mut Vec<(&'static str, AttributeValue)>) {
        fields.extend(self.fields.iter().map(|(name, value)| (*name, AttributeValue::from_static(value))));
        if let Some(naming) = self.name {
            let name = fields.iter().find_map(|(found, value)| (*found == naming).then(|| value.clone()));
            fields.extend(name.map(|name| ("otel.name", name)));
        }
    }
}

/// The `db.operation` of these is `EXECUTE`.
fn of_sea_orm(method: &str) -> Option<Missing> {
    let fields: &[_] = match method {
        "begin" => &[("db.operation.name", "BEGIN")],
        "commit" => &[("db.operation.name", "COMMIT")],
        "rollback" => &[("db.operation.name", "ROLLBACK")],
        _ => return None,
    };
    Some(Missing { fields, ..NOTHING })
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
            let expected = (!fields.is_empty()).then_some((fields, naming));
            assert_eq!(missing.map(|missing| (missing.fields, missing.name)), expected, "{target} {name}");
        }
    }
}
