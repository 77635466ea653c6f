//! Serves the pages over an invented company, to look at: `cargo run -p serve --example pages_preview -- 127.0.0.1:7788`.

#[path = "../../digest/tests/it/invented.rs"]
mod invented;
#[path = "../tests/it/model.rs"]
mod model;

use std::sync::Arc;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7788".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let router =
        serve::router(Arc::new(model::Invented::with_digest()), &serve::Settings::default());
    serve::run(listener, router, std::future::pending()).await
}
