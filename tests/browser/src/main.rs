//! Pages and an API on two origins, for a browser that runs Sentry's SDK.
//!
//! `browser BUNDLE DSN` serves the bundled script with the pages. It prints one JSON object a line: first where it
//! listens, then each transaction that it records and each preflight request.

mod api;
mod pages;
mod report;

use axum::Router;
use tokio::net::TcpListener;
use trace_core::Tracer;

fn tracer(release: &str) -> Tracer {
    let options = Tracer::builder().dsn("http://shop@o1.ingest.sentry.test/1").release(release);
    options.traces_sample_rate(1.0).sink(report::Printed).build().expect("valid options")
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(bundle), Some(dsn)) = (arguments.next(), arguments.next()) else {
        return Err(std::io::Error::other("usage: browser BUNDLE DSN"));
    };
    let bundle = std::fs::read(bundle)?;
    let (pages_at, api_at) =
        (TcpListener::bind("127.0.0.1:0").await?, TcpListener::bind("127.0.0.1:0").await?);
    let [pages, api] = [&pages_at, &api_at].map(|listener| {
        let address = listener.local_addr().expect("a bound listener");
        format!("http://{address}")
    });
    report::print(&serde_json::json!({ "pages": pages, "api": api }));

    let api_app = api::app(&tracer("api@2.0.0"), &pages);
    let pages_app = pages::app(tracer("shop@1.4.0"), bundle, pages::Destinations { dsn, api });
    let serve = async |listener, app: Router| axum::serve(listener, app).await;
    tokio::try_join!(serve(pages_at, pages_app), serve(api_at, api_app))?;
    Ok(())
}
