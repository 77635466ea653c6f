//! The whole flow of a source on one page: read → normalize → redact → segment → enrich → fold → store.
//!
//! ```text
//! reader thread       rayon workers, one batch each                                    this thread, in order
//! ReadBatch ────────▶ NormalizedDocument ─▶ Redacted<DocumentBatch> ─▶ TokenizedBatch ─▶ EnrichedBatch ─▶ fold, push, commit
//! ```
//!
//! Batches are judged side by side and stored in the order in which they were read, so a run gives the same table whatever the machine.
//! Every queue is bounded: memory depends on the size of a commit, never on the size of the source.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::Context as _;
use corpus::{
    DocumentId, EnrichedBatch, RejectionReason, SourceId, TokenBatch, TokenizedBatch, Visibility,
};
use enrich::Enricher;
use ingest::{Cursor, DocumentReader, ReadBatch};
use ledger::{Checkpoint, SourceCounts};
use privacy::{Pseudonymizer, Receipt, Redacted, RedactionCounts, Redactor};
use store::SourceSequence;
use text::{Folder, Message, Normalizer, Segmenter};

use crate::engine::Engine;
use crate::forms::SourceForms;
use crate::keys::MonthKeys;
use crate::recall::recall;

/// Rows in one batch: enough to share the fixed costs, few enough that the queue between the stages stays small.
const BATCH_ROWS: usize = 1024;
/// Batches on their way through the workers: enough that they have work while a commit is written, 64 MB of text at most (a batch ends at 2 MB).
const BATCHES_IN_FLIGHT: usize = 32;
/// Arrow bytes that may wait for a commit: long texts are committed in fewer rows.
const COMMIT_BYTES: usize = 256 << 20;

/// The pure stages, shared by all workers.
pub(crate) struct Stages {
    pub(crate) normalizer: Normalizer,
    pub(crate) redactor: Redactor,
    pub(crate) segmenter: Segmenter,
    pub(crate) enricher: Enricher,
}

/// Buffers of one worker, kept from batch to batch.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) text: text::Scratch,
    pub(crate) enrich: enrich::Scratch,
}

/// What is constant for one source.
pub(crate) struct SourceContext {
    pub(crate) source: SourceId,
    pub(crate) visibility: Visibility,
    pub(crate) pseudonymizer: Pseudonymizer,
    /// Where the pseudonymizer takes its keys from, to hear of a key that could not be made.
    pub(crate) month_keys: Arc<MonthKeys>,
    /// What is mere form in which source.
    pub(crate) forms: Arc<SourceForms>,
}

/// A batch after all pure stages.
struct Judged {
    rows: Redacted<EnrichedBatch>,
    redacted: RedactionCounts,
    receipts: Vec<Receipt>,
    late: Vec<DocumentId>,
    rejections: Vec<corpus::Rejection>,
    cursor: Cursor,
    read: u64,
    bytes: u64,
}

/// What a run tells while it goes on.
pub(crate) trait Progress {
    /// Documents and bytes that went in since the last call.
    fn advanced(&self, documents: u64, bytes: u64);
}

/// What became of one source in this run.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunReport {
    pub(crate) counts: SourceCounts,
    pub(crate) rejected: HashMap<RejectionReason, u64>,
    pub(crate) redacted: RedactionCounts,
    pub(crate) bytes: u64,
}

impl Stages {
    /// Raw documents in, judged rows out. Refused documents are added to `rejections`.
    pub(crate) fn run(
        &self,
        context: &SourceContext,
        documents: Vec<corpus::RawDocument>,
        rejections: &mut Vec<corpus::Rejection>,
        scratch: &mut Scratch,
    ) -> (Redacted<EnrichedBatch>, RedactionCounts, Vec<Receipt>, Vec<DocumentId>) {
        let (normalized, refused) =
            text::normalize_batch(&self.normalizer, documents, &mut scratch.text);
        rejections.extend(refused);
        let (redacted, counts, receipts, late) = privacy::redact_batch(
            &self.redactor,
            &context.pseudonymizer,
            &context.source,
            context.visibility,
            normalized,
        );
        let judged = redacted.map(|documents| {
            let mut tokens = TokenBatch::default();
            let texts = documents.texts();
            self.segmenter.tokenize_batch(texts.iter().flatten(), &mut scratch.text, &mut tokens);
            let fingerprints = (0..documents.len())
                .map(|row| text::fingerprint(texts.value(row), tokens.words(row)))
                .collect();
            let tokenized = TokenizedBatch { documents, tokens, fingerprints };
            let enrichment = self.enricher.enrich(&tokenized, &mut scratch.enrich);
            let rows = EnrichedBatch::new(&tokenized, &enrichment, self.segmenter.fingerprint());
            context.forms.leave_out(rows, self)
        });
        (judged, counts, receipts, late)
    }
}

/// Runs a source from its reader to the store, and gives what became of its documents.
///
/// On an error everything committed so far stays, and the next run goes on behind it.
pub(crate) fn run(
    engine: &mut Engine,
    context: SourceContext,
    reader: &mut (dyn DocumentReader + Send),
    progress: &(dyn Progress + Sync),
) -> anyhow::Result<RunReport> {
    let stages = Arc::clone(&engine.stages);
    let context = Arc::new(context);
    let (send, receive) = sync_channel::<anyhow::Result<Receiver<Judged>>>(BATCHES_IN_FLIGHT);
    std::thread::scope(|scope| {
        let reading = Arc::clone(&context);
        scope.spawn(move || read_all(&stages, &reading, reader, &send));
        let mut sink = Sink::new(engine, &context)?;
        // The loop ends when the reader is done and has dropped its end, or with the first error; then the reader's next send fails and it stops.
        for judged in receive {
            let judged = judged?.recv().context("a worker stopped; its panic stands above")?;
            progress.advanced(judged.read, judged.bytes);
            sink.take(judged)?;
        }
        sink.finish()
    })
}

/// Reads batch after batch and hands each to a rayon worker; the queue carries the places where their results will come, in order.
fn read_all(
    stages: &Arc<Stages>,
    context: &Arc<SourceContext>,
    reader: &mut (dyn DocumentReader + Send),
    queue: &SyncSender<anyhow::Result<Receiver<Judged>>>,
) {
    loop {
        let batch = match reader.next_batch(BATCH_ROWS) {
            Ok(Some(batch)) => batch,
            Ok(None) => return,
            Err(error) => {
                let _ = queue.send(Err(error.into()));
                return;
            }
        };
        let (done, result) = sync_channel(1);
        // Waits here while the queue is full, so at most BATCHES_IN_FLIGHT batches exist at once.
        if queue.send(Ok(result)).is_err() {
            return;
        }
        let (stages, context) = (Arc::clone(stages), Arc::clone(context));
        rayon::spawn_fifo(move || {
            let _ = done.send(judge(&stages, &context, batch));
        });
    }
}

fn judge(stages: &Stages, context: &SourceContext, batch: ReadBatch) -> Judged {
    thread_local! {
        static SCRATCH: std::cell::RefCell<Scratch> = std::cell::RefCell::default();
    }
    let ReadBatch { documents, mut rejections, cursor, read, bytes } = batch;
    // Taken, not borrowed: a stage that waits for its own parallel parts may run another batch on this thread meanwhile.
    let mut scratch = SCRATCH.take();
    let (rows, redacted, receipts, late) =
        stages.run(context, documents, &mut rejections, &mut scratch);
    SCRATCH.set(scratch);
    Judged { rows, redacted, receipts, late, rejections, cursor, read, bytes }
}

/// The serial end of the flow: what must see documents in order.
struct Sink<'a> {
    engine: &'a mut Engine,
    context: &'a SourceContext,
    folder: Folder,
    /// What contributors took back: it is counted and not stored again.
    withdrawn: HashSet<DocumentId>,
    receipts: Vec<(DocumentId, ledger::Tag)>,
    /// New texts of a confidential source that bear the day of a later period.
    late: Vec<DocumentId>,
    sequence: i64,
    /// Totals of the source before this run and up to the last batch.
    before: SourceCounts,
    totals: SourceCounts,
    cursor: Cursor,
    dirty: bool,
    report: RunReport,
}

impl<'a> Sink<'a> {
    fn new(engine: &'a mut Engine, context: &'a SourceContext) -> anyhow::Result<Self> {
        let (sequence, checkpoint) = engine.checkpoint(&context.source)?;
        let before = checkpoint.map(|checkpoint| checkpoint.counts).unwrap_or_default();
        let mut folder = Folder::new(engine.config.duplicate_window);
        if sequence > 0 {
            recall(engine, &context.source, engine.config.duplicate_window, &mut folder)?;
        }
        let withdrawn = engine.ledger.withdrawn()?.into_iter().collect();
        let (cursor, report) = (Cursor::default(), RunReport::default());
        Ok(Self {
            engine,
            context,
            folder,
            withdrawn,
            receipts: Vec::new(),
            late: Vec::new(),
            sequence,
            before,
            totals: before,
            cursor,
            dirty: false,
            report,
        })
    }

    fn take(&mut self, judged: Judged) -> anyhow::Result<()> {
        self.context.month_keys.check().context("take a pseudonym key")?;
        self.report.redacted.add(&judged.redacted);
        // Refused documents are safe before the cursor that passes them is committed.
        self.engine.quarantine(&self.context.source, &judged.rejections)?;
        for rejection in &judged.rejections {
            *self.report.rejected.entry(rejection.reason).or_default() += 1;
        }
        let came = judged.rows.get().len();
        let rows = judged.rows.map(|rows| without(&self.withdrawn, rows));
        let withdrawn = (came - rows.get().len()) as u64;
        for receipt in &judged.receipts {
            // A receipt counts that came with its text: who hands in a colleague's words once more must not read their reply, or withdraw them.
            let is_new = !self.withdrawn.contains(&receipt.document)
                && !self.engine.store.holds(receipt.document).context("look for a document")?;
            self.receipts.extend(is_new.then_some((receipt.document, receipt.tag.0)));
        }
        let mut late = judged.late;
        late.retain(|document| !self.withdrawn.contains(document));
        let held = late.iter().map(|document| self.engine.store.holds(*document));
        let held = held.collect::<Result<Vec<bool>, _>>().context("look for a document")?;
        let mut held = held.into_iter();
        late.retain(|_| !held.next().unwrap_or_default());
        let late_count = late.len() as u64;
        if self.context.visibility == Visibility::Confidential {
            self.late.extend(late);
        }
        let folded = rows.map(|rows| fold(&mut self.folder, rows));
        let pushed = self.engine.store.push(folded).context("take a batch into the store")?;
        self.totals = self.totals.plus(SourceCounts {
            read: judged.read,
            stored: pushed.stored,
            folded: pushed.folded,
            known: pushed.known,
            revised: pushed.revised,
            withdrawn,
            quarantined: judged.rejections.len() as u64,
            late: late_count,
        });
        self.cursor = judged.cursor;
        self.report.bytes += judged.bytes;
        self.dirty = true;
        let store = &self.engine.store;
        if store.pending_rows() >= self.engine.config.commit_rows
            || store.pending_bytes() >= COMMIT_BYTES
        {
            self.commit()
        } else {
            Ok(())
        }
    }

    /// Ledger first, table second, index third: whatever stops in between is made good by [`Engine::open`].
    fn commit(&mut self) -> anyhow::Result<()> {
        assert!(
            self.totals.adds_up(),
            "every document read is stored, known, revised, withdrawn or quarantined: {:?}",
            self.totals
        );
        self.sequence += 1;
        let fingerprints = self.engine.fingerprints();
        let cursor = serde_json::to_string(&self.cursor).context("write a cursor")?;
        let checkpoint = Checkpoint {
            sequence: self.sequence,
            cursor,
            counts: self.totals,
            fingerprints: fingerprints.clone(),
        };
        self.engine.ledger.save_checkpoint(&self.context.source, &checkpoint)?;
        // A receipt of a text that is never committed opens nothing.
        self.engine.ledger.keep_receipts(&std::mem::take(&mut self.receipts))?;
        self.engine.ledger.keep_late(&std::mem::take(&mut self.late))?;
        let sequence = SourceSequence { source: &self.context.source, sequence: self.sequence };
        let at_ms = self.engine.now_ms();
        let committed = self
            .engine
            .runtime
            .block_on(self.engine.store.commit(sequence, &fingerprints, at_ms))
            .context("commit a batch")?;
        tracing::info!(source = %self.context.source, version = committed.version, row_count = committed.rows, "batch committed");
        self.dirty = false;
        Ok(())
    }

    fn finish(mut self) -> anyhow::Result<RunReport> {
        if self.dirty {
            self.commit()?;
        }
        let (before, totals) = (self.before, self.totals);
        self.report.counts = SourceCounts {
            read: totals.read - before.read,
            stored: totals.stored - before.stored,
            folded: totals.folded - before.folded,
            known: totals.known - before.known,
            revised: totals.revised - before.revised,
            withdrawn: totals.withdrawn - before.withdrawn,
            quarantined: totals.quarantined - before.quarantined,
            late: totals.late - before.late,
        };
        Ok(self.report)
    }
}

/// The rows that nobody took back.
fn without(withdrawn: &HashSet<DocumentId>, rows: EnrichedBatch) -> EnrichedBatch {
    if withdrawn.is_empty() {
        return rows;
    }
    let keep: Vec<bool> = (0..rows.len()).map(|row| !withdrawn.contains(&rows.id(row))).collect();
    rows.filter(&keep)
}

fn fold(folder: &mut Folder, rows: EnrichedBatch) -> EnrichedBatch {
    let texts = rows.strings(corpus::column::TEXT);
    let groups: Vec<_> = (0..rows.len())
        .map(|row| {
            let (id, voice, fingerprint) = (rows.id(row), rows.voice(row), rows.fingerprint(row));
            folder.fold(Message { id, voice, fingerprint, text: texts.value(row) })
        })
        .collect();
    rows.with_groups(&groups)
}
