//! The calls before the move.

use reqwest::{Client, Result};

/// Orders the same again, and returns what the other service says of it.
///
/// # Errors
///
/// If the other service cannot be reached or refuses.
pub async fn reorder(client: &Client, url: &str) -> Result<String> {
    let last = client.get(format!("{url}/orders/last")).send().await?.error_for_status()?;
    let order = last.json::<Vec<String>>().await?;
    let placed = client.post(format!("{url}/orders")).json(&order).send().await?.error_for_status()?;
    placed.text().await
}
