//! Figures that are read rather than timed: how large the console is, how much memory an idle daemon holds, and what a
//! thousand connections take that wait for their time.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, waits for time to pass, and says what went wrong by panicking"
)]

use http::{HeaderMap, HeaderValue};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

fn main() {
    println!(
        "console's wasm after brotli: {} (aim: at most 250,000 bytes)",
        wasm()
    );
    println!("idle daemon, resident:       {} (aim: under 40 MB)", resident());
    println!(
        "1,000 idle connections:      {} (aim: at most 1% of a core)",
        idle()
    );
}

fn wasm() -> String {
    let mut asked = HeaderMap::new();
    asked.insert("accept-encoding", HeaderValue::from_static("identity"));
    let page = daemon::assets::answer("/", &asked).unwrap();
    let page = String::from_utf8(page.into_body().to_vec()).unwrap();
    let Some(path) = page.split('"').find(|part| part.ends_with(".wasm")) else {
        return "none, as it was built with WEB=skip".to_owned();
    };
    asked.insert("accept-encoding", HeaderValue::from_static("br"));
    let wasm = daemon::assets::answer(path, &asked).unwrap();
    format!("{} bytes", wasm.body().len())
}

/// Of the real binary, once it said its address, with one demo shop that nothing has been read of.
fn resident() -> String {
    let folder = tempfile::tempdir().unwrap();
    let connections = folder.path().join("config/connections");
    fs::create_dir_all(&connections).unwrap();
    fs::write(connections.join("shop.toml"), "platform = \"demo\"\n").unwrap();
    let mut child = start(folder.path());
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    child.kill().unwrap();
    child.wait().unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or_else(
        || "not told by this system".to_owned(),
        |size| size.trim().to_owned(),
    )
}

/// The real binary in a folder, once it said its address.
fn start(folder: &Path) -> Child {
    let mut child = Command::new(env!("CARGO_BIN_EXE_click2sync"))
        .current_dir(folder)
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut address = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut address)
        .unwrap();
    child
}

/// What the real binary takes of a core over half a minute, once a thousand shops wait for a time that is far away.
fn idle() -> String {
    let folder = tempfile::tempdir().unwrap();
    let connections = folder.path().join("config/connections");
    fs::create_dir_all(&connections).unwrap();
    for shop in 0..1000 {
        let settings = "platform = \"demo\"\n[remote]\nproducts = 1\n[schedule]\ncron = \"0 0 29 2 *\"\n";
        fs::write(connections.join(format!("shop-{shop}.toml")), settings).unwrap();
    }
    let mut child = start(folder.path());
    let stat = format!("/proc/{}/stat", child.id());
    // The 14th and 15th word, of those after the name in brackets the 12th and 13th: hundredths of a second.
    let taken = || -> Option<u64> {
        let text = fs::read_to_string(&stat).ok()?;
        let words = text.rsplit(')').next()?.split_whitespace().skip(11).take(2);
        words.map(|word| word.parse::<u64>().ok()).sum()
    };
    thread::sleep(Duration::from_secs(20));
    let before = taken();
    thread::sleep(Duration::from_secs(30));
    let after = taken();
    child.kill().unwrap();
    child.wait().unwrap();
    match (before, after) {
        (Some(before), Some(after)) => format!("{} hundredths of a second in 30 s", after - before),
        _ => "not told by this system".to_owned(),
    }
}
