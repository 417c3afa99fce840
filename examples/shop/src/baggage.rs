//! Where a `baggage` value was first seen, so that a drawing shows it in full only once.

/// The values that went by, each with who sent it first.
#[derive(Default)]
pub(crate) struct Seen(Vec<(String, String)>);

impl Seen {
    /// Who sent this very value before, if anybody did; otherwise `from` is remembered as the first.
    pub(crate) fn sender(&mut self, from: &str, value: &str) -> Option<String> {
        let sender = self.0.iter().find(|(_, seen)| seen == value).map(|(sender, _)| sender.clone());
        if sender.is_none() {
            self.0.push((from.to_owned(), value.to_owned()));
        }
        sender
    }
}
