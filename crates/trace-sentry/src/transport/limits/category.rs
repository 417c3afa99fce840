//! The categories of data by which Sentry limits rates, and their priorities.
//!
//! Source: Sentry's documents Rate Limiting and Envelope Items.

/// A category of data. Names that mean the same items are one category: a limit on the bytes of logs stops logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Category {
    Attachment,
    Error,
    Feedback,
    Internal,
    Log,
    Metric,
    Monitor,
    /// Items whose type is not known here.
    Other,
    Profile,
    ProfileChunk,
    Replay,
    Security,
    Session,
    Span,
    Transaction,
}

/// The priority of an item. A full queue drops the lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Priority {
    /// Large or numerous data whose loss hurts least: logs, metrics, profiles, attachments without an event.
    Low,
    /// Transactions and spans.
    Normal,
    /// Rare and small data whose loss misleads: errors, check-ins, whose absence is an alert, sessions, from which the
    /// rate of crashes is calculated, and reports of losses.
    High,
}

impl Category {
    /// Returns the category of an item of this type.
    pub(crate) fn of_item(kind: &str) -> Self {
        match kind {
            "attachment" => Self::Attachment,
            "check_in" => Self::Monitor,
            "client_report" => Self::Internal,
            "event" => Self::Error,
            "feedback" => Self::Feedback,
            "log" => Self::Log,
            "profile" => Self::Profile,
            "profile_chunk" => Self::ProfileChunk,
            "raw_security" => Self::Security,
            "replay_event" | "replay_recording" | "replay_video" => Self::Replay,
            "session" | "sessions" => Self::Session,
            "span" => Self::Span,
            "trace_metric" => Self::Metric,
            "transaction" => Self::Transaction,
            _ => Self::Other,
        }
    }

    /// Returns the category of this name in a rate limit, or `None` for one that no item belongs to.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "attachment" | "attachment_item" => Self::Attachment,
            "default" => Self::Other,
            "error" => Self::Error,
            "feedback" => Self::Feedback,
            "internal" => Self::Internal,
            "log_item" | "log_byte" => Self::Log,
            "monitor" => Self::Monitor,
            "profile" => Self::Profile,
            "profile_chunk" => Self::ProfileChunk,
            "replay" => Self::Replay,
            "security" => Self::Security,
            "session" => Self::Session,
            "span" => Self::Span,
            "trace_metric" | "trace_metric_byte" => Self::Metric,
            "transaction" => Self::Transaction,
            _ => return None,
        })
    }

    pub(crate) fn priority(self) -> Priority {
        match self {
            Self::Error
            | Self::Feedback
            | Self::Internal
            | Self::Monitor
            | Self::Security
            | Self::Session => Priority::High,
            Self::Span | Self::Transaction => Priority::Normal,
            Self::Attachment
            | Self::Log
            | Self::Metric
            | Self::Other
            | Self::Profile
            | Self::ProfileChunk
            | Self::Replay => Priority::Low,
        }
    }
}
