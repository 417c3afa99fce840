//! The shop: five services on loopback, each as a team would write it.

mod courier;
mod inventory;
mod mailer;
mod orders;
mod shop;
mod storefront;
mod tracer;
mod witness;

pub(crate) use shop::Shop;

/// What opening a service can fail with.
type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;
