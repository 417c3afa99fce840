//! Redirects, followed by the blocking client.

use reqwest::Result;
use reqwest::blocking::{Client, Request, Response};

use super::ReqwestBlockingLayer;
use crate::call_options::CallOptions;
use crate::reqwest_0_13::FollowRedirectsLayer;
use chain::Chain;

/// The types of the blocking client, for the rules of a chain.
mod library {
    pub(super) use reqwest::Url;
    pub(super) use reqwest::blocking::{Request, Response};

    #[cfg(test)]
    pub(super) struct Body;

    #[cfg(test)]
    impl Body {
        pub(super) fn wrap(text: String) -> reqwest::blocking::Body {
            reqwest::blocking::Body::new(std::io::Cursor::new(text))
        }
    }
}

#[allow(clippy::duplicate_mod, reason = "the blocking client has types of its own")]
#[path = "../reqwest/chain/mod.rs"]
mod chain;

impl ReqwestBlockingLayer for FollowRedirectsLayer {
    fn send_blocking(
        &self,
        client: &Client,
        mut request: Request,
        options: &CallOptions,
    ) -> Result<Response> {
        let (layer, limit) = self.layer_and_limit();
        let mut options = options.clone().followed(&layer.options().tracer);
        let mut chain = Chain::new(&request, limit);
        loop {
            let response = layer.send_blocking(client, request, &options)?;
            match chain.follow(&response) {
                Some(hop) => (request, options) = (hop, options.of_next_hop()),
                None => return Ok(response),
            }
        }
    }
}
