//! The real binary as a process of its own, with folders of its own.

use super::{PATIENCE, wait_until};
use reqwest::{
    Method,
    header::{self, HeaderMap},
};
use serde_json::Value;
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
};
use tempfile::TempDir;

/// A running daemon with a config and a data folder of its own, on a port of its own. Dropped, it is killed and
/// its folders are removed; in a failing test it prints the end of its log first.
#[derive(Debug)]
pub(crate) struct Daemon {
    folder: TempDir,
    process: Process,
    variables: Vec<(&'static str, &'static str)>,
    client: reqwest::Client,
}

#[derive(Debug)]
struct Process {
    child: Child,
    /// `http://127.0.0.1:PORT`.
    address: String,
}

/// An answer of the API, whatever its status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Daemon {
    /// Starts with these config files (name below the config folder, text), and waits until it is ready.
    pub(crate) async fn start(config: &[(&str, &str)]) -> Self {
        Self::start_with(config, &[]).await
    }

    /// Likewise, with variables in its environment.
    pub(crate) async fn start_with(
        config: &[(&str, &str)],
        variables: &[(&'static str, &'static str)],
    ) -> Self {
        Self::start_as(config, variables, HeaderMap::new()).await
    }

    /// Likewise, where the settings ask for this token; every request has it.
    pub(crate) async fn start_with_token(
        config: &[(&str, &str)],
        variables: &[(&'static str, &'static str)],
        token: &str,
    ) -> Self {
        let bearer = format!("Bearer {token}")
            .parse()
            .expect("a token of plain letters");
        let headers = [(header::AUTHORIZATION, bearer)].into_iter().collect();
        Self::start_as(config, variables, headers).await
    }

    async fn start_as(
        config: &[(&str, &str)],
        variables: &[(&'static str, &'static str)],
        headers: HeaderMap,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir_all(folder.path().join("config/connections")).expect("a config folder");
        for (file, text) in config {
            write_whole(&folder.path().join("config").join(file), text);
        }
        super::with_cryptography();
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .default_headers(headers)
            .build()
            .expect("a client without TLS");
        let process = Process::start(folder.path(), variables);
        let daemon = Self {
            folder,
            process,
            variables: variables.to_vec(),
            client,
        };
        daemon.ready().await;
        daemon
    }

    /// The address of one of its pages or API paths.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.process.address)
    }

    /// What its folders lie in; tests may put files of theirs here.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.child.id()
    }

    /// Everything it has logged since it was first started.
    pub(crate) fn log(&self) -> String {
        log(self.folder.path())
    }

    /// GET of something that is there.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.answer(Method::GET, path, None).await.accepted(path)
    }

    /// POST of something that is accepted.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.answer(Method::POST, path, Some(body)).await.accepted(path)
    }

    /// PATCH of something that is accepted.
    pub(crate) async fn patch(&self, path: &str, body: Value) -> Value {
        self.answer(Method::PATCH, path, Some(body)).await.accepted(path)
    }

    /// PUT of something that is accepted.
    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        self.answer(Method::PUT, path, Some(body)).await.accepted(path)
    }

    /// Any request with its answer, whatever that is.
    pub(crate) async fn answer(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.client.request(method, self.url(path));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        Answer::to(request).await
    }

    /// A request to dress up, for tests of headers.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// Waits until what stands at `path` is as wanted, and returns it.
    pub(crate) async fn wait_until(
        &self,
        path: &str,
        what: &str,
        is_good: impl FnMut(&Value) -> bool,
    ) -> Value {
        wait_until(what, async || self.get(path).await, is_good).await
    }

    /// Requests a job (`fetch`, `send` or `sync`) and waits until it no longer runs or waits. Returns the job.
    pub(crate) async fn run(&self, connection: &str, kind: &str) -> Value {
        let path = format!("/api/v1/connections/{connection}/{kind}");
        let started = self.post(&path, serde_json::json!({})).await;
        let id = started["job"]["id"].as_str().expect("a job has an id").to_owned();
        let what = format!("the {kind} of {connection} has ended");
        self.wait_until(&format!("/api/v1/jobs/{id}"), &what, |job| {
            !["queued", "running"].contains(&job["status"].as_str().unwrap_or_default())
        })
        .await
    }

    /// Writes a config file as an editor does that saves safely: whole, and in one step.
    pub(crate) fn write_config(&self, file: &str, text: &str) {
        write_whole(&self.folder.path().join("config").join(file), text);
    }

    pub(crate) fn read_config(&self, file: &str) -> String {
        let path = self.folder.path().join("config").join(file);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Ends it as a power cut would: at whatever instruction it is.
    pub(crate) fn kill_9(&mut self) {
        self.process.kill();
    }

    /// Asks it to end, as systemd does, and waits until it has.
    pub(crate) async fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        let child = &mut self.process.child;
        wait_until(
            "the daemon has ended",
            async || child.try_wait().expect("it is our child"),
            Option::is_some,
        )
        .await
        .expect("just waited for")
    }

    /// Sends it a signal, by its name without SIG.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.process_id().to_string())
            .status();
        assert!(
            sent.as_ref().is_ok_and(ExitStatus::success),
            "SIG{name} was not sent: {sent:?}"
        );
    }

    /// Starts it again on the same folders, killing it first where it still runs. Its port may be another.
    pub(crate) async fn restart(&mut self) {
        self.process.kill();
        self.process = Process::start(self.folder.path(), &self.variables);
        self.ready().await;
    }

    async fn ready(&self) {
        let answered = wait_until(
            "the daemon is ready",
            async || {
                let asked = self.client.get(self.url("/readyz")).send().await;
                asked.map(|answer| answer.status().as_u16())
            },
            |answer| matches!(answer, Ok(200)),
        );
        answered.await.expect("just waited for");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.process.kill();
        if std::thread::panicking() {
            eprintln!("the end of the daemon's log:\n{}", end_of(&self.log()));
        }
    }
}

impl Process {
    /// Starts the binary on the folders below `folder` and waits until it says its address.
    fn start(folder: &Path, variables: &[(&str, &str)]) -> Self {
        let log_file = File::options()
            .append(true)
            .create(true)
            .open(log_path(folder))
            .expect("a log file");
        let mut child = Command::new(env!("CARGO_BIN_EXE_click2sync"))
            .arg("run")
            .arg("--config")
            .arg(folder.join("config"))
            .arg("--data")
            .arg(folder.join("data"))
            .args(["--listen", "127.0.0.1:0"])
            .env_remove("CLICK2SYNC_CONFIG")
            .env_remove("CLICK2SYNC_DATA")
            .env_remove("CLICK2SYNC_LISTEN")
            .env_remove("CLICK2SYNC_LOG")
            .env_remove("CLICK2SYNC_LOG_FORMAT")
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log_file)
            .spawn()
            .expect("the binary was built with the tests");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let (say, heard) = mpsc::channel();
        // It goes on reading, so that the daemon never waits for a full pipe.
        std::thread::spawn(move || {
            while let Some(Ok(line)) = lines.next() {
                if line.starts_with("http://") {
                    say.send(line).ok();
                }
            }
        });
        match heard.recv_timeout(PATIENCE) {
            Ok(address) => Self {
                child,
                address: address.trim().to_owned(),
            },
            Err(error) => {
                child.kill().ok();
                let status = child.wait();
                panic!(
                    "the daemon printed no address ({error}; {status:?}); the end of its log:\n{}",
                    end_of(&log(folder))
                )
            }
        }
    }

    fn kill(&mut self) {
        // Both fail only when it has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Answer {
    pub(crate) async fn to(request: reqwest::RequestBuilder) -> Self {
        let answer = request.send().await.expect("the daemon answers");
        Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.expect("a whole body").to_vec(),
        }
    }

    /// The body as JSON; null where it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    fn accepted(self, path: &str) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{path} answered {}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        self.json()
    }
}

fn write_whole(path: &Path, text: &str) {
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, text).expect("the config folder is writable");
    fs::rename(&unfinished, path).expect("the config folder is writable");
}

fn log_path(folder: &Path) -> PathBuf {
    folder.join("daemon.log")
}

fn log(folder: &Path) -> String {
    fs::read_to_string(log_path(folder)).unwrap_or_default()
}

fn end_of(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(60)..].join("\n")
}
