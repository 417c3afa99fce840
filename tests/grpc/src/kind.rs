//! The kinds of methods.

/// One of the four kinds of methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Unary,
    ServerStream,
    ClientStream,
    Bidirectional,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Unary, Self::ServerStream, Self::ClientStream, Self::Bidirectional];

    /// Returns the name of the method that is of this kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unary => "Unary",
            Self::ServerStream => "ServerStream",
            Self::ClientStream => "ClientStream",
            Self::Bidirectional => "Bidirectional",
        }
    }

    /// Returns whether the answer is a stream of messages.
    pub fn streams_answer(self) -> bool {
        matches!(self, Self::ServerStream | Self::Bidirectional)
    }

    /// Returns whether the request is a stream of messages.
    pub fn streams_request(self) -> bool {
        matches!(self, Self::ClientStream | Self::Bidirectional)
    }
}
