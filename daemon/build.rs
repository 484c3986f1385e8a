//! Builds the web UI and puts its files where `src/assets.rs` includes them.
//! `WEB=skip` leaves it out; `WEB=dev` builds it quickly and large.
use std::{env, path::PathBuf};

fn main() {
    for v in ["WEB", "WEB_TOOLCHAIN", "WASM_OPT", "WEB_NO_ERASE"] {
        println!("cargo:rerun-if-env-changed={v}");
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap())
        .parent()
        .unwrap()
        .to_path_buf();
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    let web = env::var("WEB").unwrap_or_default();

    if web == "skip" {
        let dist = out.join("placeholder");
        webbuild::placeholder(&dist).unwrap_or_else(|e| fail(&e));
        return point_at(&dist);
    }
    for p in [
        "web/src",
        "web/static",
        "web/Cargo.toml",
        "shared/src",
        "shared/Cargo.toml",
        "Cargo.toml",
        "Cargo.lock",
        "node_modules/binaryen/package.json",
    ] {
        let p = root.join(p);
        if p.exists() {
            println!("cargo:rerun-if-changed={}", p.display());
        }
    }
    // The target directory of the outer build: OUT_DIR is TARGET_DIR/PROFILE/build/PKG-HASH/out.
    let outer = out.ancestors().nth(4).unwrap();
    let dist = out.join("dist");
    let rq = webbuild::Request {
        root: &root,
        target_dir: &outer.join("web"),
        out: &dist,
        // Debug builds and tests use the same UI as releases: one wasm compile, and tests see what ships.
        release: web != "dev",
        log: &|s| eprintln!("{s}"),
    };
    webbuild::build(&rq).unwrap_or_else(|e| fail(&e));
    point_at(&dist);
}

fn point_at(dist: &std::path::Path) {
    println!("cargo:rustc-env=WEB_ASSETS={}", dist.join("assets.rs").display());
}

fn fail(e: &str) -> ! {
    for line in e.lines() {
        println!("cargo::error={line}");
    }
    std::process::exit(1)
}
