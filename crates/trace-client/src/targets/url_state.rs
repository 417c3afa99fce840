//! The positions in a URL.

use std::collections::BTreeSet;

/// A position in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Within the scheme, after this part of it.
    Scheme(&'static str),
    Colon(DefaultPort),
    FirstSlash(DefaultPort),
    /// Before the host.
    Authority(DefaultPort),
    Userinfo(DefaultPort),
    Host(DefaultPort, Name),
    Ip6(DefaultPort),
    AfterIp6(DefaultPort),
    /// Within the port, after this part of it.
    Port(DefaultPort, &'static str),
    /// Before a path without scheme and host, which occurs only with a
    /// [mistake](super::mistake::Mistake::MissingOrigin).
    #[cfg_attr(not(feature = "regex"), expect(dead_code, reason = "only an anchor allows the mistake"))]
    BarePath,
    /// Within path and query.
    Path,
    Fragment,
    /// After the last character.
    End,
}

/// The default port, which a URL does not contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DefaultPort {
    Http,
    Https,
    /// The port of a custom scheme, which is that of `http`.
    Other,
    /// Both ports, because the scheme is unknown.
    Unknown,
}

/// The part of a host's name that precedes a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// The end of a label or of a segment of a path. The text before it is unknown.
    Unsure,
    /// The same with an upper-case letter, which occurs in a host only with a
    /// [mistake](super::mistake::Mistake::UpperCase).
    UnsureUpper,
    /// A single label at the beginning of a host.
    Alone,
    /// Several labels.
    Dotted,
}

/// A set of positions.
pub(super) type States = BTreeSet<State>;
