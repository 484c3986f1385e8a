// What the shop sells and sold when a test begins: written through its own APIs, as an owner and as buyers.
'use strict';

const zlib = require('node:zlib');

// Without these no order works: there would be no tax, no country and no way to ship or pay.
exports.initialData = {
  defaultLanguage: 'en',
  defaultZone: 'Europe',
  countries: [
    { name: 'Germany', code: 'DE', zone: 'Europe' },
    { name: 'Spain', code: 'ES', zone: 'Europe' },
    { name: 'Mexico', code: 'MX', zone: 'Americas' },
  ],
  taxRates: [{ name: 'Standard Tax', percentage: 19 }],
  shippingMethods: [{ name: 'Standard Shipping', price: 500 }],
  paymentMethods: [
    {
      name: 'Invoice',
      handler: { code: 'dummy-payment-handler', arguments: [{ name: 'automaticSettle', value: 'false' }] },
    },
  ],
  collections: [],
};

const COLORS = ['Red', 'Blue'];
const SIZES = ['S', 'M'];

// `products` of them, every third with four variants, and `orders` of those.
exports.fill = async (address, { products, orders }) => {
  if (products === 0) return;
  const owner = await Client.owner(`${address}/admin-api`);
  const shop = await prepare(owner);
  const variants = [];
  for (let number = 1; number <= products; number += 1) {
    const made = await product(owner, shop, number);
    if (isEnabled(number)) variants.push(...made);
  }
  for (let number = 1; number <= orders; number += 1) {
    await order(address, owner, variants[(number * 7) % variants.length], number);
  }
};

// Every tenth is not shown to buyers.
const isEnabled = number => number % 10 !== 0;

async function prepare(owner) {
  const { activeChannel, stockLocations } = await owner.ask(
    '{ activeChannel { id } stockLocations { items { id } } }'
  );
  await owner.ask(
    `mutation($input: UpdateChannelInput!) { updateChannel(input: $input) { ... on ErrorResult { errorCode } } }`,
    { input: { id: activeChannel.id, availableCurrencyCodes: ['USD', 'EUR'], pricesIncludeTax: true } }
  );
  const { createStockLocation } = await owner.ask(
    'mutation { createStockLocation(input: { name: "Outlet" }) { id } }'
  );
  const facets = {};
  for (const [code, values] of [
    ['category', ['Shirts', 'Mugs', 'Caps']],
    ['tags', ['new', 'gift']],
    ['material', ['Cotton', 'Steel']],
  ]) {
    const { createFacet } = await owner.ask(
      'mutation($input: CreateFacetInput!) { createFacet(input: $input) { values { id } } }',
      {
        input: {
          code,
          isPrivate: false,
          translations: [{ languageCode: 'en', name: code[0].toUpperCase() + code.slice(1) }],
          values: values.map(name => ({
            code: name.toLowerCase(),
            translations: [{ languageCode: 'en', name }],
          })),
        },
      }
    );
    facets[code] = createFacet.values.map(value => value.id);
  }
  return { locations: [stockLocations.items[0].id, createStockLocation.id], facets };
}

async function product(owner, shop, number) {
  const name = `Thing ${number}`;
  const { createAssets } = await owner.upload(picture(number), `thing-${number}.png`);
  const pick = list => list[number % list.length];
  const { createProduct } = await owner.ask(
    'mutation($input: CreateProductInput!) { createProduct(input: $input) { id } }',
    {
      input: {
        enabled: isEnabled(number),
        assetIds: [createAssets[0].id],
        featuredAssetId: createAssets[0].id,
        facetValueIds: Object.values(shop.facets).map(pick),
        translations: [
          { languageCode: 'en', name, slug: `thing-${number}`, description: `<p>All about ${name}.</p>` },
          { languageCode: 'de', name: `Ding ${number}`, slug: `ding-${number}`, description: '' },
        ],
        customFields: { brand: pick(['Acme', 'Umbrella']) },
      },
    }
  );
  const choices = number % 3 === 0 ? await optionsOf(owner, createProduct.id, number) : [[]];
  const { createProductVariants } = await owner.ask(
    'mutation($input: [CreateProductVariantInput!]!) { createProductVariants(input: $input) { id } }',
    {
      input: choices.map((optionIds, at) => ({
        productId: createProduct.id,
        sku: `THING-${number}${at ? `-${at}` : ''}`,
        price: 1000 + number * 10 + at,
        optionIds,
        translations: [{ languageCode: 'en', name }],
        stockLevels: shop.locations.map((stockLocationId, location) => ({
          stockLocationId,
          stockOnHand: 20 + ((number + at) % 30) - location * 10,
        })),
        customFields: { barcode: gtin(number * 10 + at), weight: 0.25 },
      })),
    }
  );
  await owner.ask(
    'mutation($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }',
    {
      input: createProductVariants.map(({ id }, at) => ({
        id,
        prices: [{ currencyCode: 'EUR', price: 900 + number * 10 + at }],
      })),
    }
  );
  return createProductVariants.map(({ id }) => id);
}

async function optionsOf(owner, productId, number) {
  const groups = [];
  for (const [name, values] of [['Color', COLORS], ['Size', SIZES]]) {
    const { createProductOptionGroup } = await owner.ask(
      'mutation($input: CreateProductOptionGroupInput!) { createProductOptionGroup(input: $input) { id options { id } } }',
      {
        input: {
          code: `thing-${number}-${name.toLowerCase()}`,
          translations: [{ languageCode: 'en', name }],
          options: values.map(value => ({
            code: `thing-${number}-${value.toLowerCase()}`,
            translations: [{ languageCode: 'en', name: value }],
          })),
        },
      }
    );
    await owner.ask('mutation($p: ID!, $g: ID!) { addOptionGroupToProduct(productId: $p, optionGroupId: $g) { id } }', {
      p: productId,
      g: createProductOptionGroup.id,
    });
    groups.push(createProductOptionGroup.options.map(option => option.id));
  }
  const [colors, sizes] = groups;
  return colors.flatMap(color => sizes.map(size => [color, size]));
}

// A guest buys two of a variant; every second order is paid, the others are authorized.
async function order(address, owner, variant, number) {
  const guest = new Client(`${address}/shop-api`);
  const shipping = {
    fullName: `Buyer ${number}`,
    streetLine1: 'Main Street 1',
    city: 'Town',
    postalCode: '12345',
    countryCode: 'DE',
  };
  await guest.ask('mutation($id: ID!) { addItemToOrder(productVariantId: $id, quantity: 2) { __typename } }', {
    id: variant,
  });
  await guest.ask(
    'mutation($input: CreateCustomerInput!) { setCustomerForOrder(input: $input) { __typename } }',
    { input: { firstName: 'Buyer', lastName: String(number), emailAddress: `buyer${number}@example.com` } }
  );
  await guest.ask('mutation($input: CreateAddressInput!) { setOrderShippingAddress(input: $input) { __typename } }', {
    input: shipping,
  });
  const { eligibleShippingMethods } = await guest.ask('{ eligibleShippingMethods { id } }');
  await guest.ask('mutation($id: [ID!]!) { setOrderShippingMethod(shippingMethodId: $id) { __typename } }', {
    id: [eligibleShippingMethods[0].id],
  });
  await guest.ask('mutation { transitionOrderToState(state: "ArrangingPayment") { __typename } }');
  const { addPaymentToOrder } = await guest.ask(
    `mutation($input: PaymentInput!) {
      addPaymentToOrder(input: $input) { __typename ... on Order { id } ... on ErrorResult { errorCode message } }
    }`,
    { input: { method: 'invoice', metadata: {} } }
  );
  if (number % 2 === 0) {
    const { order } = await owner.ask('query($id: ID!) { order(id: $id) { payments { id } } }', addPaymentToOrder);
    await owner.ask('mutation($id: ID!) { settlePayment(id: $id) { __typename } }', { id: order.payments[0].id });
  }
}

// Speaks to one of the two APIs, in a session of its own.
class Client {
  constructor(url) {
    this.url = url;
    this.session = {};
  }

  static async owner(url) {
    const client = new Client(url);
    await client.ask('mutation { login(username: "superadmin", password: "superadmin") { __typename } }');
    return client;
  }

  async ask(query, variables = {}) {
    return this.send({ 'content-type': 'application/json' }, JSON.stringify({ query, variables }));
  }

  async upload(bytes, name) {
    const query = 'mutation($input: [CreateAssetInput!]!) { createAssets(input: $input) { ... on Asset { id } } }';
    const form = new FormData();
    form.append('operations', JSON.stringify({ query, variables: { input: [{ file: null }] } }));
    form.append('map', JSON.stringify({ 0: ['variables.input.0.file'] }));
    form.append('0', new Blob([bytes], { type: 'image/png' }), name);
    return this.send({ 'apollo-require-preflight': '1' }, form);
  }

  async send(headers, body) {
    const answer = await fetch(this.url, { method: 'POST', headers: { ...headers, ...this.session }, body });
    const token = answer.headers.get('vendure-auth-token');
    if (token) this.session = { authorization: `Bearer ${token}` };
    const { data, errors } = await answer.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  }
}

// A PNG of one colour, another for every number.
function picture(number) {
  const size = 16;
  const pixel = [(number * 53) % 256, (number * 97) % 256, (number >> 3) % 256];
  const row = Buffer.from([0, ...Array.from({ length: size }, () => pixel).flat()]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', zlib.deflateSync(Buffer.concat(Array.from({ length: size }, () => row)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

// 13 digits with a valid check digit.
function gtin(number) {
  const digits = `400${String(number).padStart(9, '0')}`;
  const sum = [...digits].reduce((sum, digit, at) => sum + digit * (at % 2 ? 3 : 1), 0);
  return digits + ((10 - (sum % 10)) % 10);
}
