//! What the collector knows: what it took, what it refused, and what was reported as lost.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;

/// The spans of a transaction, with its root.
const SPANS: u64 = 2;

/// What became of the transactions, as the collector knows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Books {
    arrived: Count,
    /// Those that were answered with 429. The server counts them itself, so that nobody reports them.
    refused: Count,
    reported: Count,
    reasons: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    transactions: u64,
    spans: u64,
}

impl Books {
    /// Enters an envelope that was taken.
    pub(super) fn enter(&mut self, body: &[u8]) {
        for item in Items::of(body) {
            match item.kind.as_str() {
                "transaction" => self.arrived.add(&item.content),
                "client_report" => self.report(&item.content),
                other => panic!("an item of type {other}"),
            }
        }
    }

    /// Enters an envelope that was refused.
    pub(super) fn refuse(&mut self, body: &[u8]) {
        for item in Items::of(body).filter(|item| item.kind == "transaction") {
            self.refused.add(&item.content);
        }
    }

    fn report(&mut self, report: &[u8]) {
        let report: Value = serde_json::from_slice(report).unwrap();
        for loss in report["discarded_events"].as_array().unwrap() {
            let quantity = loss["quantity"].as_u64().unwrap();
            match loss["category"].as_str().unwrap() {
                "transaction" => {
                    self.reported.transactions += quantity;
                    *self.reasons.entry(loss["reason"].as_str().unwrap().to_owned()).or_default() += quantity;
                }
                "span" => self.reported.spans += quantity,
                other => panic!("a loss of category {other}"),
            }
        }
    }

    /// Returns whether it is known of all these transactions what became of them.
    pub(super) fn balance(&self, recorded: u64) -> bool {
        let all = [self.arrived, self.refused, self.reported];
        all.iter().map(|count| count.transactions).sum::<u64>() == recorded
            && all.iter().map(|count| count.spans).sum::<u64>() == recorded * SPANS
    }

    /// Returns whether more is known than was recorded: something was counted twice.
    pub(super) fn exceed(&self, recorded: u64) -> bool {
        let all = [self.arrived, self.refused, self.reported];
        all.iter().map(|count| count.transactions).sum::<u64>() > recorded
    }
}

impl Count {
    fn add(&mut self, transaction: &[u8]) {
        self.transactions += 1;
        self.spans += memchr::memmem::find_iter(transaction, "\"span_id\":").count() as u64;
    }
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { arrived, refused, reported, reasons } = self;
        let [arrived, refused, reported] = [arrived, refused, reported].map(|count| count.transactions);
        write!(f, "{arrived} arrived + {refused} refused + {reported} reported {reasons:?}")?;
        write!(f, " = {}", arrived + refused + reported)
    }
}

/// An item of an envelope.
struct Item {
    kind: String,
    content: Vec<u8>,
}

/// The items of an envelope that are left.
struct Items(Vec<u8>, usize);

impl Items {
    /// Begins behind the header of the envelope.
    fn of(body: &[u8]) -> Self {
        let mut plain = Vec::new();
        if GzDecoder::new(body).read_to_end(&mut plain).is_err() {
            plain = body.to_vec();
        }
        let mut items = Self(plain, 0);
        items.line();
        items
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        let rest = self.0.get(self.1..).filter(|rest| !rest.is_empty())?;
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.1 += end + 1;
        Some(rest[..end].to_vec())
    }
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let header: Value = serde_json::from_slice(&self.line()?).unwrap();
        let content = match header["length"].as_u64() {
            Some(length) => {
                let content = self.0[self.1..][..length as usize].to_vec();
                self.1 += content.len() + 1;
                content
            }
            None => self.line()?,
        };
        Some(Item { kind: header["type"].as_str().unwrap().to_owned(), content })
    }
}
