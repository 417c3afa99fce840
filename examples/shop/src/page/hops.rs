//! The hops of the page: for each service what came in and what went out.

use crate::baggage::Seen;
use crate::report::{Request, TraceHeaders};

/// The caller or a service.
pub(super) struct Hop<'a> {
    pub(super) name: &'a str,
    pub(super) ids: Vec<(&'static str, &'a str)>,
    pub(super) sampled: Option<&'static str>,
    pub(super) received: Option<Step<'a>>,
    pub(super) sent: Vec<Step<'a>>,
}

/// Headers in or out, and why they are as they are.
pub(super) struct Step<'a> {
    /// The service on the other side of an outgoing call.
    pub(super) to: &'a str,
    pub(super) url: &'a str,
    /// `injected`, `withheld`, `continued` or `new`.
    pub(super) verdict: &'a str,
    pub(super) reason: &'a str,
    pub(super) headers: Vec<Header<'a>>,
}

pub(super) struct Header<'a> {
    pub(super) name: &'static str,
    pub(super) value: &'a str,
    /// The members of a `baggage`: key and value.
    pub(super) members: Vec<(&'a str, &'a str)>,
    /// Who sent this very `baggage` before.
    pub(super) sender: Option<String>,
}

pub(super) fn of(request: &Request) -> Vec<Hop<'_>> {
    let mut seen = Seen::default();
    let caller = Hop {
        name: "caller",
        ids: Vec::new(),
        sampled: None,
        received: None,
        sent: vec![Step {
            to: "storefront",
            url: "",
            verdict: "sent",
            reason: "",
            headers: headers("the caller", &request.headers, &mut seen),
        }],
    };
    let mut hops = vec![caller];
    for service in &request.services {
        let ids =
            [("trace", &service.trace_id), ("span", &service.span_id), ("parent", &service.parent_span_id)];
        let (verdict, reason) = service.continuation.split_once(": ").unwrap_or(("", &service.continuation));
        let received = Step {
            to: "",
            url: "",
            verdict,
            reason,
            headers: headers(&service.name, &service.received, &mut seen),
        };
        let sent = service.sent.iter().map(|sent| Step {
            to: &sent.to,
            url: &sent.url,
            verdict: sent.decision.as_str(),
            reason: &sent.reason,
            headers: headers(&service.name, &sent.headers, &mut seen),
        });
        hops.push(Hop {
            name: &service.name,
            ids: ids.into_iter().filter_map(|(name, id)| Some((name, id.as_deref()?))).collect(),
            sampled: service.trace_id.as_ref().map(|_| service.sampled_text()),
            received: Some(received),
            sent: sent.collect(),
        });
    }
    hops
}

fn headers<'a>(from: &str, headers: &'a TraceHeaders, seen: &mut Seen) -> Vec<Header<'a>> {
    let mut header = |(name, value): (&'static str, &'a str)| match name {
        "baggage" => {
            let members =
                value.split(',').map(|member| member.trim().split_once('=').unwrap_or((member, "")));
            Header { name, value, members: members.collect(), sender: seen.sender(from, value) }
        }
        _ => Header { name, value, members: Vec::new(), sender: None },
    };
    headers.present().map(&mut header).collect()
}
