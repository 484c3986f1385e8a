//! The README's examples, as somebody would paste them.

use crate::support::daemon::Daemon;
use std::{fs, path::Path, process::Command};

#[tokio::test]
async fn every_curl_example_of_the_readme_works_on_the_shipped_config() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace");
    let readme = fs::read_to_string(root.join("README.md")).expect("there is a README");
    let examples: Vec<&str> = readme.lines().filter(|line| line.starts_with("curl ")).collect();
    assert!(examples.len() >= 10, "{examples:?}");
    let shipped = |name: &str| fs::read_to_string(root.join("config").join(name)).expect(name);
    let files = [
        "click2sync.toml",
        "connections/main-shop.toml",
        "connections/outlet.toml",
    ];
    let texts: Vec<String> = files.iter().map(|file| shipped(file)).collect();
    let config: Vec<(&str, &str)> = files.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let daemon = Daemon::start(&config).await;
    daemon.run("main-shop", "fetch").await;
    for example in examples {
        let command = example
            .replace("http://127.0.0.1:7325", &daemon.url(""))
            .replacen(
                "curl ",
                "curl --silent --show-error --fail-with-body --noproxy '*' ",
                1,
            );
        let done = Command::new("sh")
            .arg("-c")
            .arg(&command)
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(
            done.status.success(),
            "{example}\n{said}{}",
            String::from_utf8_lossy(&done.stderr)
        );
        let answer: Result<serde_json::Value, _> = serde_json::from_str(&said);
        assert!(answer.is_ok(), "{example}\n{said}");
    }
}
