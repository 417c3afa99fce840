//! The options of one call.

use end_to_end::{recording, sentry_trace};
use http::Request;
use http_body_util::Empty;
use reqwest_middleware::ClientBuilder;
use tower::{Layer, ServiceExt};
use trace_client::{
    CallOptions, FollowRedirectsLayer, ParentLayer, SendTraced, SendTracedBlocking, TraceClientLayer,
    TraceMiddleware,
};
use trace_core::{TraceExt, in_current_trace};

use crate::destination::{Destination, Kind, hyper_client};
use crate::handler::{end, handler};

#[tokio::test]
async fn a_template_names_the_span() {
    let destination = Destination::start().await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    let options = || CallOptions::new().url_template("/{status}").resend_count(3);
    let url = destination.url("/200");
    let handler = handler(&tracer);
    async {
        let request = Request::get(&url).extension(options()).body(()).unwrap();
        destination.send(Kind::Hyper, &layer, request).await.unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        drop(client.get(&url).send_traced_with(&layer, options()).await.unwrap());
        let (layer, url) = (layer.clone(), url.clone());
        let work = in_current_trace(move || {
            let client = reqwest::blocking::Client::builder().no_proxy().build().unwrap();
            client.get(&url).send_traced_with(&layer, &options()).unwrap().text().unwrap()
        });
        tokio::task::spawn_blocking(work).await.unwrap();
    }
    .in_trace(&handler)
    .await;
    let spans = end(handler, &mut transactions);
    assert_eq!(spans.len(), 3);
    for span in spans {
        assert_eq!(span.description, "GET /{status}");
        let text = |name| span.attribute(name).map(ToString::to_string);
        assert_eq!(text("url.template").as_deref(), Some("/{status}"));
        assert_eq!(text("url.full"), Some(url.clone()));
        assert_eq!(text("http.request.resend_count").as_deref(), Some("3"));
    }
}

#[tokio::test]
async fn options_may_be_used_for_several_calls() {
    let destination = Destination::start().await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    let options = CallOptions::new().url_template("/{status}");
    let handler = handler(&tracer);
    let client = ParentLayer::new().layer(layer.layer(hyper_client()));
    let plain =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let middleware = ClientBuilder::new(plain.clone()).with(TraceMiddleware::new(layer.clone())).build();
    let following = FollowRedirectsLayer::new(layer.clone());
    async {
        for _ in 0..2 {
            let url = destination.url("/200");
            let request = Request::get(&url).extension(options.clone()).body(Empty::new()).unwrap();
            drop(client.clone().oneshot(request).await.unwrap());
            drop(plain.get(&url).send_traced_with(&following, options.clone()).await.unwrap());
            drop(middleware.get(&url).with_extension(options.clone()).send().await.unwrap());
        }
    }
    .in_trace(&handler)
    .await;
    let spans = end(handler, &mut transactions);
    assert_eq!(spans.len(), 6);
    assert!(spans.iter().all(|span| span.attribute("http.request.resend_count").is_none()), "{spans:#?}");
}

#[tokio::test]
async fn a_call_is_left_out_with_the_headers_that_came_in() {
    let destination = Destination::start().await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    let url = destination.url("/200");
    let incoming = sentry_trace(7);
    let context = tracer.continue_trace([("sentry-trace", incoming.clone())].as_slice());
    let handler = tracer.service_span("test", "test").in_trace(context).start();
    // Behind a buffer, the parent is in the options, and nothing is current.
    let parents = [None, Some(handler.context().clone())];
    for parent in parents {
        let mut options = CallOptions::new().without_tracing();
        let is_current = parent.is_none();
        if let Some(parent) = parent {
            options = options.parent(parent);
        }
        let send = async {
            let request = Request::get(&url).header("sentry-trace", &incoming).extension(options.clone());
            destination.send(Kind::Hyper, &layer, request.body(()).unwrap()).await.unwrap();
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = client.get(&url).header("sentry-trace", &incoming);
            drop(request.send_traced_with(&layer, options).await.unwrap());
        };
        match is_current {
            true => send.in_trace(&handler).await,
            false => send.await,
        }
        let received = destination.received();
        assert_eq!(received.len(), 2);
        for head in received {
            assert_eq!((head.lines("sentry-trace"), head.lines("baggage")), (None, None));
        }
    }
    assert!(end(handler, &mut transactions).is_empty());
}

#[tokio::test]
async fn the_parent_of_a_call_may_be_given() {
    let destination = Destination::start().await;
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    let handler = handler(&tracer);
    let options = CallOptions::new().parent(handler.context().clone());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let call = client.get(destination.url("/200")).send_traced_with(&layer, options);
    drop(tokio::spawn(call).await.unwrap().unwrap());
    let spans = end(handler, &mut transactions);
    assert!(destination.only().lines("sentry-trace").unwrap().contains(&spans[0].span_id.to_string()));
}

#[tokio::test]
async fn a_request_that_cannot_be_built_is_no_span() {
    let (tracer, mut transactions) = recording();
    let layer = TraceClientLayer::new(tracer.clone());
    let handler = handler(&tracer);
    let call = reqwest::Client::new().get("http://[::1").send_traced(&layer);
    assert!(call.in_trace(&handler).await.unwrap_err().is_builder());
    assert!(end(handler, &mut transactions).is_empty());
}
