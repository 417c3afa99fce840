//! The part of a transaction's payload that comes from the scope of its request.

use std::borrow::Cow;

use sentry_core::protocol::{Context, Map as OfficialMap, Request, Transaction, User, Value};
use serde::{Serialize, Serializer};
use trace_core::{FinishedSpan, FinishedTransaction, SinkData};

use crate::cut::{MAX_TAG, cut};
use crate::members::keyed;
use crate::request_scope::EndedScope;
use crate::span_payload::Span;

/// The user and the request of a scope, and the values that the application set there.
#[derive(Default)]
pub(crate) struct ScopePayload {
    pub(crate) user: Option<User>,
    pub(crate) request: Option<Request>,
    pub(crate) extra: OfficialMap<String, Value>,
    tags: OfficialMap<String, String>,
    contexts: OfficialMap<String, Context>,
}

impl ScopePayload {
    /// Reads the scope that the sink gave to a transaction.
    pub(crate) fn of(transaction: &FinishedTransaction) -> Self {
        let ended = transaction.sink_data.as_ref().and_then(ended);
        ended.map(|ended| Self::of_scope(ended, &transaction.root)).unwrap_or_default()
    }

    /// Reads a scope for a service span.
    pub(crate) fn of_scope(ended: &EndedScope, service_span: &FinishedSpan) -> Self {
        let mut official = Transaction::default();
        ended.scope.apply_to_transaction(&mut official);
        let request = ended.request_of(service_span).map(|request| request.to_official());
        let Transaction { user, extra, tags, contexts, .. } = official;
        Self { user, request, extra, tags, contexts }
    }

    /// Returns the contexts that the application set.
    pub(crate) fn into_contexts(self) -> OfficialMap<String, Context> {
        self.contexts
    }

    /// Returns the tags of the transaction. Those of the service span take precedence.
    pub(crate) fn tags<'a>(&'a self, own: &'a [(Cow<'static, str>, String)]) -> Tags<'a> {
        Tags { own, scope: &self.tags }
    }

    /// Returns the contexts of the transaction.
    pub(crate) fn contexts<'a>(&'a self, trace: Span<'a>) -> Contexts<'a> {
        Contexts { trace, scope: &self.contexts }
    }
}

fn ended(data: &SinkData) -> Option<&EndedScope> {
    EndedScope::in_data(&**data)
}

/// The tags of a service span and of a scope.
pub(crate) struct Tags<'a> {
    own: &'a [(Cow<'static, str>, String)],
    scope: &'a OfficialMap<String, String>,
}

impl Tags<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.scope.is_empty()
    }
}

impl Serialize for Tags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let own = keyed(self.own, |(key, _)| key).map(|(key, (_, value))| (key, value));
        let is_own = |key: &str| self.own.iter().any(|(own, _)| cut(own, MAX_TAG) == key);
        let mut last = "";
        let scope = self.scope.iter().filter_map(|(whole, value)| {
            let key = cut(whole, MAX_TAG);
            // Keys that are cut to the same text stand next to each other.
            let is_taken = key.len() < whole.len() && (key == last || self.scope.contains_key(key));
            last = key;
            (!key.is_empty() && !is_taken && !is_own(key)).then_some((key, value))
        });
        serializer.collect_map(own.chain(scope).map(|(key, value)| (key, cut(value, MAX_TAG))))
    }
}

/// The trace context and the contexts of a scope.
#[derive(Serialize)]
pub(crate) struct Contexts<'a> {
    trace: Span<'a>,
    #[serde(flatten, serialize_with = "but_trace")]
    scope: &'a OfficialMap<String, Context>,
}

/// Writes contexts without the trace context that the application put on the scope, which would be another trace.
fn but_trace<S: Serializer>(
    contexts: &&OfficialMap<String, Context>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(contexts.iter().filter(|(key, _)| *key != "trace"))
}
