//! From the fields of a span to its operation, its name, its status and its attributes. Everything here is a pure function
//! of metadata and fields.

mod attribute;
mod description;
mod late;
mod missing;
mod operation;
mod query_text;
mod status;
mod update;

pub(crate) use attribute::{FieldUse, field_use};
pub(crate) use description::Description;
pub(crate) use operation::is_duplicate;
pub(crate) use query_text::without_literals;
pub(crate) use status::event_status;
pub(crate) use update::Update;
