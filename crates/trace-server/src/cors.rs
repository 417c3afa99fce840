//! Lists of header names for a CORS layer.

use http::HeaderName;

/// Returns the names without repetitions, in their order.
pub(crate) fn union(names: impl IntoIterator<Item = HeaderName>) -> Vec<HeaderName> {
    let mut union = Vec::new();
    for name in names {
        if !union.contains(&name) {
            union.push(name);
        }
    }
    union
}
