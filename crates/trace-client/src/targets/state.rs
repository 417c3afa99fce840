//! Where in a URL a text can be.

use std::collections::BTreeSet;

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
    Host(DefaultPort, Name),
    Ip6(DefaultPort),
    AfterIp6(DefaultPort),
    /// Within the port, of which so much is there.
    Port(DefaultPort, &'static str),
    /// In front of a path that no scheme and host precede, which only a [mistake](super::mistake::Mistake::MissingOrigin) has.
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
    /// The scheme is one of its own, whose default port is that of `http`.
    Other,
    /// The scheme is unknown: both.
    Unknown,
}

/// How much of a host's name is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    /// The end of a label, or a segment of a path: nothing in front of it tells.
    Unsure,
    /// The same with an upper-case letter, which only a [mistake](super::mistake::Mistake::UpperCase) has in a host.
    UnsureUpper,
    /// A lone label where a host begins.
    Alone,
    /// Several labels.
    Dotted,
}

/// Several places.
pub(super) type States = BTreeSet<State>;

impl State {
    /// Whether scheme, host and port are over.
    pub(super) fn is_past_origin(self) -> bool {
        matches!(self, Self::Path | Self::Fragment | Self::End)
    }

    /// Whether there is enough of an origin for anything to follow, since a host was named.
    pub(super) fn is_settled(self) -> bool {
        let is_port = matches!(self, Self::Port(_, port) if !port.is_empty());
        is_port || self.is_past_origin() || matches!(self, Self::Host(_, Name::Dotted) | Self::AfterIp6(_))
    }

    /// Where a text can be if anything at all stood in front of it in the same part of the URL.
    pub(super) fn after_anything(self) -> Self {
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
