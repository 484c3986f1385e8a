//! Trouble on the way to a server: a proxy that passes calls on, or answers something else, or loses the answer.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Every call is answered by this status and an error in JSON, and reaches nobody.
    Answers(u16),
    /// Every call is answered by a page that asks to log in.
    WebPage,
    /// Every answer ends in the middle.
    BreaksOff,
    /// Calls that write are carried out, and their answers are lost.
    AnswersLost,
}

/// A way round to a server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    trouble: Arc<Mutex<Option<Trouble>>>,
    task: JoinHandle<()>,
}

/// Tells calls that write, by head and body.
pub(crate) type IsWrite = fn(&str) -> bool;

impl Proxy {
    /// The way to `server`, without trouble at first.
    pub(crate) async fn to(server: SocketAddr, is_write: IsWrite) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its port");
        let trouble: Arc<Mutex<Option<Trouble>>> = Arc::default();
        let now = Arc::clone(&trouble);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let trouble = Arc::clone(&now);
                tokio::spawn(Box::pin(
                    async move { pass(stream, server, &trouble, is_write).await },
                ));
            }
        });
        Self {
            address,
            trouble,
            task,
        }
    }

    /// From now on.
    pub(crate) fn make(&self, trouble: Trouble) {
        *self.trouble.lock().expect("nobody panics with it") = Some(trouble);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes one call on. What the caller or the server breaks off is theirs to tell.
async fn pass(
    mut caller: TcpStream,
    server: SocketAddr,
    trouble: &Mutex<Option<Trouble>>,
    is_write: IsWrite,
) {
    let Some(call) = read_call(&mut caller).await else {
        return;
    };
    let trouble = *trouble.lock().expect("nobody panics with it");
    let answer = match trouble {
        Some(Trouble::Answers(status)) => {
            let body = r#"{"code":"trouble","message":"There is trouble on the way.","data":{"status":0}}"#;
            said(&format!("{status} Trouble"), "application/json", body)
        }
        Some(Trouble::WebPage) => {
            let body = "<!DOCTYPE html><html><head><title>Please log in</title></head><body>…</body></html>";
            said("200 OK", "text/html; charset=UTF-8", body)
        }
        Some(Trouble::BreaksOff) => {
            let whole = ask(server, &call).await;
            let body = whole
                .windows(4)
                .position(|end| end == b"\r\n\r\n")
                .map_or(0, |end| end + 4);
            whole[..body + (whole.len() - body) / 2].to_vec()
        }
        Some(Trouble::AnswersLost) if is_write(&String::from_utf8_lossy(&call)) => {
            ask(server, &call).await;
            Vec::new()
        }
        Some(Trouble::AnswersLost) | None => ask(server, &call).await,
    };
    let _ = caller.write_all(&answer).await;
}

fn said(status: &str, mime: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {mime}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head, body.to_owned()].concat().into_bytes()
}

/// Head and body of a call, which is the only one of its connection.
async fn read_call(caller: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().ok())?
            });
            if bytes.len() - (end + 4) >= length.unwrap_or(0) {
                let head: Vec<&str> = head
                    .lines()
                    .filter(|line| !line.to_lowercase().starts_with("connection:"))
                    .collect();
                let closing = format!("{}\r\nconnection: close\r\n\r\n", head.join("\r\n"));
                return Some([closing.as_bytes(), &bytes[end + 4..]].concat());
            }
        }
        match caller.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// The whole answer of the server, which then closes the connection.
async fn ask(server: SocketAddr, call: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    if let Ok(mut server) = TcpStream::connect(server).await
        && server.write_all(call).await.is_ok()
    {
        let _ = server.read_to_end(&mut answer).await;
    }
    answer
}
