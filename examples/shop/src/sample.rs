//! A small report for the tests of the drawings, with text that would break out of HTML.

use crate::report::Report;

pub(crate) fn report() -> Report {
    serde_json::from_str(include_str!("sample.json")).unwrap()
}
