//! Pages that name the trace of their request in one way or another, or not at all.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LAST_MODIFIED,
};
use axum::http::{HeaderMap, HeaderName, Response, StatusCode};
use axum::routing::get;
use futures_util::stream;
use trace_core::Tracer;
use trace_server::{MetaTags, TraceServerLayer};

/// How a page names its trace and what it says of caches.
struct Kind {
    path: &'static str,
    has_tags: bool,
    headers: &'static [(HeaderName, &'static str)],
}

const TAG: &str = "\"1\"";
const NO_STORE: (HeaderName, &str) = (CACHE_CONTROL, "no-store");
const DATE: (HeaderName, &str) = (LAST_MODIFIED, "Thu, 01 Jan 2026 00:00:00 GMT");

/// The pages. Those with a `cache-control` by which nobody keeps them get `Server-Timing` from the layer.
const KINDS: [Kind; 7] = [
    Kind { path: "tags", has_tags: true, headers: &[] },
    Kind { path: "strict", has_tags: true, headers: &[(CONTENT_SECURITY_POLICY, "script-src 'nonce-4bd1'")] },
    Kind { path: "timing", has_tags: false, headers: &[NO_STORE] },
    Kind { path: "both", has_tags: true, headers: &[NO_STORE] },
    Kind {
        path: "revalidated",
        has_tags: false,
        headers: &[(CACHE_CONTROL, "private, no-cache"), (ETAG, TAG)],
    },
    Kind { path: "kept", has_tags: false, headers: &[(CACHE_CONTROL, "private, max-age=60"), (ETAG, TAG)] },
    Kind { path: "silent", has_tags: false, headers: &[DATE] },
];

/// Where the script of a page sends what.
#[derive(Clone)]
pub(crate) struct Destinations {
    pub(crate) dsn: String,
    pub(crate) api: String,
}

impl Destinations {
    /// Returns a page in two pieces, as one that is rendered while it is sent.
    fn page(&self, meta_tags: &str) -> Body {
        let Self { dsn, api } = self;
        let head = format!("<!doctype html><head><title>Shop</title>{meta_tags}</head>");
        let body = format!(
            "<body data-dsn=\"{dsn}\" data-api=\"{api}\"><h1>Shop</h1><p id=answer></p>\
             <script nonce=4bd1 src=/app.js></script></body>"
        );
        Body::from_stream(stream::iter([head, body].map(Ok::<_, Infallible>)))
    }
}

async fn page(
    Path(path): Path<String>,
    State(destinations): State<Destinations>,
    request: HeaderMap,
) -> Result<Response<Body>, StatusCode> {
    let kind = KINDS.iter().find(|kind| kind.path == path).ok_or(StatusCode::NOT_FOUND)?;
    let mut response = Response::builder();
    for (name, value) in kind.headers {
        response = response.header(name, *value);
    }
    let is_known = request.get(IF_NONE_MATCH).is_some_and(|known| known == TAG);
    let response = if is_known {
        response.status(StatusCode::NOT_MODIFIED).body(Body::empty())
    } else {
        let tags = if kind.has_tags { MetaTags::current() } else { MetaTags::default() };
        let html = response.header(CONTENT_TYPE, "text/html; charset=utf-8");
        html.body(destinations.page(&tags.to_string()))
    };
    response.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

pub(crate) fn app(tracer: Tracer, bundle: Vec<u8>, destinations: Destinations) -> Router {
    let bundle = Bytes::from(bundle);
    let script = async || ([(CONTENT_TYPE, "text/javascript")], bundle);
    Router::new()
        .route("/{page}", get(page))
        .layer(TraceServerLayer::new(tracer).server_timing(true))
        .route("/app.js", get(script))
        .with_state(destinations)
}
