//! Compiles the `web` crate to wasm and lays out the files the daemon embeds.
pub mod toolchain;

use std::{
    fs,
    hash::{Hash, Hasher},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

pub type Result<T> = std::result::Result<T, String>;

pub struct Request<'a> {
    /// The workspace root.
    pub root: &'a Path,
    /// Where cargo puts the wasm build; never the outer build's own target directory.
    pub target_dir: &'a Path,
    /// Where the finished files go.
    pub out: &'a Path,
    /// Spend time on size: fat LTO, brotli 11. Off for quick builds.
    pub release: bool,
    pub log: &'a dyn Fn(&str),
}

/// Variables of an outer cargo that would mislead the inner one.
fn clean_env(cmd: &mut Command) {
    let keep = |k: &str| {
        k == "CARGO_HOME"
            || k == "CARGO_MAKEFLAGS" // the jobserver: both builds share the cores
            || ["CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTR", "CARGO_TERM_", "CARGO_SOURCE_"].iter().any(|p| k.starts_with(p))
    };
    for (k, _) in std::env::vars_os() {
        let k = k.to_string_lossy().into_owned();
        let drop = (k.starts_with("CARGO") && !keep(&k))
            || k.starts_with("RUSTC")
            || k.starts_with("DEP_")
            || k.starts_with("CLIPPY")
            || matches!(
                k.as_str(),
                "RUSTFLAGS"
                    | "RUSTDOC"
                    | "RUSTDOCFLAGS"
                    | "LD_LIBRARY_PATH"
                    | "TARGET"
                    | "HOST"
                    | "OUT_DIR"
                    | "PROFILE"
                    | "OPT_LEVEL"
                    | "DEBUG"
                    | "NUM_JOBS"
            );
        if drop {
            cmd.env_remove(&k);
        }
    }
}

pub(crate) fn run(cmd: &mut Command) -> Result<()> {
    match cmd.status() {
        Ok(s) if s.success() => Ok(()),
        Ok(s) => Err(format!("{cmd:?} failed: {s}")),
        Err(e) => Err(format!("could not start {cmd:?}: {e}")),
    }
}

fn io<T>(what: &Path, r: std::io::Result<T>) -> Result<T> {
    r.map_err(|e| format!("{}: {e}", what.display()))
}

/// Builds everything; afterwards `out` holds the files and `assets.rs`, a table of them.
pub fn build(rq: &Request) -> Result<()> {
    let t0 = Instant::now();
    let tc = toolchain::find(rq)?;
    (rq.log)(&format!(
        "web: compiler {} (found in {:.1?})",
        tc.describe(),
        t0.elapsed()
    ));

    let t = Instant::now();
    let mut cmd = Command::new(&tc.cargo);
    clean_env(&mut cmd);
    let profile = if rq.release { "web" } else { "web-dev" };
    let mut flags = tc.rustflags.clone();
    if std::env::var_os("WEB_NO_ERASE").is_none() {
        flags.push("--cfg=erase_components".into());
    }
    cmd.current_dir(rq.root)
        .args([
            "build",
            "--package",
            "web",
            "--lib",
            "--target",
            "wasm32-unknown-unknown",
            "--profile",
            profile,
            "--target-dir",
        ])
        .arg(rq.target_dir)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "))
        .envs(tc.env.iter().cloned());
    run(&mut cmd)?;
    (rq.log)(&format!("web: cargo {:.1?}", t.elapsed()));

    let t = Instant::now();
    let wasm = rq
        .target_dir
        .join("wasm32-unknown-unknown")
        .join(profile)
        .join("web.wasm");
    let bound = rq.target_dir.join("bound");
    let _ = fs::remove_dir_all(&bound);
    let mut b = wasm_bindgen_cli_support::Bindgen::new();
    b.input_path(&wasm)
        .out_name("web")
        .typescript(false)
        .omit_default_module_path(false);
    b.remove_name_section(rq.release)
        .remove_producers_section(true)
        .keep_debug(!rq.release);
    b.web(true).map_err(|e| format!("{e:#}"))?;
    b.generate(&bound).map_err(|e| format!("wasm-bindgen: {e:#}"))?;
    (rq.log)(&format!("web: wasm-bindgen {:.1?}", t.elapsed()));

    let mut wasm_file = bound.join("web_bg.wasm");
    if rq.release
        && let Some(opt) = wasm_opt(rq.root)
    {
        let t = Instant::now();
        let small = bound.join("web_bg.opt.wasm");
        let mut cmd = Command::new(&opt[0]);
        cmd.args(&opt[1..])
            .arg(&wasm_file)
            .args([
                "-Oz",
                "--enable-bulk-memory",
                "--enable-reference-types",
                "--enable-nontrapping-float-to-int",
                "--enable-sign-ext",
                "--enable-mutable-globals",
                "--enable-multivalue",
                "-o",
            ])
            .arg(&small);
        match run(&mut cmd) {
            Ok(()) => wasm_file = small,
            Err(e) => (rq.log)(&format!("web: wasm-opt did not work, going on without it: {e}")),
        }
        (rq.log)(&format!("web: wasm-opt {:.1?}", t.elapsed()));
    }

    let t = Instant::now();
    let _ = fs::remove_dir_all(rq.out);
    io(rq.out, fs::create_dir_all(rq.out))?;
    let wasm = io(&wasm_file, fs::read(&wasm_file))?;
    let js = io(&bound, fs::read_to_string(bound.join("web.js")))?;
    let css_path = rq.root.join("web/static/style.css");
    let css = io(&css_path, fs::read(&css_path))?;
    let wasm_name = format!("web-{}.wasm", digest(&wasm));
    let js = js.replace("web_bg.wasm", &wasm_name);
    let js_name = format!("web-{}.js", digest(js.as_bytes()));
    let css_name = format!("style-{}.css", digest(&css));
    let index = format!(
        "<!doctype html><html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>proto</title>\
         <link rel=stylesheet href=/{css_name}><link rel=preload href=/{wasm_name} as=fetch type=application/wasm crossorigin>\
         <script type=module>import init from '/{js_name}';init({{module_or_path:'/{wasm_name}'}});</script></head><body></body></html>\n"
    );
    let mut table = String::from("pub static ASSETS: &[Asset] = &[\n");
    for (name, mime, bytes) in [
        ("index.html", "text/html; charset=utf-8", index.as_bytes()),
        (&js_name, "text/javascript", js.as_bytes()),
        (&css_name, "text/css", &css),
        (&wasm_name, "application/wasm", &wasm),
    ] {
        let br = brotli(bytes, if rq.release { 11 } else { 5 });
        let gz = gzip(bytes, if rq.release { 9 } else { 6 });
        (rq.log)(&format!(
            "web: {name}: {} bytes, gzip {}, brotli {}",
            bytes.len(),
            gz.len(),
            br.len()
        ));
        for (ext, data) in [("", bytes), (".br", &br), (".gz", &gz)] {
            let p = rq.out.join(format!("{name}{ext}"));
            io(&p, fs::write(&p, data))?;
        }
        let inc = |ext: &str| format!("include_bytes!({:?})", rq.out.join(format!("{name}{ext}")));
        table += &format!(
            "  Asset {{ path: {:?}, mime: {mime:?}, etag: \"\\\"{}\\\"\", immutable: {}, br: {}, gz: {} }},\n",
            format!("/{name}"),
            digest(bytes),
            name != "index.html",
            inc(".br"),
            inc(".gz")
        );
    }
    table += "];\n";
    let p = rq.out.join("assets.rs");
    io(&p, fs::write(&p, table))?;
    (rq.log)(&format!(
        "web: compress and write {:.1?}; all {:.1?}",
        t.elapsed(),
        t0.elapsed()
    ));
    Ok(())
}

/// A page that says the UI was left out; so `WEB=skip` builds need no wasm at all.
pub fn placeholder(out: &Path) -> Result<()> {
    io(out, fs::create_dir_all(out))?;
    let html = b"<!doctype html><title>no UI</title><p>This build has no web UI (WEB=skip).";
    for (ext, data) in [(".br", brotli(html, 5)), (".gz", gzip(html, 6))] {
        let p = out.join(format!("index.html{ext}"));
        io(&p, fs::write(&p, data))?;
    }
    let inc = |ext: &str| format!("include_bytes!({:?})", out.join(format!("index.html{ext}")));
    let table = format!(
        "pub static ASSETS: &[Asset] = &[Asset {{ path: \"/index.html\", mime: \"text/html; charset=utf-8\", etag: \"\\\"none\\\"\", immutable: false, br: {}, gz: {} }}];\n",
        inc(".br"),
        inc(".gz")
    );
    let p = out.join("assets.rs");
    io(&p, fs::write(&p, table))
}

/// Binaryen, when there is one: `WASM_OPT`, then the npm package in the workspace. Never required.
fn wasm_opt(root: &Path) -> Option<Vec<String>> {
    match std::env::var("WASM_OPT") {
        Ok(v) if v == "off" => return None,
        Ok(v) => return Some(vec![v]),
        Err(_) => {}
    }
    let js: PathBuf = root.join("node_modules/binaryen/bin/wasm-opt");
    js.exists().then(|| vec!["node".into(), js.display().to_string()])
}

fn digest(b: &[u8]) -> String {
    let mut h = std::hash::DefaultHasher::new();
    b.hash(&mut h);
    format!("{:016x}", h.finish())
}

fn brotli(b: &[u8], quality: i32) -> Vec<u8> {
    let mut out = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 22,
        size_hint: b.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &b[..], &mut out, &params).expect("writing to memory");
    out
}

fn gzip(b: &[u8], level: u32) -> Vec<u8> {
    let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    e.write_all(b)
        .and_then(|()| e.finish())
        .expect("writing to memory")
}
