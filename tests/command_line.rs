//! The program as people start it: its output, its signals and its exit codes.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
};
use tempfile::TempDir;

fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_click2sync"));
    command
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for variable in ["CONFIG", "DATA", "LISTEN", "LOG", "LOG_FORMAT"] {
        command.env_remove(format!("CLICK2SYNC_{variable}"));
    }
    command
        .env_remove("CONFIGURATION_DIRECTORY")
        .env_remove("STATE_DIRECTORY");
    command
}

/// A working folder with these files in its `config` folder.
fn folder(texts: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("config/connections")).unwrap();
    for (file, text) in texts {
        fs::write(dir.path().join("config").join(file), text).unwrap();
    }
    dir
}

fn output(dir: impl AsRef<Path>, args: &[&str]) -> Output {
    program(dir.as_ref()).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A daemon that answers at a port of its own. It is killed when a test fails.
struct Daemon {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
}

impl Daemon {
    fn start(dir: &TempDir) -> Self {
        let mut child = program(dir.path())
            .args(["--listen", "127.0.0.1:0"])
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut address = String::new();
        out.read_line(&mut address).unwrap();
        Self { child, out, address }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// The lines of its log up to one that contains `words`.
    fn log_until(&mut self, words: &str) -> String {
        let mut log = BufReader::new(self.child.stderr.take().unwrap());
        let mut lines = String::new();
        while !lines.contains(words) {
            let length = log.read_line(&mut lines).unwrap();
            assert_ne!(length, 0, "the log ended without {words:?}:\n{lines}");
        }
        self.child.stderr = Some(log.into_inner());
        lines
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It has gone already, except when a test fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn check_counts_what_is_valid() {
    let dir = folder(&[
        ("click2sync.toml", ""),
        ("connections/shop.toml", "platform = \"demo\""),
    ]);
    let checked = output(&dir, &["check"]);
    assert_eq!(text(&checked.stdout), "2 files, 1 connection: no fault\n");
    assert_eq!(checked.status.code(), Some(0));
}

#[test]
fn the_shipped_config_has_no_fault() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let checked = output(root, &["check"]);
    assert_eq!(text(&checked.stdout), "4 files, 3 connections: no fault\n");
    assert_eq!(checked.status.code(), Some(0));
}

#[test]
fn check_shows_each_fault_as_a_compiler_would() {
    let dir = folder(&[(
        "connections/shop.toml",
        "platform = \"demo\"\n\n[prices]\nmargin = 12\nadd = \"1,5\"\n",
    )]);
    let checked = output(&dir, &["check", "--config", "config"]);
    let wanted = "\
config/connections/shop.toml:4:10: `margin` takes a percentage in quotes, not a whole number
  4 | margin = 12
    |          ^
  Write margin = \"12%\".
config/connections/shop.toml:5:7: `1,5` is no plain decimal number
  5 | add = \"1,5\"
    |       ^
  Write add = \"12.50\".
";
    assert_eq!(text(&checked.stdout), wanted);
    assert_eq!(checked.status.code(), Some(1));
}

#[test]
fn nothing_starts_on_faulty_files() {
    let dir = folder(&[("click2sync.toml", "listen = \"0.0.0.0:7325\"")]);
    let run = output(&dir, &[]);
    assert_eq!(run.status.code(), Some(1));
    assert_eq!(text(&run.stdout), "");
    let complaint = text(&run.stderr);
    assert!(complaint.contains("click2sync.toml:1:10"), "{complaint}");
    assert!(complaint.contains("a token is required"), "{complaint}");
}

#[test]
fn a_command_line_that_makes_no_sense_is_refused() {
    let dir = folder(&[]);
    for args in [
        &["frobnicate"][..],
        &["--listen", "nowhere"],
        &["check", "--data", "x"],
        &["--verbose"],
    ] {
        let run = output(&dir, args);
        assert_eq!(run.status.code(), Some(2), "{args:?}");
        assert!(text(&run.stderr).contains("--help"), "{args:?}");
    }
    let help = output(&dir, &["--help"]);
    assert!(text(&help.stdout).contains("--listen ADDR:PORT"));
    assert_eq!(help.status.code(), Some(0));
}

#[test]
fn a_running_daemon_prints_its_address_and_stops_when_it_is_told_to() {
    for signal in ["TERM", "INT"] {
        let dir = folder(&[("click2sync.toml", "")]);
        let mut daemon = Daemon::start(&dir);
        let port = daemon
            .address
            .trim_end()
            .strip_prefix("http://127.0.0.1:")
            .unwrap();
        assert_ne!(port.parse::<u16>().unwrap(), 0);
        daemon.signal(signal);
        assert_eq!(daemon.child.wait().unwrap().code(), Some(0), "SIG{signal}");
        let mut rest = String::new();
        daemon.out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line is all that is printed");
    }
}

#[test]
fn a_hangup_has_the_files_read_again() {
    // Behind a link, where nobody watches: only the signal tells.
    let dir = folder(&[]);
    let elsewhere = dir.path().join("shop.toml");
    fs::write(&elsewhere, "platform = \"demo\"").unwrap();
    std::os::unix::fs::symlink(&elsewhere, dir.path().join("config/connections/shop.toml")).unwrap();
    let mut daemon = Daemon::start(&dir);
    fs::write(&elsewhere, "platform = \"demo\"\n[prices]\nmargin = \"1%\"").unwrap();
    daemon.signal("HUP");
    let log = daemon.log_until("New settings are in force");
    assert!(log.contains("rules=\"shop\""), "{log}");
    daemon.signal("TERM");
    assert_eq!(daemon.child.wait().unwrap().code(), Some(0));
}
