//! Whoever started the daemon and watches over it, such as systemd, and what it is told.
//!
//! The protocol is that of `sd_notify(3)`: datagrams of `NAME=value` lines to the socket that `NOTIFY_SOCKET` names.

use std::{
    env,
    ffi::{OsStr, OsString},
    io,
    os::unix::{
        ffi::OsStrExt as _,
        net::{SocketAddr, UnixDatagram},
    },
    process,
    sync::Arc,
    time::Duration,
};

/// How long a supervisor that does not read its socket may hold up what is told.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How often the status is told where no watchdog asks for more.
const STATUS_EVERY: Duration = Duration::from_secs(30);

/// A supervisor, or nobody. Clones tell the same one.
#[derive(Clone, Debug, Default)]
pub struct Supervisor {
    socket: Option<Arc<UnixDatagram>>,
    /// It restarts the daemon when it hears nothing for so long.
    watchdog: Option<Duration>,
}

/// Why a supervisor that is named cannot be told anything.
#[derive(Debug, thiserror::Error)]
pub enum SupervisorError {
    #[error("NOTIFY_SOCKET={} is neither a path nor an abstract name such as @name", .0.display())]
    Address(OsString),
    #[error("NOTIFY_SOCKET={} cannot be used: {source}", address.display())]
    Io { address: OsString, source: io::Error },
}

impl Supervisor {
    /// Nobody watches.
    pub fn nobody() -> Self {
        Self::default()
    }

    /// The one that the environment names.
    pub fn from_environment() -> Result<Self, SupervisorError> {
        Self::named(|name| env::var_os(name), process::id())
    }

    fn named(variable: impl Fn(&str) -> Option<OsString>, process: u32) -> Result<Self, SupervisorError> {
        let Some(address) = variable("NOTIFY_SOCKET").filter(|address| !address.is_empty()) else {
            return Ok(Self::nobody());
        };
        let socket = connect(&address)?;
        let number = |name| variable(name)?.to_str()?.parse::<u64>().ok();
        // systemd's variables are inherited; the watchdog is meant for one process.
        let is_ours = number("WATCHDOG_PID").is_none_or(|watched| watched == u64::from(process));
        let watchdog = number("WATCHDOG_USEC").filter(|usec| is_ours && *usec > 0);
        Ok(Self {
            socket: Some(Arc::new(socket)),
            watchdog: watchdog.map(Duration::from_micros),
        })
    }

    /// Requests are answered.
    pub fn ready(&self, status: &str) {
        self.tell(&format!("READY=1\n{}", status_line(status)));
    }

    /// The settings are read again; [`Supervisor::ready`] says that they are. It ends what `systemctl reload` waits
    /// for, and the time tells systemd that this is no answer to an earlier request.
    pub fn reloading(&self) {
        let rustix::time::Timespec { tv_sec, tv_nsec } =
            rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let usec = tv_sec * 1_000_000 + tv_nsec / 1_000;
        let status = status_line("Reading the config files again");
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={usec}\n{status}"));
    }

    pub fn stopping(&self) {
        let status = status_line("Stopping after the running step");
        self.tell(&format!("STOPPING=1\n{status}"));
    }

    /// What the daemon is doing, in a line that `systemctl status` shows.
    pub fn status(&self, status: &str) {
        self.tell(&status_line(status));
    }

    /// Tells again and again that the daemon is alive, each time after `look` has answered: a look that hangs, or a
    /// runtime that does not come to it, leaves the supervisor without news. Never ends by itself; ends at once where
    /// nobody watches. `look` may wait for the disk; it answers what the status is.
    pub async fn reassure(&self, look: impl Fn() -> String + Clone + Send + 'static) {
        if self.socket.is_none() {
            return;
        }
        // Half of the time that the supervisor waits, as sd_watchdog_enabled(3) recommends.
        let every = self.watchdog.map_or(STATUS_EVERY, |longest| longest / 2);
        loop {
            let (look, supervisor) = (look.clone(), self.clone());
            let told = tokio::task::spawn_blocking(move || supervisor.alive(&look()));
            if let Err(broken) = told.await {
                tracing::error!(reason = %broken, "Looking after the daemon broke; please report it");
            }
            tokio::time::sleep(every).await;
        }
    }

    fn alive(&self, status: &str) {
        let status = status_line(status);
        match self.watchdog {
            Some(_) => self.tell(&format!("WATCHDOG=1\n{status}")),
            None => self.tell(&status),
        }
    }

    fn tell(&self, news: &str) {
        let Some(socket) = &self.socket else { return };
        if let Err(error) = socket.send(news.as_bytes()) {
            tracing::warn!(reason = %error, "The service manager could not be told how the daemon is");
        }
    }
}

fn status_line(status: &str) -> String {
    format!("STATUS={}", status.replace(['\n', '\r'], " "))
}

fn connect(address: &OsStr) -> Result<UnixDatagram, SupervisorError> {
    let failed = |source| SupervisorError::Io {
        address: address.to_owned(),
        source,
    };
    let place = match address.as_bytes() {
        [b'/', ..] => SocketAddr::from_pathname(address),
        [b'@', name @ ..] if !name.is_empty() => abstract_address(name),
        _ => return Err(SupervisorError::Address(address.to_owned())),
    };
    let socket = UnixDatagram::unbound().map_err(failed)?;
    socket.connect_addr(&place.map_err(failed)?).map_err(failed)?;
    socket.set_write_timeout(Some(LONGEST_WAIT)).map_err(failed)?;
    Ok(socket)
}

#[cfg(target_os = "linux")]
fn abstract_address(name: &[u8]) -> io::Result<SocketAddr> {
    <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn abstract_address(_: &[u8]) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// The supervisor's side, and the daemon's.
    fn pair(watchdog_usec: &str) -> (UnixDatagram, Supervisor, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let named = Supervisor::named(
            |name| match name {
                "NOTIFY_SOCKET" => Some(path.clone().into()),
                "WATCHDOG_USEC" => Some(watchdog_usec.into()),
                "WATCHDOG_PID" => Some("7".into()),
                _ => None,
            },
            7,
        );
        (socket, named.unwrap(), folder)
    }

    fn heard(socket: &UnixDatagram) -> String {
        let mut buffer = [0; 4096];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn a_status_stays_on_its_line() {
        let (socket, supervisor, _folder) = pair("");
        supervisor.ready("serving\nWATCHDOG=trigger");
        assert_eq!(heard(&socket), "READY=1\nSTATUS=serving WATCHDOG=trigger");
    }

    #[test]
    fn only_the_process_that_is_watched_reassures() {
        let check = |variables: &[(&str, &str)], wanted: Option<Duration>| {
            let (socket, _, folder) = pair("");
            drop(socket);
            let path = folder.path().join("again");
            let _socket = UnixDatagram::bind(&path).unwrap();
            let find = |name: &str| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| OsString::from(value))
            };
            let named = Supervisor::named(
                |name| {
                    (name == "NOTIFY_SOCKET")
                        .then(|| path.clone().into())
                        .or_else(|| find(name))
                },
                7,
            );
            assert_eq!(named.unwrap().watchdog, wanted, "{variables:?}");
        };
        let second = Some(Duration::from_secs(1));
        check(&[("WATCHDOG_USEC", "1000000")], second);
        check(&[("WATCHDOG_USEC", "1000000"), ("WATCHDOG_PID", "7")], second);
        check(&[("WATCHDOG_USEC", "1000000"), ("WATCHDOG_PID", "8")], None);
        check(&[("WATCHDOG_USEC", "0")], None);
        check(&[("WATCHDOG_USEC", "soon")], None);
        check(&[], None);
    }

    #[test]
    fn an_address_that_is_no_socket_is_refused_by_name() {
        for address in ["relative", "@", "vsock:2:1"] {
            let named = Supervisor::named(|name| (name == "NOTIFY_SOCKET").then(|| address.into()), 7);
            let said = named.unwrap_err().to_string();
            assert!(said.contains(address), "{said}");
        }
        assert!(Supervisor::named(|_| None, 7).unwrap().socket.is_none());
    }

    #[tokio::test]
    async fn a_look_that_hangs_leaves_the_watchdog_without_news() {
        let (socket, supervisor, _folder) = pair("40000");
        let (let_go, gate) = mpsc::channel::<()>();
        let gate = Arc::new(std::sync::Mutex::new(gate));
        let reassuring = tokio::spawn(async move {
            let look = move || {
                // The first two looks are let through.
                gate.lock().unwrap().recv().ok();
                String::from("well")
            };
            supervisor.reassure(look).await;
        });
        let_go.send(()).unwrap();
        let_go.send(()).unwrap();
        let socket = tokio::task::spawn_blocking(move || {
            for _ in 0..2 {
                assert_eq!(heard(&socket), "WATCHDOG=1\nSTATUS=well");
            }
            socket.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
            assert!(socket.recv(&mut [0; 64]).is_err(), "the look hangs");
            socket
        });
        let socket = socket.await.unwrap();
        drop(let_go);
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        assert_eq!(heard(&socket), "WATCHDOG=1\nSTATUS=well");
        reassuring.abort();
    }
}
