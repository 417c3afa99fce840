//! The spans of all services of one request as rows: each below its parent, in the order of time.

use crate::report::{Request, Span, Transaction};

/// The rows of a waterfall and the time they cover.
pub(crate) struct Waterfall<'a> {
    pub(crate) rows: Vec<Row<'a>>,
    /// From the moment the caller sent the request to the end of the last span.
    pub(crate) total_ms: f64,
}

/// One span and its place in the tree.
pub(crate) struct Row<'a> {
    pub(crate) service: &'a str,
    pub(crate) span: &'a Span,
    /// The transaction that the span is the root of.
    pub(crate) transaction: Option<&'a Transaction>,
    /// For every level above the row and its own: whether more siblings follow there.
    pub(crate) continues: Vec<bool>,
}

impl<'a> Waterfall<'a> {
    pub(crate) fn of(request: &'a Request) -> Self {
        let mut spans: Vec<Node<'a>> = request.transactions.iter().flat_map(nodes).collect();
        spans.sort_by(|a, b| a.span.start_ms.total_cmp(&b.span.start_ms));
        let total_ms = spans.iter().map(|node| node.span.end_ms()).fold(0.0, f64::max);

        let mut rows = Vec::with_capacity(spans.len());
        let (roots, rest): (Vec<_>, Vec<_>) = spans.iter().partition(|node| !has_parent(node, &spans));
        place(&roots, &rest, &[], &mut rows);
        Self { rows, total_ms }
    }
}

#[derive(Clone, Copy)]
struct Node<'a> {
    service: &'a str,
    span: &'a Span,
    transaction: Option<&'a Transaction>,
}

fn nodes(transaction: &Transaction) -> impl Iterator<Item = Node<'_>> {
    let service = transaction.service.as_str();
    let root = Node { service, span: &transaction.root, transaction: Some(transaction) };
    std::iter::once(root).chain(transaction.spans.iter().map(move |span| Node {
        service,
        span,
        transaction: None,
    }))
}

fn has_parent(node: &Node<'_>, spans: &[Node<'_>]) -> bool {
    spans.iter().any(|other| node.span.parent_span_id.as_ref() == Some(&other.span.span_id))
}

fn place<'a>(siblings: &[&Node<'a>], rest: &[&Node<'a>], above: &[bool], rows: &mut Vec<Row<'a>>) {
    for (index, node) in siblings.iter().enumerate() {
        let mut continues = above.to_vec();
        continues.push(index + 1 < siblings.len());
        let (children, rest): (Vec<&Node<'a>>, Vec<&Node<'a>>) = rest
            .iter()
            .copied()
            .partition(|other| other.span.parent_span_id.as_ref() == Some(&node.span.span_id));
        let Node { service, span, transaction } = **node;
        rows.push(Row { service, span, transaction, continues: continues.clone() });
        place(&children, &rest, &continues, rows);
    }
}

impl Row<'_> {
    pub(crate) fn depth(&self) -> usize {
        self.continues.len().saturating_sub(1)
    }

    /// The name; that of a call without scheme and host, since the row below tells which service that is.
    pub(crate) fn short_name(&self) -> String {
        let name = &self.span.name;
        let Some((method, (_, rest))) =
            name.split_once(' ').and_then(|(method, url)| Some((method, url.split_once("://")?)))
        else {
            return name.clone();
        };
        format!("{method} {}", rest.find('/').and_then(|path| rest.get(path..)).unwrap_or("/"))
    }
}

impl Span {
    pub(crate) fn end_ms(&self) -> f64 {
        self.start_ms + self.duration_ms
    }
}

/// The distance of the marks on a time axis: 1, 2 or 5 times a power of ten, at most `marks` of them.
pub(crate) fn step(total_ms: f64, marks: usize) -> f64 {
    let least = total_ms / marks.max(1) as f64;
    let power = 10_f64.powf(least.max(f64::MIN_POSITIVE).log10().floor());
    [1.0, 2.0, 5.0]
        .map(|factor| factor * power)
        .into_iter()
        .find(|step| *step >= least)
        .unwrap_or(10.0 * power)
}
