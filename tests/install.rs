//! `make install`, and the unit that it installs as systemd itself judges it.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use tempfile::TempDir;

fn make(goal: &str, root: &TempDir) -> Output {
    let made = Command::new("make")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .args(["--no-print-directory", goal, "PREFIX=/usr"])
        .arg(format!("DESTDIR={}", root.path().display()))
        .arg(format!("BINARY={}", env!("CARGO_BIN_EXE_click2sync")))
        // How this test's own make was called is not meant for this one.
        .env_remove("MAKEFLAGS")
        .output()
        .expect("there is make");
    assert!(
        made.status.success(),
        "make {goal}: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    made
}

/// Every file below a folder, relative to it.
fn files(root: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    found
}

#[test]
fn installing_keeps_what_is_configured_and_uninstalling_does_too() {
    let root = tempfile::tempdir().unwrap();
    make("install", &root);
    let config = root.path().join("etc/click2sync/click2sync.toml");
    assert!(root.path().join("etc/click2sync/connections").is_dir());
    let program = root.path().join("usr/bin/click2sync");
    assert_eq!(
        fs::metadata(&program).unwrap().permissions().mode() & 0o777,
        0o755
    );
    let checked = Command::new(&program)
        .args(["check", "--config"])
        .arg(config.parent().unwrap())
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&checked.stdout),
        "1 file, 0 connections: no fault\n"
    );

    fs::write(&config, "# mine\n").unwrap();
    make("install", &root);
    assert_eq!(fs::read_to_string(&config).unwrap(), "# mine\n");
    make("uninstall", &root);
    let left: Vec<_> = files(root.path()).into_iter().collect();
    assert_eq!(left, [Path::new("etc/click2sync/click2sync.toml")]);
}

#[test]
fn systemd_takes_the_unit_and_finds_little_to_say_against_it() {
    let root = tempfile::tempdir().unwrap();
    make("install", &root);
    let installed = root.path().join("usr/lib/systemd/system/click2sync.service");
    // systemd looks for the program where the unit says it is.
    let unit = fs::read_to_string(installed).unwrap();
    assert!(unit.contains("\nExecStart=/usr/bin/click2sync run\n"), "{unit}");
    let unit = unit.replace("/usr/bin/click2sync", env!("CARGO_BIN_EXE_click2sync"));
    let file = root.path().join("click2sync.service");
    fs::write(&file, unit).unwrap();
    let analyze = |args: &[&str]| {
        let done = Command::new("systemd-analyze")
            .args(args)
            .arg(&file)
            .output()
            .expect("scripts/setup browser installs systemd-analyze");
        let status = done.status;
        let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        assert!(status.success(), "systemd-analyze {args:?}: {said}");
        said
    };
    let said = analyze(&["verify", "--man=no"]);
    assert!(!said.contains("click2sync.service"), "{said}");
    // In tenths, from 0 (exposed to nothing) to 100.
    analyze(&["security", "--offline=true", "--threshold=15"]);
}
