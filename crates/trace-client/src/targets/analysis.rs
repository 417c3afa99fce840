//! The analysis of a text or a regular expression: whether it can match the URLs that it seems to be meant for.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::automaton::{Reading, Urls};
use super::mistake::Mistake;
use super::state::{State, States};
use super::symbol::{NON_ASCII, symbol};

/// The maximum number of alternatives that are reported. If several groups have alternatives, also the maximum number
/// that is analyzed, because each is as long as the pattern.
pub(super) const MOST: usize = 32;

/// The problem of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// `true` if the pattern matches no URL at all.
    pub(super) is_dead: bool,
    /// The mistakes, all of which have to be corrected before the pattern matches. Empty if they are unknown.
    pub(super) mistakes: Vec<Mistake>,
}

/// Returns the mistakes that keep a pattern from matching any URL, or `None` if it can match one.
pub(super) fn dead(pattern: &Hir) -> Option<Vec<Mistake>> {
    // Clients differ in what they encode, and an application may use a custom scheme.
    let mistakes = vec![Mistake::NonAscii, Mistake::OtherScheme];
    let lenient = Urls { reading: Reading::Literal, mistakes };
    let can_match = !run(&lenient, pattern, &lenient.starts()).is_empty();
    (!can_match).then(|| all_needed(pattern))
}

/// Returns the problem of a pattern that matches no URL, or that matches only by accident. A match is an accident if a
/// path or a query contains what is meant as a scheme, a host or a port.
pub(super) fn finding(pattern: &Hir) -> Option<Finding> {
    let can_match = |reading| matches(&Urls { reading, mistakes: Vec::new() }, pattern);
    if can_match(Reading::Meant) {
        return None;
    }
    let is_dead = dead(pattern).is_some();
    let is_accident = can_match(Reading::Literal);
    let mistakes = if is_accident { needed(pattern, Reading::Meant) } else { all_needed(pattern) };
    (is_dead || !mistakes.is_empty()).then_some(Finding { is_dead, mistakes })
}

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

fn without_group(pattern: &Hir) -> &Hir {
    match pattern.kind() {
        HirKind::Capture(group) => without_group(&group.sub),
        _ => pattern,
    }
}

/// Returns the mistakes with which a pattern matches as it is meant. If there are none, returns those with which it
/// matches literally.
fn all_needed(pattern: &Hir) -> Vec<Mistake> {
    let meant = needed(pattern, Reading::Meant);
    if meant.is_empty() { needed(pattern, Reading::Literal) } else { meant }
}

/// Returns a minimal set of mistakes with which a pattern matches. The set is empty if no mistakes make it match.
fn needed(pattern: &Hir, reading: Reading) -> Vec<Mistake> {
    let mut urls = Urls { reading, mistakes: Mistake::ALL.to_vec() };
    if !matches(&urls, pattern) {
        return Vec::new();
    }
    for mistake in Mistake::ALL {
        let mut fewer = urls.clone();
        fewer.mistakes.retain(|other| *other != mistake);
        if matches(&fewer, pattern) {
            urls = fewer;
        }
    }
    urls.mistakes
}

fn matches(urls: &Urls, pattern: &Hir) -> bool {
    run(urls, pattern, &urls.starts()).iter().any(|state| urls.is_plain_end(*state))
}

/// Returns the positions at which a match can end if it begins at one of the positions `from`.
fn run(urls: &Urls, pattern: &Hir, from: &States) -> States {
    if from.is_empty() {
        return States::new();
    }
    match pattern.kind() {
        HirKind::Empty => from.clone(),
        HirKind::Literal(literal) => {
            literal.0.iter().fold(from.clone(), |states, byte| urls.step(&states, *byte))
        }
        HirKind::Class(class) => step_class(urls, &symbols(class), from),
        HirKind::Look(look) => match look {
            Look::Start | Look::StartLF | Look::StartCRLF => urls.at_start(from),
            Look::End | Look::EndLF | Look::EndCRLF => urls.at_end(from),
            // Word boundaries depend on two characters. They are assumed to match everywhere.
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

fn step_class(urls: &Urls, symbols: &[u8], from: &States) -> States {
    if urls.reading == Reading::Literal || !is_wide(symbols) || !symbols.contains(&b'.') {
        return urls.step_any(from, symbols);
    }
    // An unescaped dot is meant as a literal dot.
    let (past, within) = from.iter().partition::<States, _>(|state| state.is_past_origin());
    let mut next = urls.step_any(&within, symbols);
    next.retain(|state| !state.is_past_origin());
    next.extend(urls.step_any(&past, symbols));
    next
}

fn repeat(urls: &Urls, repetition: &Repetition, from: &States) -> States {
    let sub = &*repetition.sub;
    let wide = match without_group(sub).kind() {
        HirKind::Class(class) if urls.reading == Reading::Meant => Some(symbols(class)),
        _ => None,
    };
    let Some(symbols) = wide.filter(|symbols| is_wide(symbols)) else {
        return steps(repetition, from, |states| run(urls, sub, states));
    };
    // A repetition of any character is not meant to match the host.
    let (settled, open) = from.iter().partition::<States, _>(|state| state.is_settled());
    let reached = |from: &States| steps(repetition, from, |states| urls.step_any(states, &symbols));
    let open = reached(&open).into_iter().filter(|state| !state.is_past_origin());
    open.map(State::after_anything).chain(reached(&settled)).collect()
}

fn steps(repetition: &Repetition, from: &States, step: impl Fn(&States) -> States) -> States {
    let Repetition { min, max, .. } = repetition;
    let mut states = from.clone();
    for _ in 0..*min {
        let next = step(&states);
        if next == states {
            break;
        }
        states = next;
    }
    for _ in *min..max.unwrap_or(u32::MAX) {
        let before = states.len();
        let next = step(&states);
        states.extend(next);
        if states.len() == before {
            break;
        }
    }
    states
}

/// Returns whether a class is a dot or is negated, so that it contains a slash by accident.
fn is_wide(symbols: &[u8]) -> bool {
    symbols.contains(&b'/') && symbols.contains(&NON_ASCII)
}

/// Returns one symbol for each kind of character in a class.
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
