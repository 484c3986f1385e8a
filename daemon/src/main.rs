//! The command line: flags, logging, signals and exit codes around [`daemon::run`].

use anyhow::{Context as _, anyhow, bail};
use daemon::{
    Options, RunError, Signals,
    backup::{self, Contents, Restored},
    config::{self, CONNECTIONS, Listen},
    supervisor::Supervisor,
};
use lexopt::{Arg, Parser};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, IsTerminal as _, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::sync::{Notify, oneshot, watch};
use tokio_stream::StreamExt as _;
use tracing_subscriber::{EnvFilter, fmt::format::FmtSpan};

/// Steps of jobs and reads of the store at the same time. Each thread keeps memory of its own, and more of them than
/// this would only wait for the disk or for each other.
const BLOCKING_THREADS: usize = 6;

const HELP: &str = "\
Click2Sync keeps the products and orders of several shops in step.

Usage: click2sync [COMMAND] [OPTIONS]

Commands:
  run      Run the daemon with its console (this is what it does without a command)
  check    Read and validate every config file; show each fault with its place
  openapi  Print the OpenAPI document of the HTTP API
  backup FILE   Copy the data folder to a file, while the daemon runs or while it does not
  restore FILE  Put it back, while the daemon does not run; what is there is moved aside

Options:
  --config DIR         The config folder                  [default: ./config]
  --data DIR           The data folder                    [default: ./data]
  --listen ADDR:PORT   Where the console and the API are  [default: as in click2sync.toml, else 127.0.0.1:7325]
  -h, --help           Show this
  -V, --version        Show the version

Environment:
  CLICK2SYNC_CONFIG, CLICK2SYNC_DATA, CLICK2SYNC_LISTEN   As the options, which win over them
  CLICK2SYNC_LOG          What is logged: error, warn, info (default), debug, or by module: info,daemon=debug
  CLICK2SYNC_LOG_FORMAT   pretty (default) or json
  CONFIGURATION_DIRECTORY, STATE_DIRECTORY                The folders under systemd

Signals: SIGTERM and SIGINT stop it after the running step, a second one at once; SIGHUP reads the config again.
";

/// Settings are faulty, or the daemon could not run.
const FAILED: u8 = 1;
/// The command line makes no sense.
const MISUSED: u8 = 2;
/// From the order to stop until the process is gone. What a step has not stored by then is done again at the next
/// start.
const LONGEST_SHUTDOWN: Duration = Duration::from_millis(9_500);

enum Command {
    Run(Options),
    Check { config: PathBuf },
    Backup { data: PathBuf, file: PathBuf },
    Restore { data: PathBuf, file: PathBuf },
    Show(String),
}

fn main() -> ExitCode {
    let command = match parse(Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            complain(&format!("click2sync: {error:#}\nTry click2sync --help."));
            return ExitCode::from(MISUSED);
        }
    };
    match command {
        Command::Show(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Command::Check { config } => check(&config),
        Command::Backup { data, file } => back_up(&data, &file),
        Command::Restore { data, file } => restore(&data, &file),
        Command::Run(options) => run(options),
    }
}

fn parse(mut parser: Parser) -> anyhow::Result<Command> {
    let (mut command, mut file, mut config, mut data, mut listen) = (None, None, None, None, None);
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Short('h') | Arg::Long("help") => return Ok(Command::Show(HELP.to_owned())),
            Arg::Short('V') | Arg::Long("version") => {
                return Ok(Command::Show(format!(
                    "click2sync {}\n",
                    env!("CARGO_PKG_VERSION")
                )));
            }
            Arg::Long("config") => config = Some(parser.value()?),
            Arg::Long("data") => data = Some(parser.value()?),
            Arg::Long("listen") => listen = Some(parser.value()?),
            Arg::Value(value) if command.is_none() => command = Some(value),
            Arg::Value(value) if file.is_none() && takes_file(command.as_deref()) => file = Some(value),
            arg => return Err(arg.unexpected().into()),
        }
    }
    let command = command.unwrap_or_else(|| "run".into());
    let name = command.to_string_lossy();
    let takes = |flag: &str, given: &Option<OsString>| match given {
        Some(_) => Err(anyhow!("{name} takes no {flag}")),
        None => Ok(()),
    };
    let of_config = |flag| folder(flag, "CLICK2SYNC_CONFIG", "CONFIGURATION_DIRECTORY", "./config");
    let of_data = |flag| folder(flag, "CLICK2SYNC_DATA", "STATE_DIRECTORY", "./data");
    match &*name {
        "run" => Ok(Command::Run(Options {
            config: of_config(config),
            data: of_data(data),
            listen: address(listen.or_else(|| env::var_os("CLICK2SYNC_LISTEN")))?,
        })),
        "check" => {
            takes("--data", &data)?;
            takes("--listen", &listen)?;
            Ok(Command::Check {
                config: of_config(config),
            })
        }
        "backup" | "restore" => {
            takes("--config", &config)?;
            takes("--listen", &listen)?;
            let file = file
                .with_context(|| format!("{name} takes the name of a file"))?
                .into();
            let data = of_data(data);
            Ok(match &*name {
                "backup" => Command::Backup { data, file },
                _ => Command::Restore { data, file },
            })
        }
        "openapi" => Ok(Command::Show(format!("{}\n", daemon::api::openapi()))),
        _ => bail!("there is no command {name}"),
    }
}

fn takes_file(command: Option<&OsStr>) -> bool {
    command.is_some_and(|command| command == "backup" || command == "restore")
}

/// The flag, else the variable, else systemd's first folder, else the default.
fn folder(flag: Option<OsString>, variable: &str, systemd: &str, default: &str) -> PathBuf {
    let of_systemd = || env::split_paths(&env::var_os(systemd)?).next();
    flag.or_else(|| env::var_os(variable))
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
        .or_else(of_systemd)
        .unwrap_or_else(|| default.into())
}

fn address(written: Option<OsString>) -> anyhow::Result<Option<SocketAddr>> {
    let Some(written) = written.filter(|written| !written.is_empty()) else {
        return Ok(None);
    };
    let written = written.to_string_lossy();
    let address = written
        .parse()
        .with_context(|| format!("{written} is no address and port such as 127.0.0.1:7325"))?;
    Ok(Some(address))
}

fn check(dir: &Path) -> ExitCode {
    let loaded = config::load(dir, Listen::File);
    if loaded.faults.is_empty() {
        let files = loaded.files.len();
        let connections = loaded
            .files
            .iter()
            .filter(|file| file.starts_with(CONNECTIONS))
            .count();
        print(&format!(
            "{}, {}: no fault\n",
            counted(files, "file"),
            counted(connections, "connection")
        ));
        return ExitCode::SUCCESS;
    }
    for fault in &loaded.faults {
        print(&format!("{}\n", config::show_fault(dir, fault)));
    }
    ExitCode::from(FAILED)
}

fn back_up(data: &Path, file: &Path) -> ExitCode {
    match backup::make(data, file) {
        Ok(Contents { files, bytes }) => {
            let files = usize::try_from(files).unwrap_or(usize::MAX);
            let (files, file) = (counted(files, "file"), file.display());
            print(&format!("{file}: {files}, {bytes} bytes\n"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("click2sync: no backup was made: {error}"));
            ExitCode::from(FAILED)
        }
    }
}

fn restore(data: &Path, file: &Path) -> ExitCode {
    match backup::restore(data, file) {
        Ok(Restored { contents, replaced }) => {
            let Contents { files, bytes } = contents;
            let files = usize::try_from(files).unwrap_or(usize::MAX);
            let (files, data) = (counted(files, "file"), data.display());
            print(&format!("{data}: {files}, {bytes} bytes\n"));
            if let Some(replaced) = replaced {
                let replaced = replaced.display();
                print(&format!(
                    "What was there is in {replaced}; remove it when all is well.\n"
                ));
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(&format!("click2sync: nothing was restored: {error}"));
            ExitCode::from(FAILED)
        }
    }
}

fn counted(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}

fn run(options: Options) -> ExitCode {
    if let Err(error) = log_to_stderr() {
        complain(&format!("click2sync: {error:#}"));
        return ExitCode::from(MISUSED);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("click2sync: the system gives no threads: {error}"));
            return ExitCode::from(FAILED);
        }
    };
    let dir = options.config.clone();
    let done = runtime.block_on(run_until_signal(options));
    // A step that is still in a blocking call is not waited for.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            match error.downcast_ref::<RunError>() {
                Some(RunError::Config(faulty)) => {
                    for fault in &faulty.faults {
                        complain(&config::show_fault(&dir, fault));
                    }
                    complain("click2sync: not started, because its config files are faulty");
                }
                _ => complain(&format!("click2sync: {error:#}")),
            }
            ExitCode::from(FAILED)
        }
    }
}

async fn run_until_signal(options: Options) -> anyhow::Result<()> {
    let mut heard = signals().context("signals cannot be received")?;
    let (stop, shutdown) = watch::channel(false);
    let (ready, address) = oneshot::channel();
    let reload = Arc::new(Notify::new());
    let signals = Signals {
        ready,
        reload: reload.clone(),
        shutdown,
        supervisor: Supervisor::from_environment().unwrap_or_else(|error| {
            tracing::warn!(reason = %error, "The service manager cannot be told how the daemon is");
            Supervisor::nobody()
        }),
    };
    let mut running = tokio::spawn(daemon::run(options, signals));
    tokio::spawn(async move {
        // Without an address it did not start, and says so itself.
        if let Ok(address) = address.await {
            print(&format!("http://{address}\n"));
        }
    });
    loop {
        tokio::select! {
            done = &mut running => return Ok(done??),
            signal = heard.next() => match signal {
                Some(SIGHUP) => reload.notify_one(),
                Some(_) => break,
                None => return Err(anyhow!("signals are no longer received")),
            }
        }
    }
    tracing::info!("Stopping after the running step");
    stop.send_replace(true);
    if let Ok(done) = tokio::time::timeout(LONGEST_SHUTDOWN, &mut running).await {
        done??;
        tracing::info!("Stopped");
    } else {
        tracing::warn!("The running step took too long; it is done again at the next start");
    }
    Ok(())
}

fn signals() -> io::Result<signal_hook_tokio::Signals> {
    let stopping = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // In this order: the first signal finds the flag false and sets it, the second one exits.
        signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, stopping.clone())?;
        signal_hook::flag::register(signal, stopping.clone())?;
    }
    // A limit on the size of files is to be an error like a full disk, and not the end.
    signal_hook::flag::register(SIGXFSZ, Arc::default())?;
    signal_hook_tokio::Signals::new([SIGTERM, SIGINT, SIGHUP])
}

fn log_to_stderr() -> anyhow::Result<()> {
    let filter = env::var("CLICK2SYNC_LOG").unwrap_or_default();
    let filter = if filter.is_empty() {
        "info".to_owned()
    } else {
        filter
    };
    let filter = EnvFilter::try_new(&filter)
        .with_context(|| format!("CLICK2SYNC_LOG={filter} is no filter such as info or info,daemon=debug"))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::NONE)
        .with_writer(io::stderr);
    match env::var("CLICK2SYNC_LOG_FORMAT").as_deref() {
        Ok("json") => log
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .init(),
        Ok("pretty" | "") | Err(_) => {
            let plain = env::var_os("NO_COLOR").is_some() || !io::stderr().is_terminal();
            log.with_ansi(!plain).init();
        }
        Ok(other) => bail!("CLICK2SYNC_LOG_FORMAT={other} is neither pretty nor json"),
    }
    Ok(())
}

/// To stdout. Who has closed it does not want to read it.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// To stderr, likewise.
fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
