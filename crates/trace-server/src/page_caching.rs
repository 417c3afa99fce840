//! Whether a response is a page that no cache answers with in the place of the service.
//!
//! Source: RFC 9111 (caching), RFC 9213 (targeted cache control), and what the common proxies and content delivery
//! networks add to them.

use http::header::{CACHE_CONTROL, CONTENT_TYPE, EXPIRES, LAST_MODIFIED};
use http::{HeaderMap, StatusCode};

/// Directives after which a cache may share a response, or answer with it without asking, whatever else is said.
const REUSABLE: [&str; 5] =
    ["public", "s-maxage", "must-understand", "stale-while-revalidate", "stale-if-error"];

/// Headers that tell some caches something else than `cache-control` does.
const FOR_SOME_CACHES: [&str; 3] = ["surrogate-control", "edge-control", "x-accel-expires"];

/// Returns whether a response is a page, or tells that one has not changed, and says that it is for this request only.
///
/// It says so with `no-store`, or with `private` and nothing by which the browser may show it again without asking. Other
/// signs do not count: `vary`, since the trace is not in the request; `set-cookie` and an `authorization` in the request,
/// since caches can be told to ignore them. What is unclear counts as reusable.
pub(crate) fn is_fresh_page(status: StatusCode, headers: &HeaderMap) -> bool {
    (status == StatusCode::NOT_MODIFIED || is_html(headers))
        && !headers.keys().any(|name| is_for_some_caches(name.as_str()))
        && is_for_this_request_only(headers).unwrap_or(false)
}

fn is_html(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()?.split(';').next());
    kind.is_some_and(|kind| {
        ["text/html", "application/xhtml+xml"].iter().any(|html| kind.trim().eq_ignore_ascii_case(html))
    })
}

fn is_for_some_caches(name: &str) -> bool {
    name.ends_with("cdn-cache-control") || FOR_SOME_CACHES.contains(&name)
}

/// Returns `None` if a directive cannot be read, or has a quoted argument, which restricts it to some headers.
fn is_for_this_request_only(headers: &HeaderMap) -> Option<bool> {
    let (mut no_store, mut private, mut no_cache, mut ages, mut reusable) = (false, false, false, 0, false);
    for line in headers.get_all(CACHE_CONTROL) {
        let line = line.to_str().ok().filter(|line| !line.contains('"'))?;
        for directive in line.split(',') {
            let (name, argument) = directive.split_once('=').unwrap_or((directive, ""));
            match (name.trim().to_ascii_lowercase().as_str(), argument.trim()) {
                ("no-store", "") => no_store = true,
                ("private", "") => private = true,
                ("no-cache", "") => no_cache = true,
                ("max-age", "0") => ages += 1,
                ("max-age", _) => (ages, reusable) = (ages + 1, true),
                (name, _) if REUSABLE.contains(&name) => return Some(false),
                _ => {}
            }
        }
    }
    let has_dates = headers.contains_key(EXPIRES) || headers.contains_key(LAST_MODIFIED);
    let is_asked_for = no_cache || (!reusable && (ages > 0 || !has_dates));
    Some(no_store || (private && is_asked_for))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    type Line = (&'static str, &'static str);

    fn judge(status: u16, lines: &[Line]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        is_fresh_page(StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn cache_control_of_a_page() {
        let table: [(&[&'static str], bool); 27] = [
            (&[], false),
            (&["no-store"], true),
            (&["No-Store , no-cache"], true),
            (&["private"], true),
            (&["private, no-cache"], true),
            (&["private", "max-age=0"], true),
            (&["private, max-age=0, must-revalidate"], true),
            (&["no-store, max-age=60"], true),
            (&["private, no-cache, max-age=60"], true),
            // The browser shows the page again.
            (&["private, max-age=60"], false),
            (&["private, max-age=0, max-age=60"], false),
            (&["private, max-age=x"], false),
            (&["private, max-age=0, stale-while-revalidate=60"], false),
            (&["private, no-cache, stale-if-error=60"], false),
            // A shared cache keeps the page, some to ask us whether it has changed.
            (&["no-cache"], false),
            (&["max-age=0, must-revalidate"], false),
            (&["public, no-store"], false),
            (&["private, s-maxage=0"], false),
            (&["no-store, must-understand"], false),
            // Only for some headers, or not to be understood.
            (&["private=\"set-cookie\""], false),
            (&["private, no-cache=\"set-cookie\""], false),
            (&["x=\"a, private"], false),
            (&["private=x"], false),
            (&["no-store=0"], false),
            (&["privates, xno-store"], false),
            (&["no-store", "\u{e9}"], false),
            (&["no store; private"], false),
        ];
        for (lines, expected) in table {
            let lines = lines.iter().map(|line| ("cache-control", *line));
            let lines: Vec<_> = [("content-type", "text/html")].into_iter().chain(lines).collect();
            assert_eq!(judge(200, &lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn other_headers_and_statuses() {
        const HTML: Line = ("content-type", "text/html; charset=utf-8");
        const PRIVATE: Line = ("cache-control", "private");
        const NO_CACHE: Line = ("cache-control", "no-cache");
        let table: [(u16, &[Line], bool); 18] = [
            (200, &[HTML, PRIVATE], true),
            (404, &[HTML, PRIVATE], true),
            (200, &[("content-type", "Application/XHTML+xml"), PRIVATE], true),
            (200, &[("content-type", "application/json"), PRIVATE], false),
            (200, &[("content-type", "text/htmlx"), PRIVATE], false),
            (200, &[PRIVATE], false),
            (304, &[PRIVATE], true),
            (304, &[], false),
            (304, &[("etag", "\"1\"")], false),
            // They say nothing of caches.
            (200, &[HTML, ("vary", "*")], false),
            (200, &[HTML, ("vary", "cookie, authorization")], false),
            (200, &[HTML, ("set-cookie", "id=1")], false),
            // By its date, the browser may take the page for fresh.
            (200, &[HTML, PRIVATE, ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")], false),
            (200, &[HTML, PRIVATE, ("expires", "Thu, 01 Jan 2026 00:00:00 GMT")], false),
            (200, &[HTML, PRIVATE, NO_CACHE, ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")], true),
            (200, &[HTML, PRIVATE, ("cdn-cache-control", "no-store")], false),
            (200, &[HTML, PRIVATE, ("cloudflare-cdn-cache-control", "max-age=60")], false),
            (200, &[HTML, PRIVATE, ("x-accel-expires", "60")], false),
        ];
        for (status, lines, expected) in table {
            assert_eq!(judge(status, lines), expected, "{status} {lines:?}");
        }
    }
}
