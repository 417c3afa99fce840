//! `GET /leaf`: what arrived, and the trace it became.

use axum::Json;
use axum::http::HeaderMap;
use trace_server::CurrentTrace;

use crate::report::Report;

pub(super) async fn leaf(CurrentTrace(trace): CurrentTrace, headers: HeaderMap) -> Json<Report> {
    Json(Report::new(&trace, &headers))
}
