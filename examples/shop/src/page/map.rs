//! The map of the page: who called whom, and on which way the trace went along.

use crate::report::{Decision, Request, Service};

const COLUMN: usize = 200;
const ROW: usize = 52;

pub(super) struct Map<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) edges: Vec<Edge<'a>>,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// The caller or a service, by the middle of its left edge.
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) x: usize,
    pub(super) y: usize,
}

/// A call, from the right edge of one node to the left edge of another.
pub(super) struct Edge<'a> {
    pub(super) verdict: &'static str,
    pub(super) reason: &'a str,
    pub(super) x: usize,
    pub(super) from: usize,
    pub(super) to: usize,
}

impl<'a> Map<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        let mut map = Self { nodes: Vec::new(), edges: Vec::new(), width: 0, height: 0 };
        map.node("caller", 0);
        if let Some(first) = request.services.first() {
            let y = map.service(first, &request.services, 1);
            let verdict = if request.headers.present().next().is_some() { "sent" } else { "none" };
            map.edges.push(Edge { verdict, reason: "", x: 0, from: ROW / 2, to: y });
        }
        map
    }

    /// Places the service and, to its right and one below the other, those it called.
    fn service(&mut self, service: &'a Service, services: &'a [Service], column: usize) -> usize {
        let y = self.node(&service.name, column);
        for (index, sent) in service.sent.iter().enumerate() {
            if index > 0 {
                self.height += ROW;
            }
            let callee = services.iter().find(|other| other.name == sent.to && other.name != service.name);
            let to = match callee {
                Some(callee) => self.service(callee, services, column + 1),
                None => self.node(&sent.to, column + 1),
            };
            let verdict = match sent.decision {
                Decision::Injected => "injected",
                Decision::Withheld => "withheld",
            };
            self.edges.push(Edge { verdict, reason: &sent.reason, x: column * COLUMN, from: y, to });
        }
        y
    }

    fn node(&mut self, name: &'a str, column: usize) -> usize {
        self.height = self.height.max(ROW);
        let (x, y) = (column * COLUMN, self.height - ROW / 2);
        self.nodes.push(Node { name, x, y });
        self.width = self.width.max(x + Node::WIDTH);
        y
    }
}

impl Node<'_> {
    const WIDTH: usize = 104;
}

impl Edge<'_> {
    /// A line that leaves and arrives level.
    pub(super) fn path(&self) -> String {
        let Self { x, from, to, .. } = self;
        let (start, end) = (x + Node::WIDTH + 4, x + COLUMN - 8);
        let middle = (start + end) / 2;
        format!("M{start} {from}C{middle} {from} {middle} {to} {end} {to}")
    }
}
