//! A middleware of actix-web around the layer of `trace-server`.

use std::borrow::Cow;
use std::cell::Cell;
use std::convert::Infallible;
use std::net::IpAddr;

use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::middleware::Next;
use http::{Request, Response};
use tower::{Layer, ServiceExt, service_fn};
use trace_core::Tracer;
use trace_server::TraceServerLayer;

use crate::body::{FromHttp, ToHttp};
use crate::convert;

/// What only actix-web knows of a request.
#[derive(Clone)]
struct Facts {
    route: Option<String>,
    peer: Option<IpAddr>,
}

/// Creates a layer that names requests by the pattern that they match, and that knows the address of the peer.
#[must_use]
pub fn layer(tracer: Tracer) -> TraceServerLayer {
    TraceServerLayer::new(tracer)
        .route(|request| request.extensions().get::<Facts>()?.route.clone().map(Cow::Owned))
        .peer_address(|request| request.extensions().get::<Facts>()?.peer)
}

/// Serves a request in its trace, up to the last byte of the response.
///
/// # Errors
///
/// Those of the inner services. Their status is recorded.
pub async fn serve<B: MessageBody>(
    layer: TraceServerLayer,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<FromHttp<B>>, Error> {
    let facts = Facts { route: request.match_pattern(), peer: request.peer_addr().map(|peer| peer.ip()) };
    let mut request = convert::request(request);
    request.extensions_mut().insert(facts);

    // The layer sees a response of `http`; the rest of actix-web's waits here.
    let answer = Cell::new(None);
    let service = service_fn(|request: Request<ServiceRequest>| {
        let (call, answer) = (next.call(request.into_body()), &answer);
        async move {
            let (response, rest) = split(call.await);
            answer.set(Some(rest));
            Ok::<_, Infallible>(response)
        }
    });
    let Ok(response) = layer.layer(service).oneshot(request).await;

    let (head, body) = response.into_parts();
    let (mut rest, size) = answer.take().ok_or_else(|| ErrorInternalServerError("there is no answer"))??;
    convert::set_headers(&mut rest, &head.headers);
    Ok(rest.map_body(|_, ()| FromHttp::new(body, size)))
}

type Rest = Result<(ServiceResponse<()>, BodySize), Error>;

/// Splits a response into one of `http` and what is left. An error becomes a response when it has left all middleware.
fn split<B: MessageBody>(answer: Result<ServiceResponse<B>, Error>) -> (Response<ToHttp<B>>, Rest) {
    match answer {
        Ok(response) => {
            let (request, response) = response.into_parts();
            let (head, body) = response.into_parts();
            let (rest, size) = (ServiceResponse::new(request, head), body.size());
            (convert::response(&rest, ToHttp::new(Some(body))), Ok((rest, size)))
        }
        Err(error) => {
            let mut response = Response::new(ToHttp::new(None));
            *response.status_mut() = convert::status(error.as_response_error().status_code());
            (response, Err(error))
        }
    }
}
