//! The name of a transaction, set through its contexts.

use std::borrow::Cow;

use crate::context::{Recording, TraceContext};
use crate::dsc::Source;
use crate::record::TransactionName;

/// The name of the transaction that a context belongs to.
impl TraceContext {
    /// Renames the transaction, from any of its spans. The name reaches the dynamic sampling context only if that has
    /// not left the process yet.
    pub fn set_transaction_name(&self, name: TransactionName) {
        self.source().rename(|| name.for_sampling_context());
        if let Some(span) = self.recorded() {
            span.recorder().rename(name);
        }
    }

    /// Returns whether [`set_route`](Self::set_route) may have an effect. It has none if the name is not needed or is
    /// already better than a raw path.
    #[must_use]
    pub fn lacks_route(&self) -> bool {
        match &self.recording {
            Recording::On(span) => span.recorder().lacks_route(),
            Recording::Off(source) => matches!(source, Source::Open(..)),
        }
    }

    /// Names the transaction by a route, from any of its spans. It is for code that learns the route later than the
    /// layer that serves the request. `template` becomes the attribute `http.route`. A name that is better than a raw
    /// path stays, and so does one that the application [set](Self::set_transaction_name). The name reaches the
    /// dynamic sampling context only if that has not left the process yet, but also if nothing is recorded.
    pub fn set_route(&self, name: TransactionName, template: Option<Cow<'static, str>>) {
        let in_context = name.for_sampling_context();
        match &self.recording {
            Recording::On(span) => {
                if span.recorder().set_route(name, template) {
                    self.source().rename(|| in_context);
                }
            }
            Recording::Off(Source::Open(_, open)) => open.name(in_context),
            Recording::Off(_) => {}
        }
    }

    /// Returns the name of the transaction so far; `None` if nothing is recorded or it has been sent.
    #[must_use]
    pub fn transaction_name(&self) -> Option<TransactionName> {
        self.recorded()?.recorder().name()
    }
}
