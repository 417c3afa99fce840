//! The checks: questions about one request, answered by what the services reported.

use std::collections::BTreeMap;

use crate::report::{Decision, Request, Service, TraceHeaders};

/// The services that take part in the trace.
pub(super) const TRACED: [&str; 4] = ["storefront", "orders", "inventory", "mailer"];

fn traced(request: &Request) -> impl Iterator<Item = Option<&Service>> {
    TRACED.iter().map(|name| request.services.iter().find(|service| service.name == *name))
}

pub(super) fn begins_with(request: &Request, continuation: &str, continued: bool) -> bool {
    let Some(storefront) = request.services.first() else {
        return false;
    };
    let callers = request.headers.part(0);
    storefront.continuation.starts_with(continuation)
        && (storefront.trace_id.as_deref() == callers) == continued
}

pub(super) fn one_trace_id(request: &Request) -> bool {
    let Some(first) = request.services.first().and_then(|service| service.trace_id.as_ref()) else {
        return false;
    };
    traced(request).all(|service| service.is_some_and(|service| service.trace_id.as_ref() == Some(first)))
        && request.transactions.iter().all(|transaction| transaction.trace_id == *first)
}

pub(super) fn parents_sent(request: &Request, continued: bool) -> bool {
    let sender = |name: &str| match name {
        "storefront" => request.headers.part(1).filter(|_| continued),
        _ => sent_to(request, name).and_then(|headers| headers.part(1)),
    };
    traced(request).all(|service| {
        service.is_some_and(|service| {
            let parent = service.parent_span_id.as_deref();
            parent == sender(&service.name)
                && (parent.is_some() || (service.name == "storefront" && !continued))
        })
    })
}

fn sent_to<'a>(request: &'a Request, name: &str) -> Option<&'a TraceHeaders> {
    let mut sent = request.services.iter().flat_map(|service| &service.sent);
    sent.find(|sent| sent.to == name).map(|sent| &sent.headers)
}

pub(super) fn courier_got_nothing(request: &Request) -> bool {
    let mut sent = request.services.iter().flat_map(|service| &service.sent);
    let withheld = sent.any(|sent| sent.to == "courier" && sent.decision == Decision::Withheld);
    let courier = request.services.iter().find(|service| service.name == "courier");
    withheld && courier.is_some_and(|courier| courier.received == TraceHeaders::default())
}

pub(super) fn sampling_context_is_callers(request: &Request, added: &[&str]) -> bool {
    let callers = request.headers.sampling_context();
    ["inventory", "mailer"].into_iter().all(|name| {
        let mut arrived = received(request, name);
        let all_added = added.iter().all(|key| arrived.remove(*key).is_some());
        all_added && !callers.is_empty() && arrived == callers
    })
}

pub(super) fn sampling_context_is_ours(request: &Request) -> bool {
    let Some(trace_id) = request.services.first().and_then(|service| service.trace_id.as_deref()) else {
        return false;
    };
    let arrived = received(request, "inventory");
    arrived.get("sentry-trace_id") == Some(&trace_id)
        && arrived.get("sentry-release") == Some(&"storefront%401.4.0")
        && arrived.get("sentry-transaction") == Some(&"GET%20%2Fcheckout%2F%7Border%7D")
        && arrived == received(request, "mailer")
}

fn received<'a>(request: &'a Request, name: &str) -> BTreeMap<&'a str, &'a str> {
    let service = request.services.iter().find(|service| service.name == name);
    service.map(|service| service.received.sampling_context()).unwrap_or_default()
}

pub(super) fn all_recorded(request: &Request) -> bool {
    request.transactions.len() == TRACED.len()
        && traced(request).all(|service| {
            let id = service.and_then(|service| service.span_id.as_ref());
            let mut own =
                request.transactions.iter().filter(|transaction| Some(&transaction.root.span_id) == id);
            own.next().is_some_and(|transaction| {
                transaction.outcome == "complete" && transaction.root.status.as_deref() == Some("ok")
            }) && own.next().is_none()
        })
}

pub(super) fn inventory_lasts(request: &Request) -> bool {
    let service = request.services.iter().find(|service| service.name == "inventory");
    let transaction = request.transactions.iter().find(|transaction| transaction.service == "inventory");
    let (Some(service), Some(transaction)) = (service, transaction) else {
        return false;
    };
    let last_item = transaction.spans.iter().map(|span| span.end_ms()).fold(0.0, f64::max);
    let head = service.answered_ms.unwrap_or(f64::MAX);
    head < last_item && last_item <= transaction.root.end_ms() && transaction.spans.len() > 1
}

pub(super) fn one_decision(request: &Request, sampled: bool) -> bool {
    let flag = if sampled { "1" } else { "0" };
    traced(request).all(|service| service.is_some_and(|service| service.sampled == Some(sampled)))
        && ["orders", "inventory", "mailer"]
            .iter()
            .all(|name| sent_to(request, name).and_then(|headers| headers.part(2)) == Some(flag))
}

impl TraceHeaders {
    /// A part of `sentry-trace`: trace id, span id, flag.
    fn part(&self, index: usize) -> Option<&str> {
        self.sentry_trace.as_deref()?.split('-').nth(index)
    }

    /// The members of `baggage` that are Sentry's, as they are.
    fn sampling_context(&self) -> BTreeMap<&str, &str> {
        let members = self.baggage.as_deref().unwrap_or_default().split(',');
        members
            .filter_map(|member| member.trim().split_once('='))
            .filter(|(key, _)| key.starts_with("sentry-"))
            .collect()
    }
}
