//! The name of a transaction and its source.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use crate::record::CaughtPanics;

/// The name of a transaction with its source.
///
/// Source: Sentry's Transaction Payloads (`transaction_info.source`). Only a name of low cardinality, which many
/// requests share, may enter the dynamic sampling context.
///
/// The name is that of the service span. It is called a transaction's in both lifecycles, because the dynamic sampling
/// context, errors and filters carry it as `transaction`. The default is an empty custom name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionName {
    text: Cow<'static, str>,
    source: NameSource,
}

/// The source of a transaction's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NameSource {
    /// A route template: `GET /users/{id}`.
    Route,
    /// A raw path: `GET /users/17`. Its cardinality is high.
    Url,
    /// A name that the application chose.
    #[default]
    Custom,
    /// A job or queue.
    Task,
}

impl TransactionName {
    /// Returns the name of a route template: `GET /users/{id}`.
    #[must_use]
    pub fn route(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), source: NameSource::Route }
    }

    /// Returns the name of a raw path: `GET /users/17`. It does not enter the dynamic sampling context.
    #[must_use]
    pub fn url(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), source: NameSource::Url }
    }

    /// Returns a name that the application chose.
    #[must_use]
    pub fn custom(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), source: NameSource::Custom }
    }

    /// Returns the name of a job or queue.
    #[must_use]
    pub fn task(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), source: NameSource::Task }
    }

    /// Returns the text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the source of the name.
    #[must_use]
    pub fn source(&self) -> NameSource {
        self.source
    }

    /// Returns the text of the name.
    pub(crate) fn into_text(self) -> Cow<'static, str> {
        self.text
    }

    /// Returns a name of the same source.
    pub(crate) fn with_text(&self, text: Cow<'static, str>) -> Self {
        Self { text, source: self.source }
    }

    /// Returns the text, if it may enter the dynamic sampling context.
    pub(crate) fn for_sampling_context(&self) -> Option<String> {
        (self.source != NameSource::Url && !self.text.is_empty()).then(|| self.text.clone().into_owned())
    }
}

/// A name that the application chose.
impl<T: Into<Cow<'static, str>>> From<T> for TransactionName {
    fn from(text: T) -> Self {
        Self::custom(text)
    }
}

/// A name that is computed on first use. If the computation panics, it is the default name.
pub(crate) struct LazyName<'a, F> {
    make: Cell<Option<F>>,
    name: OnceCell<TransactionName>,
    panics: &'a CaughtPanics,
}

impl<'a, F: FnOnce() -> TransactionName> LazyName<'a, F> {
    pub(crate) fn new(make: F, panics: &'a CaughtPanics) -> Self {
        Self { make: Cell::new(Some(make)), name: OnceCell::new(), panics }
    }

    pub(crate) fn get(&self) -> &TransactionName {
        self.name
            .get_or_init(|| self.make.take().and_then(|make| self.panics.catch(make)).unwrap_or_default())
    }

    pub(crate) fn into_name(self) -> TransactionName {
        self.get();
        self.name.into_inner().unwrap_or_default()
    }
}

impl NameSource {
    /// Returns the word of the wire format, such as `route`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Url => "url",
            Self::Custom => "custom",
            Self::Task => "task",
        }
    }
}
