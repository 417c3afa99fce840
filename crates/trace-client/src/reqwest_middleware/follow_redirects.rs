//! Redirects, followed by a middleware.

use http::Extensions;
use reqwest::Request;
use reqwest_middleware::{Middleware, Next};

use super::{ResponseFuture, send};
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
        Box::pin(async move {
            loop {
                let response = send(layer, request, extensions, next.clone()).await?;
                match chain.follow(&response) {
                    Some(hop) => request = hop,
                    None => return Ok(response),
                }
            }
        })
    }
}
