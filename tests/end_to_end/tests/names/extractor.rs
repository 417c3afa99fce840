//! The context of the request as an argument of an axum handler.

use axum::Router;
use axum::routing::get;
use end_to_end::{Client, Protocol, Server, recording, sentry_trace, text, trace_id};
use http::{Request, StatusCode};
use trace_server::{CurrentTrace, TraceServerLayer};

#[tokio::test]
async fn a_handler_takes_the_context_as_an_argument() {
    let (tracer, _transactions) = recording();
    let required = get(async |CurrentTrace(context): CurrentTrace| context.trace_id().to_string());
    let optional = get(async |current: Option<CurrentTrace>| match current {
        Some(CurrentTrace(context)) => context.trace_id().to_string(),
        None => "none".to_owned(),
    });
    let traced: Router =
        Router::new().route("/required", required.clone()).route("/optional", optional.clone());
    let bare = Router::new().route("/bare/required", required).route("/bare/optional", optional);
    let router = traced.layer(TraceServerLayer::new(tracer)).merge(bare);
    let server = Server::start(Protocol::Http1, router).await;
    let client = Client::connect(Protocol::Http1, &server).await;

    let explanation =
        "cannot extract CurrentTrace: no trace is current, the route must be within a TraceServerLayer";
    let table = [
        ("/required", StatusCode::OK, trace_id(7)),
        ("/optional", StatusCode::OK, trace_id(7)),
        ("/bare/required", StatusCode::INTERNAL_SERVER_ERROR, explanation.to_owned()),
        ("/bare/optional", StatusCode::OK, "none".to_owned()),
    ];
    for (path, status, answer) in table {
        let request = Request::get(path).header("sentry-trace", sentry_trace(7));
        let response = client.send(request.body(()).unwrap()).await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(text(response).await.unwrap(), answer, "{path}");
    }
}
