//! The real binary as a process of its own, spoken to as a person's tools would.

use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

pub struct Daemon {
    folder: TempDir,
    child: Child,
    address: String,
    client: reqwest::Client,
}

/// A job that ended.
pub struct Ended {
    pub took: Duration,
    pub updated: u64,
}

impl Daemon {
    pub async fn start(shops: &[&str], products: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connections = folder.path().join("config/connections");
        fs::create_dir_all(&connections).unwrap();
        for shop in shops {
            let remote = format!("products = {products}\norders = 0\nlatency = \"0ms\"\npage = 500\n");
            let file = format!("platform = \"demo\"\n[remote]\n{remote}[products]\nclone = true\n");
            fs::write(connections.join(format!("{shop}.toml")), file).unwrap();
        }
        let (child, address) = spawn(&folder);
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let daemon = Self {
            folder,
            child,
            address,
            client,
        };
        daemon.ready().await;
        daemon
    }

    pub fn store(&self) -> PathBuf {
        self.folder.path().join("data/click2sync.redb")
    }

    /// A job from its start to its end.
    pub async fn run(&self, connection: &str, kind: &str) -> Ended {
        let id = self.request(connection, kind).await;
        let job = self.wait(&format!("jobs/{id}"), is_over).await;
        assert_eq!(job["status"], "done", "{job}");
        ended(&job)
    }

    /// Sends what is pending, `most` updates of it; of more, as many as there are until it was cancelled.
    pub async fn send(&self, connection: &str, most: u64) -> Ended {
        let id = self.request(connection, "send").await;
        let path = format!("jobs/{id}");
        let enough = |job: &Value| {
            is_over(job) || job["phase"] == "send" && job["progress"]["done"].as_u64().unwrap_or(0) >= most
        };
        let job = self.wait(&path, enough).await;
        if !is_over(&job) {
            self.post(&format!("jobs/{id}/cancel"), &json!({})).await;
        }
        ended(&self.wait(&path, is_over).await)
    }

    /// Changes a margin, and waits until everything that follows is pending.
    pub async fn margin(&self, connection: &str, margin: &str, products: u64) {
        let settings = format!("connections/{connection}/settings");
        let url = self.url(&settings);
        let patch = json!({ "prices": { "margin": margin } });
        let answer = self.client.patch(url).json(&patch).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        let all = |it: &Value| it["queued"]["products"]["update"].as_u64() == Some(products);
        self.wait(&format!("connections/{connection}"), all).await;
    }

    pub async fn reset_clocks(&self, connection: &str) {
        let path = format!("connections/{connection}/clocks/reset");
        self.post(&path, &json!({ "kind": "all" })).await;
    }

    /// What a person sees first.
    pub async fn look_around(&self) {
        for path in ["connections", "products?limit=50", "sets?kind=products&q=blue"] {
            self.get(path).await;
        }
    }

    /// A figure of the system's about the process, in bytes.
    pub fn memory(&self, figure: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(figure)).unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes * 1024
    }

    pub async fn stop(&mut self) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        while self.child.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub async fn restart(&mut self) {
        (self.child, self.address) = spawn(&self.folder);
        self.ready().await;
    }

    async fn ready(&self) {
        let url = format!("{}/readyz", self.address);
        while !matches!(self.client.get(&url).send().await, Ok(answer) if answer.status().is_success()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn request(&self, connection: &str, kind: &str) -> String {
        let path = format!("connections/{connection}/{kind}");
        let answer = self.post(&path, &json!({})).await;
        answer["job"]["id"].as_str().unwrap().to_owned()
    }

    async fn wait(&self, path: &str, is_enough: impl Fn(&Value) -> bool) -> Value {
        loop {
            let found = self.get(path).await;
            if is_enough(&found) {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(self.url(path)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.client.post(self.url(path)).json(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1/{path}", self.address)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &TempDir) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_click2sync"))
        .current_dir(folder.path())
        .args(["--listen", "127.0.0.1:0"])
        .env("CLICK2SYNC_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    let address = said
        .split_whitespace()
        .find_map(|word| word.find("http://").map(|at| word[at..].to_owned()))
        .unwrap_or_else(|| panic!("it did not say its address but: {said}"));
    (child, address.trim_end_matches(['/', '.']).to_owned())
}

fn is_over(job: &Value) -> bool {
    !matches!(job["status"].as_str(), Some("queued" | "running"))
}

fn ended(job: &Value) -> Ended {
    let at = |field: &str| -> jiff::Timestamp { job[field].as_str().unwrap().parse().unwrap() };
    let took = at("finished_at").duration_since(at("started_at"));
    Ended {
        took: took.unsigned_abs(),
        updated: job["outcome"]["updated"].as_u64().unwrap(),
    }
}
