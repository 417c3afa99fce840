//! Calls of tonic through the layers of both sides, over real sockets.

mod broken;
mod cancelled;
mod endings;
mod interceptors;
mod recorded;
mod sides;
mod web;
