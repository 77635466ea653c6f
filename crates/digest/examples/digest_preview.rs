//! Writes the digest of an invented company, to look at: `cargo run -p digest@0.0.0 --example digest_preview -- preview.html`.

#[path = "../tests/it/invented.rs"]
mod invented;

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "preview.html".to_owned());
    std::fs::write(path, digest::render_html(&invented::input()))
}
