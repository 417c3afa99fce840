//! The name of a recorded transaction, as layers and the application change it.

use std::borrow::Cow;

use super::Transaction;
use crate::record::{TransactionName, replace};

impl Transaction {
    pub(crate) fn rename(&self, name: TransactionName) {
        self.lock().naming.set(name);
    }

    /// Returns the current name, unless the transaction has been sent.
    pub(crate) fn name(&self) -> Option<TransactionName> {
        let state = self.lock();
        state.root.is_some().then(|| state.naming.name().clone())
    }

    pub(crate) fn lacks_route(&self) -> bool {
        self.lock().naming.lacks_route()
    }

    /// Names the transaction by a route. Returns whether that is better than the name before.
    pub(crate) fn set_route(&self, name: TransactionName, template: Option<Cow<'static, str>>) -> bool {
        let mut state = self.lock();
        let is_better = state.naming.set_route(name);
        if let (true, Some(root), Some(template)) = (is_better, state.root.as_mut(), template) {
            replace(&mut root.attributes, "http.route".into(), template.into());
        }
        is_better
    }
}
