//! Texts that a URL may hold, sought all at once.

use aho_corasick::packed::Searcher;
use http::Uri;

/// Room on the stack for the text of a URL.
const ROOM: usize = 256;

#[derive(Clone)]
pub(super) enum Targets {
    All,
    None,
    Texts(Searcher),
}

impl Targets {
    pub(super) fn of(texts: &[&str]) -> Self {
        Self::Texts(Searcher::new(texts).unwrap())
    }

    /// A longer URL goes untraced.
    pub(super) fn matches(&self, url: &Uri) -> bool {
        let searcher = match self {
            Self::All => return true,
            Self::None => return false,
            Self::Texts(searcher) => searcher,
        };
        let (mut text, mut length) = ([0; ROOM], 0);
        let mut push = |part: &str| {
            let room = text.get_mut(length..length + part.len())?;
            room.copy_from_slice(part.as_bytes());
            length += part.len();
            Some(())
        };
        let fits = url.scheme_str().zip(url.authority()).zip(url.path_and_query()).and_then(
            |((scheme, authority), path)| {
                push(scheme)?;
                push("://")?;
                push(authority.as_str())?;
                push(path.as_str())
            },
        );
        fits.is_some() && searcher.find(&text[..length]).is_some()
    }
}
