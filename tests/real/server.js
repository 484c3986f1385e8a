// A real Vendure server on loopback: `node server.js FOLDER PORT`, with everything it keeps in FOLDER.
// Port 0 takes a free one. It prints `ready PORT` once it answers; the first start on a folder also fills the shop.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { createRequire } = require('node:module');

const [folder, port = '0'] = process.argv.slice(2);
// The packages lie where they were installed, which is not beside this file.
const load = createRequire(path.join(process.env.REAL_MODULES ?? __dirname, 'package.json'));

const { fill, initialData } = require('./seed.js');

process.env.VENDURE_DISABLE_TELEMETRY = 'true';

const {
  bootstrap,
  DefaultLogger,
  dummyPaymentHandler,
  JobQueueService,
  LogLevel,
  DefaultJobQueuePlugin,
  DefaultSearchPlugin,
} = load('@vendure/core');
const { AssetServerPlugin } = load('@vendure/asset-server-plugin');
const { populateInitialData } = load('@vendure/core/cli');

// SQLite with its native code inside the npm package, so that nothing is compiled and no database server is needed. It
// lacks the search by regular expressions, and takes a null that is the only parameter for a table of parameters.
class Database extends load('libsql') {
  function() {
    return this;
  }

  prepare(sql) {
    const statement = super.prepare(sql);
    for (const name of ['run', 'iterate']) {
      const execute = statement[name].bind(statement);
      statement[name] = (...parameters) => execute(parameters);
    }
    return statement;
  }
}

const text = name => ({ name, type: 'string', nullable: true });

const config = {
  apiOptions: {
    hostname: '127.0.0.1',
    port: Number(port),
    adminApiPath: 'admin-api',
    shopApiPath: 'shop-api',
  },
  authOptions: {
    tokenMethod: ['bearer', 'cookie', 'api-key'],
    superadminCredentials: { identifier: 'superadmin', password: 'superadmin' },
    cookieOptions: { secret: 'only-for-tests' },
  },
  dbConnectionOptions: {
    type: 'better-sqlite3',
    driver: Database,
    database: path.join(folder, 'shop.sqlite'),
    synchronize: true,
    // A test may kill this process, not the machine: nothing has to wait for the disk.
    prepareDatabase: database => {
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = OFF');
    },
    logging: false,
  },
  logger: new DefaultLogger({ level: LogLevel.Warn }),
  paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
  customFields: {
    Product: [text('brand'), text('syncToken')],
    ProductVariant: [text('barcode'), { name: 'weight', type: 'float', nullable: true }],
    Order: [text('syncToken')],
  },
  plugins: [
    AssetServerPlugin.init({
      route: 'assets',
      assetUploadDir: path.join(folder, 'assets'),
    }),
  ],
};

async function main() {
  const isNew = !fs.existsSync(path.join(folder, 'shop.sqlite'));
  fs.mkdirSync(path.join(folder, 'assets'), { recursive: true });
  const app = await bootstrap(config);
  await app.get(JobQueueService).start();
  if (isNew) {
    await populateInitialData(app, initialData);
  }
  const { port } = app.getHttpServer().address();
  if (isNew) {
    const { REAL_PRODUCTS = 0, REAL_ORDERS = 0 } = process.env;
    await fill(`http://127.0.0.1:${port}`, { products: Number(REAL_PRODUCTS), orders: Number(REAL_ORDERS) });
  }
  process.stdout.write(`ready ${port}\n`);
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
