//! Redirects, followed by a middleware.

use http::Extensions;
use reqwest::Request;
use reqwest_middleware::{Middleware, Next};

use super::{ResponseFuture, options_of, send};
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
        let mut options = options_of(extensions, &layer.options().tracer);
        Box::pin(async move {
            loop {
                let response = send(layer, request, &options, extensions, next.clone()).await?;
                match chain.follow(&response) {
                    Some(hop) => (request, options) = (hop, options.of_next_hop()),
                    None => return Ok(response),
                }
            }
        })
    }
}
