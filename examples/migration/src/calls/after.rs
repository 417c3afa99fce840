//! The calls after the move.

use reqwest::{Client, Result};
use trace_client::{SendTraced, TraceClientLayer};

/// Orders the same again, and returns what the other service says of it.
///
/// # Errors
///
/// If the other service cannot be reached or refuses.
pub async fn reorder(client: &Client, url: &str, layer: &TraceClientLayer) -> Result<String> {
    let last = client.get(format!("{url}/orders/last")).send_traced(layer).await?.error_for_status()?;
    let order = last.json::<Vec<String>>().await?;
    let placed =
        client.post(format!("{url}/orders")).json(&order).send_traced(layer).await?.error_for_status()?;
    placed.text().await
}
