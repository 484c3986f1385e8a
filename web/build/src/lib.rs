//! Builds the console: compiles `web` to wasm, binds it to JavaScript, names every file by its content,
//! compresses it, and writes a table that `daemon/src/assets.rs` embeds.

mod bundle;
mod nested;
mod toolchain;

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitStatus,
};
use wasm_bindgen_cli_support::Bindgen;

/// Paths below the workspace's root that the console is made from. When none of them changed, neither did it.
pub const INPUTS: [&str; 7] = [
    "Cargo.lock",
    "Cargo.toml",
    "shared/Cargo.toml",
    "shared/src",
    "web/Cargo.toml",
    "web/src",
    "web/static",
];

/// Environment variables that choose how the console is built.
pub const VARIABLES: [&str; 2] = ["WEB", "WEB_TOOLCHAIN"];

/// A console to build.
#[derive(Debug)]
pub struct Request<'a> {
    /// The workspace's root.
    pub root: &'a Path,
    /// Where the nested cargo works; never the target folder of the cargo around it, which holds that one's lock.
    pub target: &'a Path,
    /// An empty or missing folder for the finished files.
    pub out: &'a Path,
    pub effort: Effort,
}

/// How much time a build may take to become small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// What users get.
    Small,
    /// For working on the console: quick to build, large, with names in stack traces.
    Quick,
}

/// Why there is no console. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(
        "no compiler on this machine can build the console: `{rustc}` has no standard library for {target}.\n\
         Let the project install one:  make setup\n\
         With rustup:                  rustup target add {target}\n\
         On Debian:                    apt-get install rustc-web cargo-web rust-web-src lld-19\n\
         Without a console:            WEB=skip cargo build",
        rustc = rustc.display(),
        target = toolchain::TARGET
    )]
    NoCompiler { rustc: PathBuf },
    #[error(
        "Debian's rustc needs a linker for wasm, and neither rust-lld nor wasm-ld was found: apt-get install lld-19"
    )]
    NoLinker,
    #[error("could not start `{command}`: {source}")]
    Start { command: String, source: io::Error },
    #[error("`{command}` ended with {status}; what it said stands above")]
    Ended { command: String, status: ExitStatus },
    #[error("wasm-bindgen could not bind the console: {message}")]
    Bind { message: String },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("web/static/{page} names {{{name}}}, which is no file of the console; these are: {known}")]
    UnknownName {
        page: String,
        name: String,
        known: String,
    },
    #[error(
        "these files of the console name each other in a circle, so none can be named by its content: {names}"
    )]
    Circle { names: String },
    #[error("{name}: no media type is known for this kind of file; add it to web/build/src/bundle.rs")]
    UnknownKind { name: String },
}

/// Builds the console; afterwards `out` holds its files and `assets.rs`, a table of them.
///
/// Returns one line a file, with its sizes in bytes.
pub fn build(request: &Request) -> Result<Vec<String>, Error> {
    let wasm = nested::compile(request)?;
    let mut files = static_files(&request.root.join("web/static"))?;
    files.extend(bind(&wasm, request.effort)?);
    bundle::write(files, request.out, request.effort)
}

/// In place of the console, a page that says it was left out; so builds with `WEB=skip` need no wasm.
pub fn placeholder(out: &Path) -> Result<Vec<String>, Error> {
    let file = |name: &str, text: &str| bundle::File {
        name: name.to_owned(),
        bytes: text.into(),
    };
    let page = file("index.html", include_str!("placeholder/index.html"));
    let style = file("style.css", include_str!("placeholder/style.css"));
    bundle::write(vec![page, style], out, Effort::Quick)
}

fn bind(wasm: &Path, effort: Effort) -> Result<[bundle::File; 2], Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Bind {
        message: format!("{error:#}"),
    };
    let shipped = effort == Effort::Small;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .typescript(false)
        .remove_name_section(shipped)
        .remove_producers_section(shipped)
        .keep_debug(!shipped)
        .web(true)
        .map_err(|error| failed(&error))?;
    let mut bound = bindgen.generate_output().map_err(|error| failed(&error))?;
    // Crates are listed with what they bring even where that is nothing.
    let bring = bound.snippets().iter().filter(|(_, scripts)| !scripts.is_empty());
    let foreign: Vec<_> = bring
        .map(|(name, _)| name)
        .chain(bound.local_modules().keys())
        .collect();
    if !foreign.is_empty() {
        let message =
            format!("a dependency brings JavaScript of its own, which is not embedded yet: {foreign:?}");
        return Err(failed(&message));
    }
    Ok([
        bundle::File {
            name: "web.js".to_owned(),
            bytes: bound.js().as_bytes().to_vec(),
        },
        bundle::File {
            name: "web.wasm".to_owned(),
            bytes: bound.wasm_mut().emit_wasm(),
        },
    ])
}

fn static_files(folder: &Path) -> Result<Vec<bundle::File>, Error> {
    let mut files = Vec::new();
    for entry in at(folder, fs::read_dir(folder))? {
        let path = at(folder, entry)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_file() && !name.starts_with('.') {
            files.push(bundle::File {
                name,
                bytes: at(&path, fs::read(&path))?,
            });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Says which file an I/O error was about.
fn at<T>(path: &Path, result: io::Result<T>) -> Result<T, Error> {
    result.map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}
