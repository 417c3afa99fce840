//! The name of a recorded transaction, as layers and the application change it.

use std::borrow::Cow;

use super::Recorder;
use crate::record::TransactionName;

impl Recorder {
    pub(crate) fn rename(&self, name: TransactionName) {
        self.lock().naming.set(name);
    }

    /// Returns the current name, unless the transaction has been sent.
    pub(crate) fn name(&self) -> Option<TransactionName> {
        let state = self.lock();
        (!state.is_sent).then(|| state.naming.name().clone())
    }

    pub(crate) fn lacks_route(&self) -> bool {
        self.lock().naming.lacks_route()
    }

    /// Names the transaction by a route. Returns whether that is better than the name before.
    pub(crate) fn set_route(&self, name: TransactionName, template: Option<Cow<'static, str>>) -> bool {
        let mut state = self.lock();
        let is_better = state.naming.set_route(name);
        if let (true, Some(span), Some(template)) = (is_better, state.service_span(), template) {
            span.set_attribute("http.route".into(), template.into());
        }
        is_better
    }
}
