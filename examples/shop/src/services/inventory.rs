//! inventory: plain hyper. It answers as the items are picked, one line each.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use http::{Request, Response};
use http_body_util::StreamBody;
use hyper::body::{Frame, Incoming};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tower::{ServiceBuilder, service_fn};
use trace_server::TraceServerLayer;
use tracing::{Span, field::Empty};

use super::witness::Received;
use super::{Result, shop, tracer};
use crate::delivery::Delivery;
use crate::recorder::Recorder;

pub(super) const NAME: &str = "inventory";

/// How long it takes to pick an item.
const PICKING: Duration = Duration::from_millis(20);
const ITEMS: [&str; 4] = ["teapot", "cups", "honey", "biscuits"];

pub(super) async fn open(recorder: &Recorder, delivery: Option<&Delivery>) -> Result<SocketAddr> {
    let tracer = tracer::build(NAME, "inventory@0.9.1", recorder, delivery)?;
    let service = ServiceBuilder::new()
        .layer(TraceServerLayer::new(tracer).route(|_| Some("/stock/{order}".into())))
        .layer(Received { name: NAME, recorder: recorder.clone() })
        .service(service_fn(stock));

    let (listener, address) = shop::listen().await?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let service = TowerToHyperService::new(service.clone());
            // A connection that breaks is its client's loss.
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    Ok(address)
}

/// The head goes out at once, the items follow.
async fn stock(
    _: Request<Incoming>,
) -> Result<Response<StreamBody<impl Stream<Item = Result<Frame<Bytes>, Infallible>>>>, Infallible> {
    Ok(Response::new(StreamBody::new(stream::unfold(ITEMS.into_iter(), |mut items| async move {
        let line = pick(items.next()?).await;
        Some((Ok(Frame::data(line)), items))
    }))))
}

/// The trace of the request is still current here, long after the handler returned. The span is one of `tracing`.
#[tracing::instrument(skip_all, fields(otel.name = format!("pick {item}"), otel.status_code = Empty))]
async fn pick(item: &'static str) -> Bytes {
    tokio::time::sleep(PICKING).await;
    Span::current().record("otel.status_code", "OK");
    format!("{item}\n").into()
}
