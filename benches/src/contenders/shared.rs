//! Services that threads share, as they share one layer.

use std::convert::Infallible;

use http::Response;
use http_body::Body;
use tower::{Layer, Service, service_fn};
use trace_server::TraceServerLayer;

use super::{Contender, bare, floor, ours};
use crate::case::Case;
use crate::harness::serve;
use crate::inputs::{Request, traced_request_of_constants};
use crate::threads::{Cloned, Shared};

impl Contender {
    /// Makes a case for each thread of one service.
    pub(crate) fn shared(self, cloned: Cloned) -> Option<Shared> {
        match self {
            Self::Bare => Some(cases(service_fn(bare), cloned)),
            Self::Floor => Some(cases(floor::Server(service_fn(bare)), cloned)),
            Self::Ours => {
                let layer = TraceServerLayer::new(ours::tracer(None));
                Some(cases(layer.layer(service_fn(bare)), cloned))
            }
            _ => None,
        }
    }
}

fn cases<S, B>(service: S, cloned: Cloned) -> Shared
where
    S: Service<Request, Response = Response<B>, Error = Infallible> + Clone + Send + Sync + 'static,
    B: Body<Error = Infallible>,
{
    Box::new(move || {
        let (mut service, request) = (service.clone(), traced_request_of_constants());
        Case::new(move || match cloned {
            Cloned::Thread => serve(&mut service, request.clone()),
            Cloned::Request => serve(&mut service.clone(), request.clone()),
        })
    })
}
