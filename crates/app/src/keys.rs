//! Secrets on disk: pseudonym keys by source and month, the id key, the quarantine key.
//!
//! They lie in files of their own (0600, in a folder 0700), outside table and ledger and out of backups. Closing a month overwrites and deletes
//! its keys; from then on nobody can tell which pseudonyms were one person's, the operator included.
//!
//! With `[keys] command` the pseudonym keys lie in a key management system instead, and the folder only marks which are there. A key that lies in a file
//! already stays there until its month is closed, so that nobody becomes two people when the command is set in mid-month.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use corpus::{Day, Month, Period, SourceId};
use privacy::{Key, KeyRing};

use crate::config::hinted;
use crate::key_command::KeyCommand;

const KEY_BYTES: usize = 32;
/// Ending of the mark of a key that a key management system has.
const ELSEWHERE: &str = "kms";

/// The key folder of one store.
#[derive(Clone)]
pub(crate) struct Keys {
    dir: PathBuf,
    command: Option<KeyCommand>,
}

/// The pseudonym keys of a run, read or made when the first document of a month needs one.
pub(crate) struct MonthKeys {
    keys: Keys,
    closed: HashSet<Period>,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    keys: HashMap<(SourceId, Month), Arc<Key>>,
    failure: Option<anyhow::Error>,
}

impl Keys {
    /// `command` keeps the pseudonym keys, if there is one.
    pub(crate) fn open(dir: &Path, command: Option<KeyCommand>) -> anyhow::Result<Self> {
        fs::create_dir_all(dir).with_context(|| format!("make key folder {}", dir.display()))?;
        restrict(dir, 0o700)?;
        Ok(Self { dir: dir.to_owned(), command })
    }

    /// The key that makes document ids, made on first use and never destroyed.
    pub(crate) fn document_key(&self) -> anyhow::Result<Key> {
        Ok(Key::from_bytes(self.read_or_make(&self.dir.join("documents.key"))?))
    }

    /// The key under which refused documents are kept.
    pub(crate) fn quarantine_key(&self) -> anyhow::Result<[u8; KEY_BYTES]> {
        self.read_or_make(&self.dir.join("quarantine.key"))
    }

    /// The pseudonym keys for one run.
    pub(crate) fn month_keys(&self) -> anyhow::Result<MonthKeys> {
        let closed = self.closed()?.into_iter().collect();
        Ok(MonthKeys { keys: self.clone(), closed, cache: Mutex::default() })
    }

    /// Closed months and weeks, ascending. The marks outlive the keys, so that a late document cannot bring one back.
    pub(crate) fn closed(&self) -> anyhow::Result<Vec<Period>> {
        let path = self.dir.join("closed");
        match fs::read_to_string(&path) {
            Ok(lines) => lines
                .lines()
                .map(|line| line.parse().with_context(|| format!("read {}", path.display())))
                .collect(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error).with_context(|| format!("read {}", path.display())),
        }
    }

    /// Closes `periods`: marks them, then destroys the keys of those that are months. Gives how many keys were destroyed.
    pub(crate) fn close(&self, periods: &[Period]) -> anyhow::Result<usize> {
        let mut closed = self.closed()?;
        closed.extend(periods);
        closed.sort_unstable();
        closed.dedup();
        let lines: String = closed.iter().map(|period| format!("{period}\n")).collect();
        write_private(&self.dir.join("closed"), lines.as_bytes())?;
        let mut destroyed = 0;
        for source in fs::read_dir(&self.dir)?.collect::<Result<Vec<_>, _>>()? {
            if !source.path().is_dir() {
                continue;
            }
            for month in periods.iter().filter(|period| period.is_month()) {
                let path = source.path().join(format!("{month}.key"));
                if path.is_file() {
                    destroy(&path)?;
                    destroyed += 1;
                }
                let mark = source.path().join(format!("{month}.{ELSEWHERE}"));
                if mark.is_file() {
                    self.destroy_elsewhere(&mark)?;
                    destroyed += 1;
                }
            }
        }
        Ok(destroyed)
    }

    fn source_dir(&self, source: &SourceId) -> PathBuf {
        self.dir.join(crate::fingerprint(source.as_str().as_bytes()))
    }

    fn month_key(&self, source: &SourceId, month: Month) -> anyhow::Result<[u8; KEY_BYTES]> {
        let folder = self.source_dir(source);
        let file = folder.join(format!("{month}.key"));
        match &self.command {
            Some(command) if !file.is_file() => {
                // Marked first: a key that nobody knows of would outlive its month.
                make_private(&folder)?;
                let mark = folder.join(format!("{month}.{ELSEWHERE}"));
                write_private(&mark, b"")?;
                command.get_or_create(&name_of(&mark))
            }
            _ => self.read_or_make(&file),
        }
    }

    fn destroy_elsewhere(&self, mark: &Path) -> anyhow::Result<()> {
        let name = name_of(mark);
        let command = self.command.as_ref().ok_or_else(|| {
            hinted(
                anyhow::anyhow!("key {name} lies in a key management system"),
                "name its command again in the settings, [keys] command, so that the key can be destroyed",
            )
        })?;
        command.destroy(&name)?;
        fs::remove_file(mark).with_context(|| format!("delete {}", mark.display()))
    }

    fn read_or_make(&self, path: &Path) -> anyhow::Result<[u8; KEY_BYTES]> {
        let mut key = [0; KEY_BYTES];
        match File::open(path) {
            Ok(mut file) => {
                file.read_exact(&mut key)
                    .with_context(|| format!("read key {}", path.display()))?;
                Ok(key)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                getrandom::fill(&mut key)
                    .map_err(|error| anyhow::anyhow!("make a key: {error}"))?;
                path.parent().map_or(Ok(()), make_private)?;
                write_private(path, &key)?;
                Ok(key)
            }
            Err(error) => Err(error).with_context(|| format!("read key {}", path.display())),
        }
    }
}

impl MonthKeys {
    /// Fails when a key could not be read or made since the last call: what was judged meanwhile must not be stored.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let failure = self.cache.lock().unwrap_or_else(PoisonError::into_inner).failure.take();
        failure.map_or(Ok(()), Err)
    }
}

impl KeyRing for MonthKeys {
    fn is_open(&self, _: &SourceId, day: Day) -> bool {
        let holds = [Period::from(day.month()), Period::week_of(day)];
        !holds.iter().any(|period| self.closed.contains(period))
    }

    fn month_key(&self, source: &SourceId, month: Month) -> Option<Arc<Key>> {
        if self.closed.contains(&Period::from(month)) {
            return None;
        }
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = cache.keys.get(&(source.clone(), month)) {
            return Some(Arc::clone(key));
        }
        match self.keys.month_key(source, month) {
            Ok(bytes) => {
                let key = Arc::new(Key::from_bytes(bytes));
                cache.keys.insert((source.clone(), month), Arc::clone(&key));
                Some(key)
            }
            Err(error) => {
                cache.failure = Some(error);
                None
            }
        }
    }
}

/// The name of a key under which a key management system has it: a fingerprint of its source, and its month.
fn name_of(mark: &Path) -> String {
    let part = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    format!("{}/{}", mark.parent().map(part).unwrap_or_default(), part(mark))
}

fn make_private(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("make key folder {}", folder.display()))?;
    restrict(folder, 0o700)
}

/// Writes a file that only its owner may read: complete under its name, or not there.
fn write_private(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = path.with_extension("part");
    let write = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().with_context(|| format!("write {}", path.display()))
}

/// Overwrites before deleting. On copy-on-write and flash storage this is best effort; a KMS is the stronger choice.
fn destroy(path: &Path) -> anyhow::Result<()> {
    let overwrite = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(path)?;
        file.write_all(&[0; KEY_BYTES])?;
        file.sync_all()?;
        fs::remove_file(path)
    };
    overwrite().with_context(|| format!("destroy key {}", path.display()))
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "permissions are a Unix notion"))]
fn restrict(path: &Path, mode: u32) -> anyhow::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
        .with_context(|| format!("restrict {}", path.display()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_month_never_gets_a_key_again() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(dir.path(), None).unwrap();
        let source = SourceId::new("意见箱").unwrap();
        let (march, april): (Month, Month) =
            ("2026-03".parse().unwrap(), "2026-04".parse().unwrap());
        let before = keys.month_keys().unwrap();
        assert!(
            before.month_key(&source, march).is_some()
                && before.month_key(&source, april).is_some()
        );
        assert_eq!(keys.close(&[march.into()]).unwrap(), 1);
        let after = keys.month_keys().unwrap();
        assert!(
            after.month_key(&source, march).is_none() && after.month_key(&source, april).is_some()
        );
        after.check().unwrap();
        assert_eq!(Keys::open(dir.path(), None).unwrap().closed().unwrap(), [march.into()]);
    }

    #[test]
    fn a_key_that_cannot_be_made_stops_the_run() {
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(dir.path(), None).unwrap();
        let source = SourceId::new("意见箱").unwrap();
        // A file where the folder of the source would be.
        fs::write(keys.source_dir(&source), b"").unwrap();
        let ring = keys.month_keys().unwrap();
        assert!(ring.month_key(&source, "2026-03".parse().unwrap()).is_none());
        assert!(ring.check().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_management_system_keeps_what_no_file_of_ours_does() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let (kms, folder) = (dir.path().join("kms"), dir.path().join("keys"));
        let script = "#!/bin/sh\ncd \"$(dirname \"$0\")\"; file=$(echo \"$2\" | tr / _)\n\
            [ \"$1\" = destroy ] && { rm \"$file\"; exit; }\n\
            [ \"$1\" = create ] && od -An -N32 -tx1 /dev/urandom | tr -d ' \\n' > \"$file\"\n\
            [ -f \"$file\" ] || exit 3; cat \"$file\"\n";
        fs::write(&kms, script).unwrap();
        fs::set_permissions(&kms, PermissionsExt::from_mode(0o700)).unwrap();
        let words = vec![kms.display().to_string()];
        let seconds = std::time::Duration::from_secs(5);
        let command = KeyCommand::new(words, Path::new(""), seconds);
        let source = SourceId::new("意见箱").unwrap();
        let (march, april): (Month, Month) =
            ("2026-03".parse().unwrap(), "2026-04".parse().unwrap());

        // March began before the command was set.
        let in_file = Keys::open(&folder, None).unwrap().month_key(&source, march).unwrap();
        let keys = Keys::open(&folder, command).unwrap();
        assert_eq!(keys.month_key(&source, march).unwrap(), in_file);
        let elsewhere = keys.month_key(&source, april).unwrap();
        assert_eq!(keys.month_key(&source, april).unwrap(), elsewhere);
        let mark = keys.source_dir(&source).join("2026-04.kms");
        assert_eq!(fs::read(&mark).unwrap(), b"", "the folder has a mark and no key");

        let without = Keys::open(&folder, None).unwrap();
        assert!(without.close(&[april.into()]).unwrap_err().to_string().contains("key management"));
        assert_eq!(keys.close(&[march.into(), april.into()]).unwrap(), 2);
        assert!(!mark.exists());
        let left = fs::read_dir(dir.path()).unwrap().filter(|entry| {
            entry.as_ref().unwrap().file_name().to_string_lossy().contains("2026-04")
        });
        assert_eq!(left.count(), 0, "the key management system forgot it");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_a_key() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let keys = Keys::open(&dir.path().join("keys"), None).unwrap();
        keys.quarantine_key().unwrap();
        let mode =
            |path: &str| fs::metadata(dir.path().join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("keys"), mode("keys/quarantine.key")), (0o700, 0o600));
    }
}
