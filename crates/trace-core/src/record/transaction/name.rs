//! The name of a transaction, as its contexts and layers change it.

use std::borrow::Cow;

use super::Transaction;
use crate::context::{Recording, TraceContext, replace};
use crate::dsc::Origin;
use crate::http::grpc;
use crate::record::TransactionName;

/// The name of the transaction that a context belongs to.
impl TraceContext {
    /// Renames the transaction, from any of its spans. The name reaches the dynamic sampling context only if that has
    /// not left the process yet.
    pub fn set_transaction_name(&self, name: TransactionName) {
        self.origin().rename(|| name.for_sampling_context());
        if let Some(span) = self.span() {
            span.transaction().rename(name);
        }
    }

    /// Names the transaction by the route that a router matched, with the attribute `http.route`, from any of its spans:
    /// for a layer inside of the one that serves the request. A name that is better than a raw path stays, and then `route`
    /// is not asked. The name reaches the dynamic sampling context only if that has not left the process yet, but also
    /// where nothing is recorded.
    pub fn set_route(&self, route: impl FnOnce() -> Option<(TransactionName, Cow<'static, str>)>) {
        match &self.recording {
            Recording::On(span) if span.transaction().lacks_route() => {
                let Some((name, route)) = route() else { return };
                let in_context = name.for_sampling_context();
                if span.transaction().set_route(name, route) {
                    self.origin().rename(|| in_context);
                }
            }
            Recording::Off(Origin::Head(_, head)) => {
                if let Some((name, _)) = route() {
                    head.name(name.for_sampling_context());
                }
            }
            Recording::On(_) | Recording::Off(_) => {}
        }
    }

    /// Returns what the transaction is called so far; `None` if nothing is recorded or it has been sent.
    #[must_use]
    pub fn transaction_name(&self) -> Option<TransactionName> {
        self.span()?.transaction().name()
    }

    /// Notes that the request claims to be gRPC, which its answer will show.
    pub(crate) fn claim_grpc(&self, path: impl FnOnce() -> String) {
        if let Some(span) = self.span() {
            span.transaction().claim_grpc(path());
        }
    }

    /// Notes that the request is answered as gRPC, with the status once there is one.
    pub(crate) fn answer_grpc(&self, code: Option<u32>) {
        if let Some(name) = self.span().and_then(|span| span.transaction().answer_grpc(code)) {
            self.origin().rename(|| name.for_sampling_context());
        }
    }
}

impl Transaction {
    fn rename(&self, name: TransactionName) {
        self.lock().naming.set(name);
    }

    /// The name so far, unless it has been sent.
    fn name(&self) -> Option<TransactionName> {
        let state = self.lock();
        state.root.is_some().then(|| state.naming.name().clone())
    }

    fn lacks_route(&self) -> bool {
        self.lock().naming.lacks_route()
    }

    /// Names the transaction by a route. Returns whether that is better than the name before.
    fn set_route(&self, name: TransactionName, route: Cow<'static, str>) -> bool {
        let mut state = self.lock();
        let is_better = state.naming.set_route(name);
        if let Some(root) = state.root.as_mut().filter(|_| is_better) {
            replace(&mut root.data, "http.route".into(), route.into());
        }
        is_better
    }

    fn claim_grpc(&self, path: String) {
        self.lock().naming.claim_grpc(path);
    }

    /// Notes an answer of gRPC, with its status once there is one. Returns the name if it is better now.
    fn answer_grpc(&self, code: Option<u32>) -> Option<TransactionName> {
        let mut state = self.lock();
        // A status is no accident, as the content type is of a service that sends back what it got.
        if let Some(root) = state.root.as_mut().filter(|_| code.is_some()) {
            // What the application said stays.
            if root.operation == grpc::OPERATION_BEFORE {
                root.operation = grpc::OPERATION.into();
            }
            if root.origin == grpc::ORIGIN_BEFORE {
                root.origin = grpc::ORIGIN.into();
            }
        }
        state.naming.answer_grpc(code).then(|| state.naming.name().clone())
    }
}
