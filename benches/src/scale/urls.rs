//! URLs of many bytes, and many targets.

use trace_client::Target;

use super::filled;
use crate::inputs::{OTHER_URL, TARGETS};

/// A URL with a query of many parameters, of the same host as [`OTHER_URL`].
pub(super) fn of_length(length: usize) -> String {
    filled(OTHER_URL, length, |_| "&a%20b=c".to_owned())
}

/// So many texts, none of which [`OTHER_URL`] holds.
pub(super) fn texts(number: usize) -> Vec<String> {
    let others = (TARGETS.len()..number).map(|place| format!("service-{place}.internal"));
    TARGETS.into_iter().map(str::to_owned).chain(others).take(number).collect()
}

pub(super) fn substrings() -> Vec<Target> {
    TARGETS.map(Target::substring).to_vec()
}

/// A pattern that begins to match at each parameter of the query.
pub(super) fn regex() -> Target {
    Target::regex("[a-z]+%20[a-z]+=[0-9]")
}

pub(super) fn host() -> Target {
    Target::host("inventory.internal")
}

/// A target that [`OTHER_URL`] matches, and a stranger's as well.
pub(super) fn lenient() -> Target {
    Target::substring("warehouse.example.org")
}

/// So many targets of all kinds, none of which [`OTHER_URL`] matches.
pub(super) fn of_every_kind(number: usize) -> Vec<Target> {
    let target = |place| {
        let host = format!("service-{place}.internal");
        match place % 4 {
            0 => Target::host(host),
            1 => Target::url_prefix(format!("https://{host}/v1/")),
            2 => Target::substring(host),
            _ => Target::regex(format!("^https://({host}|www{place})/")),
        }
    };
    (0..number).map(target).collect()
}
