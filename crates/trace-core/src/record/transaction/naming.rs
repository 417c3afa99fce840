//! What a transaction is called while it runs, and who may still change that.

use crate::http::grpc;
use crate::record::{NameSource, TransactionName};

/// The name of a running transaction. What the application says always counts; a route or an answer as gRPC only improves
/// a name that a layer chose.
#[derive(Debug, Default)]
pub(super) struct Naming {
    name: TransactionName,
    /// Whether the application set the name.
    is_set: bool,
    /// The path of a request that claims to be gRPC, until a status has shown that it is.
    claimed_path: Option<String>,
    /// Whether the head of the answer says so, too.
    is_grpc: bool,
}

impl Naming {
    pub(super) fn new(name: TransactionName) -> Self {
        Self { name, is_set: false, claimed_path: None, is_grpc: false }
    }

    pub(super) fn name(&self) -> &TransactionName {
        &self.name
    }

    /// Sets the name that the application chose.
    pub(super) fn set(&mut self, name: TransactionName) {
        (self.name, self.is_set) = (name, true);
    }

    /// Whether a route would be a better name.
    pub(super) fn lacks_route(&self) -> bool {
        !self.is_set && self.name.source() == NameSource::Url
    }

    /// Sets the name of a route. Returns whether it is better than the one before.
    pub(super) fn set_route(&mut self, name: TransactionName) -> bool {
        let is_better = self.lacks_route();
        if is_better {
            self.name = name;
        }
        is_better
    }

    /// Notes that the request claims to be gRPC.
    pub(super) fn claim_grpc(&mut self, path: String) {
        self.claimed_path = Some(path);
    }

    /// Notes an answer of gRPC, with its status once there is one. The path of a method that exists is a route. Returns
    /// whether it is a better name than the one before.
    pub(super) fn answer_grpc(&mut self, code: Option<u32>) -> bool {
        self.is_grpc = true;
        let Some((path, code)) = self.claimed_path.take_if(|_| code.is_some()).zip(code) else {
            return false;
        };
        let is_better = code != grpc::UNIMPLEMENTED && (self.lacks_route() || self.is_only_wildcard());
        if is_better {
            self.name = TransactionName::route(path);
        }
        is_better
    }

    /// Whether the route knows the service at most, as that of tonic's routers does: `/shop.Orders/{*rest}`.
    fn is_only_wildcard(&self) -> bool {
        let last = self.name.as_str().rsplit('/').next().unwrap_or_default();
        !self.is_set && self.name.source() == NameSource::Route && last.starts_with("{*")
    }

    /// The name at the end. A request that was not answered as gRPC is called as any other `POST`.
    pub(super) fn into_name(self) -> TransactionName {
        match self.claimed_path {
            Some(path)
                if !self.is_set && !self.is_grpc && self.name == TransactionName::url(path.clone()) =>
            {
                TransactionName::url(["POST ", &path].concat())
            }
            _ => self.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy)]
    enum Step {
        Set(&'static str),
        Route(&'static str),
        Claim,
        Answer(Option<u32>),
    }

    use Step::{Answer, Claim, Route, Set};

    #[test]
    fn the_best_name_wins_and_the_application_has_the_last_word() {
        let path = || TransactionName::url("/shop.Orders/Get");
        let plain = || TransactionName::url("GET /orders/17");
        let wildcard = || TransactionName::route("POST /shop.Orders/{*rest}");
        let method = || TransactionName::route("/shop.Orders/Get");
        let table: [(&str, TransactionName, &[Step], TransactionName); 16] = [
            ("a path", plain(), &[], plain()),
            (
                "an inner route",
                plain(),
                &[Route("GET /orders/{id}")],
                TransactionName::route("GET /orders/{id}"),
            ),
            ("an outer route", wildcard(), &[Route("POST /other")], wildcard()),
            (
                "a set name, then a route",
                plain(),
                &[Set("mine"), Route("GET /")],
                TransactionName::custom("mine"),
            ),
            (
                "a route, then a set name",
                plain(),
                &[Route("GET /"), Set("mine")],
                TransactionName::custom("mine"),
            ),
            ("claimed", path(), &[Claim], TransactionName::url("POST /shop.Orders/Get")),
            ("claimed and answered", path(), &[Claim, Answer(Some(0))], method()),
            ("claimed, unimplemented", path(), &[Claim, Answer(Some(12))], path()),
            ("claimed and answered without a status", path(), &[Claim, Answer(None)], path()),
            (
                "claimed and answered, then a status",
                path(),
                &[Claim, Answer(None), Answer(Some(5))],
                method(),
            ),
            ("answered without a claim", plain(), &[Answer(Some(0))], plain()),
            ("claimed, matched", wildcard(), &[Claim], wildcard()),
            ("claimed, matched by a wildcard and answered", wildcard(), &[Claim, Answer(Some(0))], method()),
            (
                "claimed, matched by a wildcard, unimplemented",
                wildcard(),
                &[Claim, Answer(Some(12))],
                wildcard(),
            ),
            (
                "claimed, matched and answered",
                TransactionName::route("POST /orders/{id}"),
                &[Claim, Answer(Some(0))],
                TransactionName::route("POST /orders/{id}"),
            ),
            (
                "claimed, set and answered",
                path(),
                &[Claim, Set("mine"), Answer(Some(0))],
                TransactionName::custom("mine"),
            ),
        ];
        for (case, first, steps, expected) in table {
            let mut naming = Naming::new(first);
            for step in steps {
                match *step {
                    Set(name) => naming.set(TransactionName::custom(name)),
                    Route(name) => _ = naming.set_route(TransactionName::route(name)),
                    Claim => naming.claim_grpc("/shop.Orders/Get".to_owned()),
                    Answer(code) => _ = naming.answer_grpc(code),
                }
            }
            assert_eq!(naming.into_name(), expected, "{case}");
        }
    }
}
