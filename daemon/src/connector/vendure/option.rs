//! Option groups and their options, made where a variant needs one that is not there.

use super::{
    super::{Class, ConnectorError, http::Failure},
    client::Client,
    facet::code_of,
    query,
    shapes::{NamedOption, OptionGroup},
    shop::Shop,
};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// The option groups of one product, with all their options.
pub(super) struct Groups<'a> {
    client: &'a Client,
    shop: &'a Shop,
    product: &'a str,
    known: Vec<OptionGroup>,
}

#[derive(Deserialize)]
struct Answer {
    product: Option<OfProduct>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfProduct {
    option_groups: Vec<OptionGroup>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedGroup {
    create_product_option_group: OptionGroup,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreatedOption {
    create_product_option: NamedOption,
}

impl<'a> Groups<'a> {
    pub(super) async fn of(
        client: &'a Client,
        shop: &'a Shop,
        product: &'a str,
    ) -> Result<Self, ConnectorError> {
        let Answer { product: found } = client
            .read(query::OPTION_GROUPS, json!({ "id": product }))
            .await?;
        let OfProduct { option_groups } = found.ok_or_else(|| {
            ConnectorError::new(
                Class::Missing,
                format!("Product {product} is not in Vendure any more."),
            )
        })?;
        Ok(Self {
            client,
            shop,
            product,
            known: option_groups,
        })
    }

    /// The ids of these options (names of groups, and of one option in each), of which those that are missing are made.
    pub(super) async fn ids(&mut self, options: &BTreeMap<String, String>) -> Result<Vec<String>, Failure> {
        let mut ids = Vec::with_capacity(options.len());
        for (group, option) in options.iter().filter(|(_, option)| !option.trim().is_empty()) {
            let at = match self.known.iter().position(|known| known.name == *group) {
                Some(at) => at,
                None => self.create_group(group).await?,
            };
            let known = self.known[at].options.iter().find(|known| known.name == *option);
            let id = match known {
                Some(known) => known.id.clone(),
                None => self.create_option(at, option).await?,
            };
            ids.push(id);
        }
        Ok(ids)
    }

    async fn create_group(&mut self, name: &str) -> Result<usize, Failure> {
        let input = json!({
            "code": code_of(name), "options": [],
            "translations": [{ "languageCode": self.shop.language, "name": name }],
        });
        let CreatedGroup {
            create_product_option_group: group,
        } = self
            .client
            .write(query::CREATE_OPTION_GROUP, json!({ "input": input }))
            .await?;
        let joined = json!({ "product": self.product, "group": group.id });
        let _: serde_json::Value = self.client.write(query::ADD_OPTION_GROUP, joined).await?;
        self.known.push(group);
        Ok(self.known.len() - 1)
    }

    async fn create_option(&mut self, at: usize, name: &str) -> Result<String, Failure> {
        let group = &mut self.known[at];
        let input = json!({
            "productOptionGroupId": group.id, "code": code_of(name),
            "translations": [{ "languageCode": self.shop.language, "name": name }],
        });
        let CreatedOption {
            create_product_option: option,
        } = self
            .client
            .write(query::CREATE_OPTION, json!({ "input": input }))
            .await?;
        let id = option.id.clone();
        group.options.push(option);
        Ok(id)
    }
}
