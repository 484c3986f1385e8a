//! A real Vendure server from npm, on loopback, with a shop of its own that is filled and goes when the test ends.
#![allow(dead_code, reason = "the benchmark uses a part of it")]

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufRead, BufReader},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, OnceLock, mpsc},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How much a shop has when a test begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Filling {
    /// Every third with four variants, every tenth hidden.
    pub(crate) products: u32,
    /// Every second paid, the others authorized.
    pub(crate) orders: u32,
}

/// A running server. Dropped, it is killed and its shop is gone.
pub(crate) struct Server {
    folder: TempDir,
    port: u16,
    process: Process,
    owner: Owner,
}

/// A server's process; it ends with whatever holds it, wherever that fails.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The owner of a shop, logged in.
pub(crate) struct Owner {
    client: reqwest::Client,
    url: String,
    token: String,
}

impl Owner {
    pub(crate) async fn log_in(url: &str) -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .build()
            .expect("a client without TLS");
        let login = r#"mutation { login(username: "superadmin", password: "superadmin") { __typename } }"#;
        let url = format!("{url}/admin-api");
        let answer = client
            .post(&url)
            .json(&json!({ "query": login }))
            .send()
            .await
            .expect("it answers");
        let token = answer.headers().get("vendure-auth-token").expect("a token");
        let token = token.to_str().expect("plain letters").to_owned();
        Self { client, url, token }
    }

    /// What the owner asks or does. Panics where the shop says no.
    pub(crate) async fn does(&self, query: &str, variables: Value) -> Value {
        let answer = self.ask(query, variables).await;
        assert!(answer["errors"].is_null(), "{query}\n{answer:#}");
        answer["data"].clone()
    }

    /// Likewise, whatever the answer is.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Value {
        let call = self.client.post(&self.url).bearer_auth(&self.token);
        let sent = call
            .json(&json!({ "query": query, "variables": variables }))
            .send()
            .await;
        sent.expect("it answers").json().await.expect("JSON")
    }
}

/// How long a server may take to install, or to begin.
const PATIENCE: Duration = Duration::from_secs(300);

impl Server {
    /// A shop with this filling. It is filled once; every further one begins as a copy.
    pub(crate) async fn start(filling: Filling) -> Self {
        // Whoever comes second finds it chosen.
        rustls::crypto::ring::default_provider().install_default().ok();
        let modules = modules();
        let template = template(&modules, filling);
        let folder = tempfile::tempdir().expect("a temporary folder");
        copy(&template, folder.path());
        let port = free_port();
        let process = launch(&modules, folder.path(), port, None);
        let owner = Owner::log_in(&format!("http://127.0.0.1:{port}")).await;
        Self {
            folder,
            port,
            process,
            owner,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill_9(&mut self) {
        self.process.0.kill().expect("it runs");
        self.process.0.wait().expect("it is our child");
    }

    /// Begins again on the same shop and port.
    pub(crate) async fn restart(&mut self) {
        self.process = launch(&modules(), self.folder.path(), self.port, None);
        self.log_in().await;
    }

    /// As somebody who was logged out does.
    pub(crate) async fn log_in(&mut self) {
        self.owner = Owner::log_in(&self.url()).await;
    }

    /// What the owner of the shop asks or does in it. Panics where the shop says no.
    pub(crate) async fn owner(&self, query: &str, variables: Value) -> Value {
        self.owner.does(query, variables).await
    }

    /// Likewise, whatever the answer is.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Value {
        self.owner.ask(query, variables).await
    }

    /// A buyer buys so many of a variant, and pays. Answers the order's id.
    pub(crate) async fn buy(&self, variant: &str, quantity: u32) -> String {
        let buyer = Buyer {
            client: self.owner.client.clone(),
            url: format!("{}/shop-api", self.url()),
            token: Mutex::default(),
        };
        let added = buyer
            .ask(
                "mutation ($id: ID!, $quantity: Int!) { addItemToOrder(productVariantId: $id, quantity: $quantity) { __typename } }",
                json!({ "id": variant, "quantity": quantity }),
            )
            .await;
        assert_eq!(added["addItemToOrder"]["__typename"], "Order", "{added}");
        let customer = json!({ "input": { "firstName": "Ada", "lastName": "Buyer", "emailAddress": "ada@example.com" } });
        buyer
            .ask("mutation ($input: CreateCustomerInput!) { setCustomerForOrder(input: $input) { __typename } }", customer)
            .await;
        let address = json!({ "input": { "fullName": "Ada Buyer", "streetLine1": "Main Street 1", "city": "Town", "postalCode": "12345", "countryCode": "DE" } });
        buyer
            .ask("mutation ($input: CreateAddressInput!) { setOrderShippingAddress(input: $input) { __typename } }", address)
            .await;
        let methods = buyer.ask("{ eligibleShippingMethods { id } }", json!({})).await;
        let method = json!({ "id": [methods["eligibleShippingMethods"][0]["id"]] });
        buyer
            .ask(
                "mutation ($id: [ID!]!) { setOrderShippingMethod(shippingMethodId: $id) { __typename } }",
                method,
            )
            .await;
        buyer
            .ask(
                "mutation { transitionOrderToState(state: \"ArrangingPayment\") { __typename } }",
                json!({}),
            )
            .await;
        let paid = buyer
            .ask(
                "mutation ($input: PaymentInput!) { addPaymentToOrder(input: $input) { ... on Order { id payments { id } } ... on ErrorResult { message } } }",
                json!({ "input": { "method": "invoice", "metadata": {} } }),
            )
            .await;
        let order = &paid["addPaymentToOrder"];
        self.owner(
            "mutation ($id: ID!) { settlePayment(id: $id) { __typename } }",
            json!({ "id": order["payments"][0]["id"] }),
        )
        .await;
        order["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{paid}"))
            .to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(log_of(self.folder.path())).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!(
                "the end of the server's log:\n{}",
                lines[lines.len().saturating_sub(30)..].join("\n")
            );
        }
    }
}

struct Buyer {
    client: reqwest::Client,
    url: String,
    token: Mutex<String>,
}

impl Buyer {
    async fn ask(&self, query: &str, variables: Value) -> Value {
        let token = self.token.lock().expect("one at a time").clone();
        let call = self
            .client
            .post(&self.url)
            .json(&json!({ "query": query, "variables": variables }));
        let call = if token.is_empty() {
            call
        } else {
            call.bearer_auth(token)
        };
        let answer = call.send().await.expect("it answers");
        if let Some(token) = answer.headers().get("vendure-auth-token") {
            let token = token.to_str().expect("plain letters");
            token.clone_into(&mut self.token.lock().expect("one at a time"));
        }
        let answer: Value = answer.json().await.expect("JSON");
        assert!(answer["errors"].is_null(), "{query}\n{answer:#}");
        answer["data"].clone()
    }
}

fn here() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace");
    root.join("tests/real")
}

/// Where the packages are, installed where they are not yet: exactly those of the lock file.
fn modules() -> PathBuf {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(install).clone()
}

fn install() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("real-vendure");
    fs::create_dir_all(&folder).expect("the target folder is writable");
    let lock = fs::read_to_string(here().join("package-lock.json")).expect("the lock file");
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return folder;
    }
    for file in ["package.json", "package-lock.json"] {
        fs::copy(here().join(file), folder.join(file)).expect(file);
    }
    // None of the packages has to run anything to be there.
    let done = Command::new("npm")
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel",
            "error",
        ])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output()
        .expect("npm is there: scripts/setup real");
    assert!(
        done.status.success(),
        "npm ci:\n{}",
        String::from_utf8_lossy(&done.stderr)
    );
    fs::write(stamp, lock).expect("the target folder is writable");
    folder
}

/// The folder of a shop with this filling, which no server runs on.
fn template(modules: &Path, filling: Filling) -> PathBuf {
    type Templates = BTreeMap<Filling, Arc<OnceLock<PathBuf>>>;
    static TEMPLATES: Mutex<Templates> = Mutex::new(BTreeMap::new());
    let cell = Arc::clone(
        TEMPLATES
            .lock()
            .expect("no test panics here")
            .entry(filling)
            .or_default(),
    );
    cell.get_or_init(|| {
        let Filling { products, orders } = filling;
        let folder = modules.join(format!("shop-{products}-{orders}"));
        fs::remove_dir_all(&folder).ok();
        fs::create_dir_all(&folder).expect("the target folder is writable");
        drop(launch(modules, &folder, free_port(), Some(filling)));
        folder
    })
    .clone()
}

/// Starts a server on a folder and waits until it is ready, which with a filling is when the shop is filled.
fn launch(modules: &Path, folder: &Path, port: u16, filling: Option<Filling>) -> Process {
    let log = File::options()
        .append(true)
        .create(true)
        .open(log_of(folder))
        .expect("a log file");
    let mut command = Command::new("node");
    command
        .arg(here().join("server.js"))
        .arg(folder)
        .arg(port.to_string())
        .env("REAL_MODULES", modules)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    if let Some(Filling { products, orders }) = filling {
        command
            .env("REAL_PRODUCTS", products.to_string())
            .env("REAL_ORDERS", orders.to_string());
    }
    let mut process = Process(command.spawn().expect("node is there: scripts/setup real"));
    let mut lines = BufReader::new(process.0.stdout.take().expect("it is piped")).lines();
    let (say, heard) = mpsc::channel();
    // It goes on reading, so that the server never waits for a full pipe.
    std::thread::spawn(move || {
        while let Some(Ok(line)) = lines.next() {
            if line.starts_with("ready ") {
                say.send(()).ok();
            }
        }
    });
    let began = Instant::now();
    if let Err(error) = heard.recv_timeout(PATIENCE) {
        let log = fs::read_to_string(log_of(folder)).unwrap_or_default();
        panic!(
            "the server was not ready after {:?} ({error}); its log:\n{log}",
            began.elapsed()
        );
    }
    process
}

fn log_of(folder: &Path) -> PathBuf {
    folder.join("server.log")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    listener.local_addr().expect("it is bound").port()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("the template is there") {
        let entry = entry.expect("it can be listed");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("it has a type").is_dir() {
            fs::create_dir_all(&to).expect("a temporary folder");
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("a temporary folder");
        }
    }
}
