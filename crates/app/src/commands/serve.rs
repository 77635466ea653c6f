//! `huisheng serve`: pages and API on loopback.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::Outcome;
use crate::cli::Serve;
use crate::config::{Config, hinted};
use crate::engine::Engine;
use crate::read_model::StoreReader;

/// Serves until interrupted.
pub(crate) fn run(config: Config, options: Serve) -> anyhow::Result<Outcome> {
    let address = options.address.unwrap_or_else(|| config.address.clone());
    serve(Engine::open(config)?, &address)
}

/// Serves an opened store on `address`, which must be a loopback address: there are no accounts yet.
#[expect(clippy::print_stderr, reason = "the address is for the person who started it")]
pub(crate) fn serve(engine: Engine, address: &str) -> anyhow::Result<Outcome> {
    let resolved: SocketAddr = address
        .to_socket_addrs()
        .with_context(|| format!("resolve {address}"))?
        .next()
        .with_context(|| format!("resolve {address}: no address"))?;
    if !resolved.ip().is_loopback() {
        return Err(hinted(
            anyhow::anyhow!("{address} is not a loopback address"),
            "serve on 127.0.0.1 and put a proxy with accounts in front of it",
        ));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("start the runtime")?;
    let settings = serve::Settings { hosts: engine.config.hosts.clone() };
    let router = serve::router(Arc::new(StoreReader::new(engine)?), &settings);
    runtime.block_on(async {
        let listener =
            TcpListener::bind(resolved).await.with_context(|| format!("listen on {resolved}"))?;
        let address = listener.local_addr().context("read the address")?;
        eprintln!("http://{address}/  (Ctrl-C stops)");
        serve::run(listener, router, async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await
        .context("serve")
    })?;
    Ok(Outcome::Done)
}
