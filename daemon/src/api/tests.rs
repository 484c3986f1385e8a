//! The server as clients meet it: real connections to a daemon of its own for each test.

mod connections;
mod decisions;
mod items;
mod links;
mod metrics;
mod orders;
mod trials;

use super::{App, answer, openapi, router};
use crate::{
    config::{self, HUB_FILE, Listen, watch::ConfigHandle},
    events::Events,
    hub,
    server::{Ended, Limits, serve},
};
use axum::{
    Router,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    middleware,
    routing::get,
};
use serde_json::Value;
use shared::{
    api::{Event, Problem},
    ids::{ConnectionId, ItemId},
};
use std::{fs, net::SocketAddr, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::{Instant, timeout},
};

/// Longer than anything here takes; shorter than anybody wants to wait for a failure.
const SOON: Duration = Duration::from_secs(20);

const TOKEN: &str = "[auth]\ntoken = 'a long secret'";

struct Server {
    address: SocketAddr,
    config: ConfigHandle,
    /// The config folder.
    folder: TempDir,
    data: TempDir,
    events: Events,
    stop: watch::Sender<bool>,
    serving: JoinHandle<Ended>,
}

impl Server {
    async fn start() -> Self {
        Self::with("", Limits::default()).await
    }

    /// With `settings` in click2sync.toml.
    async fn with(settings: &str, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(HUB_FILE), settings).unwrap();
        let (config, _) = config::watch::follow(folder.path(), Listen::File).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let events = Events::new();
        let data = tempfile::tempdir().unwrap();
        let (hub, _) = hub::start(
            data.path(),
            config.config.clone(),
            events.clone(),
            stopping.clone(),
        )
        .unwrap();
        let app = App {
            hub,
            config: config.clone(),
            events: events.clone(),
            platforms: crate::connector::platforms(),
            stop: stopping.clone(),
        };
        let serving = tokio::spawn(serve(listener, router(app), limits, stopping));
        Self {
            address,
            config,
            folder,
            data,
            events,
            stop,
            serving,
        }
    }

    /// Puts `text` into a config file; it is in force when this returns, unless it is faulty.
    async fn configure(&self, file: &str, text: &str) {
        let file = self.folder.path().join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        self.config.reload().await;
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// `GET /path`, with `headers` beside or instead of our Host.
    async fn ask(&self, line: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(line, headers, "").await
    }

    async fn send(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let (host, length) = (self.address.to_string(), body.len().to_string());
        let mut fields = vec![("Connection", "close")];
        if !headers.iter().any(|(name, _)| *name == "Host") {
            fields.push(("Host", &host));
        }
        if !body.is_empty() {
            fields.push(("Content-Length", &length));
        }
        fields.extend(headers);
        let lines = fields
            .iter()
            .map(|(name, value)| [name, ": ", value, "\r\n"].concat());
        let head = format!("{line} HTTP/1.1\r\n{}", lines.collect::<String>());
        let mut connection = self.connect().await;
        connection
            .write_all(format!("{head}\r\n{body}").as_bytes())
            .await
            .unwrap();
        Answer::read(&mut connection).await
    }

    /// `POST /path` with a JSON body.
    async fn post(&self, path: &str, body: &Value) -> Answer {
        let json = ("Content-Type", "application/json");
        self.send(&format!("POST {path}"), &[json], &body.to_string())
            .await
    }

    /// The JSON at a path.
    async fn get(&self, path: &str) -> Value {
        let answer = self.ask(&format!("GET {path}"), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        answer.json()
    }

    /// Reads a path again and again until it is as wanted.
    async fn until(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let shown = self.get(path).await;
            if wanted(&shown) {
                return shown;
            }
            assert!(began.elapsed() < SOON, "{path} stays {shown:#}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Asks for a job and answers it as it is when it is over.
    async fn run(&self, connection: &str, kind: &str) -> Value {
        let asked = self
            .ask(&format!("POST /api/v1/connections/{connection}/{kind}"), &[])
            .await;
        assert_eq!(asked.status, StatusCode::ACCEPTED, "{asked:?}");
        let id = asked.json()["job"]["id"].as_str().unwrap().to_owned();
        let job = self
            .until(&format!("/api/v1/jobs/{id}"), |job| {
                !matches!(job["status"].as_str(), Some("queued" | "running"))
            })
            .await;
        assert_eq!(job["status"], "done", "{job:#}");
        job
    }

    async fn stop(self) -> Ended {
        self.stop.send_replace(true);
        timeout(SOON, self.serving)
            .await
            .expect("it ends")
            .expect("it does not panic")
    }
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    /// Everything until the server closes the connection.
    async fn read(connection: &mut TcpStream) -> Self {
        let mut bytes = Vec::new();
        let read = timeout(SOON, connection.read_to_end(&mut bytes))
            .await
            .expect("the server closes the connection");
        // Closing without having read everything, as after a refusal, resets the connection.
        assert!(read.is_ok() || !bytes.is_empty(), "{read:?}");
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(&bytes)));
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(": ").unwrap();
                let name: HeaderName = name.parse().unwrap();
                (name, value.parse::<HeaderValue>().unwrap())
            })
            .collect();
        let body = bytes[end + 4..].to_vec();
        Self {
            status,
            headers,
            body,
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The problem's name, checked to be a problem in every respect.
    fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let problem: Problem = serde_json::from_value(self.json()).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        assert!(
            !problem.title.is_empty() && problem.detail.ends_with('.'),
            "{problem:?}"
        );
        let name = problem.r#type.strip_prefix("urn:click2sync:problem:").unwrap();
        (problem.status, name.to_owned())
    }
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_problem() {
    let server = Server::start().await;
    let check = async |line: &str, headers: &[(&str, &str)], body: &str, wanted: (u16, &str)| {
        let answer = server.send(line, headers, body).await;
        let problem = answer.problem();
        assert_eq!((problem.0, problem.1.as_str()), wanted, "{line} {headers:?}");
        answer
    };
    let json = ("Content-Type", "application/json");
    check("GET /api/v1/nothing", &[], "", (404, "unknown-address")).await;
    check("GET /api", &[], "", (404, "unknown-address")).await;
    check("GET /hooks/shop", &[], "", (405, "method-not-allowed")).await;
    check("POST /hooks/nobody", &[], "", (404, "not-found")).await;
    check("GET /missing.js", &[], "", (404, "unknown-address")).await;

    let wrong = check("DELETE /api/v1/platforms", &[], "", (405, "method-not-allowed")).await;
    assert_eq!(wrong.header("allow"), "GET,HEAD");
    let wrong = check("GET /api/v1/session", &[], "", (405, "method-not-allowed")).await;
    assert_eq!(wrong.header("allow"), "POST,DELETE");
    let wrong = check("POST /products", &[], "", (405, "method-not-allowed")).await;
    assert_eq!(wrong.header("allow"), "GET, HEAD");

    let session = "POST /api/v1/session";
    check(session, &[], "{}", (415, "not-json")).await;
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    check(session, &[form], "{}", (415, "not-json")).await;
    check(session, &[json], "{", (400, "invalid-request")).await;
    check(
        session,
        &[json],
        r#"{"token":"x"} more"#,
        (400, "invalid-request"),
    )
    .await;
    let wrong = check(session, &[json], r#"{"token":5}"#, (400, "invalid-request")).await;
    assert_eq!(wrong.json()["field"], "token");
    assert_eq!(
        wrong.json()["detail"],
        "`token`: invalid type: integer `5`, expected a string."
    );
    let too_large = ("Content-Length", "1048577");
    check(session, &[json, too_large], "", (413, "too-large")).await;
}

#[tokio::test]
async fn a_request_that_panics_is_answered_and_the_server_lives() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (_stop, stopping) = watch::channel(false);
    let broken = async || -> &'static str { panic!("on purpose") };
    let router = Router::new()
        .route("/", get(broken))
        .layer(middleware::from_fn(answer));
    tokio::spawn(serve(listener, router, Limits::default(), stopping));
    for _ in 0..2 {
        let mut connection = TcpStream::connect(address).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nHost: us\r\nConnection: close\r\n\r\n";
        connection.write_all(request).await.unwrap();
        let answer = Answer::read(&mut connection).await;
        assert_eq!(answer.problem(), (500, "internal-error".to_owned()));
    }
}

#[tokio::test]
async fn a_body_that_grows_too_large_is_refused() {
    let server = Server::start().await;
    let mut connection = server.connect().await;
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        server.address
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    // Sixteen such chunks are 1 MiB; the next byte is too much.
    for _ in 0..16 {
        connection.write_all(chunk.as_bytes()).await.unwrap();
    }
    connection.write_all(b"1\r\n \r\n").await.unwrap();
    let answer = Answer::read(&mut connection).await;
    assert_eq!(answer.problem(), (413, "too-large".to_owned()));
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_refused() {
    let server = Server::start().await;
    let port = server.address.port();
    let check = async |host: &str, wanted: u16| {
        let answer = server.ask("GET /healthz", &[("Host", host)]).await;
        assert_eq!(answer.status.as_u16(), wanted, "{host}");
        if wanted == 421 {
            assert_eq!(answer.problem().1, "foreign-host");
        }
    };
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        check(&format!("{host}:{port}"), 200).await;
    }
    for host in ["evil.example", "127.0.0.1", "localhost:1", "", "0.0.0.0", "a b"] {
        check(host, 421).await;
    }
    check(&format!("evil.example:{port}"), 421).await;
    server.configure(HUB_FILE, "hosts = ['nas.local']").await;
    check("nas.local", 200).await;

    let foreign = server.ask("GET http://evil.example/healthz", &[]).await;
    assert_eq!(foreign.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn another_sites_page_changes_nothing() {
    let server = Server::start().await;
    let ours = format!("http://{}", server.address);
    let check = async |line: &str, headers: &[(&str, &str)], wanted: u16| {
        let answer = server.ask(line, headers).await;
        assert_eq!(answer.status.as_u16(), wanted, "{line} {headers:?}");
        if wanted == 403 {
            assert_eq!(answer.problem().1, "cross-site");
        }
    };
    let delete = "DELETE /api/v1/session";
    check(delete, &[], 204).await;
    check(delete, &[("Origin", &ours)], 204).await;
    check(
        delete,
        &[("Origin", &ours), ("Sec-Fetch-Site", "same-origin")],
        204,
    )
    .await;
    check(delete, &[("Sec-Fetch-Site", "none")], 204).await;
    for origin in [
        "http://evil.example",
        "null",
        "",
        "http://127.0.0.1:1",
        "http://localhost",
        "file://",
    ] {
        check(delete, &[("Origin", origin)], 403).await;
        check("POST /api/v1/session", &[("Origin", origin)], 403).await;
    }
    for site in ["cross-site", "same-site", "what"] {
        check(delete, &[("Origin", &ours), ("Sec-Fetch-Site", site)], 403).await;
        check("POST /anything", &[("Sec-Fetch-Site", site)], 403).await;
        check("GET /healthz", &[("Sec-Fetch-Site", site)], 200).await;
    }
}

#[tokio::test]
async fn with_a_token_set_only_those_who_have_it_are_answered() {
    let server = Server::with(TOKEN, Limits::default()).await;
    let check = async |line: &str, headers: &[(&str, &str)], wanted: u16| {
        let answer = server.ask(line, headers).await;
        assert_eq!(answer.status.as_u16(), wanted, "{line} {headers:?}");
        if wanted == 401 {
            assert_eq!(answer.problem().1, "token-required");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    };
    for line in ["GET /healthz", "GET /readyz", "GET /", "GET /products"] {
        check(line, &[], 200).await;
    }
    for line in [
        "GET /api/v1/platforms",
        "GET /api/v1/events",
        "GET /api/v1/openapi.json",
        "GET /metrics",
    ] {
        check(line, &[], 401).await;
        check(line, &[("Authorization", "Bearer wrong")], 401).await;
        check(line, &[("Authorization", "Basic a long secret")], 401).await;
        check(line, &[("Cookie", "session=")], 401).await;
        check(line, &[("Cookie", "session=a long secret")], 401).await;
    }
    check(
        "GET /api/v1/platforms",
        &[("Authorization", "bearer a long secret")],
        200,
    )
    .await;
    check("GET /metrics", &[("Authorization", "Bearer a long secret")], 200).await;
}

#[tokio::test]
async fn a_browser_signs_in_and_out_and_another_token_signs_it_out() {
    let server = Server::with(TOKEN, Limits::default()).await;
    let json = ("Content-Type", "application/json");
    let wrong = server
        .send("POST /api/v1/session", &[json], r#"{"token":"wrong"}"#)
        .await;
    assert_eq!((wrong.problem().0, wrong.header("set-cookie")), (401, ""));

    let token = r#"{"token":"a long secret"}"#;
    let signed_in = server.send("POST /api/v1/session", &[json], token).await;
    assert_eq!(signed_in.status, StatusCode::NO_CONTENT);
    let set = signed_in.header("set-cookie");
    assert!(
        set.contains("; HttpOnly") && set.contains("; SameSite=Strict") && !set.contains("Secure"),
        "{set}"
    );
    let cookie = set.split(';').next().unwrap();
    assert!(!cookie.contains("secret"), "{cookie}");
    let cookies = format!("theme=dark; {cookie}; other=1");
    let ask = async || {
        server
            .ask("GET /api/v1/platforms", &[("Cookie", &cookies)])
            .await
            .status
    };
    assert_eq!(ask().await, StatusCode::OK);

    let signed_out = server
        .ask("DELETE /api/v1/session", &[("Cookie", &cookies)])
        .await;
    assert!(
        signed_out
            .header("set-cookie")
            .starts_with("session=; Path=/; Max-Age=0;")
    );

    let another = "hosts = ['shop.example']\n[auth]\ntoken = 'another secret'";
    server.configure(HUB_FILE, another).await;
    assert_eq!(ask().await, StatusCode::UNAUTHORIZED);

    let proxied = [json, ("Host", "shop.example"), ("Origin", "https://shop.example")];
    let over_tls = server
        .send("POST /api/v1/session", &proxied, r#"{"token":"another secret"}"#)
        .await;
    assert!(over_tls.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = Server::start().await;
    for line in [
        "GET /",
        "GET /healthz",
        "GET /api/v1/platforms",
        "GET /api/v1/nothing",
        "POST /",
    ] {
        let answer = server.ask(line, &[]).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{line}");
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            "same-origin",
            "{line}"
        );
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{line}: {policy}");
        assert!(!answer.header("cache-control").is_empty(), "{line}");
    }
    let refused = server.ask("GET /", &[("Host", "evil.example")]).await;
    assert_eq!(refused.header("x-content-type-options"), "nosniff");
    let page = server.ask("GET /", &[]).await;
    assert!(
        page.header("content-security-policy")
            .contains("'wasm-unsafe-eval'")
    );
}

#[tokio::test]
async fn a_deep_link_is_the_consoles_page_in_the_encoding_asked_for() {
    let server = Server::start().await;
    let plain = server.ask("GET /products/7?set=brand:nike", &[]).await;
    assert_eq!(plain.header("content-type").split(';').next(), Some("text/html"));
    assert_eq!(plain.header("cache-control"), "no-cache");
    let text = String::from_utf8(plain.body.clone()).unwrap();
    assert!(text.to_lowercase().starts_with("<!doctype html>"), "{text}");

    let gzip = server.ask("GET /", &[("Accept-Encoding", "gzip")]).await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&*gzip.body), &mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let brotli = server.ask("GET /", &[("Accept-Encoding", "gzip, br")]).await;
    assert_eq!(brotli.header("content-encoding"), "br");
    assert_ne!(brotli.body, plain.body);

    let head = server.ask("HEAD /products", &[]).await;
    assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
    assert_eq!(head.header("content-length"), plain.body.len().to_string());
    let known = [("If-None-Match", plain.header("etag"))];
    let unchanged = server.ask("GET /", &known).await;
    assert_eq!(
        (unchanged.status, unchanged.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
}

#[tokio::test]
async fn slow_and_silent_clients_are_cut_off() {
    let head = Duration::from_millis(200);
    let limits = Limits {
        head,
        body: head,
        ..Limits::default()
    };
    let server = Server::with("", limits).await;
    let host = format!("Host: {}\r\n", server.address);
    let check = async |begin: &str, answered: &str| {
        let began = Instant::now();
        let mut connection = server.connect().await;
        connection.write_all(begin.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        timeout(SOON, connection.read_to_end(&mut bytes))
            .await
            .unwrap_or_else(|_| panic!("{begin:?} holds its connection"))
            .unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(text.starts_with(answered), "{begin:?} is answered {text:?}");
        assert!(began.elapsed() >= head, "{begin:?} is cut off too early");
    };
    check("", "").await;
    // As much as HTTP/1 and HTTP/2 have in common.
    check("P", "").await;
    check("GET /healthz HTTP/1.1\r\n", "").await;
    check(&format!("GET /healthz HTTP/1.1\r\n{host}X: "), "").await;
    // After an answer, the next request has to come in time, too.
    check(&format!("GET /healthz HTTP/1.1\r\n{host}\r\n"), "HTTP/1.1 200").await;
    let json = "Content-Type: application/json\r\nContent-Length: 10\r\n";
    check(
        &format!("POST /api/v1/session HTTP/1.1\r\n{host}{json}\r\n{{"),
        "HTTP/1.1 408",
    )
    .await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = Server::start().await;
    let mut connection = server.connect().await;
    let mut head = b"GET /healthz HTTP/1.1\r\nX: ".to_vec();
    head.resize(64 * 1024, b'x');
    connection.write_all(&head).await.unwrap();
    let answer = Answer::read(&mut connection).await;
    assert_eq!(answer.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

#[tokio::test]
async fn further_connections_wait_until_there_is_room() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let server = Server::with("", limits).await;
    let mut first = server.connect().await;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
    first.write_all(request.as_bytes()).await.unwrap();
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();

    let mut second = server.connect().await;
    let last = format!(
        "GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        server.address
    );
    second.write_all(last.as_bytes()).await.unwrap();
    let early = timeout(Duration::from_millis(200), second.read_exact(&mut byte)).await;
    assert!(early.is_err(), "a second connection was served");
    drop(first);
    assert_eq!(Answer::read(&mut second).await.status, StatusCode::OK);
}

#[tokio::test]
async fn http_2_is_spoken_too() {
    let server = Server::start().await;
    let mut connection = server.connect().await;
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    connection
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    connection.write_all(&settings).await.unwrap();
    let mut frame = [0; 9];
    timeout(SOON, connection.read_exact(&mut frame))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(frame[3], 4, "the first frame has to be SETTINGS: {frame:?}");
}

/// A stream of events, read line by line.
struct Stream(BufReader<TcpStream>);

impl Stream {
    async fn open(server: &Server, last: Option<&str>) -> Self {
        let mut connection = server.connect().await;
        let last = last.map_or(String::new(), |last| format!("Last-Event-ID: {last}\r\n"));
        // HTTP/1.0, so that the body comes without chunks.
        let request = format!(
            "GET /api/v1/events HTTP/1.0\r\nHost: {}\r\n{last}\r\n",
            server.address
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut stream = Self(BufReader::new(connection));
        let head = stream.block().await.unwrap();
        assert!(
            head.contains("text/event-stream") && head.contains("200 OK"),
            "{head}"
        );
        stream
    }

    /// Lines up to a blank one. `None`: the stream is over.
    async fn block(&mut self) -> Option<String> {
        let mut block = String::new();
        loop {
            let mut line = String::new();
            let read = tokio::io::AsyncBufReadExt::read_line(&mut self.0, &mut line);
            timeout(SOON, read).await.expect("something comes").unwrap();
            match line.trim_end() {
                "" if line.is_empty() => return None,
                "" => return Some(block),
                text => {
                    block += text;
                    block.push('\n');
                }
            }
        }
    }
}

fn field<'a>(block: &'a str, name: &str) -> &'a str {
    let of_line = |line: &'a str| line.strip_prefix(name)?.strip_prefix(": ");
    block.lines().find_map(of_line).unwrap_or_default()
}

fn product(id: u64) -> Event {
    Event::Product {
        ids: vec![ItemId(id)],
    }
}

#[tokio::test]
async fn an_event_stream_resumes_where_it_broke_off() {
    let server = Server::start().await;
    let mut stream = Stream::open(&server, None).await;
    let first = stream.block().await.unwrap();
    assert_eq!(field(&first, "retry"), "1000");
    server.events.publish(&product(1));
    let told = stream.block().await.unwrap();
    assert_eq!(field(&told, "event"), "product");
    assert_eq!(field(&told, "data"), r#"{"event":"product","ids":["1"]}"#);
    drop(stream);

    server.events.publish(&product(2));
    for from in [field(&first, "id"), field(&told, "id")] {
        let mut stream = Stream::open(&server, Some(from)).await;
        assert_eq!(field(&stream.block().await.unwrap(), "id"), from);
        if from == field(&first, "id") {
            assert_eq!(stream.block().await.unwrap(), told);
        }
        let told = stream.block().await.unwrap();
        assert_eq!(field(&told, "data"), r#"{"event":"product","ids":["2"]}"#);
    }

    let mut stream = Stream::open(&server, Some("earlier-7")).await;
    stream.block().await.unwrap();
    let reset = stream.block().await.unwrap();
    assert_eq!(field(&reset, "event"), "reset");
    server.events.publish(&product(3));
    let told = stream.block().await.unwrap();
    assert_eq!(field(&told, "data"), r#"{"event":"product","ids":["3"]}"#);
}

#[tokio::test]
async fn an_event_stream_that_nobody_reads_is_cut_off() {
    let limits = Limits {
        write: Duration::from_millis(200),
        connections: 1,
        ..Limits::default()
    };
    let server = Server::with("", limits).await;
    let stuck = Stream::open(&server, None).await;
    let many = Event::Product {
        ids: vec![ItemId(u64::MAX); 10_000],
    };
    // There is room for one connection only: the next is answered when the stuck one is gone.
    let next = server.ask("GET /healthz", &[]);
    let publish = async {
        loop {
            server.events.publish(&many);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        answer = next => assert_eq!(answer.status, StatusCode::OK),
        () = publish => {}
    }
    drop(stuck);
}

#[tokio::test]
async fn another_token_ends_the_event_streams_that_began_with_the_old_one() {
    let server = Server::start().await;
    let mut stream = Stream::open(&server, None).await;
    stream.block().await.unwrap();
    server.configure(HUB_FILE, "hosts = ['nas.local']").await;
    server.events.publish(&product(1));
    assert!(stream.block().await.is_some(), "other settings end nothing");
    server.configure(HUB_FILE, TOKEN).await;
    assert_eq!(stream.block().await, None);
}

#[tokio::test]
async fn the_server_stops_cleanly_with_an_open_stream_and_idle_connections() {
    let server = Server::start().await;
    let mut stream = Stream::open(&server, None).await;
    stream.block().await.unwrap();
    let silent = server.connect().await;
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let kept_alive = client.get(server.url("/healthz")).send().await.unwrap();
    assert_eq!(kept_alive.text().await.unwrap(), "ok\n");
    let address = server.address;
    let began = Instant::now();
    assert_eq!(server.stop().await, Ended::Clean);
    assert!(began.elapsed() < Limits::default().grace);
    assert_eq!(stream.block().await, None);
    assert!(TcpStream::connect(address).await.is_err(), "it still listens");
    drop(silent);
}

/// Sends the head of a request whose body has 13 bytes, and waits until the server asks for the body.
async fn begin_to_sign_in(server: &Server, connection: &mut TcpStream) {
    let head = format!(
        "POST /api/v1/session HTTP/1.1\r\nHost: {}\r\nExpect: 100-continue\r\n\
         Content-Type: application/json\r\nContent-Length: 13\r\n\r\n",
        server.address
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let wanted = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut asked = vec![0; wanted.len()];
    timeout(SOON, connection.read_exact(&mut asked))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(asked, wanted);
}

#[tokio::test]
async fn a_request_that_was_begun_is_answered_while_stopping() {
    let server = Server::start().await;
    let mut connection = server.connect().await;
    begin_to_sign_in(&server, &mut connection).await;
    let Server { stop, serving, .. } = server;
    stop.send_replace(true);
    connection.write_all(br#"{"token":"x"}"#).await.unwrap();
    assert_eq!(Answer::read(&mut connection).await.status, StatusCode::NO_CONTENT);
    assert_eq!(timeout(SOON, serving).await.unwrap().unwrap(), Ended::Clean);
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_off_after_the_grace_time() {
    let limits = Limits {
        grace: Duration::from_millis(200),
        ..Limits::default()
    };
    let server = Server::with("", limits).await;
    let mut connection = server.connect().await;
    begin_to_sign_in(&server, &mut connection).await;
    assert_eq!(server.stop().await, Ended::CutOff { connections: 1 });
}

#[tokio::test]
async fn every_documented_address_is_routed() {
    let server = Server::start().await;
    let document: Value = serde_json::from_str(openapi()).unwrap();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let address = path.replace(['{', '}'], "");
            if path != "/api/v1/events" {
                let line = format!("{} {address}", method.to_uppercase());
                let answer = server.ask(&line, &[]).await;
                let unknown = String::from_utf8_lossy(&answer.body).contains("unknown-address");
                assert!(
                    !unknown && answer.status != StatusCode::METHOD_NOT_ALLOWED,
                    "{line}: {answer:?}"
                );
            }
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
    let answer = server.ask("GET /api/v1/openapi.json", &[]).await;
    assert_eq!(answer.json(), document);
}

/// `routes!` routes what is documented; nothing else may add routes.
#[test]
fn every_routed_address_is_documented() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let api = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api.rs").into();
    for file in files
        .chain([api])
        .filter(|file| file.is_file() && !file.ends_with("tests.rs"))
    {
        let text = std::fs::read_to_string(&file).unwrap();
        for undocumented in [".route(", ".nest(", ".route_service(", ".nest_service("] {
            assert!(
                !text.contains(undocumented),
                "{} calls {undocumented}",
                file.display()
            );
        }
    }
}

#[test]
fn every_schema_that_the_document_refers_to_is_in_it() {
    let document: Value = serde_json::from_str(openapi()).unwrap();
    let mut waiting = vec![&document];
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{reference} is not there");
                }
                waiting.extend(members.values());
            }
            Value::Array(values) => waiting.extend(values),
            _ => {}
        }
    }
}

const SHOP: &str =
    "# Ours since 2019\nname = \"Shop\"\nplatform = \"demo\"\n\n[prices]\nmargin = \"1%\" # for now\n";

#[tokio::test]
async fn settings_are_read_and_changed_in_the_file() {
    let server = Server::start().await;
    server.configure("connections/shop.toml", SHOP).await;
    let address = "/api/v1/connections/shop/settings";
    let shown = server.ask(&format!("GET {address}"), &[]).await.json();
    assert_eq!(shown["file"], "connections/shop.toml");
    assert_eq!(shown["settings"]["prices"]["margin"], "1%");

    let patch = async |changes: &str| {
        let mime = [("Content-Type", "application/merge-patch+json")];
        server.send(&format!("PATCH {address}"), &mime, changes).await
    };
    let changed = patch(r#"{"prices":{"margin":"12%"}}"#).await;
    assert_eq!(
        changed.json()["settings"]["prices"]["margin"],
        "12%",
        "{changed:?}"
    );
    let file = server.folder.path().join("connections/shop.toml");
    assert_eq!(fs::read_to_string(&file).unwrap(), SHOP.replace("1%", "12%"));
    let id = ConnectionId::parse("shop").unwrap();
    let margin = server.config.config.borrow().connections[&id]
        .policy
        .prices
        .margin;
    assert_eq!(margin, 12.into());

    let wrong = patch(r#"{"prices":{"margin":"lots"}}"#).await;
    assert_eq!(wrong.problem(), (422, "rejected".to_owned()));
    assert_eq!(wrong.json()["field"], "prices.margin");
    assert_eq!(fs::read_to_string(&file).unwrap(), SHOP.replace("1%", "12%"));
    assert_eq!(patch("[]").await.problem().0, 422);
    for id in ["nobody", "NO%20ID", "..%2Fshop"] {
        let missing = server
            .ask(&format!("GET /api/v1/connections/{id}/settings"), &[])
            .await;
        assert_eq!(missing.problem(), (404, "not-found".to_owned()), "{id}");
    }
}

#[tokio::test]
async fn a_connection_is_created_and_deleted_with_its_file() {
    let server = Server::start().await;
    let file = server.folder.path().join("connections/shop.toml");
    let create = async |body: &str| {
        let json = [("Content-Type", "application/json")];
        server.send("POST /api/v1/connections", &json, body).await
    };
    let shop = r#"{"id":"shop","platform":"demo","name":"Shop"}"#;
    let created = create(shop).await;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    assert_eq!(created.header("location"), "/api/v1/connections/shop");
    assert_eq!(created.json()["settings"]["name"], "Shop");
    assert!(fs::read_to_string(&file).unwrap().contains("platform = \"demo\""));

    assert_eq!(create(shop).await.problem(), (409, "conflict".to_owned()));
    let wrong = create(r#"{"id":"other","platform":"dmeo"}"#).await;
    assert_eq!(
        (wrong.problem().0, &wrong.json()["field"]),
        (422, &"platform".into())
    );
    assert_eq!(
        create(r#"{"id":"../x","platform":"demo"}"#).await.problem().0,
        400
    );
    assert_eq!(create(r#"{"platform":"demo"}"#).await.problem().0, 400);

    let delete = "DELETE /api/v1/connections/shop";
    assert_eq!(server.ask(delete, &[]).await.status, StatusCode::NO_CONTENT);
    assert!(!file.exists());
    assert_eq!(server.ask(delete, &[]).await.problem().0, 404);
}

#[tokio::test]
async fn a_faulty_file_is_shown_with_its_place() {
    let server = Server::start().await;
    let fine = server.ask("GET /api/v1/config", &[]).await.json();
    assert_eq!(
        (&fine["fault"], &fine["files"][0]["file"]),
        (&Value::Null, &HUB_FILE.into())
    );
    server
        .configure("connections/shop.toml", &SHOP.replace("margin", "margn"))
        .await;
    let fault = &server.ask("GET /api/v1/config", &[]).await.json()["fault"];
    assert_eq!(
        (&fault["file"], &fault["line"]),
        (&"connections/shop.toml".into(), &6.into())
    );
}

#[tokio::test]
async fn a_host_that_cannot_be_one_is_a_fault() {
    let server = Server::start().await;
    for host in ["a b", "", "me@nas.local", "http://nas.local"] {
        server.configure(HUB_FILE, &format!("hosts = ['{host}']")).await;
        let fault = server.config.state.borrow().fault.clone();
        assert_eq!(
            fault.and_then(|fault| fault.field).as_deref(),
            Some("hosts"),
            "{host:?}"
        );
    }
}

#[tokio::test]
async fn every_platform_is_described() {
    let server = Server::start().await;
    let platforms = server.ask("GET /api/v1/platforms", &[]).await.json();
    let names: Vec<&str> = crate::connector::PLATFORMS
        .iter()
        .map(|platform| platform.name)
        .collect();
    assert_eq!(platforms["total"], names.len());
    for (shown, name) in platforms["items"].as_array().unwrap().iter().zip(names) {
        assert_eq!(shown["name"], name);
        assert!(shown["remote"].is_array());
    }
}
