//! A gRPC call, as the head of its request describes it.

use std::time::{Duration, Instant};

use http::{HeaderMap, Method};

use super::content_type::claims_grpc;
use super::timeout::timeout_of;
use crate::scrub_path;

/// A gRPC call: its method, and the time that it may take.
#[derive(Debug)]
pub struct GrpcCall {
    path: Box<str>,
    deadline: Option<Deadline>,
}

#[derive(Debug)]
struct Deadline {
    start: Instant,
    timeout: Duration,
}

impl GrpcCall {
    /// Returns the call that a request is, if it claims to be gRPC by its content type. `path` is that of its URL.
    #[must_use]
    pub fn of(method: &Method, headers: &HeaderMap, path: &str) -> Option<Self> {
        claims_grpc(method, headers).then(|| Self::new(headers, scrub_path(path).into()))
    }

    pub(crate) fn new(headers: &HeaderMap, path: Box<str>) -> Self {
        let deadline = timeout_of(headers).map(|timeout| Deadline { start: Instant::now(), timeout });
        Self { path, deadline }
    }

    /// Returns the path of the request, in the form that may be recorded.
    pub(crate) fn into_path(self) -> Box<str> {
        self.path
    }

    /// Returns the method with its service, such as `shop.Orders/Get`: the last two segments of the path.
    pub(crate) fn method(&self) -> Option<&str> {
        let (start, method) = self.path.rsplit_once('/')?;
        let service = start.rsplit('/').next()?;
        let is_named = !service.is_empty() && !method.is_empty();
        is_named.then(|| self.path.get(start.len() - service.len()..)).flatten()
    }

    /// Returns the method as spans of a client are described, such as `/shop.Orders/Get`.
    pub(crate) fn description(&self) -> String {
        self.method().map_or_else(|| self.path.to_string(), |method| ["/", method].concat())
    }

    pub(crate) fn timeout(&self) -> Option<Duration> {
        self.deadline.as_ref().map(|deadline| deadline.timeout)
    }

    /// Returns whether a call that breaks off now does so because its time is over.
    pub(crate) fn is_overdue(&self) -> bool {
        self.deadline.as_ref().is_some_and(|deadline| ends_at(deadline.start.elapsed(), deadline.timeout))
    }
}

/// Returns whether a call that has taken this long was ended by its timeout. The time of a caller began before the
/// request arrived here, so the end may come a little earlier.
fn ends_at(elapsed: Duration, timeout: Duration) -> bool {
    const EARLY: Duration = Duration::from_millis(100);
    elapsed >= timeout.saturating_sub(EARLY.min(timeout / 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_method_is_the_last_two_segments_of_the_path() {
        let table = [
            ("/shop.Orders/Get", Some("shop.Orders/Get"), "/shop.Orders/Get"),
            ("/prefix/v1/shop.Orders/Get", Some("shop.Orders/Get"), "/shop.Orders/Get"),
            ("shop.Orders/Get", Some("shop.Orders/Get"), "/shop.Orders/Get"),
            ("/Get", None, "/Get"),
            ("//Get", None, "//Get"),
            ("/shop.Orders/", None, "/shop.Orders/"),
            ("/", None, "/"),
            ("", None, ""),
            ("*", None, "*"),
        ];
        for (path, method, description) in table {
            let call = GrpcCall::new(&HeaderMap::new(), path.into());
            assert_eq!((call.method(), &*call.description()), (method, description), "{path:?}");
        }
    }

    #[test]
    fn a_call_is_overdue_at_its_timeout_or_a_little_before() {
        let (ms, hour) = (Duration::from_millis, Duration::from_secs(3600));
        let table = [
            (ms(0), ms(0), true),
            (ms(89), ms(100), false),
            (ms(90), ms(100), true),
            (ms(100), ms(100), true),
            (hour - ms(101), hour, false),
            (hour - ms(100), hour, true),
        ];
        for (elapsed, timeout, expected) in table {
            assert_eq!(ends_at(elapsed, timeout), expected, "{elapsed:?} of {timeout:?}");
        }
    }
}
