//! The middleware for the crate `reqwest-middleware`.

mod follow_redirects;

use std::pin::Pin;

use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Middleware, Next, Result};
use trace_core::{TraceContext, Tracer};

use crate::call_options::CallOptions;
use crate::layer::TraceClientLayer;
use crate::reqwest_0_13::{ReqwestFuture, begin};

/// A middleware for `reqwest_middleware::ClientBuilder`: the calls of the client stay as they are,
/// `client.post(url).json(&order).send()`.
///
/// Attached after what retries, such as `reqwest_retry::RetryTransientMiddleware`, it makes each attempt a request of
/// its own, with its number. Errors stay as they are, so that a retry strategy recognizes them. The options of one call
/// are an extension of its request: `.with_extension(CallOptions::new().url_template("/orders/{id}"))`. A `TraceContext`
/// there is its parent.
///
/// reqwest follows redirects below every middleware: give its client a [`redirect_policy`](crate::redirect_policy), or
/// `redirect::Policy::none()` and, in place of this middleware, a
/// [`FollowRedirectsLayer`](crate::FollowRedirectsLayer).
///
/// ```
/// use reqwest_middleware::ClientBuilder;
/// use trace_client::{TraceClientLayer, TraceMiddleware, redirect_policy};
/// # let tracer = trace_core::Tracer::noop();
///
/// let layer = TraceClientLayer::new(tracer).targets(["http://orders.internal/"])?;
/// let client = reqwest::Client::builder().redirect(redirect_policy(&layer, Default::default())).build()?;
/// let client = ClientBuilder::new(client).with(TraceMiddleware::new(layer)).build();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct TraceMiddleware {
    layer: TraceClientLayer,
}

impl TraceMiddleware {
    /// Creates a middleware with the options of a layer.
    #[must_use]
    pub fn new(layer: TraceClientLayer) -> Self {
        Self { layer }
    }
}

type ResponseFuture<'a> = Pin<Box<dyn Future<Output = Result<Response>> + Send + 'a>>;

// The trait is declared by the crate `async-trait`; this is what its attribute would write.
impl Middleware for TraceMiddleware {
    fn handle<'a, 'b, 'c, 'd>(
        &'a self,
        request: Request,
        extensions: &'b mut Extensions,
        next: Next<'c>,
    ) -> ResponseFuture<'d>
    where
        'a: 'd,
        'b: 'd,
        'c: 'd,
        Self: 'd,
    {
        let options = options_of(extensions, &self.layer.options().tracer);
        Box::pin(send(&self.layer, request, &options, extensions, next))
    }
}

/// The trace that a call has started because none was current.
#[derive(Clone)]
struct StartedTrace(TraceContext);

/// Returns the options of a call. All of its attempts share the map, and so the count of the attempts, and the trace that
/// the first of them starts if none is current.
fn options_of(extensions: &mut Extensions, tracer: &Tracer) -> CallOptions {
    let options = extensions.remove::<CallOptions>().unwrap_or_default().counted();
    extensions.insert(options.clone());
    if let Some(parent) = extensions.get::<TraceContext>() {
        return options.parent(parent.clone());
    }
    let options = options.in_current_trace();
    if options.parent_context().is_some() {
        return options;
    }
    let start = || StartedTrace(tracer.map_parent(TraceContext::clone));
    options.parent(extensions.get_or_insert_with(start).0.clone())
}

/// Sends a request through the middlewares within.
fn send<'a>(
    layer: &TraceClientLayer,
    mut request: Request,
    options: &CallOptions,
    extensions: &'a mut Extensions,
    next: Next<'a>,
) -> ReqwestFuture<impl Future<Output = Result<Response>> + Send + use<'a>> {
    let exchange = begin(&mut request, Some(options), layer.options());
    ReqwestFuture::new(next.run(request, extensions), exchange)
}
