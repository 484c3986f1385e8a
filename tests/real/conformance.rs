//! The laws of every platform, at a real server.

use crate::{
    server::{Filling, Server},
    support::{
        conformance::{LAWS, Law},
        stand::Stand,
        trouble::IsWrite,
    },
};
use async_trait::async_trait;
use futures_util::FutureExt;
use serde_json::{Value, json};
use shared::{ids::RemoteId, product::Record};
use std::{net::SocketAddr, panic::AssertUnwindSafe, path::Path};
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_server_keeps_every_law() {
    let mut broken = Vec::new();
    for Law { name, holds } in LAWS {
        let mut stand = Shop::open().await;
        let held = AssertUnwindSafe(holds(&mut stand)).catch_unwind().await;
        if held.is_err() {
            broken.push(*name);
        }
    }
    assert!(
        broken.is_empty(),
        "what they said is above:\n{}",
        broken.join("\n")
    );
}

/// A shop with nothing in it, and a clerk who may do what is needed and no more.
struct Shop {
    folder: TempDir,
    server: Server,
    role: Value,
}

const EMPTY: Filling = Filling {
    products: 0,
    orders: 0,
};

const READING: [&str; 3] = ["ReadCatalog", "ReadStockLocation", "ReadOrder"];
const WRITING: [&str; 3] = ["CreateCatalog", "UpdateCatalog", "UpdateOrder"];

impl Shop {
    async fn open() -> Self {
        let server = Server::start(EMPTY).await;
        let permissions = [READING, WRITING].concat();
        let role = json!({ "role": { "code": "clerk", "description": "", "permissions": permissions } });
        let made = server
            .owner(
                "mutation ($role: CreateRoleInput!) { createRole(input: $role) { id } }",
                role,
            )
            .await;
        let role = made["createRole"]["id"].clone();
        let clerk = json!({ "clerk": {
            "firstName": "C", "lastName": "C", "emailAddress": "clerk@shop.example", "password": "password-of-clerk", "roleIds": [role],
        } });
        server
            .owner(
                "mutation ($clerk: CreateAdministratorInput!) { createAdministrator(input: $clerk) { id } }",
                clerk,
            )
            .await;
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            server,
            role,
        }
    }
}

#[async_trait]
impl Stand for Shop {
    fn platform(&self) -> &'static str {
        "vendure"
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn remote(&self, address: Option<SocketAddr>) -> String {
        let address = address.expect("it is spoken to over HTTP");
        format!(
            "url = \"http://{address}\"\nusername = \"clerk@shop.example\"\npassword = \"password-of-clerk\"\npage = 10\n"
        )
    }

    fn server(&self) -> Option<SocketAddr> {
        Some(self.server.address())
    }

    fn writes_products(&self) -> IsWrite {
        // A product is made in steps. Where the answer of another one is lost, the next create goes on with it: that is
        // tested in `changes`.
        |call| call.contains("updateProduct(")
    }

    fn wrong_key(&self) -> Option<String> {
        Some(
            self.remote(self.server())
                .replace("password-of-clerk", "password-of-nobody"),
        )
    }

    async fn forbid_writing(&mut self) {
        let role = json!({ "role": { "id": self.role, "permissions": READING } });
        self.server
            .owner(
                "mutation ($role: UpdateRoleInput!) { updateRole(input: $role) { id } }",
                role,
            )
            .await;
    }

    fn plenty(&self) -> usize {
        25
    }

    async fn remove(&mut self, id: &RemoteId) {
        let id = json!({ "id": id.0.to_string() });
        self.server
            .owner("mutation ($id: ID!) { deleteProduct(id: $id) { result } }", id)
            .await;
    }

    async fn sell(&mut self, product: &Record) -> Option<RemoteId> {
        let variant = product.product.variants[0]
            .remote_id
            .as_ref()
            .expect("it has one");
        Some(self.server.buy(&variant.0, 1).await.into())
    }
}
