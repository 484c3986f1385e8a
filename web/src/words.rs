//! Every word that the console says, in every language that it speaks.
//!
//! A word stands here in both languages; a sentence with something in it is a function that says it in either. A `&str`
//! is a name that is the same in both.

mod decisions;
mod items;
mod jobs;
mod language;
mod sentences;
mod settings;
mod stats;
mod told;
mod values;

pub(crate) use decisions::*;
pub(crate) use items::*;
pub(crate) use jobs::*;
pub(crate) use language::{Word, language, locale, readers_language, speak};
pub(crate) use sentences::*;
pub(crate) use settings::*;
pub(crate) use stats::*;
pub(crate) use told::*;
pub(crate) use values::*;

use jobs::{progress, schedule, waiting_to};
use language::word;
use sentences::{counted, listed};

use crate::view::icon::Icon;
use shared::{
    api::ConnectionState,
    content::Field,
    ids::Kind,
    job::{JobKind, JobStatus, Trigger},
    mark::Mark,
};

// The frame.
pub(crate) const PAGES: Word = word("Pages", "Páginas");
pub(crate) const CONNECTIONS: Word = word("Connections", "Conexiones");
pub(crate) const PRODUCTS: Word = word("Products", "Productos");
pub(crate) const ORDERS: Word = word("Orders", "Pedidos");
pub(crate) const ISSUES: Word = word("Issues", "Incidencias");
pub(crate) const JOBS: Word = word("Jobs", "Tareas");
pub(crate) const SKIP: Word = word("Skip to the page", "Ir al contenido");
pub(crate) const LIVE_CONNECTING: Word = word("Connecting", "Conectando");
pub(crate) const LIVE_CONNECTED: Word = word("Live", "En vivo");
pub(crate) const LIVE_LOST: Word = word("Reconnecting", "Reconectando");
pub(crate) const THEME_SYSTEM: Word = word("as the system", "como el sistema");
pub(crate) const THEME_LIGHT: Word = word("light", "claro");
pub(crate) const THEME_DARK: Word = word("dark", "oscuro");
pub(crate) const SUGGESTIONS: Word = word("Suggestions", "Sugerencias");
pub(crate) const CLOSE: Word = word("Close", "Cerrar");
pub(crate) const CANCEL: Word = word("Cancel", "Cancelar");
pub(crate) const CONFIRM: Word = word("Go ahead", "Continuar");
pub(crate) const DONE: Word = word("Done", "Listo");
pub(crate) const DISMISS: Word = word("Dismiss", "Descartar");
pub(crate) const READING: Word = word("Reading\u{2026}", "Leyendo\u{2026}");
pub(crate) const SHOW_ALL: Word = word("Show all", "Mostrar todo");

// Signing in.
pub(crate) const SIGN_IN: Word = word("Sign in", "Entrar");
pub(crate) const SIGN_IN_TITLE: Word = word("Sign in to Click2Sync", "Entrar en Click2Sync");
pub(crate) const SIGN_IN_ABOUT: Word = word(
    "This console is protected by the token in click2sync.toml, under [auth].",
    "Esta consola está protegida por el token de click2sync.toml, en [auth].",
);
pub(crate) const TOKEN: Word = word("Token", "Token");
pub(crate) const WRONG_TOKEN: Word = word(
    "That is not the token. Look it up in click2sync.toml, under [auth], or where that points to.",
    "Ese no es el token. Está en click2sync.toml, en [auth], o en el lugar al que eso remite.",
);

// When something cannot be read.
pub(crate) const COULD_NOT_READ: Word = word("This could not be read", "No se pudo leer");
pub(crate) const TRY_AGAIN: Word = word("Try again", "Reintentar");
pub(crate) const UNREACHABLE: Word = word(
    "Click2Sync does not answer. Check that it is running; this page goes on by itself as soon as it is.",
    "Click2Sync no responde. Hay que comprobar que esté en marcha; esta página continúa sola en cuanto responda.",
);
pub(crate) const UNEXPECTED: Word = word(
    "Click2Sync answered something that this page does not understand. Reload the page: it may be older than the program.",
    "Click2Sync respondió algo que esta página no entiende. Hay que recargar la página: puede ser más antigua que el programa.",
);
pub(crate) const NO_SUCH_PAGE: Word = word("There is no such page", "Esa página no existe");
pub(crate) const NO_SUCH_PAGE_TEXT: Word = word(
    "Check the address, or choose a page on the left.",
    "Revisar la dirección o elegir una página en el menú.",
);

// Connections.
pub(crate) const FETCH: Word = word("Fetch updates", "Traer cambios");
pub(crate) const SEND: Word = word("Send updates", "Enviar cambios");
pub(crate) const SYNC: Word = word("Sync", "Sincronizar");
pub(crate) const PLAY: Word = word("Play", "Reanudar");
pub(crate) const PAUSE: Word = word("Pause", "Pausar");
pub(crate) const SETTINGS: Word = word("Settings", "Ajustes");
pub(crate) const STATS: Word = word("Stats", "Estadísticas");
pub(crate) const ACTIONS: Word = word("Actions", "Acciones");
pub(crate) const FETCH_ABOUT: Word = word(
    "Read what changed here and pass it on to the hub",
    "Leer lo que cambió aquí y pasarlo a la central",
);
pub(crate) const SEND_ABOUT: Word = word(
    "See what would be written here, then send it",
    "Ver lo que se escribiría aquí y después enviarlo",
);
pub(crate) const SYNC_ABOUT: Word = word(
    "Fetch updates, then send updates",
    "Traer cambios y después enviar cambios",
);
pub(crate) const PAUSE_ABOUT: Word = word(
    "Stop reading and writing here until you press play",
    "Dejar de leer y escribir aquí hasta reanudar",
);
pub(crate) const PLAY_ABOUT: Word = word(
    "Let this connection read and write again",
    "Permitir que esta conexión vuelva a leer y escribir",
);
pub(crate) const PAUSED_REASON: Word = word("Paused: press play first", "En pausa: primero hay que reanudar");
pub(crate) const SETTINGS_ABOUT: Word = word("How this connection behaves", "Cómo se comporta esta conexión");
pub(crate) const STATS_ABOUT: Word = word(
    "Figures about what this connection holds",
    "Cifras de lo que contiene esta conexión",
);
pub(crate) const LAST_FETCH: Word = word("Last fetch", "Última lectura");
pub(crate) const NEXT_RUN: Word = word("Next run", "Próxima tarea");
pub(crate) const NEVER: Word = word("Never", "Nunca");
pub(crate) const BY_HAND: Word = word("By hand", "A mano");
pub(crate) const JUST_NOW: Word = word("just now", "ahora mismo");
pub(crate) const ANY_MOMENT: Word = word("any moment", "en cualquier momento");
pub(crate) const NO_CONNECTIONS: Word = word("No connections yet", "Aún no hay conexiones");
pub(crate) const NO_CONNECTIONS_TEXT: Word = word(
    "A connection is one shop or file. Put a file such as config/connections/my-shop.toml in place and it appears here at once.",
    "Una conexión es una tienda o un archivo. Basta con crear un archivo como config/connections/my-shop.toml para que aparezca aquí al instante.",
);
pub(crate) const WELCOME: Word = word("Welcome to Click2Sync", "Click2Sync da la bienvenida");
pub(crate) const WELCOME_TEXT: Word = word(
    "Below are demo stores that run on this computer. Nothing you do here reaches a real shop.",
    "Abajo hay tiendas de demostración que funcionan en este equipo. Nada de lo que se haga aquí llega a una tienda real.",
);
pub(crate) const WELCOME_STEPS: [Word; 3] = [
    word(
        "Press Sync on a card and watch it read a catalogue.",
        "Pulsar Sincronizar en una tarjeta y ver cómo lee un catálogo.",
    ),
    word(
        "Look at Products: green is new for a shop, amber is a change that waits, and a full dot is in step.",
        "Abrir Productos: el verde es nuevo para una tienda, el ámbar es un cambio que espera y un punto lleno está al día.",
    ),
    word(
        "Press Send updates. You see first what would be written, and nothing is ever deleted.",
        "Pulsar Enviar cambios. Antes se ve lo que se escribiría, y nunca se elimina nada.",
    ),
];
pub(crate) const WELCOME_ADD: Word = word(
    "To connect a shop of your own, add a file:",
    "Para conectar una tienda propia, añadir un archivo:",
);

// Products.
pub(crate) const PRODUCT: Word = word("Product", "Producto");
pub(crate) const PRICE: Word = word("Price", "Precio");
pub(crate) const STOCK: Word = word("Stock", "Existencias");
pub(crate) const NOTHING_FOUND_TEXT: Word = word(
    "Take a set out of the search with backspace, or search for something else.",
    "Quitar un conjunto de la búsqueda con retroceso, o buscar otra cosa.",
);
pub(crate) const NO_SUCH_TEXT: Word = word(
    "Its address may be cut off. Go back to the list and search for it.",
    "Puede que la dirección esté incompleta. Volver a la lista y buscarlo ahí.",
);
pub(crate) const HUB: Word = word("Hub", "Central");
pub(crate) const HUB_ABOUT: Word = word("What all are to agree on", "Lo que todos deben compartir");
pub(crate) const PICTURES: Word = word("Pictures", "Imágenes");
pub(crate) const VARIANTS: Word = word("Variants", "Variantes");
pub(crate) const VARIANT_NOT_THERE: Word = word("Not there", "No está ahí");
pub(crate) const NOTHING_HERE: Word = word("Nothing", "Nada");
pub(crate) const KEEP_HUB: Word = word("Keep the hub\u{2019}s", "Conservar lo de la central");

// Orders.
pub(crate) const QUANTITY: Word = word("Quantity", "Cantidad");
pub(crate) const TOTAL: Word = word("Total", "Total");
pub(crate) const BUYER: Word = word("Buyer", "Comprador");
pub(crate) const SENT_TO: Word = word("Sent to", "Enviado a");
pub(crate) const BILLED_TO: Word = word("Billed to", "Facturado a");
pub(crate) const SHIPMENT: Word = word("Shipment", "Envío");
pub(crate) const PAYMENT: Word = word("Payment", "Pago");
pub(crate) const NOTE: Word = word("Note", "Nota");

// Issues, jobs.
pub(crate) const NO_ISSUES: Word = word("No open issues", "Sin incidencias abiertas");
pub(crate) const NO_ISSUES_TEXT: Word = word(
    "When a platform refuses something, or a product or order needs you, it is listed here with what to do.",
    "Cuando una plataforma rechace algo, o un producto o pedido necesite atención, aparecerá aquí con lo que se puede hacer.",
);
pub(crate) const SEVERITY_ERROR: Word = word("Error: it waits for you", "Error: espera una decisión");
pub(crate) const SEVERITY_WARNING: Word = word("Warning", "Advertencia");
pub(crate) const SEVERITY_NOTICE: Word = word("Notice", "Aviso");
pub(crate) const NO_JOBS: Word = word("No jobs yet", "Aún no hay tareas");
pub(crate) const NO_JOBS_TEXT: Word = word(
    "Press Fetch updates, Send updates or Sync on a connection, or give it a schedule.",
    "Pulsar Traer cambios, Enviar cambios o Sincronizar en una conexión, o darle un horario.",
);
pub(crate) const JOBS_ABOUT: Word = word(
    "What every connection did, does and will do.",
    "Lo que cada conexión hizo, hace y hará.",
);
pub(crate) const JOBS_RUNNING: Word = word("Running", "En marcha");
pub(crate) const JOBS_RUNNING_NONE: Word = word(
    "Nothing runs at the moment.",
    "Nada está en marcha en este momento.",
);
pub(crate) const JOBS_WAITING: Word = word("Waiting", "En espera");
pub(crate) const JOBS_WAITING_NONE: Word = word("Nothing waits.", "Nada espera.");
pub(crate) const JOBS_PAST: Word = word("Past", "Anteriores");
pub(crate) const JOBS_PAST_NONE: Word = word("Nothing has ended yet.", "Nada ha terminado todavía.");

// The send dialog.
pub(crate) const NOTHING_TO_SEND: Word = word(
    "Nothing waits to be sent. Everything here is in step.",
    "Nada espera para enviarse. Aquí todo está al día.",
);
pub(crate) const SEND_PROMISE: Word = word("Nothing is deleted there.", "Nada se elimina ahí.");

// Stats.
pub(crate) const STOCK_UNITS: Word = word("Units in stock", "Unidades en existencia");
pub(crate) const OUT_OF_STOCK: Word = word("Out of stock", "Agotados");
pub(crate) const WAITING: Word = word("Waiting", "En espera");
pub(crate) const HELD: Word = word("Held for you", "Por decidir");
pub(crate) const VANISHED: Word = word("Vanished", "Desaparecidos");
pub(crate) const COVERAGE: Word = word("Fields", "Campos");

// Keys.
pub(crate) const KEYS: Word = word("Keyboard", "Teclado");
pub(crate) const KEY_LIST: [(&str, Word); 11] = [
    ("/", word("Search", "Buscar")),
    ("j", word("Next row", "Fila siguiente")),
    ("k", word("Previous row", "Fila anterior")),
    ("Enter", word("Open", "Abrir")),
    ("Esc", word("Back, or close", "Volver o cerrar")),
    ("g c", word("Go to connections", "Ir a conexiones")),
    ("g p", word("Go to products", "Ir a productos")),
    ("g o", word("Go to orders", "Ir a pedidos")),
    ("g i", word("Go to issues", "Ir a incidencias")),
    ("g j", word("Go to jobs", "Ir a tareas")),
    ("?", word("This list", "Esta lista")),
];

/// What is said of products and of orders alike.
pub(crate) struct Wording {
    pub(crate) icon: Icon,
    /// The page's name.
    pub(crate) title: Word,
    one: Word,
    many: Word,
    pub(crate) search: Word,
    pub(crate) show: Word,
    pub(crate) columns: [Word; 4],
    pub(crate) side_by_side: Word,
    pub(crate) none: Word,
    pub(crate) none_text: Word,
    pub(crate) nothing_found: Word,
    pub(crate) no_such: Word,
}

pub(crate) fn of(kind: Kind) -> &'static Wording {
    match kind {
        Kind::Products => {
            const {
                &Wording {
                    icon: Icon::Products,
                    title: PRODUCTS,
                    one: word("product", "producto"),
                    many: word("products", "productos"),
                    search: word("Search products and sets", "Buscar productos y conjuntos"),
                    show: word("Show the product", "Mostrar el producto"),
                    columns: [PRODUCT, word("Brand", "Marca"), PRICE, STOCK],
                    side_by_side: word("The product at every connection", "El producto en cada conexión"),
                    none: word("No products yet", "Aún no hay productos"),
                    none_text: word(
                        "Fetch a connection that holds products. They appear here while they are being read.",
                        "Traer los cambios de una conexión que tenga productos. Aparecen aquí mientras se leen.",
                    ),
                    nothing_found: word(
                        "No product is in all of these sets",
                        "Ningún producto está en todos estos conjuntos",
                    ),
                    no_such: word("There is no such product", "Ese producto no existe"),
                }
            }
        }
        Kind::Orders => {
            const {
                &Wording {
                    icon: Icon::Orders,
                    title: ORDERS,
                    one: word("order", "pedido"),
                    many: word("orders", "pedidos"),
                    search: word("Search orders and sets", "Buscar pedidos y conjuntos"),
                    show: word("Show the order", "Mostrar el pedido"),
                    columns: [
                        word("Order", "Pedido"),
                        word("Status", "Estado"),
                        TOTAL,
                        word("Placed", "Fecha"),
                    ],
                    side_by_side: word("The order at every connection", "El pedido en cada conexión"),
                    none: word("No sales orders yet", "Aún no hay pedidos"),
                    none_text: word(
                        "Fetch a connection that takes sales orders. They appear here while they are being read.",
                        "Traer los cambios de una conexión que reciba pedidos. Aparecen aquí mientras se leen.",
                    ),
                    nothing_found: word(
                        "No order is in all of these sets",
                        "Ningún pedido está en todos estos conjuntos",
                    ),
                    no_such: word("There is no such order", "Ese pedido no existe"),
                }
            }
        }
    }
}

/// What a mark means, in a word or two.
pub(crate) fn mark(mark: Mark) -> &'static str {
    let word = match mark {
        Mark::Live => word("In step", "Al día"),
        Mark::Create => word("Will be added", "Se añadirá"),
        Mark::Update => word("Will change", "Cambiará"),
        Mark::Remove => word("Will be taken out", "Se quitará"),
        Mark::Held => word("Held for you", "Por decidir"),
        Mark::Vanished => word("No longer there", "Ya no está"),
    };
    word.text()
}

pub(crate) fn job_kind(kind: JobKind) -> &'static str {
    let word = match kind {
        JobKind::Fetch => word("Fetch", "Lectura"),
        JobKind::Send => word("Send", "Envío"),
        JobKind::Sync => word("Sync", "Sincronización"),
        JobKind::Maintenance => word("Maintenance", "Mantenimiento"),
    };
    word.text()
}

pub(crate) fn trigger(trigger: Trigger) -> &'static str {
    let word = match trigger {
        Trigger::Console => word("by you", "a mano"),
        Trigger::Api => word("by the API", "por la API"),
        Trigger::Schedule => word("by schedule", "por horario"),
        Trigger::Webhook => word("by a webhook", "por un aviso de la plataforma"),
        Trigger::Edit => word("after an edit", "tras una edición"),
    };
    word.text()
}

pub(crate) fn status(status: JobStatus) -> &'static str {
    let word = match status {
        JobStatus::Queued => word("Waiting", "En espera"),
        JobStatus::Running => word("Running", "En marcha"),
        JobStatus::Halted => word("Needs you", "Espera una decisión"),
        JobStatus::Done => word("Done", "Lista"),
        JobStatus::Failed => word("Failed", "Falló"),
        JobStatus::Cancelled => word("Cancelled", "Cancelada"),
    };
    word.text()
}

/// A status in style sheets.
pub(crate) fn status_slug(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Queued => "queued",
        JobStatus::Running => "running",
        JobStatus::Halted => "halted",
        JobStatus::Done => "done",
        JobStatus::Failed => "failed",
        JobStatus::Cancelled => "cancelled",
    }
}

/// The state's name, where the daemon has nothing to add to it.
fn state_name(state: ConnectionState) -> &'static str {
    let word = match state {
        ConnectionState::Idle => word("Idle.", "Sin actividad."),
        ConnectionState::Running => word("Starting\u{2026}", "Empezando\u{2026}"),
        ConnectionState::Paused => word("Paused.", "En pausa."),
        ConnectionState::Halted => word(
            "Stopped before it did damage: please look at it.",
            "Se detuvo antes de causar daños: hay que revisarlo.",
        ),
        ConnectionState::Error => word("The last job failed.", "La última tarea falló."),
    };
    word.text()
}

/// A field as people say it.
fn field(field: Field) -> &'static str {
    let word = match field {
        Field::Title => word("Title", "Título"),
        Field::Description => word("Description", "Descripción"),
        Field::Brand => word("Brand", "Marca"),
        Field::Model => word("Model", "Modelo"),
        Field::Mpn => word("MPN", "MPN"),
        Field::Categories => word("Categories", "Categorías"),
        Field::Tags => word("Tags", "Etiquetas"),
        Field::Status => word("Status", "Estado"),
        Field::Attributes => word("Attributes", "Atributos"),
        Field::Images => word("Pictures", "Imágenes"),
        Field::Sku => word("SKU", "SKU"),
        Field::Barcode => word("Barcode", "Código de barras"),
        Field::Options => word("Options", "Opciones"),
        Field::Price => word("Price", "Precio"),
        Field::CompareAtPrice => word("Compare-at price", "Precio de comparación"),
        Field::Cost => word("Cost", "Costo"),
        Field::Stock => word("Stock", "Existencias"),
        Field::Weight => word("Weight", "Peso"),
        Field::Payment => PAYMENT,
        Field::Fulfilment => word("Fulfilment", "Estado de envío"),
        Field::Shipments => word("Shipments", "Envíos"),
        Field::Lines => word("Lines", "Líneas"),
        Field::Buyer => BUYER,
        Field::Addresses => word("Addresses", "Direcciones"),
        Field::Totals => word("Totals", "Totales"),
        Field::Note => NOTE,
    };
    word.text()
}
