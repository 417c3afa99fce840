//! The context of the request as an argument of an axum handler.

use std::convert::Infallible;
use std::fmt;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use trace_core::TraceContext;

/// The context of the request, in an axum handler.
///
/// `Option<CurrentTrace>` is `None` if no [`TraceServerLayer`](crate::TraceServerLayer) serves the request.
/// `CurrentTrace` then rejects the request with status 500.
///
/// ```
/// use trace_server::CurrentTrace;
///
/// async fn handler(CurrentTrace(context): CurrentTrace) -> String {
///     context.trace_id().to_string()
/// }
/// # let _router: axum::Router = axum::Router::new().route("/", axum::routing::get(handler));
/// ```
#[derive(Debug, Clone)]
pub struct CurrentTrace(pub TraceContext);

impl<S: Sync> FromRequestParts<S> for CurrentTrace {
    type Rejection = NoCurrentTrace;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        TraceContext::current().map(Self).ok_or(NoCurrentTrace(()))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for CurrentTrace {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(TraceContext::current().map(Self))
    }
}

/// The rejection of a request without a current context, because its route is not within a
/// [`TraceServerLayer`](crate::TraceServerLayer).
#[derive(Debug, Clone)]
pub struct NoCurrentTrace(());

impl fmt::Display for NoCurrentTrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "cannot extract CurrentTrace: no trace is current, the route must be within a TraceServerLayer",
        )
    }
}

impl std::error::Error for NoCurrentTrace {}

impl IntoResponse for NoCurrentTrace {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
