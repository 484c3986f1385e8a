//! Finds a compiler that can build for wasm32-unknown-unknown.
use crate::{Request, Result, clean_env, run};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const TARGET: &str = "wasm32-unknown-unknown";

pub struct Toolchain {
    pub cargo: PathBuf,
    pub rustflags: Vec<String>,
    pub env: Vec<(String, String)>,
    what: String,
}

impl Toolchain {
    pub fn describe(&self) -> &str {
        &self.what
    }
}

fn ask(rustc: &Path, args: &[&str]) -> Option<String> {
    let mut c = Command::new(rustc);
    clean_env(&mut c);
    let o = c.args(args).stderr(Stdio::null()).output().ok()?;
    o.status
        .success()
        .then(|| String::from_utf8_lossy(&o.stdout).trim().to_owned())
}

fn has_std(rustc: &Path) -> bool {
    ask(rustc, &["--print", "target-libdir", "--target", TARGET])
        .and_then(|d| fs::read_dir(d).ok())
        .is_some_and(|mut d| {
            d.any(|e| e.is_ok_and(|e| e.file_name().to_string_lossy().starts_with("libcore-")))
        })
}

fn plain(rustc: &Path, cargo: &Path) -> Toolchain {
    Toolchain {
        cargo: cargo.into(),
        rustflags: vec![],
        env: vec![("RUSTC".into(), rustc.display().to_string())],
        what: format!("{} with its own {TARGET}", rustc.display()),
    }
}

pub fn find(rq: &Request) -> Result<Toolchain> {
    let var = |k: &str, d: &str| PathBuf::from(std::env::var_os(k).unwrap_or_else(|| d.into()));
    let (rustc, cargo) = (var("RUSTC", "rustc"), var("CARGO", "cargo"));
    let forced = std::env::var("WEB_TOOLCHAIN").ok(); // "active", "debian": for tests of this very choice
    let may = |w: &str| forced.as_deref().is_none_or(|f| f == w);

    if may("active") && has_std(&rustc) {
        return Ok(plain(&rustc, &cargo));
    }
    if may("debian") {
        let (rustc, cargo) = (Path::new("/usr/bin/rustc"), Path::new("/usr/bin/cargo"));
        if rustc.exists() && cargo.exists() {
            if has_std(rustc) {
                return Ok(plain(rustc, cargo));
            }
            if Path::new("/usr/lib/rustlib/src/rust/library/std").exists() {
                return debian(rq, rustc, cargo);
            }
        }
    }
    Err(format!(
        "no compiler here can build the web UI: `{}` has no {TARGET} standard library.\n\
         With rustup:  rustup target add {TARGET}      (or: make setup)\n\
         On Debian:    apt-get install rustc-web cargo-web rust-web-src      (or: make setup)\n\
         Without a UI: WEB=skip cargo build",
        rustc.display()
    ))
}

/// Debian ships std's source but not its wasm build: build it once, keep it as a sysroot.
fn debian(rq: &Request, rustc: &Path, cargo: &Path) -> Result<Toolchain> {
    let version = ask(rustc, &["-V"]).ok_or("/usr/bin/rustc does not run")?;
    let key: String = version
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let home = rq.target_dir.join(format!("sysroot-{key}"));
    let lib = home.join("lib/rustlib").join(TARGET).join("lib");
    let linker = linker()
        .ok_or("no wasm linker: neither rustup's rust-lld nor wasm-ld (apt-get install lld) was found")?;
    if !lib.join("done").exists() {
        (rq.log)(&format!("web: building std for {TARGET} once with {version}"));
        let src = home.join("src");
        let err = |e: std::io::Error| format!("{}: {e}", src.display());
        fs::create_dir_all(src.join("src")).map_err(err)?;
        fs::create_dir_all(&lib).map_err(err)?;
        fs::write(src.join("src/lib.rs"), "").map_err(err)?;
        fs::write(
            src.join("Cargo.toml"),
            "[package]\nname='sysroot_stub'\nversion='0.0.0'\nedition='2021'\n[workspace]\n\
             [profile.release]\nopt-level='z'\npanic='abort'\ncodegen-units=1\n",
        )
        .map_err(err)?;
        let mut c = Command::new(cargo);
        clean_env(&mut c);
        c.current_dir(&src)
            .args([
                "build",
                "--release",
                "--target",
                TARGET,
                "-Zbuild-std=std,panic_abort,test",
                "-Zbuild-std-features=optimize_for_size",
                "--target-dir",
            ])
            .arg(home.join("target"))
            .env("RUSTC", rustc)
            .env("RUSTC_BOOTSTRAP", "1");
        run(&mut c)?;
        let deps = home.join("target").join(TARGET).join("release/deps");
        for e in fs::read_dir(&deps).map_err(err)?.flatten() {
            let n = e.file_name().to_string_lossy().into_owned();
            if n.ends_with(".rlib") && !n.contains("sysroot_stub") {
                fs::copy(e.path(), lib.join(&n)).map_err(err)?;
            }
        }
        fs::write(lib.join("done"), "").map_err(err)?;
    }
    Ok(Toolchain {
        cargo: cargo.into(),
        rustflags: vec![format!("--sysroot={}", home.display())],
        env: vec![
            ("RUSTC".into(), rustc.display().to_string()),
            (
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER".into(),
                linker.display().to_string(),
            ),
        ],
        what: format!("{} with std built from Debian's source", rustc.display()),
    })
}

fn linker() -> Option<PathBuf> {
    let rustup = ask(Path::new("rustc"), &["--print", "sysroot"])
        .map(|s| PathBuf::from(s).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld"));
    rustup
        .into_iter()
        .chain(
            [
                "/usr/bin/rust-lld",
                "/usr/bin/wasm-ld",
                "/usr/bin/wasm-ld-22",
                "/usr/bin/wasm-ld-19",
            ]
            .map(PathBuf::from),
        )
        .find(|p| p.exists())
}
