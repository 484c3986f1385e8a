//! Backups by the real program: taken while it works and while it does not, put back, and refused where they are of no
//! use.

use crate::support::{
    daemon::Daemon,
    shops::{demo, shop},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn command(name: &str, data: &Path, file: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_click2sync"))
        .arg(name)
        .arg(file)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the binary was built with the tests")
}

/// Does it and answers what it says.
fn done(name: &str, data: &Path, file: &Path) -> String {
    let output = command(name, data, file);
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{name}: {said}");
    said
}

/// It is not done; answers why.
fn refused(name: &str, data: &Path, file: &Path) -> String {
    let output = command(name, data, file);
    assert_eq!(output.status.code(), Some(1), "{name}: {output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn data(daemon: &Daemon) -> PathBuf {
    daemon.folder().join("data")
}

/// What a person would look for after a restore.
async fn look(daemon: &Daemon) -> Value {
    let mut seen = json!({});
    for path in [
        "/api/v1/products?limit=500",
        "/api/v1/orders?limit=500",
        "/api/v1/jobs?connection=one",
        "/api/v1/connections/two/pending",
        "/api/v1/products/1/history",
    ] {
        seen[path] = daemon.get(path).await;
    }
    seen
}

/// The pictures kept in a data folder, by their hashes.
fn pictures(data: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in fs::read_dir(data.join("pictures")).into_iter().flatten() {
        let folder = folder.unwrap();
        if folder.file_name() != "thumbnails" {
            let names = fs::read_dir(folder.path()).unwrap();
            found.extend(names.map(|entry| entry.unwrap().file_name().into_string().unwrap()));
        }
    }
    found
}

#[tokio::test]
async fn what_is_backed_up_while_a_fetch_runs_is_all_there_after_the_restore() {
    let slow = demo(400).replace("latency = \"0ms\"", "latency = \"40ms\"\npage = 10");
    let mut daemon = Daemon::start(&[
        ("connections/one.toml", &demo(120)),
        (
            "connections/two.toml",
            &demo(30).replace("[remote]", "[remote]\nseed = 9"),
        ),
        (
            "connections/slow.toml",
            &slow.replace("[remote]", "[remote]\nseed = 5"),
        ),
    ])
    .await;
    daemon.run("one", "fetch").await;
    daemon.run("two", "fetch").await;
    let job = daemon.post("/api/v1/connections/slow/fetch", json!({})).await;
    let job = format!("/api/v1/jobs/{}", job["job"]["id"].as_str().unwrap());
    daemon
        .wait_until(&job, "it is under way", |job| {
            job["progress"]["done"].as_u64() > Some(30)
        })
        .await;
    let before = look(&daemon).await;

    let kept = pictures(&data(&daemon));
    assert!(!kept.is_empty(), "there are pictures to be kept");
    let file = daemon.folder().join("monday.backup");
    let said = done("backup", &data(&daemon), &file);
    assert!(said.contains("monday.backup: "), "{said}");
    let running = daemon.get(&job).await;
    assert_eq!(running["phase"], "scan", "it goes on meanwhile: {running}");

    let said = refused("restore", &data(&daemon), &file);
    let process = format!("process {}", daemon.process_id());
    assert!(
        said.contains(&process) && said.contains("stop it first"),
        "{said}"
    );

    // Whatever happens afterwards is undone, and nothing of it is lost.
    let mut sold = shop(&daemon, "two");
    let id = sold.products().unwrap()[0].remote_id.0.clone();
    sold.edit(&id, |product| product.title = "Renamed later".into())
        .unwrap();
    daemon.run("two", "fetch").await;
    daemon.kill_9();
    let said = done("restore", &data(&daemon), &file);
    let replaced = said.split_once("What was there is in ").expect("it says where").1;
    let replaced = PathBuf::from(replaced.split_once("; ").unwrap().0);
    assert!(replaced.join("click2sync.redb").is_file(), "{said}");
    daemon.restart().await;
    assert_eq!(look(&daemon).await, before);
    assert!(pictures(&data(&daemon)).is_superset(&kept));
    // The fetch that was under way goes on from its page.
    let ended = daemon
        .wait_until(&job, "it has ended", |job| job["status"] == "done")
        .await;
    assert_eq!(ended["outcome"]["scanned"], 400, "{ended}");
    assert!(!daemon.log().contains(" ERROR "), "{}", daemon.log());
}

#[tokio::test]
async fn a_stopped_daemons_folder_is_backed_up_too_and_restored_to_an_empty_place() {
    let mut daemon = Daemon::start(&[
        ("connections/one.toml", &demo(40)),
        ("connections/two.toml", &demo(0)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    let before = look(&daemon).await;
    assert!(daemon.terminate().await.success());
    let file = daemon.folder().join("backup");
    let of_stopped = done("backup", &data(&daemon), &file);
    fs::rename(data(&daemon), daemon.folder().join("elsewhere")).unwrap();
    let said = done("restore", &data(&daemon), &file);
    assert!(!said.contains("What was there"), "{said}");
    daemon.restart().await;
    assert_eq!(look(&daemon).await, before);
    // An older backup gives way to one of the same state.
    let again = done("backup", &data(&daemon), &file);
    let files = |said: &str| {
        said.split_once(": ")
            .unwrap()
            .1
            .split_once(',')
            .unwrap()
            .0
            .to_owned()
    };
    assert_eq!(files(&again), files(&of_stopped));
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused_by_name_and_changes_nothing() {
    let mut daemon = Daemon::start(&[
        ("connections/one.toml", &demo(20)),
        ("connections/two.toml", &demo(0)),
    ])
    .await;
    daemon.run("one", "fetch").await;
    let before = look(&daemon).await;
    let data = data(&daemon);
    let file = daemon.folder().join("whole");
    done("backup", &data, &file);
    assert!(daemon.terminate().await.success());
    let whole = fs::read(&file).unwrap();
    let broken = daemon.folder().join("broken");
    let check = |bytes: &[u8], wanted: &str| {
        fs::write(&broken, bytes).unwrap();
        let said = refused("restore", &data, &broken);
        assert!(
            said.contains("broken: ") && said.contains(wanted),
            "{wanted}: {said}"
        );
    };
    check(b"", "no backup");
    check(b"a letter to a friend", "no backup");
    check(&[0; 4096], "no backup");
    check(&whole[..whole.len() / 2], "not whole");
    check(&whole[..5000], "not whole: it ends within click2sync.redb");
    // Where exactly it was cut off does not matter: the last entry is missing.
    let last = find(&whole, b"click2sync-backup.end.json");
    check(&whole[..last], "not whole");
    check(&whole[..last + 512], "not whole");
    let mut flipped = whole.clone();
    flipped[whole.len() / 3] ^= 1;
    check(&flipped, "damaged");
    let newer = String::from_utf8_lossy(&whole[..2048])
        .find("\"format\":1")
        .unwrap();
    let mut of_tomorrow = whole.clone();
    of_tomorrow[newer + "\"format\":".len()] = b'2';
    check(&of_tomorrow, "newer Click2Sync");

    for folder in fs::read_dir(&data).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with("replaced-") && name != "restored", "{name}");
    }
    daemon.restart().await;
    assert_eq!(look(&daemon).await, before);
}

#[tokio::test]
async fn a_backup_goes_nowhere_where_it_would_do_harm() {
    let daemon = Daemon::start(&[("connections/one.toml", &demo(5))]).await;
    let data = data(&daemon);
    let letter = daemon.folder().join("letter");
    fs::write(&letter, "not to be lost").unwrap();
    assert!(refused("backup", &data, &letter).contains("something else than a backup"));
    assert_eq!(fs::read_to_string(&letter).unwrap(), "not to be lost");
    assert!(refused("backup", &data, &data.join("backup")).contains("in the data folder itself"));
    assert!(refused("backup", &daemon.folder().join("nothing"), &letter).contains("nothing to back up"));
    assert!(!daemon.folder().join("nothing").exists());
    let nowhere = daemon.folder().join("nowhere/backup");
    assert!(refused("backup", &data, &nowhere).contains("nowhere/backup: No such file"));
    let unfinished: Vec<_> = fs::read_dir(daemon.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().contains("unfinished"))
        .collect();
    assert!(unfinished.is_empty(), "{unfinished:?}");
}

#[tokio::test]
async fn a_second_daemon_on_the_same_data_says_who_has_it() {
    let daemon = Daemon::start(&[]).await;
    let second = Command::new(env!("CARGO_BIN_EXE_click2sync"))
        .args(["run", "--listen", "127.0.0.1:0", "--config"])
        .arg(daemon.folder().join("config"))
        .arg("--data")
        .arg(data(&daemon))
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(
        said.contains(&format!("process {}", daemon.process_id())),
        "{said}"
    );
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    let found = bytes.windows(wanted.len()).rposition(|window| window == wanted);
    found.expect("it is in there")
}
