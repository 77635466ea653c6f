//! What the duplicate folder knew when a source was last read, taken from the table: copies in two imports are one message too.

use anyhow::Context as _;
use arrow::array::{Array as _, AsArray as _};
use arrow::datatypes::{DataType, Int64Type};
use corpus::{DocumentId, SourceId, Voice};
use text::{Folder, Message};

use crate::engine::{Engine, TABLE};

/// Gives `folder` the last `window` documents of `source` that the table holds, oldest first.
///
/// The table keeps days, so within a day the order is that of the ids: enough to know what lay in the window.
pub(crate) fn recall(
    engine: &Engine,
    source: &SourceId,
    window: usize,
    folder: &mut Folder,
) -> anyhow::Result<()> {
    let latest = format!(
        "SELECT posted_day, id, group_id, voice, fingerprint, text FROM {TABLE} WHERE source = $1
         ORDER BY posted_day DESC, id DESC LIMIT {window}"
    );
    let sql = format!(
        "SELECT id, group_id, voice, fingerprint, text FROM ({latest}) ORDER BY posted_day, id"
    );
    let session = engine.session()?;
    let batches = engine.runtime.block_on(async {
        let source = datafusion::scalar::ScalarValue::from(source.as_str());
        session.sql(&sql).await?.with_param_values(vec![source])?.collect().await
    });
    for batch in batches.context("read the latest documents of a source")? {
        let strings = |index: usize| {
            arrow::compute::cast(batch.column(index), &DataType::Utf8).context("read a text column")
        };
        let (ids, groups, texts) = (strings(0)?, strings(1)?, strings(4)?);
        let (ids, groups, texts) =
            (ids.as_string::<i32>(), groups.as_string::<i32>(), texts.as_string::<i32>());
        let voices = batch.column(2).as_primitive::<Int64Type>();
        let fingerprints = batch.column(3).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let id: DocumentId = ids.value(row).parse().context("read an id")?;
            let group = groups.is_valid(row).then(|| groups.value(row).parse()).transpose();
            let voice = voices.is_valid(row).then(|| Voice(voices.value(row).cast_unsigned()));
            let fingerprint = fingerprints.value(row).cast_unsigned();
            let message = Message { id, voice, fingerprint, text: texts.value(row) };
            folder.recall(message, group.context("read the id of a group")?);
        }
    }
    Ok(())
}
