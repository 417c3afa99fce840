//! The URLs that targets see, as an automaton: which texts can stand where in a URL is decided by walking it.

use std::collections::BTreeSet;

use super::mistake::Mistake;
use super::symbol::{NON_ASCII, SYMBOLS, symbol};

/// Where in a URL a text can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Within the scheme, of which so much is there.
    Scheme(&'static str),
    Colon(DefaultPort),
    FirstSlash(DefaultPort),
    /// In front of the host.
    Authority(DefaultPort),
    Userinfo(DefaultPort),
    Host {
        default: DefaultPort,
        has_dot: bool,
    },
    Ip6(DefaultPort),
    AfterIp6(DefaultPort),
    /// Within the port, of which so much is there.
    Port(DefaultPort, &'static str),
    /// In front of a path that no scheme and host precede, which only a [mistake](Mistake::MissingOrigin) has.
    BarePath,
    /// Within path and query.
    Path,
    Fragment,
    /// Behind the last character.
    End,
}

/// Which port a URL does not have, since it is the default one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DefaultPort {
    Http,
    Https,
    /// The scheme is unknown: both.
    Unknown,
}

pub(super) type States = BTreeSet<State>;

/// The schemes and default ports in all stages of being read. What is none of them is [`OTHER`].
const SCHEMES: [&str; 9] = ["", "h", "ht", "htt", "http", "https", "w", "ws", "wss"];
const PORTS: [&str; 6] = ["", "4", "44", "443", "8", "80"];
const OTHER: &str = "*";

/// The absolute URLs as targets see them, and those that would be there with some mistakes.
#[derive(Debug, Clone, Default)]
pub(super) struct Urls {
    pub(super) mistakes: Vec<Mistake>,
}

impl Urls {
    fn has(&self, mistake: Mistake) -> bool {
        self.mistakes.contains(&mistake)
    }

    /// Where a match can begin: anywhere.
    pub(super) fn everywhere(&self) -> States {
        let mut reached = self.beginnings();
        let mut last = reached.clone();
        while !last.is_empty() {
            last = &self.step_any(&last, &SYMBOLS) - &reached;
            reached.extend(&last);
        }
        reached
    }

    /// Where a match can begin that is meant for scheme, host or port; digits may be either of the last two.
    pub(super) fn in_origin(&self) -> States {
        let unknown = DefaultPort::Unknown;
        let mut states = self.beginnings();
        states.extend(SCHEMES.map(State::Scheme));
        states.extend([State::Colon(unknown), State::FirstSlash(unknown), State::Authority(unknown)]);
        states.extend([State::Host { default: unknown, has_dot: false }, State::Ip6(unknown)]);
        if self.has(Mistake::Credentials) {
            states.insert(State::Userinfo(unknown));
        }
        states
    }

    /// Where the whole text can begin.
    fn beginnings(&self) -> States {
        let mut states = States::from([State::Scheme("")]);
        if self.has(Mistake::MissingScheme) {
            states.insert(State::Authority(DefaultPort::Unknown));
        }
        if self.has(Mistake::MissingOrigin) {
            states.insert(State::BarePath);
        }
        states
    }

    /// The states at which the text can begin.
    pub(super) fn at_start(&self, states: &States) -> States {
        states.intersection(&self.beginnings()).copied().collect()
    }

    /// The end of the text, if it can be at one of these states.
    pub(super) fn at_end(&self, states: &States) -> States {
        let can_end = |state: &&State| match state {
            State::Path | State::Fragment | State::End => true,
            state => self.has(Mistake::MissingSlash) && self.is_whole_origin(**state),
        };
        states.iter().find(can_end).map(|_| State::End).into_iter().collect()
    }

    /// Whether a match that ends here is no accident: behind a default port, another digit would have to follow, and behind
    /// credentials an `@`.
    pub(super) fn is_plain_end(&self, state: State) -> bool {
        match state {
            State::Port(_, "443" | "80") => self.is_whole_origin(state),
            state => !matches!(state, State::Userinfo(_)),
        }
    }

    /// Steps over a byte.
    pub(super) fn step(&self, states: &States, byte: u8) -> States {
        self.step_any(states, &[symbol(byte)])
    }

    /// Steps over one of these symbols.
    pub(super) fn step_any(&self, states: &States, symbols: &[u8]) -> States {
        let mut next = States::new();
        for state in states {
            for symbol in symbols {
                self.step_from(*state, *symbol, &mut next);
            }
        }
        next
    }

    fn step_from(&self, state: State, symbol: u8, next: &mut States) {
        let stays = match symbol {
            b' ' => self.has(Mistake::WhiteSpace),
            NON_ASCII => self.has(Mistake::NonAscii),
            ..b' ' => false,
            _ => return self.step_ascii(state, symbol, next),
        };
        if stays && state != State::End {
            next.insert(state);
        }
    }

    fn step_ascii(&self, state: State, symbol: u8, next: &mut States) {
        use State::{
            AfterIp6, Authority, BarePath, Colon, End, FirstSlash, Fragment, Host, Ip6, Path, Port, Scheme,
            Userinfo,
        };
        let lower = if self.has(Mistake::UpperCase) { symbol.to_ascii_lowercase() } else { symbol };
        // A socket of a scheme of its own has its path for a host.
        let is_escape = symbol == b'%' && self.has(Mistake::OtherScheme) && !matches!(state, Scheme(_));
        let is_name = lower.is_ascii_lowercase() || lower.is_ascii_digit() || matches!(lower, b'-' | b'_');
        let is_name = is_name || is_escape;
        if let Authority(default) | Userinfo(default) | Host { default, .. } | Port(default, _) = state
            && self.has(Mistake::Credentials)
        {
            match symbol {
                b'@' => drop(next.insert(Authority(default))),
                b'/' | b'?' | b'#' => {}
                _ => drop(next.insert(Userinfo(default))),
            }
        }
        let to = match (state, lower) {
            (Scheme(scheme), b':') => default_port(scheme).map(Colon),
            // It begins with a letter.
            (Scheme(""), b'0'..=b'9' | b'-' | b'_' | b'+') => None,
            (Scheme(scheme), _) if is_name || lower == b'+' => {
                let longer = longer(&SCHEMES, scheme, lower);
                (longer != OTHER || self.has(Mistake::OtherScheme)).then_some(Scheme(longer))
            }
            (Colon(default), b'/') => Some(FirstSlash(default)),
            (FirstSlash(default), b'/') => Some(Authority(default)),
            (Authority(default), b'[') => Some(Ip6(default)),
            (Authority(default), _) if is_name => Some(Host { default, has_dot: false }),
            (Host { default, .. }, b'.') => Some(Host { default, has_dot: true }),
            (Host { .. }, _) if is_name => Some(state),
            (Host { default, .. } | AfterIp6(default), b':') => Some(Port(default, "")),
            (Ip6(_), b':' | b'.' | b'0'..=b'9' | b'a'..=b'f') => Some(state),
            (Ip6(default), b']') => Some(AfterIp6(default)),
            (Port(default, port), b'0'..=b'9') => Some(Port(default, longer(&PORTS, port, lower))),
            (Host { .. } | AfterIp6(_), b'/') | (BarePath, b'/') => Some(Path),
            (Port(..), b'/') => self.is_whole_origin(state).then_some(Path),
            (Host { .. } | AfterIp6(_) | Port(..), b'?') => {
                (self.has(Mistake::MissingSlash) && self.is_whole_origin(state)).then_some(Path)
            }
            (Host { .. } | AfterIp6(_) | Port(..), b'#') => {
                let has_both = self.has(Mistake::MissingSlash) && self.has(Mistake::Fragment);
                (has_both && self.is_whole_origin(state)).then_some(Fragment)
            }
            (Path, b'#') => self.has(Mistake::Fragment).then_some(Fragment),
            (Path | Fragment, _) => Some(state),
            (
                Scheme(_)
                | Colon(_)
                | FirstSlash(_)
                | Authority(_)
                | Userinfo(_)
                | Host { .. }
                | Ip6(_)
                | AfterIp6(_)
                | Port(..)
                | BarePath
                | End,
                _,
            ) => None,
        };
        next.extend(to);
    }

    /// Whether scheme, host and port can be over here. A lone label of a host of no known scheme could be anything.
    fn is_whole_origin(&self, state: State) -> bool {
        match state {
            State::Host { default, has_dot } => has_dot || default != DefaultPort::Unknown,
            State::AfterIp6(_) => true,
            State::Port(default, port) => {
                let is_default = match port {
                    "" => return false,
                    "80" => default != DefaultPort::Https,
                    "443" => default != DefaultPort::Http,
                    _ => false,
                };
                !is_default || self.has(Mistake::DefaultPort)
            }
            _ => false,
        }
    }
}

fn default_port(scheme: &str) -> Option<DefaultPort> {
    match scheme {
        "https" | "wss" => Some(DefaultPort::Https),
        "http" | "ws" | OTHER => Some(DefaultPort::Http),
        _ => None,
    }
}

/// A known text with one more character.
fn longer(known: &[&'static str], text: &str, last: u8) -> &'static str {
    let is_longer = |longer: &&&str| longer.strip_prefix(text).is_some_and(|rest| rest.as_bytes() == [last]);
    known.iter().find(is_longer).copied().unwrap_or(OTHER)
}
