//! Under a service manager: its side of the notify socket is played here, against the real program.

use crate::support::PATIENCE;
use std::{
    fs,
    net::TcpStream,
    os::{
        linux::net::SocketAddrExt as _,
        unix::net::{SocketAddr, UnixDatagram},
    },
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The daemon, and the socket at which it tells how it is.
struct Service {
    child: Child,
    folder: TempDir,
    notified: UnixDatagram,
}

const WATCHDOG: Duration = Duration::from_secs(1);

impl Service {
    fn start(config: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let notified = UnixDatagram::bind(&path).unwrap();
        Self::at(folder, notified, path.to_str().unwrap(), config)
    }

    fn at(folder: TempDir, notified: UnixDatagram, address: &str, config: &[(&str, &str)]) -> Self {
        fs::create_dir_all(folder.path().join("config/connections")).unwrap();
        for (file, text) in config {
            fs::write(folder.path().join("config").join(file), text).unwrap();
        }
        notified.set_read_timeout(Some(PATIENCE)).unwrap();
        let child = program(folder.path())
            .args(["--listen", "127.0.0.1:0"])
            .env("NOTIFY_SOCKET", address)
            .env("WATCHDOG_USEC", WATCHDOG.as_micros().to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            folder,
            notified,
        }
    }

    /// The next message, as lines.
    fn heard(&self) -> Vec<String> {
        let mut buffer = [0; 4096];
        let length = self
            .notified
            .recv(&mut buffer)
            .expect("the daemon says something");
        let text = std::str::from_utf8(&buffer[..length]).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The next message that is more than a sign of life.
    fn news(&self) -> Vec<String> {
        self.heard_with(|lines| !lines.iter().any(|line| line.starts_with("WATCHDOG=")))
    }

    fn heard_with(&self, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lines = self.heard();
            if wanted(&lines) {
                return lines;
            }
            assert!(Instant::now() < deadline, "only this is heard: {lines:?}");
        }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It has gone already, except when a test fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_click2sync"));
    command.current_dir(folder);
    for variable in ["CONFIG", "DATA", "LISTEN", "LOG", "LOG_FORMAT"] {
        command.env_remove(format!("CLICK2SYNC_{variable}"));
    }
    command
        .env("CONFIGURATION_DIRECTORY", folder.join("config"))
        .env("STATE_DIRECTORY", folder.join("data"));
    command
}

fn status(lines: &[String]) -> &str {
    let status = lines.iter().find_map(|line| line.strip_prefix("STATUS="));
    status.unwrap_or_else(|| panic!("no status in {lines:?}"))
}

#[test]
fn the_service_manager_hears_that_it_is_ready_alive_reloading_and_stopping() {
    let mut service = Service::start(&[("connections/shop.toml", "platform = \"demo\"")]);
    let ready = service.heard();
    assert_eq!(ready[0], "READY=1", "nothing comes before it");
    let address = status(&ready)
        .strip_prefix("Serving http://")
        .and_then(|rest| rest.split_once("; 1 connection"))
        .unwrap_or_else(|| panic!("{ready:?}"))
        .0;
    TcpStream::connect(address).expect("ready means that it listens");

    let began = Instant::now();
    for _ in 0..4 {
        let alive = service.heard_with(|lines| lines[0] == "WATCHDOG=1");
        assert_eq!(status(&alive), status(&ready));
    }
    assert!(
        began.elapsed() < WATCHDOG * 4,
        "each comes before the watchdog bites"
    );

    let shop = service.folder.path().join("config/connections/shop.toml");
    let asked = monotonic();
    service.signal("HUP");
    let reloading = service.news();
    assert_eq!(reloading[0], "RELOADING=1");
    let at = reloading[1]
        .strip_prefix("MONOTONIC_USEC=")
        .unwrap()
        .parse::<i64>()
        .unwrap();
    assert!(
        (asked..=monotonic()).contains(&at),
        "{reloading:?}, asked at {asked}"
    );
    assert_eq!(service.news()[0], "READY=1");

    // A file that is saved takes the same way: its fault is in the status line.
    fs::write(&shop, "platform = \"demo\"\n[prices]\nmargin = 12").unwrap();
    let faulty = service.heard_with(|lines| status(lines).contains("last good settings"));
    assert!(status(&faulty).contains("shop.toml:3:"), "{faulty:?}");
    fs::write(&shop, "platform = \"demo\"").unwrap();
    service.heard_with(|lines| status(lines) == status(&ready));

    service.signal("TERM");
    assert_eq!(service.news()[0], "STOPPING=1");
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_socket_of_an_abstract_name_is_told_likewise() {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("click2sync-test-{}", std::process::id());
    let notified = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let mut service = Service::at(folder, notified, &format!("@{name}"), &[]);
    assert_eq!(service.heard()[0], "READY=1");
    service.signal("INT");
    assert_eq!(service.news()[0], "STOPPING=1");
    assert_eq!(service.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_secret_comes_from_the_credentials_of_the_service_or_else_from_the_config_folder() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().join("credentials");
    fs::create_dir_all(folder.path().join("config")).unwrap();
    fs::create_dir(&credentials).unwrap();
    let settings = "listen = \"0.0.0.0:7325\"\n[auth]\ntoken = { file = \"console-token\" }\n";
    fs::write(folder.path().join("config/click2sync.toml"), settings).unwrap();
    let check = |wanted: i32| {
        let checked = program(folder.path())
            .arg("check")
            .env("CREDENTIALS_DIRECTORY", &credentials)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&checked.stdout);
        assert_eq!(checked.status.code(), Some(wanted), "{said}");
        said.into_owned()
    };
    assert!(check(1).contains("config/console-token"));
    fs::write(folder.path().join("config/console-token"), "long and secret").unwrap();
    check(0);
    // Where there is a credential, it is the one: an empty one is a fault.
    fs::write(credentials.join("console-token"), "").unwrap();
    assert!(check(1).contains("credentials/console-token"));
    fs::write(credentials.join("console-token"), "long and secret").unwrap();
    fs::remove_file(folder.path().join("config/console-token")).unwrap();
    check(0);
}

/// As systemd measures it: microseconds since the machine started.
fn monotonic() -> i64 {
    let rustix::time::Timespec { tv_sec, tv_nsec } =
        rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    tv_sec * 1_000_000 + tv_nsec / 1_000
}
