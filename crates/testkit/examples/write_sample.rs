//! Writes `data/sample`: `cargo run -p testkit --example write_sample [-- DIR]`. The seed is fixed, so the files are always the same.

use std::io::Write;
use std::path::PathBuf;

use testkit::company_year::{self, Source};
use testkit::novelty::{distinct_four_grams, near_duplicate_share};

const SEED: u64 = 2025;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir =
        std::env::args_os().nth(1).map_or_else(|| PathBuf::from("data/sample"), PathBuf::from);
    let year = company_year::generate(SEED);
    let truth = company_year::write(&year, &dir)?;

    let whole = year.documents.iter().filter(|document| document.broken.is_none());
    let own: Vec<&str> = whole
        .filter(|document| document.copy_of.is_none() && !document.is_boilerplate)
        .map(|d| d.text.as_str())
        .collect();
    let mut lengths: Vec<usize> = own.iter().map(|text| text.chars().count()).collect();
    lengths.sort_unstable();
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "rows {} own texts {} broken {}",
        year.documents.len(),
        own.len(),
        truth.broken.len()
    )?;
    for source in Source::ALL {
        writeln!(
            out,
            "  {} {}",
            source.name(),
            year.documents.iter().filter(|document| document.source == source).count()
        )?;
    }
    for shift in &truth.shifts {
        let (before, after, min) = (shift.mean_before, shift.mean_after, shift.voices_a_day_min);
        writeln!(
            out,
            "shift {} on {}: {before:+.3} to {after:+.3}, at least {min} voices a day",
            shift.series, shift.begins
        )?;
    }
    let quantile = |share: f64| lengths[((lengths.len() - 1) as f64 * share) as usize];
    writeln!(
        out,
        "characters: min {} p10 {} median {} p90 {} max {}",
        lengths[0],
        quantile(0.1),
        quantile(0.5),
        quantile(0.9),
        quantile(1.0)
    )?;
    writeln!(
        out,
        "near-duplicate share of own texts {:.4}",
        near_duplicate_share(own.iter().copied())
    )?;
    writeln!(
        out,
        "distinct 4-grams / all 4-grams of own texts {:.4}",
        distinct_four_grams(own.iter().copied())
    )?;
    Ok(())
}
