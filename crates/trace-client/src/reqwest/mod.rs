//! What is made for reqwest. This module is included once for each version of reqwest, whose types differ by name only;
//! `super::library` is that version.

mod chain;
mod follow_redirects;
mod redirect_policy;
pub(crate) mod request;
mod response;
mod send;
mod service;

pub use follow_redirects::{FollowFuture, FollowRedirects, FollowRedirectsLayer};
pub use redirect_policy::redirect_policy;
pub use request::ReqwestFuture;
pub use send::{ReqwestLayer, SendFuture, SendTraced};
pub use service::{ReqwestService, ReqwestServiceFuture};

use super::library;
