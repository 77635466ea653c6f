//! Runs `huisheng` in a folder of its own and reads what it prints.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A working folder with a store in it.
pub(crate) struct Program {
    folder: tempfile::TempDir,
}

impl Program {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Writes a file into the working folder.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// The command line, ready to be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_huisheng"));
        command.current_dir(self.folder()).arg("--dir").arg(self.store()).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs with `--json`, asserts the exit code and parses what was printed.
    pub(crate) fn json(&self, arguments: &[&str], exit_code: i32) -> Value {
        let mut with_json = vec!["--json"];
        with_json.extend(arguments);
        let output = self.run(&with_json);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit_code), "{arguments:?}: {errors}");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?} printed no JSON: {error}; {errors}"))
    }

    /// Runs what must fail; gives what it says.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

/// JSON Lines of `count` documents over the days of 2025, with ids, authors and units.
pub(crate) fn lines(count: usize) -> String {
    let matters = [
        "食堂的饭菜太贵了",
        "宿舍热水不稳定",
        "班车又晚点了",
        "培训课讲得很好",
        "工资发得及时",
        "设备老旧经常坏",
    ];
    let units = ["采油一厂", "采油二厂"];
    (0..count)
        .map(|n| {
            let (month, day) = (n % 12 + 1, n % 28 + 1);
            let text = format!("{},这是第{}次反映,希望{}号之前有回复", matters[n % matters.len()], n * 7 + 3, n % 29 + 1);
            serde_json::json!({
                "id": n.to_string(), "text": text, "created_at": format!("2025-{month:02}-{day:02}"),
                "author": format!("A{}", n % 97), "unit": units[n % 2],
            })
            .to_string()
                + "\n"
        })
        .collect()
}

/// Every file under a folder.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
