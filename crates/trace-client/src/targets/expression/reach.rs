//! The positions in a URL that a regular expression reaches.

use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::alternatives::without_group;
use crate::targets::analysis::Pattern;
use crate::targets::automaton::{Reading, Urls};
use crate::targets::symbol::{NON_ASCII, symbol};
use crate::targets::url_state::{Name, State, States};

impl Pattern for Hir {
    fn reach(&self, urls: &Urls, from: &States) -> States {
        if from.is_empty() {
            return States::new();
        }
        match self.kind() {
            HirKind::Empty => from.clone(),
            HirKind::Literal(literal) => urls.step_all(from, &literal.0),
            HirKind::Class(class) => step_class(urls, &symbols(class), from),
            HirKind::Look(look) => match look {
                Look::Start | Look::StartLF | Look::StartCRLF => urls.at_start(from),
                Look::End | Look::EndLF | Look::EndCRLF => urls.at_end(from),
                // Word boundaries depend on two characters. They are assumed to match everywhere.
                _ => from.clone(),
            },
            HirKind::Repetition(repetition) => repeat(urls, repetition, from),
            HirKind::Capture(group) => group.sub.reach(urls, from),
            HirKind::Concat(parts) => {
                parts.iter().fold(from.clone(), |states, part| part.reach(urls, &states))
            }
            HirKind::Alternation(branches) => {
                branches.iter().flat_map(|branch| branch.reach(urls, from)).collect()
            }
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
        return steps(repetition, from, |states| sub.reach(urls, states));
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

impl State {
    /// Returns whether the position is after scheme, host and port.
    fn is_past_origin(self) -> bool {
        matches!(self, Self::Path | Self::Fragment | Self::End)
    }

    /// Returns whether any text may follow, because a host was named.
    fn is_settled(self) -> bool {
        let is_port = matches!(self, Self::Port(_, port) if !port.is_empty());
        is_port || self.is_past_origin() || matches!(self, Self::Host(_, Name::Dotted) | Self::AfterIp6(_))
    }

    /// Returns the position after any text in the same part of the URL.
    fn after_anything(self) -> Self {
        match self {
            Self::Authority(default)
            | Self::Host(default, _)
            | Self::Ip6(default)
            | Self::AfterIp6(default)
            | Self::Port(default, _) => Self::Host(default, Name::Unsure),
            state => state,
        }
    }
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
