//! What comes back after a write is no news: the whole daemon between a product file and the account.

use crate::support::{
    daemon::Daemon,
    shops::csv as sheet,
    stand::{Stand, id},
};
use serde_json::Value;
use std::path::Path;

pub(super) async fn after_a_sync(stand: &mut dyn Stand) {
    let shop = format!(
        "platform = \"{}\"\n[remote]\n{}\n[products]\nclone = true\n",
        stand.platform(),
        stand.remote(stand.server())
    );
    let file = format!("connections/{}.toml", id());
    let daemon = Daemon::start(&[("connections/sheet.toml", &sheet("sheet.csv")), (&file, &shop)]).await;
    let products = catalogue(&daemon.folder().join("config/sheet.csv"));
    let shop = id().to_string();
    let done = async |connection: &str, kind: &str| {
        let job = daemon.run(connection, kind).await;
        assert_eq!(job["status"], "done", "{kind} of {connection}: {job}");
        assert_eq!(job["outcome"]["failed"], 0, "{kind} of {connection}: {job}");
        job
    };
    let read = done("sheet", "sync").await;
    assert_eq!(read["outcome"]["new"], products, "{read}");
    let sent = done(&shop, "send").await;
    assert_eq!(sent["outcome"]["created"], products, "{sent}");
    for time in 0..2 {
        for connection in [shop.as_str(), "sheet"] {
            let path = format!("/api/v1/connections/{connection}/pending");
            let pending = daemon.get(&path).await;
            assert_eq!(
                pending["items"],
                Value::Array(Vec::new()),
                "at {connection}, time {time}: {pending:#}"
            );
            let job = done(connection, "sync").await;
            for what in ["new", "changed", "vanished", "created", "updated"] {
                assert_eq!(
                    job["outcome"][what], 0,
                    "{what} at {connection}, time {time}: {job:#}"
                );
            }
        }
    }
}

/// The shipped catalogue without its pictures, which not every platform takes from a file; how many products it has.
fn catalogue(to: &Path) -> u64 {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/samples/catalogue.csv");
    let mut from = csv::Reader::from_path(shipped).expect("it is shipped");
    let header = from.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|other| other == name).expect(name);
    let (pictures, kind) = (column("Images"), column("Type"));
    let mut into = csv::Writer::from_path(to).expect("a disk");
    into.write_record(&header).expect("a disk");
    let mut products = 0;
    for row in from.records().map(|row| row.expect("a row")) {
        products += u64::from(&row[kind] != "variation");
        let cells = row
            .iter()
            .enumerate()
            .map(|(at, cell)| if at == pictures { "" } else { cell });
        into.write_record(cells).expect("a disk");
    }
    into.flush().expect("a disk");
    products
}
