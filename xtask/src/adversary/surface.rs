//! What people outside the trust boundary can call: the program's answers on a terminal, its pages and its API.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

/// A store with its settings and source files, in one folder.
pub(super) struct Installation {
    program: PathBuf,
    folder: tempfile::TempDir,
}

/// The running pages; they stop when this is dropped.
pub(super) struct Server {
    child: Child,
    address: SocketAddr,
}

/// One answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Status line and headers without the date.
    pub(super) head: String,
    pub(super) body: String,
}

impl Installation {
    pub(super) fn new(program: &Path, settings: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("make a folder")?;
        let this = Self { program: program.to_owned(), folder };
        this.write("huisheng.toml", settings)?;
        Ok(this)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn store(&self) -> PathBuf {
        self.path("store")
    }

    pub(super) fn write(&self, name: &str, content: &str) -> anyhow::Result<()> {
        std::fs::write(self.path(name), content).with_context(|| format!("write {name}"))
    }

    /// Runs the program as `account` and gives what it printed.
    pub(super) fn run_as(&self, account: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self
            .command(arguments)
            .env("USER", account)
            .output()
            .with_context(|| format!("start {}", self.program.display()))?;
        ensure!(
            output.status.code().is_some_and(|code| code <= 1),
            "huisheng {arguments:?} ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).context("read what the program printed")
    }

    /// The same for the operator, as JSON.
    pub(super) fn json(&self, arguments: &[&str]) -> anyhow::Result<Value> {
        let mut with_json = vec!["--json"];
        with_json.extend(arguments);
        let printed = self.run_as("operator", &with_json)?;
        serde_json::from_str(&printed).with_context(|| format!("read JSON of {arguments:?}"))
    }

    /// Starts the pages on a free port.
    pub(super) fn serve(&self) -> anyhow::Result<Server> {
        let mut child = self
            .command(&["serve", "--address", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {}", self.program.display()))?;
        let stderr = child.stderr.take().context("read where the pages are")?;
        let mut line = String::new();
        BufReader::new(stderr).read_line(&mut line).context("read where the pages are")?;
        let address = line.split('/').nth(2).and_then(|address| address.parse().ok());
        match address {
            Some(address) => Ok(Server { child, address }),
            None => {
                child.kill().context("stop the pages")?;
                bail!("the pages did not start: {line}")
            }
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(self.folder.path()).args(["--dir", "store"]).args(arguments);
        command
    }
}

impl Server {
    /// Asks for a path, which comes with its query.
    pub(super) fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.timed(path).map(|(reply, _)| reply)
    }

    /// Hands in a body of JSON.
    pub(super) fn post(&self, path: &str, body: &str) -> anyhow::Result<Reply> {
        let length = body.len();
        let body =
            format!("Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}");
        self.ask("POST", path, &body).map(|(reply, _)| reply)
    }

    /// Asks for a path, and says how long the whole answer took.
    pub(super) fn timed(&self, path: &str) -> anyhow::Result<(Reply, Duration)> {
        self.ask("GET", path, "\r\n")
    }

    /// `rest` is what follows the first headers: more of them, a blank line, a body.
    fn ask(&self, method: &str, path: &str, rest: &str) -> anyhow::Result<(Reply, Duration)> {
        let ask = || -> std::io::Result<(Vec<u8>, Duration)> {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            let started = Instant::now();
            // In one piece: a body that comes later would be waited for.
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{rest}",
                self.address
            );
            stream.write_all(request.as_bytes())?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer)?;
            Ok((answer, started.elapsed()))
        };
        let (answer, took) = ask().with_context(|| format!("ask for {path}"))?;
        let answer = String::from_utf8(answer).with_context(|| format!("read answer to {path}"))?;
        let (head, body) =
            answer.split_once("\r\n\r\n").with_context(|| format!("no answer to {path}"))?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let head: Vec<&str> =
            head.lines().filter(|line| !line.to_lowercase().starts_with("date:")).collect();
        let reply = Reply {
            status: status.with_context(|| format!("no status for {path}"))?,
            head: head.join("\n"),
            body: body.to_owned(),
        };
        Ok((reply, took))
    }

    /// A JSON answer; `None` when it was refused.
    pub(super) fn json(&self, path: &str) -> anyhow::Result<Option<Value>> {
        let reply = self.get(path)?;
        if reply.status != 200 {
            return Ok(None);
        }
        serde_json::from_str(&reply.body).map(Some).with_context(|| format!("read {path}"))
    }

    /// What a search says of confidential sources, without the echo of the question; `None` when it was refused.
    pub(super) fn search(&self, fields: &[(&str, &str)]) -> anyhow::Result<Option<Value>> {
        let answer = self.json(&address("/api/v1/search", fields))?;
        Ok(answer.map(|mut answer| answer["confidential"].take()))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that is gone already needs no stopping.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A path with a query.
pub(super) fn address(path: &str, fields: &[(&str, &str)]) -> String {
    let mut address = path.to_owned();
    for (index, (name, value)) in fields.iter().enumerate() {
        address.push(if index == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() {
                address.push(char::from(byte));
            } else {
                address.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    address
}
