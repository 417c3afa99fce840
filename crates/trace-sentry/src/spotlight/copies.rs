//! What became of the copies.

/// The state of the copies for Spotlight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copies {
    /// The URL to which they are sent, without credentials and query.
    pub url: String,
    /// The number of copies that were accepted there.
    pub sent: u64,
    /// The last failure, if there was one.
    pub failure: Option<String>,
}

/// Returns the message of an error without the URL, which may contain credentials.
pub(super) fn shown(error: &ureq::Error) -> String {
    match error {
        ureq::Error::BadUri(_) => "bad URI".to_owned(),
        error => error.to_string(),
    }
}
