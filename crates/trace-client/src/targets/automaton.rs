//! The URLs that targets see, as an automaton that decides which text can occur where in a URL.

use super::mistake::Mistake;
use super::symbol::{NON_ASCII, SYMBOLS, symbol};
use super::url_state::{DefaultPort, Name, State, States};

/// The known schemes and default ports with all their prefixes. Any other text is [`OTHER`].
const SCHEMES: [&str; 9] = ["", "h", "ht", "htt", "http", "https", "w", "ws", "wss"];
const PORTS: [&str; 6] = ["", "4", "44", "443", "8", "80"];
const OTHER: &str = "*";

/// The interpretation of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As it is meant: it begins in scheme, host or port, names a usual host, and a repetition of any character does
    /// not reach the path before a host is named.
    Meant,
    /// As it is written: it begins anywhere in any accepted URL.
    Literal,
}

/// The absolute URLs as targets see them, and the URLs that some mistakes would allow as well.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    pub(super) reading: Reading,
    pub(super) mistakes: Vec<Mistake>,
}

impl Urls {
    /// Returns the positions at which a match can begin.
    pub(super) fn starts(&self) -> States {
        match self.reading {
            Reading::Meant => self.in_origin(),
            Reading::Literal => self.everywhere(),
        }
    }

    pub(super) fn has(&self, mistake: Mistake) -> bool {
        self.mistakes.contains(&mistake)
    }

    /// Returns all positions.
    fn everywhere(&self) -> States {
        let mut reached = States::from([State::Scheme("")]);
        let mut last = reached.clone();
        while !last.is_empty() {
            last = &self.step_any(&last, &SYMBOLS) - &reached;
            reached.extend(&last);
        }
        reached
    }

    /// Returns the positions within scheme, host and port. Digits may belong to the host or to the port.
    fn in_origin(&self) -> States {
        let unknown = DefaultPort::Unknown;
        let mut states = States::from(SCHEMES.map(State::Scheme));
        states.extend([State::Colon(unknown), State::FirstSlash(unknown)]);
        states.extend([State::Host(unknown, Name::Unsure), State::Ip6(unknown)]);
        if self.has(Mistake::Credentials) {
            states.insert(State::Userinfo(unknown));
        }
        states
    }

    /// Returns whether a match that ends here is intended. After a default port, another digit would have to follow,
    /// and after credentials an `@`.
    pub(super) fn is_plain_end(&self, state: State) -> bool {
        match state {
            State::Port(_, "443" | "80") => self.is_whole_origin(state),
            state => !matches!(state, State::Userinfo(_)),
        }
    }

    /// Returns the positions after some more bytes.
    pub(super) fn step_all(&self, states: &States, bytes: &[u8]) -> States {
        bytes.iter().fold(states.clone(), |states, byte| self.step_any(&states, &[symbol(*byte)]))
    }

    /// Returns the positions after one of these symbols.
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
        use DefaultPort::{Http, Https};
        use State::{
            AfterIp6, Authority, BarePath, Colon, End, FirstSlash, Fragment, Host, Ip6, Path, Port, Scheme,
            Userinfo,
        };

        let lower = if self.has(Mistake::UpperCase) { symbol.to_ascii_lowercase() } else { symbol };
        // A URL with a custom scheme for sockets has the path of the socket as its host.
        let is_escape = symbol == b'%' && self.has(Mistake::OtherScheme) && !matches!(state, Scheme(_));
        let is_name = lower.is_ascii_lowercase() || lower.is_ascii_digit() || matches!(lower, b'-' | b'_');
        let is_literal = self.reading == Reading::Literal;
        // The URI parser accepts more characters than hosts have, also after an IPv6 address.
        let is_odd = is_literal && matches!(lower, b'"' | b'+' | b'%' | b']' | b'.');
        let is_name = is_name || is_escape || is_odd;
        if let Authority(default) | Userinfo(default) | Host(default, _) | Port(default, _) = state
            && self.has(Mistake::Credentials)
        {
            match symbol {
                b'@' => drop(next.insert(Authority(default))),
                b'/' | b'?' | b'#' => {}
                _ => drop(next.insert(Userinfo(default))),
            }
        }
        let to = match (state, lower) {
            (Scheme(scheme), b':') => {
                let default = default_port(scheme);
                let is_other = self.has(Mistake::OtherScheme) && (is_literal || !scheme.is_empty());
                (default != DefaultPort::Other || is_other).then_some(Colon(default))
            }
            // A scheme begins with a letter.
            (Scheme(""), b'0'..=b'9' | b'-' | b'_' | b'+') if !is_literal => None,
            (Scheme(scheme), _) if is_name || lower == b'+' => {
                let longer = longer(&SCHEMES, scheme, lower);
                (longer != OTHER || self.has(Mistake::OtherScheme)).then_some(Scheme(longer))
            }
            (Colon(default), b'/') => Some(FirstSlash(default)),
            (FirstSlash(default), b'/') => Some(Authority(default)),
            (Colon(default @ (Http | Https)) | FirstSlash(default @ (Http | Https)), _) if is_name => {
                self.has(Mistake::MissingSlash).then_some(Host(default, Name::Alone))
            }
            (Authority(default) | Host(default, Name::Unsure), b'[') => Some(Ip6(default)),
            (Authority(default), _) if is_name => Some(Host(default, Name::Alone)),
            (Host(default, _), b'.') => Some(Host(default, Name::Dotted)),
            (Host(default, Name::Unsure), _) if is_name && symbol.is_ascii_uppercase() => {
                Some(Host(default, Name::UnsureUpper))
            }
            (Host(..), _) if is_name => Some(state),
            (Host(default, _) | AfterIp6(default), b':') => Some(Port(default, "")),
            (Ip6(_), b':' | b'.' | b'0'..=b'9' | b'a'..=b'f') => Some(state),
            (Ip6(default), b']') => Some(AfterIp6(default)),
            (Ip6(_) | AfterIp6(_), _) if is_literal && is_name => Some(state),
            (Port(default, port), b'0'..=b'9') => Some(Port(default, longer(&PORTS, port, lower))),
            (Host(_, Name::UnsureUpper), b'/') => None,
            (Host(..) | AfterIp6(_) | BarePath, b'/') => Some(Path),
            (Port(..), b'/') => self.is_whole_origin(state).then_some(Path),
            (Host(..) | AfterIp6(_) | Port(..), b'?') => {
                (self.has(Mistake::MissingSlash) && self.is_whole_origin(state)).then_some(Path)
            }
            (Host(..) | AfterIp6(_) | Port(..), b'#') => {
                let has_both = self.has(Mistake::MissingSlash) && self.has(Mistake::Fragment);
                (has_both && self.is_whole_origin(state)).then_some(Fragment)
            }
            (Path, b'#') => self.has(Mistake::Fragment).then_some(Fragment),
            (Path | Fragment, _) => Some(state),
            (
                Scheme(_) | Colon(_) | FirstSlash(_) | Authority(_) | Userinfo(_) | Host(..) | Ip6(_)
                | AfterIp6(_) | Port(..) | BarePath | End,
                _,
            ) => None,
        };
        next.extend(to);
    }

    /// Returns whether scheme, host and port can be complete here. A label with an unknown beginning may not be a host.
    pub(super) fn is_whole_origin(&self, state: State) -> bool {
        match state {
            State::Host(_, name) => matches!(name, Name::Alone | Name::Dotted),
            State::AfterIp6(_) => true,
            State::Port(default, port) => {
                let is_default = match port {
                    "" => return false,
                    "80" => default != DefaultPort::Https,
                    "443" => !matches!(default, DefaultPort::Http | DefaultPort::Other),
                    _ => false,
                };
                !is_default || self.has(Mistake::DefaultPort)
            }
            _ => false,
        }
    }
}

fn default_port(scheme: &str) -> DefaultPort {
    match scheme {
        "https" | "wss" => DefaultPort::Https,
        "http" | "ws" => DefaultPort::Http,
        _ => DefaultPort::Other,
    }
}

/// Returns the known text that consists of `text` and `last`, or [`OTHER`] if there is none.
fn longer(known: &[&'static str], text: &str, last: u8) -> &'static str {
    let is_longer = |longer: &&&str| longer.strip_prefix(text).is_some_and(|rest| rest.as_bytes() == [last]);
    known.iter().find(is_longer).copied().unwrap_or(OTHER)
}
