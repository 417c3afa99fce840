//! The whole page: what the template `page.html` fills in.

use askama::Template;

use super::hops::{self, Hop};
use super::map::Map;
use super::timeline::Timeline;
use crate::report::{Expectation, Report, Request};

/// The page as text.
pub(crate) fn render(report: &Report) -> Result<String, askama::Error> {
    let expectations = || report.requests.iter().flat_map(|request| &request.expectations);
    Page {
        css: include_str!("../../templates/page.css"),
        js: include_str!("../../templates/page.js"),
        held: report.held,
        held_count: expectations().filter(|expectation| expectation.held).count(),
        expectation_count: expectations().count(),
        request_count: report.requests.len(),
        chapters: report.worth_showing().map(Chapter::of).collect(),
    }
    .render()
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    css: &'static str,
    js: &'static str,
    held: bool,
    held_count: usize,
    expectation_count: usize,
    request_count: usize,
    chapters: Vec<Chapter<'a>>,
}

/// One request.
struct Chapter<'a> {
    number: u64,
    scenario: &'a str,
    description: &'a str,
    held: bool,
    trace_id: &'a str,
    sampled: &'static str,
    map: Map<'a>,
    timeline: Timeline<'a>,
    hops: Vec<Hop<'a>>,
    expectations: &'a [Expectation],
}

impl<'a> Chapter<'a> {
    fn of(request: &'a Request) -> Self {
        let first = request.services.first();
        Self {
            number: request.number,
            scenario: &request.scenario,
            description: &request.description,
            held: request.held,
            trace_id: first.and_then(|service| service.trace_id.as_deref()).unwrap_or("–"),
            sampled: first.map_or("–", |service| service.sampled_text()),
            map: Map::of(request),
            timeline: Timeline::of(request),
            hops: hops::of(request),
            expectations: &request.expectations,
        }
    }
}
