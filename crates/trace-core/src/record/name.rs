//! What a transaction is called, and how good that name is.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use crate::record::CaughtPanics;

/// The name of a transaction with its source.
///
/// Source: Sentry's Transaction Payloads (`transaction_info.source`). Only a name of good quality, one of few that
/// many requests share, may enter the dynamic sampling context.
///
/// The default is a custom one without text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TransactionName {
    text: Cow<'static, str>,
    source: NameSource,
}

/// Where a name comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum NameSource {
    /// A route template: `GET /users/{id}`.
    Route,
    /// A path as it came: `GET /users/17`. Of low quality.
    Url,
    /// The application chose it.
    #[default]
    Custom,
    /// A job or queue.
    Task,
}

impl TransactionName {
    /// The name of a route template: `GET /users/{id}`.
    #[must_use]
    pub fn route(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), source: NameSource::Route }
    }

    /// A raw path: `GET /users/17`. It stays out of the dynamic sampling context.
    #[must_use]
    pub fn url(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), source: NameSource::Url }
    }

    /// A name that the application chose.
    #[must_use]
    pub fn custom(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), source: NameSource::Custom }
    }

    /// The name of a job or queue.
    #[must_use]
    pub fn task(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), source: NameSource::Task }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it comes from.
    #[must_use]
    pub fn source(&self) -> NameSource {
        self.source
    }

    /// The text, if it may enter the dynamic sampling context.
    pub(crate) fn for_sampling_context(&self) -> Option<String> {
        (self.source != NameSource::Url && !self.text.is_empty()).then(|| self.text.clone().into_owned())
    }
}

/// A name that is made when somebody needs it. It is the default one if making it panics.
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
    /// The word of the wire, such as `route`.
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
