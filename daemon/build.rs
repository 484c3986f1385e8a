//! Puts the console's files where `src/assets.rs` embeds them from.
//!
//! `WEB=skip` leaves the console out, `WEB=dev` builds it quickly and large. Every other build, tests included,
//! embeds what users get, from one wasm build that all profiles share.

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};
use webbuild::{Effort, Request};

fn main() -> ExitCode {
    let folder = |variable| PathBuf::from(env::var_os(variable).expect("cargo sets it for build scripts"));
    let (package, out) = (folder("CARGO_MANIFEST_DIR"), folder("OUT_DIR"));
    let root = package.parent().expect("the package lies in the workspace");
    // OUT_DIR is TARGET/PROFILE/build/PACKAGE/out.
    let target = out.ancestors().nth(4).expect("cargo's layout").join("web");
    let dist = out.join("dist");

    for variable in webbuild::VARIABLES {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let built = match env::var("WEB").as_deref() {
        Ok("skip") => {
            // With this line cargo does not look at every file of the package.
            println!("cargo::rerun-if-changed=build.rs");
            webbuild::placeholder(&dist)
        }
        Ok("dev") => build(root, &target, &dist, Effort::Quick),
        _ => build(root, &target, &dist, Effort::Small),
    };
    match built {
        Ok(report) => {
            for line in report {
                eprintln!("{line}");
            }
            println!(
                "cargo::rustc-env=CONSOLE_ASSETS={}",
                dist.join("assets.rs").display()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn build(root: &Path, target: &Path, out: &Path, effort: Effort) -> Result<Vec<String>, webbuild::Error> {
    for input in webbuild::INPUTS {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }
    webbuild::build(&Request {
        root,
        target,
        out,
        effort,
    })
}
