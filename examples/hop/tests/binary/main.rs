//! The real binary, spoken to over HTTP.

#![cfg(test)]

mod adopted;
mod bad_flags;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod clock;
mod continuation;
mod delivery;
mod hop;
mod leaf;
mod proxy;
mod sampling;
mod sending;
mod service;
mod stream;
mod targets;
