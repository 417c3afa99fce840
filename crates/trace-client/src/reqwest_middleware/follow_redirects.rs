//! Redirects, followed by a middleware.

use http::Extensions;
use reqwest::Request;
use reqwest_middleware::{Middleware, Next};

use super::{ResponseFuture, send};
use crate::call_options::CallOptions;
use crate::reqwest_0_13::FollowRedirectsLayer;

/// It takes the place of a [`TraceMiddleware`](crate::TraceMiddleware).
impl Middleware for FollowRedirectsLayer {
    fn handle<'a, 'b, 'c, 'd>(
        &'a self,
        mut request: Request,
        extensions: &'b mut Extensions,
        next: Next<'c>,
    ) -> ResponseFuture<'d>
    where
        'a: 'd,
        'b: 'd,
        'c: 'd,
        Self: 'd,
    {
        let (layer, mut chain) = self.chain(&request);
        // It is not left in the map, which an application may use for other calls.
        let options = extensions.get().cloned().unwrap_or_else(CallOptions::new);
        let options = options.followed(&layer.options().tracer);
        let parent = extensions.get().or(options.parent_context()).cloned();
        Box::pin(async move {
            loop {
                let response = send(layer, request, parent.clone(), extensions, next.clone()).await?;
                match chain.follow(&response) {
                    Some(hop) => request = hop,
                    None => return Ok(response),
                }
            }
        })
    }
}
