//! The stage between normalization and everything else: identifiers out, authors used up, time coarsened.

use corpus::{
    Day, DocumentBatch, DocumentBatchBuilder, DocumentId, DocumentRow, SourceId, UnitId,
    Visibility, Voice,
};
use rustc_hash::FxHashSet;
use text::{NormalizedDocument, NormalizedText};

use crate::pseudonym::Identity;
use crate::redact::{IdentifierKind, Redactor, Scratch, Span, typed_placeholders};
use crate::{Pseudonymizer, Receipt, Redacted};

/// How many identifiers of each kind were taken out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RedactionCounts([u64; IdentifierKind::ALL.len()]);

impl RedactionCounts {
    /// Identifiers of one kind.
    pub fn of(&self, kind: IdentifierKind) -> u64 {
        self.0[kind as usize]
    }

    /// Identifiers of all kinds.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds another batch's counts.
    pub fn add(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }

    fn count(&mut self, spans: &[Span]) {
        spans.iter().for_each(|span| self.0[span.kind as usize] += 1);
    }
}

/// Takes every identifier out of the documents of one source, uses up their authors, and keeps of their time the day.
///
/// A document of a period that is closed is late: it is counted in the next open one, under the key of its month; in a confidential source its day becomes
/// the first of that period, so that no figure of a closed one could change and nothing shows that it came late.
///
/// Receipt codes are used up too; what is kept of them comes beside the batch, since it belongs into no table that is read for anything else.
/// What came late is told beside the batch too, by id, for it is to be counted and has no day of its own.
/// Of two rows that are one document the first has the receipt: who hands in a colleague's words again gets no hold on them.
pub fn redact_batch(
    redactor: &Redactor,
    pseudonymizer: &Pseudonymizer,
    source: &SourceId,
    visibility: Visibility,
    documents: Vec<NormalizedDocument>,
) -> (Redacted<DocumentBatch>, RedactionCounts, Vec<Receipt>, Vec<DocumentId>) {
    let stage = Stage { redactor, pseudonymizer, source, visibility };
    let mut builder = DocumentBatchBuilder::new(source.clone(), visibility, documents.len());
    let (mut working, mut counts) = (Working::default(), RedactionCounts::default());
    let (mut map, mut receipts, mut late) = (Vec::new(), Vec::new(), Vec::new());
    let mut seen = FxHashSet::default();
    for document in documents {
        let row = stage.row(&mut working, document);
        map.clear();
        row.body.map.encode(&mut map);
        builder.push(&DocumentRow {
            id: row.id,
            content: row.content,
            unit: row.unit.as_ref(),
            day: row.day,
            voice: row.voice,
            question: row.question.as_deref(),
            rating: row.rating,
            display: &row.body.display,
            text: &row.body.text,
            map: &map,
            repairs: row.body.repairs.bits(),
        });
        counts.add(&row.counts);
        if seen.insert(row.id) {
            receipts.extend(row.receipt);
            late.extend(row.is_late.then_some(row.id));
        }
    }
    (Redacted::new(builder.finish()), counts, receipts, late)
}

struct Stage<'a> {
    redactor: &'a Redactor,
    pseudonymizer: &'a Pseudonymizer,
    source: &'a SourceId,
    visibility: Visibility,
}

#[derive(Default)]
struct Working {
    scratch: Scratch,
    spans: Vec<Span>,
}

struct Row {
    id: DocumentId,
    content: corpus::ContentHash,
    unit: Option<UnitId>,
    day: Day,
    is_late: bool,
    voice: Option<Voice>,
    question: Option<String>,
    rating: Option<f32>,
    body: NormalizedText,
    receipt: Option<Receipt>,
    counts: RedactionCounts,
}

impl Stage<'_> {
    fn row(&self, working: &mut Working, document: NormalizedDocument) -> Row {
        let NormalizedDocument { origin, question, body } = document;
        let mut counts = RedactionCounts::default();
        let posted = origin.posted_at.day();
        let body = self.redact_body(working, body, &mut counts);
        let question = question.map(|question| self.redact_text(working, &question, &mut counts));
        let unit = origin.unit.as_ref().map(UnitId::as_str);
        let id = self.pseudonymizer.identify(Identity {
            source: self.source,
            external_id: origin.external_id.as_deref(),
            unit,
            question: question.as_deref(),
            text: &body.text,
            day: posted,
        });
        let open = self.pseudonymizer.open_day(self.source, posted);
        let day = match open {
            Some(open) if self.visibility == Visibility::Confidential => open,
            _ => posted,
        };
        let named = origin.author.zip(open);
        let voice = named
            .and_then(|(author, open)| self.pseudonymizer.voice(self.source, open.month(), author));
        let content = self.pseudonymizer.content(&body.text);
        let receipt = origin.receipt.map(|code| self.pseudonymizer.receipt(id, code));
        Row {
            id,
            content,
            unit: origin.unit,
            day,
            is_late: open != Some(posted),
            voice,
            question,
            rating: origin.rating,
            body,
            receipt,
            counts,
        }
    }

    /// Escapes what looks like a placeholder, then replaces identifiers, in both strings of the body.
    fn redact_body(
        &self,
        working: &mut Working,
        body: NormalizedText,
        counts: &mut RedactionCounts,
    ) -> NormalizedText {
        let typed = typed_placeholders(&body.text);
        let body = if typed.is_empty() {
            body
        } else {
            let escapes: Vec<_> =
                typed.iter().map(|(range, escaped)| (range.clone(), escaped.as_str())).collect();
            body.replace(&escapes)
        };
        self.redactor.find_with(&mut working.scratch, &body.text, &mut working.spans);
        counts.count(&working.spans);
        if working.spans.is_empty() {
            return body;
        }
        let replacements: Vec<_> = working
            .spans
            .iter()
            .map(|span| (span.range.clone(), span.kind.placeholder()))
            .collect();
        body.replace(&replacements)
    }

    fn redact_text(
        &self,
        working: &mut Working,
        text: &str,
        counts: &mut RedactionCounts,
    ) -> String {
        self.redactor.find_with(&mut working.scratch, text, &mut working.spans);
        counts.count(&working.spans);
        crate::redact::with_placeholders(text, &working.spans)
    }
}

#[cfg(test)]
mod tests;
