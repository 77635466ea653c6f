//! Reads JSON lines `{"id", "text"}` from standard input and writes `{"id", "spans": [{"start", "end", "type"}]}` in code points, or, with `--bench`,
//! how fast texts of plain lines pass, in megabytes a second of one core.

use std::io::{self, BufRead as _, Read as _, Write as _};
use std::time::Instant;

use privacy::{Redactor, Scratch};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    if std::env::args().any(|argument| argument == "--bench") { bench() } else { redact() }
}

fn redact() -> io::Result<()> {
    let redactor = Redactor::new();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut spans = Vec::new();
    for line in io::stdin().lock().lines() {
        let document: Value = serde_json::from_str(&line?)?;
        let text = document["text"].as_str().unwrap_or_default();
        redactor.find(text, &mut spans);
        let chars = |byte: usize| text.char_indices().take_while(|(at, _)| *at < byte).count();
        let found: Vec<Value> = spans
            .iter()
            .map(|span| json!({"start": chars(span.range.start), "end": chars(span.range.end), "type": span.kind.as_str()}))
            .collect();
        writeln!(out, "{}", json!({"id": document["id"], "spans": found}))?;
    }
    out.flush()
}

fn bench() -> io::Result<()> {
    let mut text = String::new();
    io::stdin().lock().read_to_string(&mut text)?;
    let lines: Vec<&str> = text.lines().collect();
    let (redactor, mut scratch, mut spans) = (Redactor::new(), Scratch::default(), Vec::new());
    let mut out = io::stdout().lock();
    for _ in 0..5 {
        let start = Instant::now();
        let mut found = 0;
        for line in &lines {
            redactor.find_with(&mut scratch, line, &mut spans);
            found += spans.len();
        }
        let megabytes = text.len() as f64 / 1e6;
        writeln!(out, "{found} spans, {:.1} MB/s", megabytes / start.elapsed().as_secs_f64())?;
    }
    Ok(())
}
