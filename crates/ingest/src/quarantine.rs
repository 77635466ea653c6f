//! Keeps refused rows with their bytes, encrypted, until somebody mends and replays them or their time is up.
//!
//! This is the one place where text rests before redaction (ruling 8), so nothing but the day of a record can be read without the key.
//!
//! ```text
//! file   = magic "HSQ1", record*
//! record = byte_len u32 | day i32 | nonce 24 bytes | ciphertext (byte_len bytes)          all little-endian
//! plain  = header_len u32 | header: JSON {"origin","position","reason","detail"} | the row's bytes
//! ```
//!
//! XChaCha20-Poly1305 with a random nonce a record; source name and day are authenticated with it, so that a record cannot be moved to another
//! source or given another age. The day stands outside so that retention holds even after the key is lost.

mod record;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use chacha20poly1305::aead::{Aead, Generate, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use corpus::{Day, Rejection, RejectionReason, SourceId, Withheld};
use serde::{Deserialize, Serialize};

use self::record::Sealed;

const MAGIC: [u8; 4] = *b"HSQ1";

/// Why the quarantine cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    /// The file cannot be read or written.
    #[error("{action} quarantine {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The file is none of ours.
    #[error("{path} is no quarantine file")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

/// The refused rows of one source.
pub struct Quarantine {
    path: PathBuf,
    source: SourceId,
    cipher: XChaCha20Poly1305,
    /// The file's length after our last write, 0 before: as long as it holds, there is no torn end to look for.
    whole_bytes: AtomicU64,
}

/// A refused row as it was kept.
#[derive(Clone, PartialEq, Eq)]
pub struct QuarantinedRow {
    /// File or feed it came from.
    pub origin: String,
    /// Its line, row or entry.
    pub position: u64,
    /// Why, for counting.
    pub reason: RejectionReason,
    /// Why, for a person.
    pub detail: String,
    /// The row as it came, or its beginning when it was too long.
    pub bytes: Vec<u8>,
    /// When it was refused.
    pub day: Day,
}

impl fmt::Debug for QuarantinedRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuarantinedRow")
            .field("origin", &self.origin)
            .field("position", &self.position)
            .field("reason", &self.reason)
            .field("detail", &self.detail)
            .field("bytes", &Withheld::bytes(&self.bytes))
            .field("day", &self.day)
            .finish()
    }
}

/// What is in a quarantine file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct QuarantineContents {
    /// Rows that could be decrypted, oldest first.
    pub rows: Vec<QuarantinedRow>,
    /// Records that another key wrote or somebody changed.
    pub unreadable_count: u64,
    /// Bytes at the end that are no whole record: a write that a crash cut off. The next [`Quarantine::append`] removes them.
    pub torn_bytes: u64,
}

impl QuarantineContents {
    /// Rows of each reason.
    pub fn count_by_reason(&self) -> BTreeMap<RejectionReason, u64> {
        let mut counts = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.reason).or_default() += 1;
        }
        counts
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    origin: String,
    position: u64,
    reason: String,
    detail: String,
}

impl Quarantine {
    /// The quarantine of `source` in `folder`, under a 32-byte key. The file is made by the first [`Self::append`].
    pub fn new(folder: &Path, source: &SourceId, key: &[u8; 32]) -> Self {
        let path = folder.join(format!("{source}.quarantine"));
        Self {
            path,
            source: source.clone(),
            cipher: XChaCha20Poly1305::new(key.into()),
            whole_bytes: AtomicU64::new(0),
        }
    }

    /// Adds rows and returns when they are on the disk. Commit the cursor that is behind them only after this.
    ///
    /// # Errors
    /// [`QuarantineError`] when the file cannot be written or is not ours; nothing may be taken as kept then.
    pub fn append(&self, rejections: &[Rejection], today: Day) -> Result<(), QuarantineError> {
        if rejections.is_empty() {
            return Ok(());
        }
        let mut file = self.open_for_append()?;
        let mut records = Vec::new();
        for rejection in rejections {
            self.seal(rejection, today, &mut records);
        }
        let written =
            file.write_all(&records).and_then(|()| file.sync_data()).and_then(|()| file.metadata());
        let whole_bytes = written.as_ref().map_or(0, std::fs::Metadata::len);
        self.whole_bytes.store(whole_bytes, Ordering::Relaxed);
        written.map(|_| ()).map_err(self.failed("write"))
    }

    /// Reads everything back. A file that was never written is empty.
    ///
    /// # Errors
    /// [`QuarantineError`] when the file cannot be read or is not ours. Single records that do not open are counted, not failed on.
    pub fn read_all(&self) -> Result<QuarantineContents, QuarantineError> {
        let mut contents = QuarantineContents::default();
        contents.torn_bytes = self.for_each_record(|sealed| {
            match self.unseal(&sealed) {
                Some(row) => contents.rows.push(row),
                None => contents.unreadable_count += 1,
            }
            Ok(())
        })?;
        Ok(contents)
    }

    /// Removes records from before `limit` and gives their number. Records that cannot be decrypted have an age too.
    ///
    /// # Errors
    /// [`QuarantineError`] when the file cannot be read or replaced; then it is as it was.
    pub fn purge_older_than(&self, limit: Day) -> Result<u64, QuarantineError> {
        let mut kept = MAGIC.to_vec();
        let mut purged_count = 0;
        let failed = self.failed("rewrite");
        let aside = self.path.with_extension("quarantine.new");
        let mut file = private_file(&aside, true).map_err(&failed)?;
        let torn_bytes = self.for_each_record(|sealed| {
            if sealed.day < limit {
                purged_count += 1;
                return Ok(());
            }
            sealed.write(&mut kept);
            file.write_all(&kept)?;
            kept.clear();
            Ok(())
        })?;
        if purged_count == 0 && torn_bytes == 0 {
            std::fs::remove_file(&aside).map_err(&failed)?;
            return Ok(0);
        }
        // The whole new file is on the disk before it takes the old one's name.
        file.write_all(&kept).and_then(|()| file.sync_all()).map_err(&failed)?;
        std::fs::rename(&aside, &self.path)
            .and_then(|()| sync_folder_of(&self.path))
            .map_err(&failed)?;
        Ok(purged_count)
    }

    fn open_for_append(&self) -> Result<File, QuarantineError> {
        let failed = self.failed("open");
        let mut file = private_file(&self.path, false).map_err(&failed)?;
        let byte_len = file.metadata().map_err(&failed)?.len();
        if byte_len < MAGIC.len() as u64 {
            file.set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(&MAGIC))
                .and_then(|()| sync_folder_of(&self.path))
                .map_err(&failed)?;
            return Ok(file);
        }
        // Records after a torn one could never be found again, so the torn end goes first.
        let is_known = self.whole_bytes.load(Ordering::Relaxed) == byte_len;
        let torn_bytes = if is_known { 0 } else { self.for_each_record(|_| Ok(()))? };
        file.set_len(byte_len - torn_bytes)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(&failed)?;
        Ok(file)
    }

    /// Visits the whole records and gives the number of bytes behind the last of them.
    fn for_each_record(
        &self,
        mut visit: impl FnMut(Sealed) -> io::Result<()>,
    ) -> Result<u64, QuarantineError> {
        let failed = self.failed("read");
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(failed(error)),
        };
        let byte_len = file.metadata().map_err(&failed)?.len();
        let mut file = BufReader::new(file);
        let mut magic = Vec::new();
        file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic).map_err(&failed)?;
        if !MAGIC.starts_with(&magic) {
            return Err(QuarantineError::Foreign { path: self.path.clone() });
        }
        let mut whole_bytes = magic.len() as u64;
        while let Some((sealed, record_bytes)) = Sealed::read(&mut file).map_err(&failed)? {
            visit(sealed).map_err(&failed)?;
            whole_bytes += record_bytes;
        }
        Ok(byte_len.saturating_sub(whole_bytes))
    }

    fn seal(&self, rejection: &Rejection, day: Day, out: &mut Vec<u8>) {
        let header = Header {
            origin: rejection.locator.origin.to_string(),
            position: rejection.locator.position,
            reason: rejection.reason.as_str().to_owned(),
            detail: rejection.detail.clone(),
        };
        let header = serde_json::to_vec(&header).expect("strings and numbers have a JSON form");
        let header_len = u32::try_from(header.len()).expect("a header is short");
        let mut plain = header_len.to_le_bytes().to_vec();
        plain.extend_from_slice(&header);
        plain.extend_from_slice(&rejection.bytes);
        let nonce = XNonce::generate();
        let payload = Payload { msg: &plain, aad: &self.bound_to(day) };
        let ciphertext = self
            .cipher
            .encrypt(&nonce, payload)
            .expect("a row is far below the cipher's limit of 256 GB");
        Sealed { day, nonce, ciphertext }.write(out);
    }

    fn unseal(&self, sealed: &Sealed) -> Option<QuarantinedRow> {
        let payload = Payload { msg: &sealed.ciphertext, aad: &self.bound_to(sealed.day) };
        let plain = self.cipher.decrypt(&sealed.nonce, payload).ok()?;
        let (header_len, rest) = plain.split_first_chunk::<4>()?;
        let (header, bytes) = rest.split_at_checked(u32::from_le_bytes(*header_len) as usize)?;
        let Header { origin, position, reason, detail } = serde_json::from_slice(header).ok()?;
        let reason = reason_named(&reason)?;
        Some(QuarantinedRow {
            origin,
            position,
            reason,
            detail,
            bytes: bytes.to_vec(),
            day: sealed.day,
        })
    }

    fn bound_to(&self, day: Day) -> Vec<u8> {
        [self.source.as_str().as_bytes(), &day.0.to_le_bytes()].concat()
    }

    fn failed(&self, action: &'static str) -> impl Fn(io::Error) -> QuarantineError + use<> {
        let path = self.path.clone();
        move |source| QuarantineError::Io { action, path: path.clone(), source }
    }
}

/// Readable by its owner only.
fn private_file(path: &Path, is_new: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(is_new);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file's name is on the disk only when its folder is.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    match path.parent() {
        #[cfg(unix)]
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

fn reason_named(word: &str) -> Option<RejectionReason> {
    use RejectionReason::{Empty, Encoding, Field, MissingField, Syntax, Time, TooLong};
    [Encoding, Syntax, MissingField, Time, Empty, TooLong, Field]
        .into_iter()
        .find(|reason| reason.as_str() == word)
}

#[cfg(test)]
mod tests;
