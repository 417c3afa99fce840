//! Whether a text or a regular expression can match the URLs that it seems to be meant for.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::automaton::{Reading, Urls};
use super::mistake::Mistake;
use super::state::{State, States};
use super::symbol::{NON_ASCII, symbol};

/// How many alternatives are warned of, and looked at if there are several groups of them: each is as long as the pattern.
pub(super) const MOST: usize = 32;

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
    let mistakes = vec![Mistake::NonAscii, Mistake::OtherScheme];
    let lenient = Urls { reading: Reading::Literal, mistakes };
    let can_match = !run(&lenient, pattern, &lenient.starts()).is_empty();
    (!can_match).then(|| all_needed(pattern))
}

/// What is wrong with a pattern that can match no URL, or only by accident: where a path or a query holds what is meant as
/// a scheme, a host or a port.
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

/// The patterns that a pattern consists of: for each alternative, the pattern with this one alone. None without
/// alternatives, and [no more than some](MOST) of several groups.
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

/// What it would take to match as it is meant, else at all.
fn all_needed(pattern: &Hir) -> Vec<Mistake> {
    let meant = needed(pattern, Reading::Meant);
    if meant.is_empty() { needed(pattern, Reading::Literal) } else { meant }
}

/// A smallest set of mistakes with which a pattern matches, if there is one.
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
        HirKind::Class(class) => step_class(urls, &symbols(class), from),
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

fn step_class(urls: &Urls, symbols: &[u8], from: &States) -> States {
    if urls.reading == Reading::Literal || !is_wide(symbols) || !symbols.contains(&b'.') {
        return urls.step_any(from, symbols);
    }
    // A dot that nothing escapes is meant as a dot.
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
    // What stands for any text is not meant to swallow the host.
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

/// Whether a class is a dot or negated, so that a slash is in it by accident.
fn is_wide(symbols: &[u8]) -> bool {
    symbols.contains(&b'/') && symbols.contains(&NON_ASCII)
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
