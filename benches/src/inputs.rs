//! What every contender gets to work on.

use bytes::Bytes;
use http::header::{ACCEPT, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Uri};
use http_body_util::Empty;

/// A request without a body.
pub(crate) type Request = http::Request<Empty<Bytes>>;

/// The trace that the caller sent, sampled.
pub(crate) const SENTRY_TRACE: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b07285-1";
/// The same, with no digit in its last place.
pub(crate) const MALFORMED_SENTRY_TRACE: &str = "771a43a4192642f0b136d5159a501700-b72fa28504b0728g-1";
/// The same for those who speak W3C Trace Context only.
pub(crate) const TRACEPARENT: &str = "00-771a43a4192642f0b136d5159a501700-b72fa28504b07285-01";
/// The same, with no digit in its last place.
pub(crate) const MALFORMED_TRACEPARENT: &str = "00-771a43a4192642f0b136d5159a501700-b72fa28504b0728g-01";
/// Nine members, 339 bytes.
pub(crate) const BAGGAGE: &str = "sentry-trace_id=771a43a4192642f0b136d5159a501700,\
    sentry-public_key=49d0f7386ad645858ae85020e393bef3,sentry-sample_rate=0.5,sentry-sampled=true,\
    sentry-sample_rand=0.182736,sentry-release=shop%401.4.0%2B7f3c,sentry-environment=production,\
    sentry-org_id=1,sentry-transaction=GET%20%2Fapi%2Fclients%2F%7Bcustomer_id%7D%2Forders%2F%7Border_id%7D";

/// The DSN of the service. Its host names the organization, which is compared with that of the baggage.
pub(crate) const DSN: &str = "https://49d0f7386ad645858ae85020e393bef3@o1.ingest.sentry.io/42";
/// The same of a server of one's own, whose host names none.
pub(crate) const DSN_WITHOUT_ORGANIZATION: &str =
    "https://49d0f7386ad645858ae85020e393bef3@sentry.example.com/42";
pub(crate) const RELEASE: &str = "shop@1.4.0";

/// Five texts that a URL may hold.
pub(crate) const TARGETS: [&str; 5] = [
    "orders.internal",
    "payments.internal",
    "api.example.com/v2",
    "search.example.net",
    "inventory.internal",
];
/// A URL that holds the last of them.
pub(crate) const TARGET_URL: &str = "http://inventory.internal:8080/v1/items/17?fields=stock";
/// A URL that holds none.
pub(crate) const OTHER_URL: &str = "http://warehouse.example.org:8080/v1/items/17?fields=stock";

/// A value as hyper makes them: a part of the bytes that were read, shared.
pub(crate) fn shared(value: &str) -> HeaderValue {
    let value = HeaderValue::from_maybe_shared(Bytes::from(value.to_owned())).unwrap();
    drop(value.clone());
    value
}

/// What comes in from a client that does not trace: four headers.
pub(crate) fn untraced_request() -> Request {
    let mut request = http::Request::get("/api/customers/8/orders/17").body(Empty::new()).unwrap();
    let headers = [
        ("host", "shop.example.com"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"),
        ("accept", "application/json"),
        ("accept-encoding", "gzip, deflate, br"),
    ];
    for (name, value) in headers {
        request.headers_mut().append(name, shared(value));
    }
    request
}

/// The same with a trace: seven headers.
pub(crate) fn traced_request() -> Request {
    let mut request = untraced_request();
    for (name, value) in [("sentry-trace", SENTRY_TRACE), ("baggage", BAGGAGE), ("traceparent", TRACEPARENT)]
    {
        request.headers_mut().append(name, shared(value));
    }
    request
}

/// A URL, read once for all requests to it.
pub(crate) fn uri(url: &'static str) -> &'static Uri {
    Box::leak(Box::new(Uri::from_static(url)))
}

/// What a service sends: three headers, and room for three more, which a clone of a header map would not have.
///
/// With more room, glibc would no longer serve the map from its lists of recently freed memory, and it would depend on all
/// earlier rows what an allocation costs.
pub(crate) fn outgoing_request(url: &'static Uri) -> Request {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = url.clone();
    let mut headers = HeaderMap::with_capacity(6);
    headers.append(HOST, HeaderValue::from_static("inventory.internal:8080"));
    headers.append(ACCEPT, HeaderValue::from_static("application/json"));
    headers.append(USER_AGENT, HeaderValue::from_static("shop/1.4"));
    *request.headers_mut() = headers;
    request
}

#[test]
fn the_baggage_is_what_the_table_says() {
    assert_eq!((BAGGAGE.len(), BAGGAGE.split(',').count()), (339, 9));
}
