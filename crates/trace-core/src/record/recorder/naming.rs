//! The name of a transaction while it runs, and the rules by which it changes.

use crate::record::{NameSource, TransactionName};

/// The name of a running transaction. A name from the application always wins. A route only replaces a raw path that a
/// layer chose.
#[derive(Debug, Default)]
pub(super) struct Naming {
    name: TransactionName,
    /// `true` if the application set the name.
    is_set: bool,
}

impl Naming {
    pub(super) fn new(name: TransactionName) -> Self {
        Self { name, is_set: false }
    }

    pub(super) fn name(&self) -> &TransactionName {
        &self.name
    }

    /// Returns the final name.
    pub(super) fn into_name(self) -> TransactionName {
        self.name
    }

    /// Sets the name that the application chose.
    pub(super) fn set(&mut self, name: TransactionName) {
        (self.name, self.is_set) = (name, true);
    }

    /// Returns whether a route would be a better name.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Step {
        Set(TransactionName),
        Route(&'static str),
    }

    use Step::{Route, Set};

    #[test]
    fn the_best_name_wins_and_the_application_has_the_last_word() {
        let (path, mine) = (TransactionName::url("POST /files/17"), TransactionName::custom("mine"));
        let (wildcard, raw) = (TransactionName::route("POST /files/{*rest}"), TransactionName::url("raw"));
        let route = TransactionName::route;
        let table = [
            ("a path", &path, vec![], path.clone()),
            ("a route", &path, vec![Route("POST /files/{id}")], route("POST /files/{id}")),
            ("the first of two routes", &path, vec![Route("/a"), Route("/b")], route("/a")),
            ("a matched route", &wildcard, vec![Route("POST /other")], wildcard.clone()),
            ("a set name, then a route", &path, vec![Set(mine.clone()), Route("/a")], mine.clone()),
            ("a raw name that was set, then a route", &path, vec![Set(raw.clone()), Route("/a")], raw),
            ("a route, then a set name", &path, vec![Route("/a"), Set(mine.clone())], mine.clone()),
            ("a matched route, then a set name", &wildcard, vec![Set(mine.clone())], mine),
        ];
        for (case, first, steps, expected) in table {
            let mut naming = Naming::new(first.clone());
            for step in steps {
                match step {
                    Set(name) => naming.set(name),
                    Route(name) => _ = naming.set_route(TransactionName::route(name)),
                }
            }
            assert_eq!(naming.into_name(), expected, "{case}");
        }
    }
}
