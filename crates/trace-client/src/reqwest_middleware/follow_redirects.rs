//! Redirects, followed by a middleware.

use http::Extensions;
use reqwest::Request;
use reqwest_middleware::{Middleware, Next};

use super::ResponseFuture;
use crate::reqwest_0_13::{Chain, FollowRedirectsLayer};

/// Attached before a [`TraceMiddleware`](crate::TraceMiddleware), it makes each hop a request of its own.
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
        let mut chain = Chain::new(&request, self.limit());
        Box::pin(async move {
            loop {
                let response = next.clone().run(request, extensions).await?;
                match chain.follow(&response) {
                    Some(hop) => request = hop,
                    None => return Ok(response),
                }
            }
        })
    }
}
