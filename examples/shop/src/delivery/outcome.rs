//! What came of the delivery.

use trace_sentry::Copies;

/// What came of it, at both destinations if there are two.
pub(crate) struct Outcome {
    /// With a DSN.
    pub(crate) delivered: Option<Delivered>,
    /// With Spotlight.
    pub(crate) copied: Option<Copied>,
}

/// What the server of the DSN took.
pub(crate) struct Delivered {
    /// Where they went; it holds no key.
    pub(crate) url: String,
    /// What they are: transactions or spans.
    pub(crate) unit: &'static str,
    /// How many the services finished.
    pub(crate) finished: u64,
    /// How many of them the server took.
    pub(crate) accepted: u64,
    /// What went wrong last, if the server or the way to it told.
    pub(crate) failure: Option<String>,
}

/// What Spotlight took, of all services.
pub(crate) struct Copied {
    pub(crate) url: String,
    pub(crate) sent: u64,
    /// What went wrong last, if anything did.
    pub(crate) failure: Option<String>,
}

impl Outcome {
    /// Whether the server took every transaction. A copy for the developer's eyes does not count.
    pub(crate) fn is_complete(&self) -> bool {
        self.delivered.as_ref().is_none_or(Delivered::is_complete)
    }
}

impl Delivered {
    pub(crate) fn is_complete(&self) -> bool {
        self.accepted >= self.finished
    }
}

impl Copied {
    /// All services send to one place.
    pub(super) fn sum(copies: impl IntoIterator<Item = Copies>) -> Option<Self> {
        copies.into_iter().map(Self::from).reduce(|all, one| Self {
            url: one.url,
            sent: all.sent + one.sent,
            failure: one.failure.or(all.failure),
        })
    }
}

impl From<Copies> for Copied {
    fn from(copies: Copies) -> Self {
        let Copies { url, sent, failure, .. } = copies;
        Self { url, sent, failure }
    }
}
