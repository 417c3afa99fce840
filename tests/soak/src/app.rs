//! The service with its layers, in either order.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Empty, Full};
use tower::util::BoxCloneSyncService;
use tower::{Layer, service_fn};
use tower_http::BoxError;
use tower_http::body::UnsyncBoxBody;
use tower_http::catch_panic::CatchPanicLayer;
use trace_client::TraceClientLayer;
use trace_core::Tracer;
use trace_sentry::HubLayer;
use trace_server::TraceServerLayer;

use crate::ledger::{Count, Ledger};
use crate::visit::{self, Visit};

pub(crate) type App =
    BoxCloneSyncService<Request<Empty<Bytes>>, Response<UnsyncBoxBody<Bytes, BoxError>>, Infallible>;

/// Which of the two layers stands outside.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    TraceOutside,
    HubOutside,
}

impl Order {
    pub(crate) const BOTH: [Self; 2] = [Self::TraceOutside, Self::HubOutside];

    /// Panics are caught outside of both, the harder case: both see them pass.
    pub(crate) fn app(self, tracer: &Tracer, ledger: &Arc<Ledger>) -> App {
        let (visited, behind) = (ledger.clone(), ledger.clone());
        let stock = service_fn(move |request| visit::stock(request, behind.clone()));
        let stock = TraceClientLayer::new(tracer.clone()).layer(stock);
        let handler = service_fn(move |request| Visit::begin(&request, &visited).answer(stock.clone()));
        let trace = TraceServerLayer::new(tracer.clone());
        let ledger = ledger.clone();
        let catch = CatchPanicLayer::custom(move |_| {
            ledger.add(Count::Panics, 1);
            Response::new(Full::<Bytes>::default())
        });
        match self {
            Self::TraceOutside => {
                BoxCloneSyncService::new(catch.layer(trace.layer(HubLayer::new().layer(handler))))
            }
            Self::HubOutside => {
                BoxCloneSyncService::new(catch.layer(HubLayer::new().layer(trace.layer(handler))))
            }
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TraceOutside => "trace outside of hub",
            Self::HubOutside => "hub outside of trace",
        })
    }
}
