//! The points of the scales, for whom they make sense.

use tower::service_fn;
use trace_core::TraceLifecycle;

use super::{Contender, bare, fastrace, floor, opentelemetry, ours, sentry, trace_layer};
use crate::case::Case;
use crate::inputs::{Request, traced_request};
use crate::scale::{Axis, RUNNING, headers};

impl Contender {
    /// The work of a point of a scale; `None` if this one has nothing that does it.
    pub(crate) fn scaled(self, axis: Axis, value: usize) -> Option<Case> {
        match axis {
            Axis::Headers => self.serving(headers::beside_trace(value)),
            Axis::Baggage => self.forwarding(headers::bytes_of_baggage(value)),
            Axis::Keys => self.forwarding(headers::keys(value)),
            Axis::Spans => self.recording(value),
            Axis::InFlight => self.in_flight(value),
            Axis::Ended => self.running(value),
        }
    }

    fn serving(self, request: Request) -> Option<Case> {
        Some(match self {
            Self::Bare => bare::server(request),
            Self::Floor => floor::server(request),
            Self::Ours => ours::server(ours::tracer(None), request, 0),
            Self::Fastrace => fastrace::server(request, 0),
            Self::Sentry => sentry::server(0.0, request, 0),
            Self::Opentelemetry => opentelemetry::server(false, request, 0),
            Self::TraceLayer => trace_layer::server(request),
            Self::Streamed => return None,
        })
    }

    fn forwarding(self, request: Request) -> Option<Case> {
        let client = service_fn(bare);
        Some(match self {
            Self::Bare => bare::gateway(request, client),
            Self::Floor => floor::gateway(request, client),
            Self::Ours => ours::gateway(ours::tracer(None), request, client),
            Self::Fastrace => fastrace::gateway(request, client),
            Self::Sentry => sentry::gateway(request, client),
            Self::Opentelemetry => opentelemetry::gateway(request, client),
            Self::Streamed | Self::TraceLayer => return None,
        })
    }

    fn recording(self, spans: usize) -> Option<Case> {
        let request = traced_request();
        Some(match self {
            Self::Bare => bare::server(request),
            Self::Ours => ours::server(ours::tracer(Some(1.0)), request, spans),
            Self::Fastrace => fastrace::recorded(spans),
            Self::Sentry => sentry::server(1.0, request, spans),
            Self::Opentelemetry => opentelemetry::server(true, request, spans),
            Self::Floor | Self::Streamed | Self::TraceLayer => return None,
        })
    }

    fn running(self, spans: usize) -> Option<Case> {
        let ours = |lifecycle| ours::running(lifecycle, spans, RUNNING);
        match self {
            Self::Bare => Some(bare::in_flight(RUNNING)),
            Self::Ours => Some(ours(TraceLifecycle::Static)),
            Self::Streamed => Some(ours(TraceLifecycle::Stream)),
            Self::Sentry => Some(sentry::running(spans, RUNNING)),
            _ => None,
        }
    }

    fn in_flight(self, number: usize) -> Option<Case> {
        Some(match self {
            Self::Bare => bare::in_flight(number),
            Self::Floor => floor::in_flight(number),
            Self::Ours => ours::in_flight(number),
            Self::Fastrace => fastrace::in_flight(number),
            Self::Sentry => sentry::in_flight(number),
            Self::Opentelemetry => opentelemetry::in_flight(number),
            Self::TraceLayer => trace_layer::in_flight(number),
            Self::Streamed => return None,
        })
    }
}
