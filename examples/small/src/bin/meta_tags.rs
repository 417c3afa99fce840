//! A page that tells Sentry's browser SDK of its trace by `<meta>` tags, as a template of askama and one of maud.

use std::error::Error;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Html;
use axum::{Router, routing::get};
use maud::{DOCTYPE, PreEscaped, html};
use trace_core::Tracer;
use trace_server::{MetaTags, TraceServerLayer};

// The tags are HTML already: `safe` keeps askama from escaping them, `PreEscaped` keeps maud from it.
#[derive(Template)]
#[template(
    ext = "html",
    source = "<!doctype html><head>{{ trace|safe }}<script src=/app.js></script></head><h1>{{ title }}</h1>"
)]
struct Page<'a> {
    trace: MetaTags,
    title: &'a str,
}

async fn with_askama() -> Result<Html<String>, StatusCode> {
    let page = Page { trace: MetaTags::current(), title: "Tea & biscuits" };
    page.render().map(Html).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn with_maud() -> Html<String> {
    let page = html! {
        (DOCTYPE)
        head { (PreEscaped(MetaTags::current().to_string())) script src="/app.js" {} }
        h1 { "Tea & biscuits" }
    };
    Html(page.into_string())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tracer = Tracer::builder().release("shop@1.4.0").build()?;
    let app = Router::new().route("/askama", get(with_askama)).route("/maud", get(with_maud));
    let url = small::serve(app.layer(TraceServerLayer::new(tracer))).await?;

    for engine in ["askama", "maud"] {
        let page = small::browse(format!("{url}/{engine}")).await?;
        println!("{engine}: {page}\n");
        assert!(page.contains(&format!("<meta name=\"sentry-trace\" content=\"{}-", small::BROWSER_TRACE)));
        assert!(page.contains("<meta name=\"baggage\" content=\"sentry-trace_id="), "{page}");
        assert!(
            page.contains("<h1>Tea &") && page.contains(" biscuits</h1>"),
            "the rest is escaped as usual"
        );
    }
    Ok(())
}
