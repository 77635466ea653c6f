//! 套话 in a store: which clauses are mere form in which source, and every text judged by what else it says.
//!
//! When a month is released, the forms of each source are looked for in what was written in it ([`text::recognize_forms`]). What is found joins
//! `DIR/forms.tsv`, and every stored text of that source, whatever its month, is judged anew without it, so that a series has no seam where a form was
//! first seen. Texts that come in later are judged so at once. A text of nothing but forms has no direction: it counts as neutral, because leaving it out
//! would let more forms pass for a change of the others. A complaint stays a complaint in whatever form it is made.
//!
//! Released cells stay as they were told. Where weeks of a month are told already, its texts stay as they were judged until they are asked to be judged
//! anew: the rest of the month is audited beside those weeks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use anyhow::Context as _;
use corpus::{EnrichedBatch, Judgement, Month, Period, Polarity, SourceId, TokenBatch, column};
use enrich::ClauseScratch;
use privacy::{FormCounts, Guard};
use text::{Form, FormLimits, Forms, Written, recognize_forms};

use crate::config::hinted;
use crate::engine::Engine;
use crate::pipeline::Stages;
use crate::written::StoredText;
use crate::{released, written};

/// The forms of a store's sources: source, `formula` or `clause`, its words.
const FORMS_FILE: &str = "forms.tsv";
/// A clause is a form where this share of the people of a month wrote it word for word; a shipped formula where as many people used it as may be quoted.
const CLAUSE_SHARE_MIN: f64 = 0.05;

/// The forms of each source.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceForms(BTreeMap<String, Forms>);

/// Buffers for judging parts of texts.
#[derive(Default)]
pub(crate) struct FormScratch {
    text: text::Scratch,
    tokens: TokenBatch,
    clauses: ClauseScratch,
}

/// What a text says beside forms.
pub(crate) struct Remains {
    /// The clauses that are form, in bytes.
    pub(crate) forms: Vec<Range<usize>>,
    /// Direction of the rest.
    pub(crate) polarity: Option<Polarity>,
    /// Expected polarity of the rest.
    pub(crate) score: f32,
}

impl Remains {
    /// Whether a part of the text has something of a form.
    pub(crate) fn holds(&self, part: &Range<usize>) -> bool {
        self.forms.iter().any(|form| form.start < part.end && part.start < form.end)
    }
}

/// How much of some texts stands in forms.
#[derive(Default)]
pub(crate) struct FormalShare {
    letters: usize,
    in_forms: usize,
}

impl FormalShare {
    pub(crate) fn add(&mut self, text: &str, remains: Option<&Remains>) {
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let forms = remains.map_or(&[][..], |remains| &remains.forms);
        self.letters += letters(text);
        self.in_forms += forms
            .iter()
            .map(|bytes| letters(text.get(bytes.clone()).unwrap_or_default()))
            .sum::<usize>();
    }

    /// The share of letters and digits, from 0 to 1.
    pub(crate) fn value(&self) -> f64 {
        self.in_forms as f64 / self.letters.max(1) as f64
    }
}

/// What makes a form where so many people may be quoted.
pub(crate) fn limits(people_min: u32) -> FormLimits {
    FormLimits { people_min: people_min as usize, clause_share_min: CLAUSE_SHARE_MIN }
}

impl SourceForms {
    /// The forms of the store in `folder`; none where none were found yet.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FORMS_FILE);
        if !path.is_file() {
            return Ok(Self::default());
        }
        let content = std::fs::read_to_string(&path)
            .with_context(|| format!("read forms {}", path.display()))?;
        let mut by_source: BTreeMap<String, Vec<(String, bool)>> = BTreeMap::new();
        for (number, line) in (1..).zip(content.lines()) {
            let columns: Vec<&str> = line.split('\t').collect();
            let ([source, kind @ ("formula" | "clause"), form], false) =
                (columns.as_slice(), line.is_empty())
            else {
                return Err(hinted(
                    anyhow::anyhow!("{}, line {number}: not a form", path.display()),
                    "a line is a source, `formula` or `clause` and its words, with tabs between; without the file forms are looked for anew",
                ));
            };
            let forms = by_source.entry((*source).to_owned()).or_default();
            forms.push(((*form).to_owned(), *kind == "formula"));
        }
        Ok(Self(by_source.into_iter().map(|(source, of)| (source, Forms::new(of))).collect()))
    }

    fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let (path, next) = (folder.join(FORMS_FILE), folder.join("forms.tsv.next"));
        std::fs::write(&next, self.to_tsv())
            .and_then(|()| std::fs::rename(&next, &path))
            .with_context(|| format!("write {}", path.display()))
    }

    fn to_tsv(&self) -> String {
        let mut tsv = String::new();
        for (source, forms) in &self.0 {
            for (form, is_formula) in forms.iter() {
                let kind = if is_formula { "formula" } else { "clause" };
                let _ = writeln!(tsv, "{source}\t{kind}\t{form}");
            }
        }
        tsv
    }

    /// Equal fingerprints leave the same clauses out.
    pub(crate) fn fingerprint(&self) -> String {
        crate::fingerprint(self.to_tsv().as_bytes())
    }

    /// The forms of a source, if it has any.
    pub(crate) fn of(&self, source: &str) -> Option<&Forms> {
        self.0.get(source)
    }

    /// Judges the rows of a table anew that hold forms of their sources.
    pub(crate) fn leave_out(&self, rows: EnrichedBatch, stages: &Stages) -> EnrichedBatch {
        if self.0.is_empty() {
            return rows;
        }
        let mut scratch = FormScratch::default();
        let (sources, texts) = (rows.strings(column::SOURCE), rows.strings(column::TEXT));
        let judged: Vec<(usize, Option<Polarity>, f32)> = (0..rows.len())
            .filter_map(|row| {
                let forms = self.of(sources.value(row))?;
                let remains = stages.without_forms(forms, texts.value(row), &mut scratch)?;
                Some((row, remains.polarity, remains.score))
            })
            .collect();
        rows.with_polarities(&judged)
    }
}

impl Stages {
    /// The forms of a group: a clause that complains is none.
    pub(crate) fn forms_in(
        &self,
        texts: &[Written<'_>],
        limits: &FormLimits,
        scratch: &mut FormScratch,
    ) -> Vec<Form> {
        let mut forms = recognize_forms(texts, limits);
        forms.retain(|form| {
            form.is_formula || self.judge(&form.text, scratch).polarity != Some(Polarity::Negative)
        });
        forms
    }

    /// Judges a normalized text without its forms; `None` when it holds none.
    pub(crate) fn without_forms(
        &self,
        forms: &Forms,
        text: &str,
        scratch: &mut FormScratch,
    ) -> Option<Remains> {
        let part = |bytes: &Range<usize>| text.get(bytes.clone()).unwrap_or_default();
        let mut found = forms.find(text);
        found.retain(|bytes| self.judge(part(bytes), scratch).polarity != Some(Polarity::Negative));
        if found.is_empty() {
            return None;
        }
        let (mut rest, mut from) = (String::with_capacity(text.len()), 0);
        for bytes in &found {
            rest.push_str(part(&(from..bytes.start)));
            from = bytes.end;
        }
        rest.push_str(part(&(from..text.len())));
        let Judgement { polarity, score, .. } = self.judge(&rest, scratch);
        Some(Remains { forms: found, polarity, score })
    }

    /// One without letters has no direction.
    fn judge(&self, text: &str, scratch: &mut FormScratch) -> Judgement {
        if !text.chars().any(char::is_alphanumeric) {
            return Judgement { polarity: None, score: 0.0, topics: Vec::new() };
        }
        let FormScratch { text: cutting, tokens, clauses } = scratch;
        self.segmenter.tokenize_batch([text], cutting, tokens);
        self.enricher.judge_text(text, tokens, 0, clauses)
    }
}

/// Looks for forms in the months that are due to be released, and judges the store without those that are new. Gives what may be recorded of each month.
pub(crate) fn recognize_due(engine: &mut Engine) -> anyhow::Result<Vec<(Month, Vec<FormCounts>)>> {
    let (register, today) = (released::register(engine)?, engine.today());
    let (mut due, mut told_by_week) = (Vec::new(), BTreeSet::new());
    for month in engine.months_held()? {
        let whole = Period::from(month);
        if register.holds(whole) {
            continue;
        }
        if Guard::is_closed(whole, today) {
            due.push(month);
        }
        if Period::weeks_of(month).any(|week| register.holds(week)) {
            told_by_week.insert(month);
        }
    }
    let written = due
        .into_iter()
        .map(|month| Ok((month, written_in(engine, month)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut scratch = FormScratch::default();
    let limits = limits(engine.config.limits.values().k_verbatim);
    let mut known = (*engine.forms).clone();
    let (mut is_new, mut found) = (false, Vec::new());
    for (month, by_source) in &written {
        for (source, texts) in by_source {
            let texts: Vec<Written<'_>> = texts.iter().map(as_written).collect();
            let forms = engine.stages.forms_in(&texts, &limits, &mut scratch);
            let of_source = known.0.entry(source.to_string()).or_default();
            if forms.iter().any(|form| !of_source.contains(form)) {
                is_new = true;
                let held = of_source.iter().map(|(form, kind)| (form.to_owned(), kind));
                let more = forms.iter().map(|form| (form.text.clone(), form.is_formula));
                *of_source = Forms::new(held.chain(more).collect::<Vec<_>>());
            }
            found.push((*month, source, forms));
        }
    }
    known.0.retain(|_, forms| !forms.is_empty());
    if is_new {
        put_to_use(engine, known, &told_by_week)?;
    }
    let mut counted: BTreeMap<Month, Vec<FormCounts>> = BTreeMap::new();
    for ((month, source, forms), texts) in
        found.into_iter().zip(written.iter().flat_map(|(_, by_source)| by_source.values()))
    {
        let mut share = FormalShare::default();
        for StoredText { text, .. } in texts {
            let of_source = engine.forms.of(source.as_str());
            let remains =
                of_source.and_then(|forms| engine.stages.without_forms(forms, text, &mut scratch));
            share.add(text, remains.as_ref());
        }
        let forms = forms.into_iter().map(|form| (form.text, form.people)).collect();
        let counts = FormCounts { source: source.clone(), month, share: share.value(), forms };
        counted.entry(month).or_default().push(counts);
    }
    Ok(counted.into_iter().collect())
}

/// Judges first and remembers second: stopped in between, the next release finds the same forms.
fn put_to_use(
    engine: &mut Engine,
    forms: SourceForms,
    stay: &BTreeSet<Month>,
) -> anyhow::Result<()> {
    engine.forms = forms.into();
    let (stages, forms) = (engine.stages.clone(), engine.forms.clone());
    let (fingerprints, at_ms) = (engine.fingerprints(), engine.now_ms());
    let judge = |rows: &EnrichedBatch| {
        let stays = !rows.is_empty() && stay.contains(&rows.day(0).month());
        if stays { rows.clone() } else { forms.leave_out(rows.clone(), &stages) }
    };
    let judged = engine
        .runtime
        .block_on(engine.store.recut(stages.segmenter.fingerprint(), &fingerprints, at_ms, judge))
        .context("judge stored texts without their forms")?;
    tracing::info!(document_count = judged, "judged anew without what is mere form");
    forms.write(&engine.config.dir)
}

type TextsBySource = BTreeMap<SourceId, Vec<StoredText>>;

/// The texts of a month by source.
fn written_in(engine: &Engine, month: Month) -> anyhow::Result<TextsBySource> {
    let mut by_source = TextsBySource::new();
    for text in written::texts_of(engine, &engine.session()?, month, None)? {
        by_source.entry(text.source.clone()).or_default().push(text);
    }
    Ok(by_source)
}

fn as_written(stored: &StoredText) -> Written<'_> {
    let StoredText { text, person, group, is_named, .. } = stored;
    Written { text, person: *person, group: *group, is_named: *is_named }
}
