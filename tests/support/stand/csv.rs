use super::Stand;
use async_trait::async_trait;
use shared::{ids::RemoteId, product::Record};
use std::{fs, net::SocketAddr, path::Path};
use tempfile::TempDir;

/// A product file in WooCommerce's format, with no product in it yet.
pub(super) struct Files {
    folder: TempDir,
}

/// As somebody begins a file by hand.
const HEADER: &str = "ID,Type,SKU,Name,Published,Description,Stock,Weight (kg),Sale price,Regular price,Categories,Tags,\
                      Images,Parent,Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s),Brands,\
                      \"GTIN, UPC, EAN, or ISBN\",Meta: _click2sync_token";

impl Files {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("products.csv"), format!("{HEADER}\n")).expect("a disk");
        Self { folder }
    }
}

#[async_trait]
impl Stand for Files {
    fn platform(&self) -> &'static str {
        "csv"
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn remote(&self, _: Option<SocketAddr>) -> String {
        format!(
            "path = \"{}/products.csv\"
format = \"woocommerce\"
",
            self.folder().display()
        )
    }

    fn plenty(&self) -> usize {
        1100
    }

    async fn remove(&mut self, id: &RemoteId) {
        let file = self.folder().join("products.csv");
        let before = fs::read(&file).expect("it was written");
        let mut rows = csv::Reader::from_reader(before.as_slice());
        let header = rows.headers().expect("a header").clone();
        let column = header.iter().position(|name| name.ends_with("ID")).expect("ids");
        let mut after = csv::Writer::from_writer(Vec::new());
        after.write_record(&header).expect("memory");
        let rows: Vec<_> = rows
            .records()
            .map(|row| row.expect("the connector wrote it"))
            .collect();
        let (gone, stay): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row[column] == id.0);
        assert_eq!(gone.len(), 1, "{id}");
        for row in stay {
            after.write_record(row).expect("memory");
        }
        let after = after.into_inner().expect("memory");
        fs::write(&file, after).expect("a disk");
    }

    async fn sell(&mut self, _: &Record) -> Option<RemoteId> {
        None
    }
}
