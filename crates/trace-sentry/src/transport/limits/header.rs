//! The rate limits that a response states.
//!
//! Source: Sentry's document Rate Limiting.
//!
//! ```text
//! X-Sentry-Rate-Limits = limit *( "," limit )
//! limit                = seconds ":" [ category *( ";" category ) ] ":" scope ":" reason ":" namespaces
//! Retry-After          = seconds | HTTP-date
//! ```
//!
//! Seconds may have a fraction, and spaces are ignored. A limit without categories is for all data. Scope and all later
//! fields are ignored, and so are categories that are not known, and limits that cannot be read.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};

use super::Category;

const RATE_LIMITS: &str = "x-sentry-rate-limits";
/// The limit of a refusal that states none.
const DEFAULT: Duration = Duration::from_secs(60);
/// The longest limit. Nothing may silence a process that runs for months, and to ask once an hour costs one request.
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// A rate limit: nothing of the category, or nothing at all, may be sent for the duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(super) category: Option<Category>,
    pub(super) duration: Duration,
}

/// Returns the limits of a response. `Retry-After` counts if the status says that it is meant so, and if Sentry's own
/// header is missing or cannot be read.
pub(crate) fn of_response(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Vec<Limit> {
    let lines = headers.get_all(RATE_LIMITS).iter().filter_map(|line| line.to_str().ok());
    let stated: Vec<_> = lines.flat_map(|line| line.split(',')).filter_map(limit).collect();
    if !stated.is_empty() {
        return stated.into_iter().flatten().collect();
    }
    let after = headers.get_all(RETRY_AFTER).iter().filter_map(|after| after.to_str().ok());
    let after = after.filter_map(|after| seconds(after).or_else(|| until(after, now))).max();
    let duration = match status {
        StatusCode::TOO_MANY_REQUESTS => Some(after.unwrap_or(DEFAULT)),
        StatusCode::SERVICE_UNAVAILABLE => after,
        _ => None,
    };
    duration.map(|duration| Limit { category: None, duration }).into_iter().collect()
}

/// Reads one limit, as one for each of its known categories. Returns `None` if it cannot be read.
fn limit(text: &str) -> Option<Vec<Limit>> {
    let mut fields = text.split(':').map(str::trim);
    let duration = seconds(fields.next()?)?;
    let categories = fields.next().unwrap_or_default();
    if categories.is_empty() {
        return Some(vec![Limit { category: None, duration }]);
    }
    let known = categories.split(';').filter_map(|name| Category::named(name.trim()));
    Some(known.map(|category| Limit { category: Some(category), duration }).collect())
}

fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    let is_duration = seconds.is_finite() && seconds >= 0.0;
    is_duration.then(|| Duration::from_secs_f64(seconds.min(LONGEST.as_secs_f64())))
}

fn until(date: &str, now: SystemTime) -> Option<Duration> {
    let date = httpdate::parse_http_date(date.trim()).ok()?;
    Some(date.duration_since(now).unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use http::{HeaderMap, HeaderName, StatusCode};

    use super::super::Category::{self, Error, Internal, Log, Metric, Other, Session, Span, Transaction};
    use super::{Limit, of_response};

    /// The limits in seconds, where `None` is for all categories.
    type Limits<'a> = &'a [(Option<Category>, f64)];

    #[track_caller]
    fn check(name: &str, status: u16, headers: &[(&'static str, &str)], expected: Limits<'_>) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()))
            .collect();
        let now = httpdate::parse_http_date("Thu, 26 Nov 2026 12:00:00 GMT").unwrap();
        let expected: Vec<_> = expected
            .iter()
            .map(|&(category, seconds)| Limit { category, duration: Duration::from_secs_f64(seconds) })
            .collect();
        assert_eq!(of_response(StatusCode::from_u16(status).unwrap(), &headers, now), expected, "{name}");
    }

    #[test]
    fn sentrys_header_names_categories_or_means_all() {
        let table: &[(&str, &str, Limits<'_>)] = &[
            ("one category", "60:transaction:key", &[(Some(Transaction), 60.0)]),
            (
                "several limits",
                "60:transaction:key, 2700:default;error;session:organization",
                &[
                    (Some(Transaction), 60.0),
                    (Some(Other), 2700.0),
                    (Some(Error), 2700.0),
                    (Some(Session), 2700.0),
                ],
            ),
            ("all categories", "60::organization", &[(None, 60.0)]),
            ("seconds alone", "60", &[(None, 60.0)]),
            ("all fields, and one more", "60:span:project:spans_exceeded:custom:more", &[(Some(Span), 60.0)]),
            ("a fraction", "2.5:span", &[(Some(Span), 2.5)]),
            ("spaces", " 60 : error ; span : key , ", &[(Some(Error), 60.0), (Some(Span), 60.0)]),
            ("bytes are items", "1:log_byte;trace_metric_byte", &[(Some(Log), 1.0), (Some(Metric), 1.0)]),
            ("an unknown category beside a known one", "60:uptime;error:key", &[(Some(Error), 60.0)]),
            ("reports", "60:internal:key", &[(Some(Internal), 60.0)]),
            ("only unknown categories", "60:uptime;metric_bucket:key", &[]),
            ("no name between separators", "60:;:key", &[]),
            ("another case", "60:Error:key", &[]),
            ("nothing", "", &[]),
            ("no number", "soon:error:key", &[]),
            ("a negative number", "-5:error:key", &[]),
            ("not a number", "NaN:error:key", &[]),
            ("infinity", "inf:error:key", &[]),
            ("junk beside a limit", "x:error, 5:span, :, ::", &[(Some(Span), 5.0)]),
            ("a year", "31536000:error:key", &[(Some(Error), 3600.0)]),
            ("more than a number holds", "1e300:error:key", &[(Some(Error), 3600.0)]),
        ];
        for (name, header, expected) in table {
            check(name, 200, &[("x-sentry-rate-limits", header)], expected);
        }
    }

    #[test]
    fn a_response_without_limits_of_its_own_is_read_by_its_status() {
        let all = |seconds: f64| [(None, seconds)];
        let (limits, after) = ("x-sentry-rate-limits", "retry-after");
        type Row<'a> = (&'a str, u16, &'a [(&'static str, &'a str)], Vec<(Option<Category>, f64)>);
        let table: [Row<'_>; 15] = [
            ("accepted", 200, &[], vec![]),
            ("accepted, and told to wait", 200, &[(after, "5")], vec![]),
            ("refused", 429, &[], all(60.0).to_vec()),
            ("refused for some seconds", 429, &[(after, "5")], all(5.0).to_vec()),
            ("refused until a date", 429, &[(after, "Thu, 26 Nov 2026 12:00:30 GMT")], all(30.0).to_vec()),
            ("until a date in the past", 429, &[(after, "Thu, 26 Nov 2020 12:00:00 GMT")], all(0.0).to_vec()),
            ("for a year", 429, &[(after, "31536000")], all(3600.0).to_vec()),
            ("until next year", 429, &[(after, "Fri, 26 Nov 2027 12:00:00 GMT")], all(3600.0).to_vec()),
            ("for junk", 429, &[(after, "a while")], all(60.0).to_vec()),
            ("for a negative time", 429, &[(after, "-1")], all(60.0).to_vec()),
            ("Sentry's header counts", 429, &[(limits, "7:error"), (after, "5")], vec![(Some(Error), 7.0)]),
            ("even if it concerns nobody", 429, &[(limits, "7:uptime"), (after, "5")], vec![]),
            ("but not if it is junk", 429, &[(limits, "x"), (after, "5")], all(5.0).to_vec()),
            ("overloaded", 503, &[(after, "5")], all(5.0).to_vec()),
            ("overloaded for an unknown time", 503, &[(after, "a while")], vec![]),
        ];
        for (name, status, headers, expected) in table {
            check(name, status, headers, &expected);
        }
        check(
            "several times to wait",
            429,
            &[(after, "soon"), (after, "5"), (after, "30"), (after, "")],
            &all(30.0),
        );
        check(
            "two lines",
            200,
            &[(limits, "5:span"), (limits, "6:error")],
            &[(Some(Span), 5.0), (Some(Error), 6.0)],
        );
    }

    #[test]
    fn a_header_that_is_no_text_is_ignored() {
        let mut headers = HeaderMap::new();
        headers.insert("x-sentry-rate-limits", http::HeaderValue::from_bytes(b"\xff:error").unwrap());
        headers.insert("retry-after", http::HeaderValue::from_bytes(b"\xff").unwrap());
        assert!(of_response(StatusCode::OK, &headers, SystemTime::UNIX_EPOCH).is_empty());
        assert_eq!(
            of_response(StatusCode::TOO_MANY_REQUESTS, &headers, SystemTime::UNIX_EPOCH),
            [Limit { category: None, duration: Duration::from_secs(60) }]
        );
    }
}
