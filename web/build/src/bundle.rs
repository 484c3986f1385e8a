//! The console's files as the daemon embeds them: named by their content, so that browsers may keep them for
//! ever, and compressed once, here.

use crate::{Effort, Error, at};
use std::{fmt::Write as _, fs, io::Write as _, path::Path};
use xxhash_rust::xxh3::xxh3_64;

/// The one file that keeps its name; it is what leads to all others.
const PAGE: &str = "index.html";

/// A file of the console. Where it needs the address of another it says that one's name in braces:
/// `href="{style.css}"`.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// A file whose content and address are settled.
#[derive(Debug)]
struct Named {
    name: String,
    address: String,
    hash: String,
    bytes: Vec<u8>,
}

/// Writes `files`, compressed, and `assets.rs` to `out`. Returns a line a file.
pub(crate) fn write(files: Vec<File>, out: &Path, effort: Effort) -> Result<Vec<String>, Error> {
    if out.exists() {
        at(out, fs::remove_dir_all(out))?;
    }
    at(out, fs::create_dir_all(out))?;
    let mut table = String::from("static ASSETS: &[Asset] = &[\n");
    let mut report = Vec::new();
    for file in settle(files)? {
        let (brotli, gzip) = (brotli(&file.bytes, effort), gzip(&file.bytes, effort));
        report.push(format!(
            "console: {}: {} bytes, gzip {}, brotli {}",
            file.address,
            file.bytes.len(),
            gzip.len(),
            brotli.len()
        ));
        let paths = [("br", &brotli), ("gz", &gzip)].map(|(ending, bytes)| {
            let path = out.join(format!("{}.{ending}", file.name));
            at(&path, fs::write(&path, bytes)).map(|()| path.display().to_string())
        });
        let [brotli, gzip] = paths;
        writeln!(
            table,
            "    Asset {{ path: {:?}, media_type: {:?}, etag: {:?}, keep: Keep::{}, \
             brotli: include_bytes!({:?}), gzip: include_bytes!({:?}) }},",
            file.address,
            media_type(&file.name)?,
            // Weak, because one tag stands for the compressed and the plain bytes.
            format!("W/\"{}\"", file.hash),
            if file.name == PAGE { "Asking" } else { "ForEver" },
            brotli?,
            gzip?,
        )
        .expect("a String takes everything");
    }
    table += "];\n";
    let path = out.join("assets.rs");
    at(&path, fs::write(&path, table))?;
    Ok(report)
}

/// Gives every file its address and puts the addresses where files name each other; so a file is settled after
/// all that it names.
fn settle(mut files: Vec<File>) -> Result<Vec<Named>, Error> {
    let mut settled: Vec<Named> = Vec::new();
    while !files.is_empty() {
        let next = files
            .iter()
            .position(|file| !files.iter().any(|other| mentions(&file.bytes, &other.name)));
        let Some(next) = next else {
            let names: Vec<_> = files.into_iter().map(|file| file.name).collect();
            return Err(Error::Circle {
                names: names.join(", "),
            });
        };
        let File { name, bytes } = files.remove(next);
        let bytes = fill_in(bytes, &settled);
        let hash = format!("{:016x}", xxh3_64(&bytes));
        let address = if name == PAGE {
            format!("/{PAGE}")
        } else {
            hashed(&name, &hash)
        };
        settled.push(Named {
            name,
            address,
            hash,
            bytes,
        });
    }
    all_names_known(&settled)?;
    Ok(settled)
}

fn placeholder(name: &str) -> String {
    format!("{{{name}}}")
}

fn mentions(bytes: &[u8], name: &str) -> bool {
    let wanted = placeholder(name);
    bytes
        .windows(wanted.len())
        .any(|window| window == wanted.as_bytes())
}

fn fill_in(bytes: Vec<u8>, settled: &[Named]) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) => settled
            .iter()
            .fold(text, |text, file| {
                text.replace(&placeholder(&file.name), &file.address)
            })
            .into_bytes(),
        // Pictures, fonts and wasm name nobody.
        Err(binary) => binary.into_bytes(),
    }
}

/// The page has no other use for a name in braces, so one that is left over is a slip of the pen.
fn all_names_known(settled: &[Named]) -> Result<(), Error> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let page = settled.iter().find(|file| file.name == PAGE);
    let text = page
        .map(|page| String::from_utf8_lossy(&page.bytes))
        .unwrap_or_default();
    let left_over = text.split('{').skip(1).find_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        (!name.is_empty() && name.chars().all(is_name)).then(|| name.to_owned())
    });
    match left_over {
        None => Ok(()),
        Some(name) => {
            let known: Vec<_> = settled.iter().map(|file| file.name.as_str()).collect();
            Err(Error::UnknownName {
                page: PAGE.to_owned(),
                name,
                known: known.join(", "),
            })
        }
    }
}

fn hashed(name: &str, hash: &str) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "bin"));
    format!("/assets/{stem}-{hash}.{ending}")
}

fn media_type(name: &str) -> Result<&'static str, Error> {
    Ok(match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => {
            return Err(Error::UnknownKind {
                name: name.to_owned(),
            });
        }
    })
}

fn brotli(bytes: &[u8], effort: Effort) -> Vec<u8> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: if effort == Effort::Small { 11 } else { 5 },
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters).expect("memory takes everything");
    compressed
}

fn gzip(bytes: &[u8], effort: Effort) -> Vec<u8> {
    let level = if effort == Effort::Small { 9 } else { 5 };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    fn text_of<'a>(files: &'a [Named], name: &str) -> &'a str {
        let file = files.iter().find(|file| file.name == name).expect("it was given");
        std::str::from_utf8(&file.bytes).expect("text")
    }

    #[test]
    fn files_name_each_other_by_addresses_that_follow_the_content() {
        let with_style = |style: &str| {
            settle(vec![
                file(
                    "index.html",
                    "<script src={start.js}></script><link href={style.css}>",
                ),
                file("start.js", "import a from '{web.js}'"),
                file("web.js", "{ok: true}"),
                file("style.css", style),
            ])
            .expect("all names are known")
        };
        let (before, after) = (with_style("a{}"), with_style("b{}"));
        let address = |files: &[Named], name: &str| {
            files
                .iter()
                .find(|file| file.name == name)
                .expect("it was given")
                .address
                .clone()
        };
        assert!(text_of(&before, "start.js").contains(&address(&before, "web.js")));
        assert!(text_of(&before, "index.html").contains(&address(&before, "start.js")));
        assert_eq!(address(&before, "index.html"), "/index.html");
        assert_eq!(
            address(&before, "start.js"),
            address(&after, "start.js"),
            "its content stayed"
        );
        assert_ne!(
            address(&before, "style.css"),
            address(&after, "style.css"),
            "its content changed"
        );
    }

    #[test]
    fn a_name_that_is_no_file_is_refused_with_those_that_are() {
        let refused = settle(vec![
            file("index.html", "<link href={stlye.css}>"),
            file("style.css", ""),
        ]);
        let message = refused.expect_err("no such file").to_string();
        assert!(
            message.contains("{stlye.css}") && message.contains("style.css"),
            "{message}"
        );
    }

    #[test]
    fn files_that_name_each_other_in_a_circle_are_refused() {
        let refused = settle(vec![file("a.js", "{b.js}"), file("b.js", "{a.js}")]);
        assert!(matches!(refused, Err(Error::Circle { .. })), "{refused:?}");
    }

    #[test]
    fn what_is_written_unpacks_to_what_was_given() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        let css = "p { color: red }".repeat(100);
        write(vec![file("style.css", &css)], &out, Effort::Small).expect("written");
        let read = |ending: &str| fs::read(out.join(format!("style.css.{ending}"))).expect("written");
        let (mut from_brotli, mut from_gzip) = (Vec::new(), Vec::new());
        brotli::BrotliDecompress(&mut &read("br")[..], &mut from_brotli).expect("brotli");
        flate2::write::GzDecoder::new(&mut from_gzip)
            .write_all(&read("gz"))
            .expect("gzip");
        assert_eq!(from_brotli, css.as_bytes());
        assert_eq!(from_gzip, css.as_bytes());
        let table = fs::read_to_string(out.join("assets.rs")).expect("written");
        assert!(
            table.contains("keep: Keep::ForEver") && table.contains("text/css"),
            "{table}"
        );
    }
}
