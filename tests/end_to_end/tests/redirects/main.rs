//! Redirects from a target to strangers and back, by every client that follows them: no header reaches a stranger.

mod calls;
mod chains;
mod follower;
mod layered;
mod odd;
mod random;
mod sites;
