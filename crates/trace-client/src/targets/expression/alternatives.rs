//! The alternatives of a regular expression, which are analyzed one by one.

use regex_syntax::hir::{Hir, HirKind};

/// The maximum number of alternatives that are reported. If several groups have alternatives, also the maximum number
/// that is analyzed, because each is as long as the pattern.
pub(super) const MOST: usize = 32;

/// Returns one pattern for each alternative: the pattern with only this alternative. The result is empty if there are
/// no alternatives. If several groups have alternatives, the number is [limited](MOST).
pub(super) fn alternatives(pattern: &Hir) -> Vec<Hir> {
    let pattern = without_group(pattern);
    let HirKind::Concat(parts) = pattern.kind() else {
        return branches(pattern).to_vec();
    };
    let with = |place: usize, branch: &Hir| {
        let parts = parts.iter().enumerate();
        Hir::concat(parts.map(|(at, part)| if at == place { branch } else { part }.clone()).collect())
    };
    let has_several = parts.iter().filter(|part| !branches(part).is_empty()).nth(1).is_some();
    let places = parts.iter().enumerate();
    let places = places.flat_map(|(place, part)| branches(part).iter().map(move |branch| (place, branch)));
    let most = if has_several { MOST } else { usize::MAX };
    places.take(most).map(|(place, branch)| with(place, branch)).collect()
}

fn branches(pattern: &Hir) -> &[Hir] {
    match without_group(pattern).kind() {
        HirKind::Alternation(branches) => branches,
        _ => &[],
    }
}

/// Returns the content of a pattern that is a group.
pub(super) fn without_group(pattern: &Hir) -> &Hir {
    match pattern.kind() {
        HirKind::Capture(group) => without_group(&group.sub),
        _ => pattern,
    }
}
