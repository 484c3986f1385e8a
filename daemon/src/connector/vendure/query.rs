//! The operations of the Admin API that are used, as text.

use super::{client::Operation, shop::Shop};

pub(super) const SHOP: Operation<'static> = Operation {
    name: "shop",
    text: "query {
  activeChannel {
    code token defaultLanguageCode defaultCurrencyCode availableCurrencyCodes trackInventory
  }
  globalSettings {
    trackInventory
    serverConfig {
      moneyStrategyPrecision
      orderProcess { name to }
      entityCustomFields { entityName customFields { ... on CustomField { name type list readonly } } }
    }
  }
  stockLocations(options: { sort: { id: ASC } }) { items { id name } }
  facets { items { id code name values { id name } } }
}",
};

pub(super) const COUNTS: Operation<'static> = Operation {
    name: "counts",
    text: "query {
  products(options: { take: 1 }) { totalItems }
  orders(options: { take: 1, filter: { orderPlacedAt: { isNull: false } } }) { totalItems }
}",
};

/// Products, by what `$options` says.
pub(super) fn products(shop: &Shop) -> String {
    format!(
        "query ($options: ProductListOptions) {{
  products(options: $options) {{
    totalItems
    items {{
      id updatedAt languageCode name slug description enabled
      featuredAsset {{ id source }} assets {{ id source }} facetValues {{ id }} optionGroups {{ id name }}{}
    }}
  }}
}}",
        selected(&shop.fields.product_names())
    )
}

/// Variants, by what `$options` says.
///
/// `price` is not asked for: where one of them has none in the channel's currency, nothing at all would be answered.
pub(super) fn variants(shop: &Shop) -> String {
    format!(
        "query ($options: ProductVariantListOptions) {{
  productVariants(options: $options) {{
    totalItems
    items {{
      id productId updatedAt sku trackInventory prices {{ price currencyCode }}
      stockLevels {{ stockLocationId stockOnHand stockAllocated }} options {{ name groupId }} assets {{ id source }}{}
    }}
  }}
}}",
        selected(&shop.fields.variant_names())
    )
}

fn selected(custom_fields: &[&str]) -> String {
    if custom_fields.is_empty() {
        String::new()
    } else {
        format!(" customFields {{ {} }}", custom_fields.join(" "))
    }
}

/// Products that changed, by their ids only.
pub(super) const CHANGED_PRODUCTS: Operation<'static> = Operation {
    name: "changed products",
    text: "query ($options: ProductListOptions) { list: products(options: $options) { totalItems items { id } } }",
};

/// Variants that changed, by the ids of their products.
pub(super) const CHANGED_VARIANTS: Operation<'static> = Operation {
    name: "changed variants",
    text: "query ($options: ProductVariantListOptions) {
  list: productVariants(options: $options) { totalItems items { id productId } }
}",
};

/// What is in stock, of everything: a sale does not make its variant count as changed.
pub(super) const STOCK: Operation<'static> = Operation {
    name: "stock",
    text: "query ($options: ProductVariantListOptions) {
  list: productVariants(options: $options) {
    totalItems
    items { id productId stockLevels { stockLocationId stockOnHand stockAllocated } }
  }
}",
};

/// Products of a slug, with what of them is there already.
pub(super) const BY_SLUG: Operation<'static> = Operation {
    name: "by slug",
    text: "query ($slugs: [String!]) {
  products(options: { filter: { slug: { in: $slugs } } }) { items { id slug } }
}",
};

pub(super) const CREATE_PRODUCT: Operation<'static> = Operation {
    name: "create product",
    text: "mutation ($input: CreateProductInput!) { createProduct(input: $input) { id } }",
};

pub(super) const UPDATE_PRODUCT: Operation<'static> = Operation {
    name: "update product",
    text: "mutation ($input: UpdateProductInput!) { updateProduct(input: $input) { id } }",
};

pub(super) const CREATE_VARIANTS: Operation<'static> = Operation {
    name: "create variants",
    text: "mutation ($input: [CreateProductVariantInput!]!) { createProductVariants(input: $input) { id } }",
};

pub(super) const UPDATE_VARIANTS: Operation<'static> = Operation {
    name: "update variants",
    text: "mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }",
};

pub(super) const OPTION_GROUPS: Operation<'static> = Operation {
    name: "option groups",
    text: "query ($id: ID!) { product(id: $id) { optionGroups { id name options { id name } } } }",
};

pub(super) const CREATE_OPTION_GROUP: Operation<'static> = Operation {
    name: "create option group",
    text: "mutation ($input: CreateProductOptionGroupInput!) {
  createProductOptionGroup(input: $input) { id name options { id name } }
}",
};

pub(super) const ADD_OPTION_GROUP: Operation<'static> = Operation {
    name: "add option group",
    text: "mutation ($product: ID!, $group: ID!) { addOptionGroupToProduct(productId: $product, optionGroupId: $group) { id } }",
};

pub(super) const CREATE_OPTION: Operation<'static> = Operation {
    name: "create option",
    text: "mutation ($input: CreateProductOptionInput!) { createProductOption(input: $input) { id name } }",
};

pub(super) const CREATE_FACET: Operation<'static> = Operation {
    name: "create facet",
    text: "mutation ($input: CreateFacetInput!) { createFacet(input: $input) { id code name values { id name } } }",
};

pub(super) const CREATE_FACET_VALUES: Operation<'static> = Operation {
    name: "create facet values",
    text: "mutation ($input: [CreateFacetValueInput!]!) { createFacetValues(input: $input) { id name } }",
};

pub(super) const ASSETS_BY_NAME: Operation<'static> = Operation {
    name: "assets by name",
    text: "query ($names: [String!]) { assets(options: { filter: { name: { in: $names } } }) { items { id name source } } }",
};

pub(super) const CREATE_ASSETS: Operation<'static> = Operation {
    name: "create assets",
    text: "mutation ($input: [CreateAssetInput!]!) {
  createAssets(input: $input) { ... on Asset { id name source } ... on ErrorResult { errorCode message } }
}",
};

/// Orders, by what `$options` says.
pub(super) const ORDERS: Operation<'static> = Operation {
    name: "orders",
    text: "query ($options: OrderListOptions) {
  orders(options: $options) {
    totalItems
    items {
      id code state updatedAt orderPlacedAt currencyCode
      customer { firstName lastName emailAddress phoneNumber }
      shippingAddress { ...address } billingAddress { ...address }
      lines {
        id quantity orderPlacedQuantity unitPrice linePrice lineTax proratedLinePriceWithTax
        productVariant { id productId sku name }
      }
      surcharges { id description sku price priceWithTax }
      subTotal shipping total totalWithTax
      payments { id method amount state transactionId createdAt refunds { total state } }
      fulfillments { id state method trackingCode createdAt lines { orderLineId quantity } }
      history(options: { take: 1, sort: { createdAt: DESC }, filter: { type: { eq: \"ORDER_NOTE\" } } }) { items { data } }
    }
  }
}
fragment address on OrderAddress {
  fullName company streetLine1 streetLine2 city province postalCode countryCode phoneNumber
}",
};

pub(super) const FULFIL: Operation<'static> = Operation {
    name: "fulfil",
    text: "mutation ($input: FulfillOrderInput!) {
  result: addFulfillmentToOrder(input: $input) { ... on Fulfillment { id } ... on ErrorResult { errorCode message } }
}",
};

pub(super) const MOVE_FULFILMENT: Operation<'static> = Operation {
    name: "move fulfilment",
    text: "mutation ($id: ID!, $state: String!) {
  result: transitionFulfillmentToState(id: $id, state: $state) {
    ... on Fulfillment { id }
    ... on ErrorResult { errorCode message }
    ... on FulfillmentStateTransitionError { transitionError }
  }
}",
};

pub(super) const MOVE_ORDER: Operation<'static> = Operation {
    name: "move order",
    text: "mutation ($id: ID!, $state: String!) {
  result: transitionOrderToState(id: $id, state: $state) {
    ... on Order { id }
    ... on ErrorResult { errorCode message }
    ... on OrderStateTransitionError { transitionError }
  }
}",
};

pub(super) const SETTLE: Operation<'static> = Operation {
    name: "settle payment",
    text: "mutation ($id: ID!) {
  result: settlePayment(id: $id) { ... on Payment { id } ... on ErrorResult { errorCode message } }
}",
};

pub(super) const CANCEL: Operation<'static> = Operation {
    name: "cancel order",
    text: "mutation ($input: CancelOrderInput!) {
  result: cancelOrder(input: $input) { ... on Order { id } ... on ErrorResult { errorCode message } }
}",
};

pub(super) const NOTE: Operation<'static> = Operation {
    name: "note",
    text: "mutation ($input: AddNoteToOrderInput!) { result: addNoteToOrder(input: $input) { id } }",
};
