//! Finds a compiler for wasm: the active toolchain where it has the target, else Debian's, which brings the
//! source of its standard library instead.

use crate::{Error, at, nested};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_STD_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std";

/// A compiler that can build for [`TARGET`].
#[derive(Debug)]
pub(crate) struct Toolchain {
    pub(crate) cargo: PathBuf,
    pub(crate) rustc: PathBuf,
    /// Flags for every crate of the console.
    pub(crate) flags: Vec<String>,
    /// `None`: the compiler's own.
    pub(crate) linker: Option<PathBuf>,
}

/// The first that works, of those that `WEB_TOOLCHAIN` (`active` or `debian`) allows.
pub(crate) fn find(target: &Path) -> Result<Toolchain, Error> {
    let variable = |name, default| env::var_os(name).map_or_else(|| PathBuf::from(default), PathBuf::from);
    let (cargo, rustc) = (variable("CARGO", "cargo"), variable("RUSTC", "rustc"));
    let chosen = env::var("WEB_TOOLCHAIN").ok();
    let allowed = |name: &str| {
        chosen
            .as_deref()
            .is_none_or(|chosen| chosen.is_empty() || chosen == name)
    };

    if allowed("active") && has_std(&rustc) {
        return Ok(Toolchain {
            cargo,
            rustc,
            flags: Vec::new(),
            linker: None,
        });
    }
    if allowed("debian") && Path::new(DEBIAN_RUSTC).exists() && Path::new(DEBIAN_CARGO).exists() {
        if has_std(Path::new(DEBIAN_RUSTC)) {
            return Ok(Toolchain {
                cargo: DEBIAN_CARGO.into(),
                rustc: DEBIAN_RUSTC.into(),
                flags: Vec::new(),
                linker: None,
            });
        }
        if Path::new(DEBIAN_STD_SOURCE).exists() {
            return debian(target);
        }
    }
    Err(Error::NoCompiler { rustc })
}

fn has_std(rustc: &Path) -> bool {
    nested::ask(rustc, &["--print=target-libdir", "--target", TARGET])
        .and_then(|folder| fs::read_dir(folder).ok())
        .is_some_and(|mut files| {
            files
                .any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
        })
}

fn debian(target: &Path) -> Result<Toolchain, Error> {
    let linker = linker().ok_or(Error::NoLinker)?;
    Ok(Toolchain {
        cargo: DEBIAN_CARGO.into(),
        rustc: DEBIAN_RUSTC.into(),
        flags: vec![format!("--sysroot={}", sysroot(target)?.display())],
        linker: Some(linker),
    })
}

/// The standard library for wasm, built once per compiler from Debian's source.
///
/// It is a sysroot of its own rather than `-Zbuild-std` on the console, because the variable which that needs
/// makes crates believe they are compiled by a nightly compiler.
fn sysroot(target: &Path) -> Result<PathBuf, Error> {
    let version = nested::ask(Path::new(DEBIAN_RUSTC), &["--version"]).unwrap_or_default();
    let version = version.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "_");
    let home = target.join(format!("sysroot-{version}"));
    at(&home, fs::create_dir_all(&home))?;
    // Two outer builds of different profiles may come here at once.
    let lock = home.join("lock");
    let held = at(&lock, fs::File::create(&lock))?;
    at(&lock, held.lock())?;

    let library = home.join("lib/rustlib").join(TARGET).join("lib");
    if !library.exists() {
        let built = build_std(&home)?;
        at(&library, collect(&built, &library))?;
    }
    Ok(home)
}

fn build_std(home: &Path) -> Result<PathBuf, Error> {
    let package = home.join("package");
    let source = package.join("src");
    at(&source, fs::create_dir_all(&source))?;
    for (path, text) in [
        (source.join("lib.rs"), ""),
        (
            package.join("Cargo.toml"),
            "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n\
             [profile.release]\nopt-level = \"z\"\npanic = \"abort\"\ncodegen-units = 1\n",
        ),
    ] {
        at(&path, fs::write(&path, text))?;
    }
    let target = home.join("target");
    let mut cargo = nested::command(Path::new(DEBIAN_CARGO));
    cargo
        .current_dir(&package)
        .args(["build", "--release", "--target", TARGET])
        .args([
            "-Zbuild-std=std,panic_abort",
            "-Zbuild-std-features=optimize_for_size",
        ])
        .arg("--target-dir")
        .arg(&target)
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1");
    nested::run(&mut cargo)?;
    Ok(target.join(TARGET).join("release/deps"))
}

/// Copies the libraries of `built` to `library`, which appears at once and whole.
fn collect(built: &Path, library: &Path) -> std::io::Result<()> {
    let unfinished = library.with_extension("unfinished");
    fs::create_dir_all(&unfinished)?;
    for file in fs::read_dir(built)? {
        let (path, name) = file.map(|file| (file.path(), file.file_name()))?;
        let is_library = path.extension().is_some_and(|ending| ending == "rlib");
        if is_library && !name.to_string_lossy().starts_with("libnothing-") {
            fs::copy(path, unfinished.join(name))?;
        }
    }
    fs::rename(unfinished, library)
}

/// Debian's compiler has no linker for wasm; the active toolchain or LLVM may.
fn linker() -> Option<PathBuf> {
    let active = nested::ask(Path::new("rustc"), &["--print=sysroot"])
        .and_then(|sysroot| fs::read_dir(Path::new(&sysroot).join("lib/rustlib")).ok())
        .into_iter()
        .flatten()
        .filter_map(|host| Some(host.ok()?.path().join("bin/rust-lld")));
    let mut llvm: Vec<PathBuf> = fs::read_dir("/usr/bin")
        .into_iter()
        .flatten()
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("wasm-ld"))
        })
        .collect();
    llvm.sort();
    active.chain(llvm).find(|path| path.exists())
}
