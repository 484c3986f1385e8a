//! The README's examples, as somebody would paste them.

use crate::support::daemon::Daemon;
use daemon::connector::{PLATFORMS, RemoteKey, RemoteType};
use std::{env, fmt::Write as _, fs, path::Path, process::Command};

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

const TABLES_BEGIN: &str = "--test tests readme -->\n";
const TABLES_END: &str = "<!-- end of the tables -->";

#[test]
fn the_tables_of_platforms_say_what_the_platforms_say_of_themselves() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(&file).expect("there is a README");
    let (before, rest) = readme.split_once(TABLES_BEGIN).expect("the tables begin");
    let (told, after) = rest.split_once(TABLES_END).expect("the tables end");
    let mut tables = String::from("\n");
    for platform in PLATFORMS {
        let (name, title, about) = (platform.name, platform.title, platform.description);
        writeln!(
            tables,
            "`{name}`, {title}: {about}\n\n| key | | left out |\n|---|---|---|"
        )
        .expect("memory");
        rows(platform.remote, "", &mut tables);
        tables.push('\n');
    }
    if env::var("README").is_ok_and(|asked| asked == "write") {
        fs::write(&file, [before, TABLES_BEGIN, &tables, TABLES_END, after].concat()).expect("a disk");
        return;
    }
    assert!(told == tables, "README=write makes them anew:\n{tables}");
}

fn rows(keys: &[RemoteKey], within: &str, tables: &mut String) {
    for key in keys {
        let (name, about) = (key.name, key.description);
        let choices = match &key.value {
            RemoteType::Choice(words) => format!(" One of `{}`.", words.join("`, `")),
            RemoteType::Choices(words) => format!(" Any of `{}`.", words.join("`, `")),
            RemoteType::Secret => " A secret.".to_owned(),
            RemoteType::Text
            | RemoteType::Number
            | RemoteType::Duration
            | RemoteType::Share
            | RemoteType::Path
            | RemoteType::Table(_) => String::new(),
        };
        let left_out = match key.default {
            Some(default) => format!("`{default}`"),
            None if key.required => "it is required".to_owned(),
            None => String::new(),
        };
        writeln!(tables, "| `{within}{name}` | {about}{choices} | {left_out} |").expect("memory");
        if let RemoteType::Table(keys) = &key.value {
            rows(keys, &format!("{within}{name}."), tables);
        }
    }
}
