//! What the examples share: a service that answers on loopback, and somebody who calls it.

use axum::Router;
use tokio::net::TcpListener;

/// The trace of [`browse`].
pub const BROWSER_TRACE: &str = "771a43a4192642f0b136d5159a501700";

/// Serves `app` in the background, on a port that the system chooses, and returns its URL without a path.
///
/// # Errors
///
/// If there is no free port.
pub async fn serve(app: Router) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async { axum::serve(listener, app).await });
    Ok(url)
}

/// Calls `url` with the headers that Sentry's SDK sends from a browser, and returns the answer.
///
/// # Errors
///
/// If the service cannot be reached.
pub async fn browse(url: String) -> reqwest::Result<String> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    let request =
        client.get(url).header("sentry-trace", format!("{BROWSER_TRACE}-b72fa28504b07285-1")).header(
            "baggage",
            format!("sentry-trace_id={BROWSER_TRACE},sentry-release=web%407,sentry-sample_rand=0.3"),
        );
    request.send().await?.text().await
}

/// The code of the documents, which has to compile.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/grpc.md")]
    struct Grpc;
    #[doc = include_str!("../../../docs/browser.md")]
    struct Browser;
    #[doc = include_str!("../../../docs/spotlight.md")]
    struct Spotlight;
    #[doc = include_str!("../../../docs/tracing.md")]
    struct Tracing;
    #[doc = include_str!("../../../crates/trace-client/README.md")]
    struct TraceClient;
    #[doc = include_str!("../../../crates/trace-core/README.md")]
    struct TraceCore;
    #[doc = include_str!("../../../crates/trace-sentry/README.md")]
    struct TraceSentry;
    #[doc = include_str!("../../../crates/trace-server/README.md")]
    struct TraceServer;
    #[doc = include_str!("../../../docs/upgrades.md")]
    struct Upgrades;
    #[doc = include_str!("../../../crates/trace-tracing/README.md")]
    struct TraceTracing;
}
