//! What an owner is told who looks whether a connection works.

use crate::{
    catalogue::SMALL,
    server::Server,
    shop::{connect, connect_by, remote},
};
use daemon::connector::Class;
use serde_json::{Value, json};

#[tokio::test]
async fn a_check_tells_what_is_wrong() {
    let server = Server::start(SMALL).await;
    let check = async |more: Value, class: Class, words: &[&str]| {
        let checked = match connect_by(remote(&server, more.clone())) {
            Ok(shop) => shop.connector.check().await,
            Err(error) => Err(error),
        };
        let error = checked.expect_err("something is wrong");
        assert_eq!(error.class, class, "{more}: {error}");
        for word in words {
            assert!(error.message.contains(word), "{more}: {error}");
        }
        assert!(!error.message.contains("superadmin"), "{error}");
    };
    let fine = connect(&server, json!({})).connector.check().await.unwrap();
    assert_eq!(
        fine,
        "A Vendure shop with 12 products and 6 orders; prices are in USD."
    );
    check(
        json!({ "password": "wrong" }),
        Class::Auth,
        &["`username` and `password`"],
    )
    .await;
    check(
        json!({ "password": null }),
        Class::Rejected,
        &["`password` is missing"],
    )
    .await;
    check(
        json!({ "channel": "nowhere" }),
        Class::Auth,
        &["`nowhere`", "__default_channel__"],
    )
    .await;
    check(json!({ "currency": "MXN" }), Class::Auth, &["MXN", "USD, EUR"]).await;
    check(
        json!({ "custom_fields": { "barcode": "isbn" } }),
        Class::Auth,
        &["`isbn`", "barcode"],
    )
    .await;
    check(
        json!({ "url": format!("{}/nothing", server.url()) }),
        Class::Protocol,
        &["`url`"],
    )
    .await;
    check(
        json!({ "url": "http://127.0.0.1:9" }),
        Class::Unavailable,
        &["127.0.0.1:9"],
    )
    .await;
    let limited = "mutation ($role: CreateRoleInput!) { createRole(input: $role) { id } }";
    let role = json!({ "role": { "code": "clerk", "description": "", "permissions": ["ReadOrder"] } });
    let role = server.owner(limited, role).await["createRole"]["id"].clone();
    let clerk = json!({ "input": { "firstName": "C", "lastName": "C", "emailAddress": "clerk", "password": "clerk-password", "roleIds": [role] } });
    server
        .owner(
            "mutation ($input: CreateAdministratorInput!) { createAdministrator(input: $input) { id } }",
            clerk,
        )
        .await;
    let clerk = json!({ "username": "clerk", "password": "clerk-password" });
    check(clerk, Class::Auth, &["permission", "ReadCatalog", "UpdateOrder"]).await;
}

#[tokio::test]
async fn a_session_that_ended_is_renewed_and_an_api_key_works_too() {
    let server = Server::start(SMALL).await;
    let shop = connect(&server, json!({}));
    assert_eq!(shop.all().await.len(), 12);
    // Everybody is logged out when the password is changed.
    let change = "mutation ($input: UpdateActiveAdministratorInput!) { updateActiveAdministrator(input: $input) { id } }";
    server
        .ask(change, json!({ "input": { "password": "superadmin" } }))
        .await;
    assert_eq!(shop.all().await.len(), 12);
    let mut server = server;
    server.log_in().await;
    let roles = server.owner("{ roles { items { id code } } }", json!({})).await;
    let role = roles["roles"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|role| role["code"] == "__super_admin_role__");
    let key = json!({ "input": { "roleIds": [role.unwrap()["id"]], "translations": [{ "languageCode": "en", "name": "sync" }] } });
    let made = server
        .owner(
            "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey } }",
            key,
        )
        .await;
    let key = json!({ "username": null, "password": null, "api_key": made["createApiKey"]["apiKey"] });
    let shop = connect(&server, key);
    assert_eq!(shop.all().await.len(), 12);
}
