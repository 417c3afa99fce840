//! Whether a text or a regular expression can match the URLs that it seems to be meant for.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::automaton::{States, Urls};
use super::mistake::Mistake;
use super::symbol::{NON_ASCII, symbol};

/// What is wrong with a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// Whether it matches no URL at all.
    pub(super) is_dead: bool,
    /// What it would take to match, all of it. Nothing if that is unknown.
    pub(super) mistakes: Vec<Mistake>,
}

/// What keeps a pattern from matching any URL; `None` if it can match one.
pub(super) fn dead(pattern: &Hir) -> Option<Vec<Mistake>> {
    // Clients differ in what they encode, and a scheme may be anybody's own.
    let lenient = Urls { mistakes: vec![Mistake::NonAscii, Mistake::OtherScheme] };
    let can_match = !run(&lenient, pattern, &lenient.everywhere()).is_empty();
    (!can_match).then(|| mistakes(pattern))
}

/// What is wrong with a pattern that can match no URL, or only by accident: where a path or a query holds what is meant as
/// a scheme, a host or a port.
pub(super) fn finding(pattern: &Hir) -> Option<Finding> {
    let urls = Urls::default();
    if matches(&urls, pattern, &urls.in_origin()) {
        return None;
    }
    let is_dead = dead(pattern).is_some();
    let can_match = matches(&urls, pattern, &urls.everywhere());
    let mistakes = if can_match { needed(pattern, Urls::in_origin) } else { mistakes(pattern) };
    (is_dead || !mistakes.is_empty()).then_some(Finding { is_dead, mistakes })
}

/// The patterns that a pattern consists of: for each alternative, the pattern with this one alone. None without
/// alternatives.
pub(super) fn alternatives(pattern: &Hir) -> Vec<Hir> {
    let pattern = without_group(pattern);
    let HirKind::Concat(parts) = pattern.kind() else {
        return branches(pattern).to_vec();
    };
    let with = |place: usize, branch: &Hir| {
        let parts = parts.iter().enumerate();
        Hir::concat(parts.map(|(at, part)| if at == place { branch } else { part }.clone()).collect())
    };
    let places = parts.iter().enumerate();
    places.flat_map(|(place, part)| branches(part).iter().map(move |branch| with(place, branch))).collect()
}

fn branches(pattern: &Hir) -> &[Hir] {
    match without_group(pattern).kind() {
        HirKind::Alternation(branches) => branches,
        _ => &[],
    }
}

fn without_group(pattern: &Hir) -> &Hir {
    match pattern.kind() {
        HirKind::Capture(group) => without_group(&group.sub),
        _ => pattern,
    }
}

/// What it would take to match where an origin is meant, else anywhere.
fn mistakes(pattern: &Hir) -> Vec<Mistake> {
    let in_origin = needed(pattern, Urls::in_origin);
    if in_origin.is_empty() { needed(pattern, Urls::everywhere) } else { in_origin }
}

/// A smallest set of mistakes with which a pattern matches, if there is one.
fn needed(pattern: &Hir, from: impl Fn(&Urls) -> States) -> Vec<Mistake> {
    let mut urls = Urls { mistakes: Mistake::ALL.to_vec() };
    if !matches(&urls, pattern, &from(&urls)) {
        return Vec::new();
    }
    for mistake in Mistake::ALL {
        let mut fewer = urls.clone();
        fewer.mistakes.retain(|other| *other != mistake);
        if matches(&fewer, pattern, &from(&fewer)) {
            urls = fewer;
        }
    }
    urls.mistakes
}

fn matches(urls: &Urls, pattern: &Hir, from: &States) -> bool {
    run(urls, pattern, from).iter().any(|state| urls.is_plain_end(*state))
}

/// Where in a URL a match can end that begins at one of these states.
fn run(urls: &Urls, pattern: &Hir, from: &States) -> States {
    if from.is_empty() {
        return States::new();
    }
    match pattern.kind() {
        HirKind::Empty => from.clone(),
        HirKind::Literal(literal) => {
            literal.0.iter().fold(from.clone(), |states, byte| urls.step(&states, *byte))
        }
        HirKind::Class(class) => urls.step_any(from, &symbols(class)),
        HirKind::Look(look) => match look {
            Look::Start | Look::StartLF | Look::StartCRLF => urls.at_start(from),
            Look::End | Look::EndLF | Look::EndCRLF => urls.at_end(from),
            // The boundaries of words, which depend on two characters, count as if they were everywhere.
            _ => from.clone(),
        },
        HirKind::Repetition(repetition) => repeat(urls, repetition, from),
        HirKind::Capture(group) => run(urls, &group.sub, from),
        HirKind::Concat(parts) => parts.iter().fold(from.clone(), |states, part| run(urls, part, &states)),
        HirKind::Alternation(branches) => {
            branches.iter().flat_map(|branch| run(urls, branch, from)).collect()
        }
    }
}

fn repeat(urls: &Urls, repetition: &Repetition, from: &States) -> States {
    let Repetition { min, max, sub, .. } = repetition;
    let mut states = from.clone();
    for _ in 0..*min {
        let next = run(urls, sub, &states);
        if next == states {
            break;
        }
        states = next;
    }
    for _ in *min..max.unwrap_or(u32::MAX) {
        let before = states.len();
        let next = run(urls, sub, &states);
        states.extend(next);
        if states.len() == before {
            break;
        }
    }
    states
}

/// One symbol for each kind of characters in a class.
fn symbols(class: &Class) -> Vec<u8> {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => {
            class.ranges().iter().map(|it| (it.start().into(), it.end().into())).collect()
        }
        Class::Bytes(class) => class.ranges().iter().map(|it| (it.start().into(), it.end().into())).collect(),
    };
    let holds = |byte: u8| ranges.iter().any(|(start, end)| (*start..=*end).contains(&byte.into()));
    let is_beyond_ascii = ranges.iter().any(|(_, end)| *end >= 0x80);
    let mut symbols: Vec<u8> = (0..0x80).filter(|byte| holds(*byte)).map(symbol).collect();
    symbols.extend(is_beyond_ascii.then_some(NON_ASCII));
    symbols.sort_unstable();
    symbols.dedup();
    symbols
}
