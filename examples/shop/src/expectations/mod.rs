//! What has to be true of a request, checked on what was gathered about it.

mod checks;
mod list;

pub(crate) use list::check;
