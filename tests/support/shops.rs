//! Shops and files that tests connect.

use super::daemon::Daemon;
use daemon::{clock::Clock, connector::demo::Shop};
use shared::ids::ConnectionId;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The settings of a demo shop that begins with so many products and answers at once.
pub(crate) fn demo(products: u64) -> String {
    format!(
        "platform = \"demo\"\n[remote]\nproducts = {products}\nlatency = \"0ms\"\n[products]\nclone = true\n"
    )
}

/// The settings of a spreadsheet in a file of the config folder.
pub(crate) fn csv(file: &str) -> String {
    format!("platform = \"csv\"\n[remote]\npath = \"{file}\"\n")
}

/// The memory of a demo shop, which it shares with the running daemon.
pub(crate) fn shop(daemon: &Daemon, connection: &str) -> Shop {
    let id = ConnectionId::parse(connection).expect("an id");
    Shop::open(&daemon.folder().join("data"), &id, Clock::system()).expect("the shop was founded")
}

/// What a shop itself shows as the price of each SKU, with two decimals.
pub(crate) fn prices_of(shop: &mut Shop) -> BTreeMap<String, String> {
    let records = shop.products().expect("its products");
    let variants = records.into_iter().flat_map(|record| record.product.variants);
    let priced = variants.filter_map(|variant| Some((variant.sku, format!("{:.2}", variant.price?.0))));
    priced.collect()
}

/// A copy whose pictures on the web are at an address that nobody calls: tests ask nothing of other machines.
pub(crate) fn copy_catalogue(from: &Path, to: &Path) {
    let text = fs::read_to_string(from).expect("a catalogue");
    fs::write(to, text.replace("https://", "http://127.0.0.1:9/")).expect("a disk");
}

/// The catalogue that is shipped, and WooCommerce's own sample where it lies beside the project.
pub(crate) fn sample_catalogues() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace");
    let shipped = root.join("config/samples/catalogue.csv");
    let above = root
        .ancestors()
        .map(|folder| folder.join("shared/data/woocommerce-sample-products.csv"));
    above
        .filter(|path| path.is_file())
        .take(1)
        .chain([shipped])
        .collect()
}
