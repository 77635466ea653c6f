//! `huisheng segment` and `huisheng redact`: one stage alone, for scorers and for curious people.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use privacy::sensitive_mentions;
use serde::Deserialize;
use text::{Lexicon, Normalizer, Scratch, Segmenter};

use crate::Outcome;
use crate::cli::{Redact, Segment};
use crate::config::{Config, hinted};

/// One text of a file.
#[derive(Deserialize)]
pub(super) struct Line {
    #[serde(default)]
    pub(super) id: serde_json::Value,
    pub(super) text: String,
}

impl Line {
    /// A line of JSON is a document; any other line is the text itself.
    ///
    /// # Errors
    /// What begins as JSON and is none, or has no `text`: taken as text, braces and names of fields would be judged.
    pub(super) fn read(line: &str) -> anyhow::Result<Self> {
        // Some programs write a byte order mark before the first line.
        let line = line.trim_start_matches('\u{feff}');
        if !begins_as_json(line.trim()) {
            return Ok(Self { id: serde_json::Value::Null, text: line.to_owned() });
        }
        serde_json::from_str(line).map_err(|error| {
            hinted(
                anyhow::anyhow!("no document: {error}"),
                r#"write one `{"id": …, "text": "…"}` a line, with the whole object on it, or plain texts"#,
            )
        })
    }
}

/// Whether a line is meant as JSON: `{"text"…`, and `{` or `[` where an object or a list is spread over lines. A text may begin with `{手机号}` or `[微笑]`.
fn begins_as_json(line: &str) -> bool {
    let inside = |bracket| line.strip_prefix(bracket).map(str::trim_start);
    inside('{').is_some_and(|rest| rest.is_empty() || rest.starts_with(['"', '}']))
        || inside('[').is_some_and(|rest| rest.is_empty() || rest.starts_with('{'))
}

/// Prints each text with a space between its words.
pub(crate) fn segment(options: &Segment) -> anyhow::Result<Outcome> {
    if options.format != "sighan" {
        return Err(hinted(
            anyhow::anyhow!("--format {:?} is no format", options.format),
            "write --format sighan",
        ));
    }
    let file = options.file.as_deref().context("name a file")?;
    let lexicon = Lexicon::builtin();
    let normalizer = Normalizer::new(lexicon.exceptions());
    let segmenter = Segmenter::new(&lexicon, privacy::placeholders());
    let mut scratch = Scratch::default();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for_each_line(file, |line| {
        let text = Line::read(line)?.text;
        writeln!(out, "{}", segmenter.cut_to_sighan(&normalizer, &text, &mut scratch))?;
        Ok(())
    })?;
    out.flush()?;
    Ok(Outcome::Done)
}

/// Writes the identifiers of each text as spans in characters.
pub(crate) fn redact(config: &Config, options: &Redact) -> anyhow::Result<Outcome> {
    let redactor = config.redaction.redactor()?;
    let file =
        File::create(&options.out).with_context(|| format!("create {}", options.out.display()))?;
    let mut out = BufWriter::new(file);
    let mut spans = Vec::new();
    for_each_line(&options.file, |line| {
        let document: Line =
            serde_json::from_str(line).context("parse a line: expected {\"id\",\"text\"}")?;
        redactor.find(&document.text, &mut spans);
        let chars_before =
            |byte: usize| document.text.get(..byte).unwrap_or_default().chars().count();
        let found: Vec<_> = spans
            .iter()
            .map(|span| {
                serde_json::json!({
                    "start": chars_before(span.range.start),
                    "end": chars_before(span.range.end),
                    "type": span.kind.as_str(),
                })
            })
            .collect();
        let sensitive: BTreeSet<_> =
            sensitive_mentions(&document.text).into_iter().map(|mention| mention.kind).collect();
        let line = serde_json::json!({ "id": document.id, "spans": found, "sensitive": sensitive });
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
        Ok(())
    })?;
    out.flush().with_context(|| format!("write {}", options.out.display()))?;
    Ok(Outcome::Done)
}

/// Hands over the lines of a file that are not blank; errors name file and line.
pub(super) fn for_each_line(
    path: &Path,
    mut act: impl FnMut(&str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let at = || format!("{}, line {}", path.display(), index + 1);
        let line = line.with_context(at)?;
        if !line.trim().is_empty() {
            act(&line).with_context(at)?;
        }
    }
    Ok(())
}
