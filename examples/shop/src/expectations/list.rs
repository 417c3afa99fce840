//! The list: each expectation in words, with the check that belongs to it.

use super::checks::{
    TRACED, all_recorded, begins_with, courier_got_nothing, inventory_lasts, one_decision, one_trace_id,
    parents_sent, sampling_context_is_callers, sampling_context_is_ours,
};
use crate::report::{Expectation, Request};
use crate::scenarios::Expected;

/// Checks the request, whose caller was answered with `answer`.
pub(crate) fn check(request: &Request, expected: &Expected, answer: &str) -> Vec<Expectation> {
    let Expected { continuation, sampled, added } = *expected;
    let check = |text: String, held: bool| Expectation { text, held };
    let continued = continuation.starts_with("continued");

    let mut expectations = vec![
        check("the caller is answered in full".to_owned(), answer.contains("biscuits")),
        check(
            match continuation.split_once(": ") {
                Some((_, reason)) => format!("storefront starts a new trace: {reason}"),
                None => "storefront continues the caller's trace".to_owned(),
            },
            begins_with(request, continuation, continued),
        ),
        check(format!("one trace id through {}", TRACED.join(", ")), one_trace_id(request)),
        check("every parent is the span that sent the request".to_owned(), parents_sent(request, continued)),
        check(
            "nothing of the trace reaches courier, which is no target".to_owned(),
            courier_got_nothing(request),
        ),
    ];
    expectations.push(match (continued, added) {
        (true, []) => check(
            "the dynamic sampling context at inventory and mailer is the caller's, key by key".to_owned(),
            sampling_context_is_callers(request, added),
        ),
        (true, added) => check(
            format!(
                "the dynamic sampling context at inventory and mailer is the caller's, with {} of storefront",
                added.join(" and ")
            ),
            sampling_context_is_callers(request, added),
        ),
        (false, _) => check(
            "the dynamic sampling context is storefront's, the same at inventory and mailer".to_owned(),
            sampling_context_is_ours(request),
        ),
    });
    expectations.push(match sampled {
        true => check(format!("{} transactions, each complete", TRACED.len()), all_recorded(request)),
        false => check("no service sends a transaction".to_owned(), request.transactions.is_empty()),
    });
    if sampled {
        expectations.push(check(
            "inventory's transaction lasts until its last item is out, long after the head of the answer"
                .to_owned(),
            inventory_lasts(request),
        ));
    }
    let decision = if sampled { "sampled" } else { "not sampled" };
    expectations.push(check(
        format!("all services keep to one decision: {decision}"),
        one_decision(request, sampled),
    ));
    expectations
}
