//! Product files: one CSV file, or a folder of them, in `WooCommerce`'s or `Shopify`'s own format.
//!
//! A file is read whole and answered in pages from memory, so that a scan sees one state of it. Writes replace the whole
//! file at once, and only the cells that a patch names differ.

mod cells;
mod disk;
mod files;
mod settle;
mod sheet;
mod shopify;
mod watcher;
mod woocommerce;

use super::{
    Answer, Class, Connector, ConnectorError, Context, Create, Find, Page, PageFrom, Platform, RemoteKey,
    RemoteType, Unreadable, Update, http::Download, is_on_the_web,
};
use async_trait::async_trait;
use bytes::Bytes;
use files::Files;
use shared::{
    content::Field,
    ids::RemoteId,
    product::{Patch, Record, StockWrites},
};
use sheet::Sheet;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::watch;
use watcher::Watcher;

pub static PLATFORM: Platform = Platform {
    name: "csv",
    title: "CSV file",
    description: "A product file, or a folder of them, as WooCommerce and Shopify export and import them. Changes that \
                  you save are noticed at once.",
    fields: &Field::PRODUCT,
    stock: StockWrites::Absolute,
    orders: None,
    incremental: false,
    webhook: None,
    remote: &[
        RemoteKey {
            name: "path",
            value: RemoteType::Path,
            default: None,
            required: true,
            description: "A CSV file, or a folder whose *.csv files are read together.",
        },
        RemoteKey {
            name: "format",
            value: RemoteType::Choice(&["auto", "woocommerce", "shopify"]),
            default: Some("auto"),
            required: false,
            description: "Whose columns the file has; auto tells by the header of each file.",
        },
    ],
    connect: |context| Ok(Box::new(CsvConnector::new(&context)?)),
};

/// Each batch rewrites the file, so that large ones pay.
const BATCH: usize = 1000;

#[derive(Debug)]
struct CsvConnector {
    files: Arc<Files>,
    /// Files name pictures by their web addresses, too.
    download: Download,
    watcher: Mutex<Option<Watcher>>,
}

#[async_trait]
impl Connector for CsvConnector {
    async fn page(&self, from: &PageFrom) -> Result<Page, ConnectorError> {
        let cursor = from.cursor.clone();
        self.blocking(move |files| files.page(cursor.as_deref())).await?
    }

    async fn create(&self, batch: &[Create]) -> Vec<Answer> {
        let (count, batch) = (batch.len(), batch.to_vec());
        let answers = self.blocking(move |files| files.create(&batch)).await;
        answers.unwrap_or_else(|error| vec![Answer::Unclear(error); count])
    }

    async fn update(&self, batch: &[Update]) -> Vec<Answer> {
        let (count, batch) = (batch.len(), batch.to_vec());
        let answers = self.blocking(move |files| files.update(&batch)).await;
        answers.unwrap_or_else(|error| vec![Answer::Unclear(error); count])
    }

    async fn find(&self, wanted: &Find) -> Result<Vec<Record>, ConnectorError> {
        let wanted = wanted.clone();
        self.blocking(move |files| files.find(&wanted)).await?
    }

    async fn image(&self, address: &str) -> Result<Bytes, ConnectorError> {
        if is_on_the_web(address) {
            return self.download.picture(address).await;
        }
        let address = address.to_owned();
        self.blocking(move |files| files.image(&address)).await?
    }

    async fn check(&self) -> Result<String, ConnectorError> {
        self.blocking(Files::check).await?
    }

    fn hints(&self) -> Option<watch::Receiver<u64>> {
        let mut watcher = self.watcher.lock().unwrap_or_else(PoisonError::into_inner);
        if watcher.is_none() {
            match Watcher::start(&self.files) {
                Ok(started) => *watcher = Some(started),
                Err(error) => tracing::warn!(
                    path = %self.files.path.display(), %error,
                    "The file cannot be watched, so changes are only noticed by a fetch."
                ),
            }
        }
        watcher.as_ref().map(Watcher::hints)
    }

    fn batch(&self) -> usize {
        BATCH
    }
}

impl CsvConnector {
    fn new(context: &Context) -> Result<Self, ConnectorError> {
        let text = |key: &str| context.remote.get(key).and_then(serde_json::Value::as_str);
        let path = text("path").filter(|path| !path.is_empty());
        let path =
            path.ok_or_else(|| cells::rejected("Set `path` in [remote] to a CSV file or a folder of them."))?;
        let format = match text("format").unwrap_or("auto") {
            "auto" => None,
            "woocommerce" => Some(Format::WooCommerce),
            "shopify" => Some(Format::Shopify),
            other => {
                return Err(cells::rejected(format!(
                    "`format` cannot be “{other}”; use auto, woocommerce or shopify."
                )));
            }
        };
        Ok(Self {
            files: Arc::new(Files::new(PathBuf::from(path), format)),
            download: Download::new(context),
            watcher: Mutex::default(),
        })
    }

    /// Files are read and written on threads that may block.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Files) -> T + Send + 'static,
    ) -> Result<T, ConnectorError> {
        let files = Arc::clone(&self.files);
        let done = tokio::task::spawn_blocking(move || work(&files)).await;
        done.map_err(|error| {
            tracing::error!(%error, "Work on a product file ended before it was done.");
            ConnectorError::new(
                Class::Unavailable,
                "The work on the file ended before it was done. Try again.",
            )
        })
    }
}

/// Whose columns a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    WooCommerce,
    Shopify,
}

/// What a sheet holds.
#[derive(Debug, Default)]
struct Reading {
    products: Vec<Found>,
    unreadable: Vec<Unreadable>,
}

/// A product, and the rows that it was read from.
#[derive(Debug)]
struct Found {
    record: Record,
    /// The row of the product itself.
    head: usize,
    /// The row of each variant, in their order.
    variants: Vec<usize>,
    /// All of them, in the order of the file.
    rows: Vec<usize>,
}

impl Format {
    fn of(sheet: &Sheet) -> Option<Self> {
        if shopify::is_format_of(sheet) {
            Some(Self::Shopify)
        } else if woocommerce::is_format_of(sheet) {
            Some(Self::WooCommerce)
        } else {
            None
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::WooCommerce => "WooCommerce",
            Self::Shopify => "Shopify",
        }
    }

    fn is_format_of(self, sheet: &Sheet) -> bool {
        match self {
            Self::WooCommerce => woocommerce::is_format_of(sheet),
            Self::Shopify => shopify::is_format_of(sheet),
        }
    }

    fn read(self, sheet: &Sheet) -> Reading {
        match self {
            Self::WooCommerce => woocommerce::read(sheet),
            Self::Shopify => shopify::read(sheet),
        }
    }

    fn create(self, sheet: &mut Sheet, batch: &[&Create]) -> Vec<Result<RemoteId, ConnectorError>> {
        match self {
            Self::WooCommerce => woocommerce::create(sheet, batch),
            Self::Shopify => shopify::create(sheet, batch),
        }
    }

    fn update(self, sheet: &mut Sheet, found: &Found, patch: &Patch) -> Result<RemoteId, ConnectorError> {
        match self {
            Self::WooCommerce => woocommerce::update(sheet, found, patch),
            Self::Shopify => shopify::update(sheet, found, patch),
        }
    }

    /// A file with nothing in it yet; spreadsheets tell by the byte-order mark that it is UTF-8.
    fn new_file(self) -> Vec<u8> {
        let header = match self {
            Self::WooCommerce => woocommerce::HEADER,
            Self::Shopify => shopify::HEADER,
        };
        format!("\u{feff}{header}").into_bytes()
    }
}

/// The row of a variant.
fn variant_row(found: &Found, remote_id: Option<&RemoteId>) -> Result<usize, ConnectorError> {
    let variants = &found.record.product.variants;
    let index = variants
        .iter()
        .position(|variant| variant.remote_id.as_ref() == remote_id);
    index.map(|index| found.variants[index]).ok_or_else(|| {
        let variant = remote_id.map_or_else(|| "without options".to_owned(), ToString::to_string);
        ConnectorError::new(
            Class::Missing,
            format!(
                "The product {} has no variant {variant} any more.",
                found.record.remote_id
            ),
        )
    })
}

/// The id of a variant that only its options tell from others.
fn options_id(options: &BTreeMap<String, String>) -> RemoteId {
    let options: Vec<_> = options
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    RemoteId::from(format!("options:{}", options.join(" / ")))
}

#[cfg(test)]
mod tests;
