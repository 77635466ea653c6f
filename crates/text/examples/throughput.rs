//! How fast normalizing and cutting are beside jieba's bare cut, on the texts of a file: `--example throughput FILE`.
//!
//! One thread, both in turn, the median of the rounds.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::time::{Duration, Instant};

use corpus::TokenBatch;
use text::{Lexicon, NormalizedText, Normalizer, Scratch, Segmenter};

const ROUNDS: usize = 7;
const BATCH_ROWS: usize = 1024;

fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).expect("name a file of texts, one a line");
    let content = std::fs::read_to_string(path)?;
    let texts: Vec<String> = content.lines().map(text_of).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let lexicon = Lexicon::builtin();
    let (normalizer, segmenter) =
        (Normalizer::new(lexicon.exceptions()), Segmenter::new(&lexicon, &["手机号"]));
    let jieba = jieba_rs::Jieba::new();
    let (mut scratch, mut tokens) = (Scratch::default(), TokenBatch::default());
    let mut times = [const { Vec::new() }; 4];
    let mut check = 0u64;
    for _ in 0..ROUNDS {
        let mut round = [Duration::ZERO; 4];
        let mut words = 0;
        for batch in texts.chunks(BATCH_ROWS) {
            let started = Instant::now();
            words += batch.iter().map(|text| jieba.cut(text, false).len()).sum::<usize>();
            round[0] += started.elapsed();
            let started = Instant::now();
            let normalized: Vec<_> =
                batch.iter().map(|text| normalized(&normalizer, text, &mut scratch)).collect();
            round[1] += started.elapsed();
            let started = Instant::now();
            segmenter.tokenize_batch(
                normalized.iter().map(|document| document.text.as_str()),
                &mut scratch,
                &mut tokens,
            );
            round[2] += started.elapsed();
            let started = Instant::now();
            for (row, document) in normalized.iter().enumerate() {
                check ^= text::fingerprint(&document.text, tokens.words(row));
            }
            round[3] += started.elapsed();
        }
        assert!(words > texts.len(), "jieba has cut");
        for (times, time) in times.iter_mut().zip(round) {
            times.push(time);
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_secs_f64()
    };
    let [jieba, normalize, segment, fingerprint] = times.each_mut().map(median);
    let rate = |seconds: f64| bytes as f64 / 1e6 / seconds;
    println!("{} texts, {:.1} MB, check {check:016x}", texts.len(), bytes as f64 / 1e6);
    println!(
        "jieba cut {:.1} MB/s, normalize {:.1}, segment {:.1}, fingerprint {:.1}",
        rate(jieba),
        rate(normalize),
        rate(segment),
        rate(fingerprint)
    );
    println!(
        "(normalize + segment) / jieba cut {:.2}, with fingerprint {:.2}",
        jieba / (normalize + segment),
        jieba / (normalize + segment + fingerprint)
    );
    Ok(())
}

/// What the pipeline does before it cuts: double encoding, markup, normal form.
fn normalized(normalizer: &Normalizer, text: &str, scratch: &mut Scratch) -> NormalizedText {
    let (restored, _) = text::restore(text);
    normalizer.normalize(&text::unescape(&restored).0, scratch)
}

/// A line of JSON with `text`, or the line itself.
fn text_of(line: &str) -> String {
    match serde_json::from_str::<serde_json::Value>(line) {
        Ok(serde_json::Value::Object(fields)) => {
            fields.get("text").and_then(|text| text.as_str()).unwrap_or_default().to_owned()
        }
        _ => line.to_owned(),
    }
}
