//! Three hosts that redirect by a plan: one is the target, at 127.0.0.1, the others are strangers, at 127.0.0.2 and at
//! the name `localhost`, whose socket is that of the target.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use end_to_end::{Protocol, Server};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tower::service_fn;
use trace_client::{Target, TraceClientLayer};
use trace_core::Tracer;

/// The host that is the target.
pub(crate) const OURS: usize = 0;
/// A stranger at another address.
pub(crate) const STRANGER: usize = 1;

/// What the hop of a number answers.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) location: Vec<u8>,
}

/// A request that arrived.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// The number of the site.
    pub(crate) site: usize,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Arrived {
    pub(crate) fn count(&self, name: &str) -> usize {
        self.headers.get_all(name).iter().count()
    }

    /// Whether a header holds a text.
    pub(crate) fn names(&self, header: &str, text: &str) -> bool {
        self.headers.get(header).is_some_and(|value| value.to_str().unwrap().contains(text))
    }

    /// The id of the trace that the request names.
    pub(crate) fn trace_id(&self) -> &str {
        self.headers["sentry-trace"].to_str().unwrap().split('-').next().unwrap()
    }

    /// The id of the span that the request names.
    pub(crate) fn span_id(&self) -> Option<&str> {
        self.headers.get("sentry-trace")?.to_str().unwrap().split('-').nth(1)
    }
}

#[derive(Default)]
struct State {
    plan: Vec<Answer>,
    arrived: Vec<Arrived>,
}

pub(crate) struct Sites {
    state: Arc<Mutex<State>>,
    servers: [Server; 2],
}

impl Sites {
    pub(crate) async fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let ours = Self::serve([127, 0, 0, 1], &state).await;
        let stranger = Self::serve([127, 0, 0, 2], &state).await;
        Self { state, servers: [ours, stranger] }
    }

    async fn serve(address: [u8; 4], state: &Arc<Mutex<State>>) -> Server {
        let state = Arc::clone(state);
        let service = service_fn(move |request: Request<Incoming>| answer(request, Arc::clone(&state)));
        Server::start_at(address, Protocol::Http1, service).await
    }

    /// Sets what the hops answer. Any further one answers 200.
    pub(crate) fn plan(&self, plan: Vec<Answer>) {
        self.state.lock().unwrap().plan = plan;
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        std::mem::take(&mut self.state.lock().unwrap().arrived)
    }

    /// The absolute URL of a hop at a site.
    pub(crate) fn url(&self, site: usize, hop: usize) -> String {
        let [ours, stranger] = &self.servers;
        match site {
            OURS => ours.url(&format!("/{hop}")),
            STRANGER => stranger.url(&format!("/{hop}")),
            _ => format!("http://localhost:{}/{hop}", ours.address().port()),
        }
    }

    /// A proxy that answers for all sites.
    pub(crate) fn proxy(&self) -> String {
        self.servers[OURS].url("")
    }

    /// A layer whose only target is the first site.
    pub(crate) fn layer(&self, tracer: &Tracer) -> TraceClientLayer {
        let target = Target::origin(self.url(OURS, 0).trim_end_matches("/0"));
        TraceClientLayer::new(tracer.clone()).targets([target]).unwrap()
    }
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let host = parts.headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let site = if host.starts_with("127.0.0.1:") {
        OURS
    } else if host.starts_with("127.0.0.2:") {
        STRANGER
    } else {
        2
    };
    let hop: usize = parts.uri.path()[1..].parse().unwrap_or(usize::MAX);
    let mut state = state.lock().unwrap();
    state.arrived.push(Arrived { site, method: parts.method, headers: parts.headers, body });
    let mut response = Response::new(Full::default());
    if let Some(Answer { status, location }) = state.plan.get(hop) {
        *response.status_mut() = StatusCode::from_u16(*status).unwrap();
        response.headers_mut().insert(LOCATION, HeaderValue::from_bytes(location).unwrap());
    }
    Ok(response)
}

/// What must hold of all requests that arrived: a target got each header once, a stranger none.
///
/// A client whose own following is only guarded carries no headers to a target that strangers redirect to.
#[track_caller]
pub(crate) fn assert_no_leak(arrived: &[Arrived], carries_to_targets: bool, what: &str) {
    for request in arrived {
        let counts = ["sentry-trace", "baggage", "traceparent"].map(|name| request.count(name));
        if request.site == OURS && carries_to_targets {
            assert_eq!(counts, [1, 1, 0], "{what}: {request:#?}");
        } else if request.site != OURS {
            assert_eq!(counts, [0, 0, 0], "{what}: {request:#?}");
        }
        assert!(counts.iter().all(|count| *count <= 1), "{what}: {request:#?}");
    }
}
