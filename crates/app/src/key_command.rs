//! Pseudonym keys held by a key management system, asked through a command of the operator's.
//!
//! `[keys] command = ["/usr/local/bin/kms-huisheng", "--profile", "hr"]` is called with two more arguments, the act and the name of a key:
//!
//! | act | does | standard output | exit code |
//! |---|---|---|---|
//! | `get NAME` | nothing | the key, 64 hexadecimal digits and a line feed | 0; 3 when there is no such key |
//! | `create NAME` | makes a random key of 32 bytes, unless there is one | the key | 0 |
//! | `destroy NAME` | forgets the key for good | | 0, also when there was none |
//!
//! A name is a fingerprint of a source and a month, `3f2a…/2026-03`, and says nothing of people. The key stands in no argument, variable, file, log or
//! error of ours; what the command writes to standard error is thrown away, since it might stand there.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::config::hinted;

const KEY_BYTES: usize = 32;
/// Exit code of `get` for a key that is not there.
const NO_SUCH_KEY: i32 = 3;
/// Output beyond this is no key.
const OUTPUT_BYTES_MAX: u64 = 256;
/// How often a command is looked at that has closed its output and not ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The operator's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyCommand {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
}

/// What `get` found.
enum Answer {
    Key([u8; KEY_BYTES]),
    NoSuchKey,
}

impl KeyCommand {
    /// A command from its words; `None` of none. A path in it starts at `base`.
    pub(crate) fn new(words: Vec<String>, base: &Path, timeout: Duration) -> Option<Self> {
        let mut words = words.into_iter();
        let program = words.next()?;
        let is_path = program.contains('/');
        let program =
            if is_path { base.join(&program).to_string_lossy().into_owned() } else { program };
        Some(Self { program, arguments: words.collect(), timeout })
    }

    /// The key `name`, made when it is asked for the first time.
    pub(crate) fn get_or_create(&self, name: &str) -> anyhow::Result<[u8; KEY_BYTES]> {
        match self.ask("get", name)? {
            Answer::Key(key) => Ok(key),
            Answer::NoSuchKey => match self.ask("create", name)? {
                Answer::Key(key) => Ok(key),
                Answer::NoSuchKey => bail!("key command made no key {name}"),
            },
        }
    }

    /// Destroys the key `name`.
    pub(crate) fn destroy(&self, name: &str) -> anyhow::Result<()> {
        let (status, _) = self.run("destroy", name)?;
        if status.success() { Ok(()) } else { Err(self.failed("destroy", name, status)) }
    }

    fn ask(&self, act: &str, name: &str) -> anyhow::Result<Answer> {
        let (status, output) = self.run(act, name)?;
        if act == "get" && status.code() == Some(NO_SUCH_KEY) {
            return Ok(Answer::NoSuchKey);
        }
        if !status.success() {
            return Err(self.failed(act, name, status));
        }
        let key = key_of(&output)
            .with_context(|| format!("key command `{act} {name}` gave no 64 hexadecimal digits"))?;
        Ok(Answer::Key(key))
    }

    fn failed(&self, act: &str, name: &str, status: ExitStatus) -> anyhow::Error {
        hinted(
            anyhow::anyhow!("key command `{} … {act} {name}` ended with {status}", self.program),
            "run it by hand to see what it says; nothing is stored under a key that cannot be had",
        )
    }

    /// Runs one act to its end, or kills it when its time is over.
    fn run(&self, act: &str, name: &str) -> anyhow::Result<(ExitStatus, Vec<u8>)> {
        let due = Instant::now() + self.timeout;
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .args([act, name])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("start key command {}", self.program))?;
        let ended = finish(&mut child, due);
        if !matches!(ended, Ok(Some(_))) {
            // A child that is gone already needs no end.
            let _ = child.kill();
            let _ = child.wait();
        }
        ended.with_context(|| format!("run key command `{act} {name}`"))?.ok_or_else(|| {
            let seconds = self.timeout.as_secs();
            hinted(
                anyhow::anyhow!("key command `{act} {name}` took longer than {seconds} s"),
                "keys.timeout_s in the settings says how long it may take",
            )
        })
    }
}

/// Output and exit of `child`; `None` when it is not done by `due`.
fn finish(child: &mut Child, due: Instant) -> std::io::Result<Option<(ExitStatus, Vec<u8>)>> {
    let stdout = child.stdout.take().expect("standard output is piped");
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut output = Vec::new();
        let read = stdout.take(OUTPUT_BYTES_MAX).read_to_end(&mut output).map(|_| output);
        let _ = send.send(read);
    });
    let output = match receive.recv_timeout(due.saturating_duration_since(Instant::now())) {
        Ok(read) => read?,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(None),
    };
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some((status, output)));
        }
        if Instant::now() >= due {
            return Ok(None);
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

fn key_of(output: &[u8]) -> Option<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    hex::decode_to_slice(output.trim_ascii(), &mut key).ok()?;
    Some(key)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A key management system in a folder, which notes what it was called with.
    const KMS: &str = r#"#!/bin/sh
folder="$1"; act="$2"; name=$(echo "$3" | tr / _)
echo "$@" >> "$folder/calls"
env >> "$folder/calls"
case "$act" in
    get) [ -f "$folder/$name" ] || exit 3; cat "$folder/$name" ;;
    create) [ -f "$folder/$name" ] || od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$folder/$name"; cat "$folder/$name"; echo ;;
    destroy) rm -f "$folder/$name" ;;
    *) exit 9 ;;
esac
"#;

    fn command(folder: &Path, script: &str) -> KeyCommand {
        let path = folder.join("kms");
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        let words = vec!["./kms".to_owned(), folder.display().to_string()];
        KeyCommand::new(words, folder, Duration::from_secs(5)).unwrap()
    }

    fn check_fails(script: &str, timeout: Duration, message: &str) {
        let folder = tempfile::tempdir().unwrap();
        let command = KeyCommand { timeout, ..command(folder.path(), script) };
        let error = format!("{:#}", command.get_or_create("3f2a/2026-03").unwrap_err());
        assert!(error.contains(message) && !error.contains("secret"), "{error}");
    }

    #[test]
    fn a_key_is_made_once_had_again_and_destroyed() {
        let folder = tempfile::tempdir().unwrap();
        let command = command(folder.path(), KMS);
        let key = command.get_or_create("3f2a/2026-03").unwrap();
        assert_eq!(command.get_or_create("3f2a/2026-03").unwrap(), key);
        assert_ne!(command.get_or_create("3f2a/2026-04").unwrap(), key);
        let written = fs::read_to_string(folder.path().join("3f2a_2026-03")).unwrap();
        let calls = fs::read_to_string(folder.path().join("calls")).unwrap();
        assert!(!calls.contains(written.trim()), "no argument and no variable holds a key");
        command.destroy("3f2a/2026-03").unwrap();
        command.destroy("3f2a/2026-03").unwrap();
        assert_ne!(command.get_or_create("3f2a/2026-03").unwrap(), key);
    }

    #[test]
    fn what_goes_wrong_is_said_without_the_key() {
        let long = Duration::from_secs(5);
        check_fails("#!/bin/sh\necho secret; echo secret >&2; exit 1\n", long, "exit status: 1");
        check_fails("#!/bin/sh\necho secret\n", long, "64 hexadecimal digits");
        check_fails("#!/bin/sh\nexec sleep 60\n", Duration::from_millis(50), "took longer");
        check_fails(
            "#!/bin/sh\nexec >&-; exec sleep 60\n",
            Duration::from_millis(50),
            "took longer",
        );
        let missing = KeyCommand::new(vec!["./none".to_owned()], Path::new("/nowhere"), long);
        let error = missing.unwrap().get_or_create("a/b").unwrap_err();
        assert!(format!("{error:#}").contains("/nowhere/./none"));
        assert_eq!(KeyCommand::new(Vec::new(), Path::new(""), long), None);
    }
}
