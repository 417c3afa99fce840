//! The report as one HTML page without anything from elsewhere. The template escapes every value.

mod hops;
mod map;
mod page_view;
#[cfg(test)]
mod tests;
mod timeline;

pub(crate) use page_view::render;
