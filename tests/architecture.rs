//! Imports point one way. Cargo holds the edges between crates; this holds those between modules, and what only
//! one module may use.
//!
//! When it fails: either the new edge is a short cut, and what is needed should come in as an argument or move
//! down; or the picture has really changed, and then it is changed here and in ARCHITECTURE.md together.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Modules that may know one another, and those below that they may know.
struct Layer {
    modules: &'static [&'static str],
    /// A module, or a single thing of one (`connector::PLATFORMS`).
    below: &'static [&'static str],
}

/// The vocabulary. Sets and marks are of it: policies choose by sets, and a change has its colour.
const NOUNS: &[&str] = &[
    "content", "history", "ids", "issue", "item", "language", "mark", "money", "order", "policy", "product",
    "set", "time",
];

const SHARED: &[Layer] = &[
    Layer {
        modules: NOUNS,
        below: &[],
    },
    Layer {
        modules: &["sync"],
        below: NOUNS,
    },
    // `job` and `api` may know everything below them.
    Layer {
        modules: &["job"],
        below: &[
            "sync", "content", "history", "ids", "issue", "item", "mark", "money", "order", "policy",
            "product", "set", "time",
        ],
    },
    Layer {
        modules: &["api"],
        below: &[
            "job", "sync", "content", "history", "ids", "issue", "item", "mark", "money", "order", "policy",
            "product", "set", "time",
        ],
    },
    // Shapes the others into what `api` says.
    Layer {
        modules: &["show"],
        below: &[
            "api", "job", "sync", "content", "history", "ids", "issue", "item", "language", "mark", "money",
            "order", "policy", "product", "set", "time",
        ],
    },
];

/// What platforms say about themselves: data, which validates config files and is shown by the API.
const DESCRIPTIONS: [&str; 6] = [
    "connector::PLATFORMS",
    "connector::Platform",
    "connector::RemoteKey",
    "connector::RemoteType",
    "connector::platform",
    "connector::platforms",
];

const DAEMON: &[Layer] = &[
    Layer {
        modules: &["assets"],
        below: &[],
    },
    // Where work is done, and when: arguments of nearly everything.
    Layer {
        modules: &["apart", "clock"],
        below: &[],
    },
    Layer {
        modules: &["connector"],
        below: &["apart", "clock"],
    },
    Layer {
        modules: &["figures"],
        below: &[],
    },
    Layer {
        modules: &["events"],
        below: &["figures"],
    },
    Layer {
        modules: &["folder"],
        below: &[],
    },
    Layer {
        modules: &["server"],
        below: &[],
    },
    Layer {
        modules: &["supervisor"],
        below: &[],
    },
    Layer {
        modules: &["store"],
        below: &["apart"],
    },
    Layer {
        modules: &["config"],
        below: &DESCRIPTIONS,
    },
    Layer {
        modules: &["calendar"],
        below: &[],
    },
    Layer {
        modules: &["changed"],
        below: &[],
    },
    // Watches over the store's disk.
    Layer {
        modules: &["mend"],
        below: &["apart", "changed", "clock", "events", "server::stopped", "store"],
    },
    Layer {
        modules: &["pictures"],
        below: &[
            "connector::LARGEST_PICTURE",
            "connector::PICTURES",
            "connector::content_hash",
            "connector::picture_place",
        ],
    },
    Layer {
        modules: &["job"],
        below: &[
            "apart",
            "changed",
            "clock",
            "connector",
            "events",
            "pictures",
            "store",
        ],
    },
    Layer {
        modules: &["runner"],
        below: &[
            "apart",
            "calendar",
            "changed",
            "clock",
            "config",
            "connector",
            "events",
            "job",
            "pictures",
            "server::stopped",
            "store",
        ],
    },
    Layer {
        modules: &["scheduler"],
        below: &[
            "apart",
            "changed",
            "clock",
            "config",
            "connector",
            "events",
            "job",
            "pictures",
            "runner",
            "server::stopped",
            "store",
        ],
    },
    Layer {
        modules: &["status"],
        below: &[
            "apart",
            "changed",
            "config",
            "events",
            "runner",
            "scheduler",
            "store",
        ],
    },
    Layer {
        modules: &["backup"],
        below: &["folder", "server::stopped", "store"],
    },
    // What people change in the hub: one transaction at a time, beside the jobs.
    Layer {
        modules: &["edit"],
        below: &["changed", "store"],
    },
    // Tries settings before they count.
    Layer {
        modules: &["trial"],
        below: &["apart", "clock", "config", "connector", "scheduler"],
    },
    // Starts all of them, and is the one handle to what runs.
    Layer {
        modules: &["hub"],
        below: &[
            "changed",
            "clock",
            "config",
            "events",
            "mend",
            "pictures",
            "runner",
            "scheduler",
            "status",
            "store",
        ],
    },
    Layer {
        modules: &["api"],
        below: &[
            "assets",
            "config",
            "edit",
            "events",
            "figures",
            "hub",
            "pictures",
            "runner::Runner",
            "runner::Unwilling",
            "scheduler",
            "server",
            "status",
            "store",
            "trial",
            "connector::Call",
            "connector::Knock",
            "connector::platform",
            "connector::platforms",
            "connector::PLATFORMS",
        ],
    },
];

/// Crates that one place hides, so that they could be replaced there.
const HIDDEN: &[(&str, &[&str])] = &[
    ("redb", &["daemon/src/store.rs", "daemon/src/store/"]),
    (
        "reqwest",
        &["daemon/src/connector/http.rs", "daemon/src/connector/http/"],
    ),
    ("rustls", &["daemon/src/connector/http/"]),
    (
        "notify",
        &["daemon/src/config/watch.rs", "daemon/src/connector/csv"],
    ),
];

#[test]
fn modules_of_shared_import_only_what_lies_below_them() {
    hold("shared", SHARED);
}

#[test]
fn modules_of_the_daemon_import_only_what_lies_below_them() {
    hold("daemon", DAEMON);
}

#[test]
fn crates_that_one_place_hides_are_used_nowhere_else() {
    let mut wrong = Vec::new();
    for file in sources("daemon")
        .iter()
        .chain(&sources("shared"))
        .chain(&sources("web"))
    {
        let name = file.name();
        for (hidden, places) in HIDDEN {
            if !places.iter().any(|place| name.starts_with(place)) {
                let uses = paths(&file.text)
                    .into_iter()
                    .filter(|path| path.segments[0] == *hidden);
                wrong.extend(uses.map(|path| {
                    format!(
                        "{name}:{}: uses {hidden}, which belongs to {}",
                        path.line,
                        places.join(" and ")
                    )
                }));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", advice(&wrong));
}

#[test]
fn shared_depends_on_nothing_that_acts_and_web_only_on_shared() {
    let check = |package: &str, forbidden: &[&str]| {
        let manifest = root().join(package).join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("a manifest");
        let manifest: toml_edit::DocumentMut = text.parse().expect("TOML");
        for name in forbidden {
            assert!(
                manifest
                    .get("dependencies")
                    .is_none_or(|table| table.get(name).is_none()),
                "{package} must not depend on {name}"
            );
        }
    };
    check(
        "shared",
        &[
            "axum", "daemon", "hyper", "notify", "redb", "reqwest", "tokio", "tracing", "web", "webbuild",
        ],
    );
    check("web", &["daemon", "webbuild", "tokio", "redb"]);
    check("web/build", &["daemon", "shared", "web"]);
    check("daemon", &["web"]);
}

/// What the console says stands in `web/src/words*`, in both languages.
#[test]
fn every_word_of_the_console_is_in_every_language() {
    let words = sources("web").into_iter().filter(|source| {
        let place = source.module.first().map(String::as_str);
        place == Some("words")
    });
    let mut wrong = Vec::new();
    let mut seen = 0;
    for source in words {
        seen += 1;
        let text = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        let items = text.split("\n\n").flat_map(|part| part.split("\npub"));
        for item in items {
            let code: Vec<&str> = item
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .collect();
            let code = code.join("\n");
            let both = ["word(", "Language::Spanish"];
            let both = both.iter().any(|known| code.contains(known));
            if !both && (says_something(&code) || code.contains(": &str =")) {
                wrong.push(format!("{}: {}", source.path.display(), code.trim()));
            }
        }
    }
    assert!(seen > 5, "{seen} files of words");
    assert!(
        wrong.is_empty(),
        "said in one language only; give it both with `word`, or match on `language()`: {wrong:#?}"
    );
}

/// Whether code has a text in it with two words beside each other.
fn says_something(code: &str) -> bool {
    let is_word = |word: &&str| !word.contains('{') && word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let texts = code.split('"').skip(1).step_by(2);
    texts
        .map(|text| text.split(' ').collect::<Vec<_>>())
        .any(|words| words.windows(2).any(|pair| pair.iter().all(is_word)))
}

#[test]
fn a_wrong_edge_is_found_wherever_it_hides() {
    let check = |module: &[&str], text: &str, expected: &[&str]| {
        let file = Source {
            path: PathBuf::from("sample.rs"),
            module: module.iter().map(ToString::to_string).collect(),
            text: text.to_owned(),
        };
        let names = ["config", "connector", "job", "store"];
        let mut found: Vec<_> = edges(&file, &names).into_iter().map(|edge| edge.to).collect();
        found.dedup();
        assert_eq!(found, expected, "{text}");
    };
    check(&["store"], "use crate::job::Job;", &["job::Job"]);
    check(
        &["store"],
        "use crate::{store::codec, job::{self, step::Step}};",
        &["job", "job::step::Step"],
    );
    check(
        &["store"],
        "fn f() { let x = crate::job::next(); }",
        &["job::next"],
    );
    check(
        &["store"],
        "fn f() { select! { _ = crate::job::next() => {} } }",
        &["job::next"],
    );
    check(&["store"], "use super::job::Job;", &["job::Job"]);
    check(
        &["connector", "csv"],
        "use super::Page; use super::super::store::Store;",
        &["store::Store"],
    );
    check(&["store"], "use crate::Options;", &["lib::Options"]);
    check(
        &["store"],
        "mod inner { use super::super::job::Job; use super::Table; }",
        &["job::Job"],
    );
    // No edges: itself, comments, texts, other crates, tests.
    check(
        &["store"],
        "use crate::store::Store; use self::codec::Codec; mod codec;",
        &[],
    );
    check(
        &["store"],
        "// crate::job::Job\n/* crate::job */ const A: &str = \"crate::job::Job\";",
        &[],
    );
    check(&["store"], "use shared::job::Job; use redb::store::job;", &[]);
    check(&["store"], "#[cfg(test)] mod tests { use crate::job::Job; }", &[]);
    check(
        &["store"],
        "#[cfg(test)] fn f() {} mod inner { use crate::job::Job; }",
        &["job::Job"],
    );
}

#[test]
fn a_layer_allows_whole_modules_or_single_things_of_them() {
    let layer = Layer {
        modules: &["config"],
        below: &["store", "connector::PLATFORMS"],
    };
    for (to, expected) in [
        ("store::tables::Table", true),
        ("connector::PLATFORMS", true),
        ("connector::PLATFORMS::len", true),
        ("connector::Connector", false),
        ("connector", false),
        ("storekeeper", false),
        ("lib::run", false),
    ] {
        assert_eq!(layer.allows(to), expected, "{to}");
    }
}

impl Layer {
    fn allows(&self, to: &str) -> bool {
        self.modules.iter().chain(self.below).any(|allowed| {
            to.strip_prefix(allowed)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
    }
}

fn hold(package: &str, layers: &[Layer]) {
    let names: Vec<&str> = layers.iter().flat_map(|layer| layer.modules).copied().collect();
    let mut wrong = Vec::new();
    for file in sources(package) {
        let Some(module) = file.module.first() else {
            continue; // lib.rs and main.rs wire everything, so they may know everything
        };
        let Some(layer) = layers
            .iter()
            .find(|layer| layer.modules.contains(&module.as_str()))
        else {
            wrong.push(format!(
                "{}: `{module}` has no layer in tests/architecture.rs yet",
                file.name()
            ));
            continue;
        };
        let edges = edges(&file, &names)
            .into_iter()
            .filter(|edge| !layer.allows(&edge.to));
        wrong.extend(edges.map(|edge| {
            format!(
                "{}:{}: `{module}` must not know `{}`",
                file.name(),
                edge.line,
                edge.to
            )
        }));
    }
    assert!(wrong.is_empty(), "{}", advice(&wrong));
}

fn advice(wrong: &[String]) -> String {
    format!(
        "imports point one way:\n{}\nPass what is needed as an argument or move it down. If the picture itself has \
         changed, change it in tests/architecture.rs and ARCHITECTURE.md.",
        wrong.join("\n")
    )
}

/// One source file and which module it is; `lib.rs` and `main.rs` are the empty path.
struct Source {
    path: PathBuf,
    module: Vec<String>,
    text: String,
}

impl Source {
    fn name(&self) -> String {
        self.path
            .strip_prefix(root())
            .unwrap_or(&self.path)
            .display()
            .to_string()
    }
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The sources of a package, without files of tests.
fn sources(package: &str) -> Vec<Source> {
    let folder = root().join(package).join("src");
    let mut found = Vec::new();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let module = module_of(path.strip_prefix(&folder).expect("it lies below"));
                if module.iter().all(|name| name != "tests") {
                    let text = fs::read_to_string(&path).expect("a source file");
                    found.push(Source { path, module, text });
                }
            }
        }
    }
    assert!(!found.is_empty(), "{package} has sources");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn module_of(file: &Path) -> Vec<String> {
    let without_ending = file.with_extension("");
    let names = without_ending
        .iter()
        .map(|name| name.to_string_lossy().into_owned());
    names
        .filter(|name| !["lib", "main", "mod"].contains(&name.as_str()))
        .collect()
}

/// From a file to something of another top-level module of its package.
struct Edge {
    to: String,
    line: usize,
}

/// The edges out of the file's own top-level module. What is no module of `names` belongs to `lib`.
fn edges(file: &Source, names: &[&str]) -> Vec<Edge> {
    let own = file.module.first().map(String::as_str);
    let found = paths(&file.text).into_iter().filter_map(
        |Found {
             segments,
             inside,
             line,
         }| {
            let mut from: Vec<&str> = file.module.iter().chain(&inside).map(String::as_str).collect();
            let mut rest = segments.iter().map(String::as_str).peekable();
            match rest.next()? {
                "crate" => from.clear(),
                "self" => {}
                "super" => {
                    from.pop();
                }
                _ => return None,
            }
            while rest.next_if_eq(&"super").is_some() {
                from.pop();
            }
            from.extend(rest.filter(|name| *name != "self"));
            let first = *from.first()?;
            match first {
                _ if own == Some(first) => None,
                _ if names.contains(&first) => Some(Edge {
                    to: from.join("::"),
                    line,
                }),
                _ => Some(Edge {
                    to: format!("lib::{}", from.join("::")),
                    line,
                }),
            }
        },
    );
    found.collect()
}

/// A path as it is written.
struct Found {
    segments: Vec<String>,
    /// The modules that are written out around it in the same file.
    inside: Vec<String>,
    line: usize,
}

/// All paths of two segments or more in a source text, those of macros' arguments too; without comments, texts
/// and modules of tests.
fn paths(text: &str) -> Vec<Found> {
    let tokens: TokenStream = text.parse().expect("it compiles, so it has tokens");
    let mut found = Vec::new();
    walk(
        &tokens.into_iter().collect::<Vec<_>>(),
        &mut Vec::new(),
        &mut found,
    );
    found
}

fn walk(tokens: &[TokenTree], inside: &mut Vec<String>, found: &mut Vec<Found>) {
    let mut for_tests = false;
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(_) if is_module_with_body(&tokens[at..]) => {
                if let (TokenTree::Ident(name), TokenTree::Group(body)) = (&tokens[at + 1], &tokens[at + 2])
                    && !for_tests
                {
                    inside.push(name.to_string());
                    walk(&body.stream().into_iter().collect::<Vec<_>>(), inside, found);
                    inside.pop();
                }
                for_tests = false;
                at += 3;
            }
            TokenTree::Ident(_) => at += path(&tokens[at..], &[], inside, found),
            TokenTree::Group(group) => {
                match group.delimiter() {
                    Delimiter::Bracket => {
                        for_tests |= group.stream().to_string().replace(' ', "") == "cfg(test)";
                    }
                    Delimiter::Brace => for_tests = false,
                    Delimiter::Parenthesis | Delimiter::None => {}
                }
                walk(&group.stream().into_iter().collect::<Vec<_>>(), inside, found);
                at += 1;
            }
            TokenTree::Punct(mark) => {
                for_tests &= mark.as_char() != ';';
                at += 1;
            }
            TokenTree::Literal(_) => at += 1,
        }
    }
}

fn is_module_with_body(tokens: &[TokenTree]) -> bool {
    matches!(
        tokens,
        [TokenTree::Ident(word), TokenTree::Ident(_), TokenTree::Group(body), ..]
            if *word == "mod" && body.delimiter() == Delimiter::Brace
    )
}

/// Reads a path that begins at the first of `tokens`; returns how many tokens it took.
fn path(tokens: &[TokenTree], before: &[String], inside: &[String], found: &mut Vec<Found>) -> usize {
    let line = tokens[0].span().start().line;
    let mut segments = before.to_vec();
    let mut at = 0;
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        segments.push(name.to_string());
        at += 1;
        if !is_double_colon(&tokens[at..]) {
            break;
        }
        at += 2;
        if let Some(TokenTree::Group(branches)) = tokens.get(at)
            && branches.delimiter() == Delimiter::Brace
        {
            let branches: Vec<TokenTree> = branches.stream().into_iter().collect();
            let is_comma =
                |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
            for branch in branches.split(is_comma).filter(|branch| !branch.is_empty()) {
                path(branch, &segments, inside, found);
            }
            return at + 1;
        }
    }
    if segments.len() > 1 {
        found.push(Found {
            segments,
            inside: inside.to_vec(),
            line,
        });
    }
    at.max(1)
}

fn is_double_colon(tokens: &[TokenTree]) -> bool {
    matches!(
        tokens,
        [TokenTree::Punct(first), TokenTree::Punct(second), ..] if first.as_char() == ':' && second.as_char() == ':'
    )
}
