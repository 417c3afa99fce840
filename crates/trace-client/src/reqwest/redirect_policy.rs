//! A policy for reqwest's own following of redirects.

use super::library::Url;
use super::library::redirect::Policy;
use crate::layer::TraceClientLayer;

/// Returns a policy for a `reqwest::Client` that follows redirects itself: it stops where the headers of a trace would
/// reach a host that is not a target, and otherwise does what `policy` does.
///
/// reqwest repeats the headers of the first request at every hop, below every layer. So where the first URL is a target,
/// the client returns the response that redirects to anything else. Where it is not, the request carries no headers of
/// the trace, unless you wrote a `sentry-trace` yourself, and nothing is stopped. The client's `default_headers` are a
/// part of that request and go along to every hop, except that credentials stay at their scheme, host and port. The span
/// is that of the first request. To follow to any host, and with headers that are decided at every hop, use
/// [`FollowRedirectsLayer`](super::FollowRedirectsLayer).
///
/// ```
/// use reqwest::redirect::Policy;
/// # let tracer = trace_core::Tracer::noop();
///
/// let layer = trace_client::TraceClientLayer::new(tracer).targets(["http://inventory.internal/"])?;
/// let policy = trace_client::redirect_policy(&layer, Policy::default());
/// let client = reqwest::Client::builder().redirect(policy).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn redirect_policy(layer: &TraceClientLayer, policy: Policy) -> Policy {
    let layer = layer.clone();
    let may_carry = move |url: &Url| url.as_str().parse().is_ok_and(|uri| layer.may_carry(&uri));
    Policy::custom(move |attempt| {
        let carries = attempt.previous().first().is_none_or(&may_carry);
        if carries && !may_carry(attempt.url()) { attempt.stop() } else { policy.redirect(attempt) }
    })
}
