//! The nested cargo that compiles `web`, shielded from the cargo that runs us.

use crate::{Effort, Error, Request, toolchain};
use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Compiles `web`; returns the path of the wasm file.
pub(crate) fn compile(request: &Request) -> Result<PathBuf, Error> {
    let toolchain = toolchain::find(request.target)?;
    let profile = match request.effort {
        Effort::Small => "web",
        Effort::Quick => "web-dev",
    };
    let mut flags = toolchain.flags;
    flags.push("--cfg=erase_components".to_owned());
    let mut cargo = command(&toolchain.cargo);
    cargo
        .current_dir(request.root)
        .args(["build", "--locked", "--package=web", "--lib"])
        .arg(format!("--target={}", toolchain::TARGET))
        .arg(format!("--profile={profile}"))
        .arg("--target-dir")
        .arg(request.target)
        .env("RUSTC", &toolchain.rustc)
        // Separated by the unit separator, because paths may hold blanks.
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    if let Some(linker) = toolchain.linker {
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    run(&mut cargo)?;
    Ok(request
        .target
        .join(toolchain::TARGET)
        .join(profile)
        .join("web.wasm"))
}

/// A command without what an outer cargo left in the environment for its own compilers.
pub(crate) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(misleads) {
            command.env_remove(&name);
        }
    }
    command
}

pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|source| Error::Start {
        command: spelled(command),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Ended {
            command: spelled(command),
            status,
        })
    }
}

/// What `program` prints when it succeeds.
pub(crate) fn ask(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = command(program)
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether a variable was meant for the outer build alone. Where packages come from, how cargo talks and the
/// jobserver (so that both builds share the cores) are meant for both.
fn misleads(name: &str) -> bool {
    const FOR_BOTH: [&str; 7] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_MAKEFLAGS",
        "CARGO_NET_",
        "CARGO_REGISTR",
        "CARGO_SOURCE_",
        "CARGO_TERM_",
    ];
    const FOR_THE_OUTER: [&str; 12] = [
        "CARGO",
        "CLIPPY",
        "DEBUG",
        "DEP_",
        "HOST",
        "LD_LIBRARY_PATH",
        "NUM_JOBS",
        "OPT_LEVEL",
        "OUT_DIR",
        "PROFILE",
        "RUSTC",
        "TARGET",
    ];
    let starts = |prefix: &&str| name.starts_with(*prefix);
    (FOR_THE_OUTER.iter().any(starts) || matches!(name, "RUSTFLAGS" | "RUSTDOC" | "RUSTDOCFLAGS"))
        && !FOR_BOTH.iter().any(starts)
}

#[cfg(test)]
mod tests {
    use super::misleads;

    #[test]
    fn the_nested_cargo_sees_where_packages_come_from_but_not_what_the_outer_one_compiles() {
        for (name, expected) in [
            ("CARGO_HOME", false),
            ("CARGO_MAKEFLAGS", false),
            ("CARGO_REGISTRIES_MIRROR_INDEX", false),
            ("PATH", false),
            ("CARGO_TARGET_DIR", true),
            ("CARGO_ENCODED_RUSTFLAGS", true),
            ("CARGO_PROFILE_DEV_DEBUG", true),
            ("CARGO_INCREMENTAL", true),
            ("RUSTC_WORKSPACE_WRAPPER", true),
            ("RUSTFLAGS", true),
            ("RUSTUP_TOOLCHAIN", false),
            ("TARGET", true),
        ] {
            assert_eq!(misleads(name), expected, "{name}");
        }
    }
}
