//! One trace end to end: five services on loopback, six kinds of caller, and a drawing of what happened.

mod baggage;
mod delivery;
mod driver;
mod expectations;
mod flags;
mod observation;
mod output;
mod page;
mod recorder;
mod report;
#[cfg(test)]
mod sample;
mod scenarios;
mod services;
mod terminal;
mod waterfall;

use std::process::ExitCode;

use flags::Flags;
use recorder::Recorder;
use services::Shop;
use tracing_subscriber::prelude::*;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error + Send + Sync>> {
    let (flags, delivery) = Flags::read();
    let page = output::page_file(&flags);

    tracing_subscriber::registry().with(trace_tracing::layer()).init();
    let recorder = Recorder::new(flags.lifecycle());
    let shop = Shop::open(&recorder, delivery.as_ref()).await?;
    let progress = output::progress(flags.requests);
    let report = driver::run(shop.storefront, &recorder, flags.requests, || progress.inc(1)).await?;
    progress.finish_and_clear();

    output::print(&flags, &report)?;
    if let Some(page) = page {
        output::write_page(page, &report)?;
    }
    if flags.serve {
        output::print_addresses(&flags, &shop)?;
        tokio::signal::ctrl_c().await?;
    }
    let mut delivered = true;
    if let Some(delivery) = delivery {
        let outcome = tokio::task::spawn_blocking(move || delivery.close()).await?;
        output::print_outcome(&flags, &outcome)?;
        delivered = outcome.is_complete();
    }
    Ok(if report.held && delivered { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
