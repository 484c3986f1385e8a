//! The words of the settings dialog.

use super::{
    Word,
    language::{language, word},
};
use serde_json::Value;
use shared::language::Language;

pub(crate) const BEHAVIOUR: Word = word("Behaviour", "Comportamiento");
pub(crate) const SCHEDULER: Word = word("Scheduler", "Horario");
pub(crate) const PRICES: Word = word("Prices", "Precios");
pub(crate) const FIELDS: Word = word("Fields", "Campos");
pub(crate) const SAVE: Word = word("Save", "Guardar");
pub(crate) const WRITES_TO: Word = word("Saving writes", "Al guardar se escribe");

pub(crate) const SET_FETCH: Word = word("Fetch products", "Traer productos");
pub(crate) const SET_FETCH_ABOUT: Word = word(
    "Read the products of this connection.",
    "Leer los productos de esta conexión.",
);
pub(crate) const SET_ABSORB: Word = word("Absorb new products", "Incorporar productos nuevos");
pub(crate) const SET_ABSORB_ABOUT: Word = word(
    "A product first seen here becomes a product of the hub.",
    "Un producto visto aquí por primera vez pasa a ser producto de la central.",
);
pub(crate) const SET_CLONE: Word = word("Clone products here", "Clonar productos aquí");
pub(crate) const SET_CLONE_ABOUT: Word = word(
    "Which products of the hub are created here when they are missing.",
    "Qué productos de la central se crean aquí cuando faltan.",
);
pub(crate) const SET_CLONE_SETS: Word = word("Only these sets", "Solo estos conjuntos");
pub(crate) const SET_CLONE_SETS_ABOUT: Word = word(
    "Sets with a space between them; a product has to be in all of them.",
    "Conjuntos separados por un espacio; un producto tiene que estar en todos.",
);
pub(crate) const CLONE_CHOICES: [(&str, Word); 3] = [
    ("none", word("None", "Ninguno")),
    ("all", word("All of the hub", "Todos los de la central")),
    ("some", word("Only some sets", "Solo algunos conjuntos")),
];

pub(crate) const SET_JOB: Word = word("Run by itself", "Funcionar solo");
pub(crate) const SET_JOB_ABOUT: Word = word(
    "The job that starts without you.",
    "La tarea que empieza por sí misma.",
);
pub(crate) const SCHEDULE_JOBS: [(&str, Word); 4] = [
    ("", word("Never", "Nunca")),
    ("sync", word("Sync", "Sincronizar")),
    ("fetch", word("Fetch updates", "Traer cambios")),
    ("send", word("Send updates", "Enviar cambios")),
];
pub(crate) const SET_EVERY: Word = word("Every", "Cada");
pub(crate) const SET_EVERY_ABOUT: Word = word("A number and s, m, h or d.", "Un número y s, m, h o d.");
pub(crate) const SET_CRON: Word = word("At", "A las");
pub(crate) const SET_CRON_ABOUT: Word = word(
    "Minute, hour, day, month and weekday, as cron writes them.",
    "Minuto, hora, día, mes y día de la semana, como los escribe cron.",
);
pub(crate) const SET_TIME_ZONE: Word = word("Time zone", "Zona horaria");
pub(crate) const SET_TIME_ZONE_ABOUT: Word =
    word("Such as America/Mexico_City.", "Como America/Mexico_City.");
pub(crate) const SET_FULL_RESCAN: Word = word("Read everything every", "Leer todo cada");
pub(crate) const SET_FULL_RESCAN_ABOUT: Word = word(
    "Now and then, to find what vanished there.",
    "De vez en cuando, para ver qué desapareció ahí.",
);
pub(crate) const CLOCKS: Word = word("Clocks", "Relojes");
pub(crate) const CLOCKS_ABOUT: Word = word(
    "A clock says how far this connection has been read. Reset it and the next fetch reads everything; what is not found then disappears from the console.",
    "Un reloj dice hasta dónde se ha leído esta conexión. Si se reinicia, la próxima lectura lo lee todo; lo que no se encuentre desaparece de la consola.",
);
pub(crate) const CLOCK_RESET: Word = word("Reset", "Reiniciar");
pub(crate) const CLOCK_UNSET: Word = word(
    "The next fetch reads everything.",
    "La próxima lectura lo lee todo.",
);
pub(crate) const CLOCK_WAS_RESET: Word = word(
    "The clock is reset. The next fetch reads everything.",
    "El reloj se reinició. La próxima lectura lo lee todo.",
);

pub(crate) const PRICES_ABOUT: Word = word(
    "The hub\u{2019}s price becomes the price shown here: converted, then the margin, then the addition, then rounded.",
    "El precio de la central se convierte en el precio que se muestra aquí: primero la moneda, después el margen, después la suma y al final el redondeo.",
);
pub(crate) const SET_CURRENCY: Word = word("Currency", "Moneda");
pub(crate) const SET_CURRENCY_ABOUT: Word = word(
    "Three letters, in place of the one that was detected.",
    "Tres letras, en lugar de la que se detectó.",
);
pub(crate) const SET_MARGIN: Word = word("Margin", "Margen");
pub(crate) const SET_MARGIN_ABOUT: Word = word(
    "In per cent; negative for a discount.",
    "En por ciento; negativo para un descuento.",
);
pub(crate) const SET_ADD: Word = word("Add", "Sumar");
pub(crate) const SET_ADD_ABOUT: Word = word(
    "An amount on top of every price.",
    "Un importe que se suma a cada precio.",
);
pub(crate) const SET_ROUND: Word = word("Round to", "Redondear a");
pub(crate) const SET_ROUND_ABOUT: Word = word(
    "A step such as 0.05, or an ending such as x.99.",
    "Un paso como 0.05 o un final como x.99.",
);
pub(crate) const SET_MODE: Word = word("Round", "Redondear");
pub(crate) const SET_MODE_ABOUT: Word = word("", "");
pub(crate) const ROUND_MODES: [(&str, Word); 4] = [
    (
        "",
        word("To the nearest (default)", "Al más cercano (lo habitual)"),
    ),
    ("nearest", word("To the nearest", "Al más cercano")),
    ("up", word("Up", "Hacia arriba")),
    ("down", word("Down", "Hacia abajo")),
];

pub(crate) const SET_BUFFER: Word = word("Hold back", "Reservar");
pub(crate) const SET_BUFFER_ABOUT: Word = word(
    "This many are kept off sale here. It never shows less than 0.",
    "Estas unidades no se venden aquí. Nunca se muestra menos de 0.",
);
pub(crate) const SET_MAX: Word = word("Show at most", "Mostrar como máximo");
pub(crate) const SET_MAX_ABOUT: Word = word(
    "Left blank, all of the stock is shown.",
    "En blanco se muestran todas las existencias.",
);

pub(crate) const FIELDS_ABOUT: Word = word(
    "Sync reads and writes a field. Read only detects changes and never writes. Write only writes and detects nothing.",
    "Sincronizar lee y escribe un campo. Solo leer detecta cambios y nunca escribe. Solo escribir escribe y no detecta nada.",
);
pub(crate) const SET_DEFAULT: Word = word("All fields", "Todos los campos");
pub(crate) const SET_DEFAULT_ABOUT: Word = word(
    "Unless a field below says otherwise.",
    "Salvo que un campo de abajo diga otra cosa.",
);
pub(crate) const MUTABILITIES_DEFAULT: [(&str, Word); 5] = [
    ("", word("Sync (default)", "Sincronizar (lo habitual)")),
    ("sync", word("Sync", "Sincronizar")),
    ("read-only", word("Read only", "Solo leer")),
    ("write-only", word("Write only", "Solo escribir")),
    ("ignore", word("Ignore", "Ignorar")),
];
pub(crate) const MUTABILITIES: [(&str, Word); 5] = [
    ("", word("As all fields", "Como todos")),
    ("sync", word("Sync", "Sincronizar")),
    ("read-only", word("Read only", "Solo leer")),
    ("write-only", word("Write only", "Solo escribir")),
    ("ignore", word("Ignore", "Ignorar")),
];

pub(crate) const SET_CATEGORY: Word = word("Category of new products", "Categoría de productos nuevos");
pub(crate) const SET_CATEGORY_ABOUT: Word = word(
    "For products created here that have none.",
    "Para productos creados aquí que no tengan ninguna.",
);
pub(crate) const SET_STATUS: Word = word("Status of new products", "Estado de productos nuevos");
pub(crate) const SET_STATUS_ABOUT: Word = word(
    "How products begin that are created here.",
    "Cómo empiezan los productos creados aquí.",
);
pub(crate) const STATUSES: [(&str, Word); 5] = [
    ("", word("As in the hub", "Como en la central")),
    ("draft", word("Draft", "Borrador")),
    ("active", word("Active", "Activo")),
    ("paused", word("Paused", "En pausa")),
    ("archived", word("Archived", "Archivado")),
];
pub(crate) const OPTIONS: Word = word("Colour and size", "Color y talla");
pub(crate) const SET_COLOR: Word = word("Colour is called", "El color se llama");
pub(crate) const SET_COLOR_ABOUT: Word = word(
    "What the platform calls the option, with commas between names.",
    "Cómo llama la plataforma a la opción, con comas entre los nombres.",
);
pub(crate) const SET_SIZE: Word = word("Size is called", "La talla se llama");
pub(crate) const SET_SIZE_ABOUT: Word = word("The same for sizes.", "Lo mismo para las tallas.");

pub(crate) const GUARDS: Word = word("Guards", "Protecciones");
pub(crate) const GUARDS_ABOUT: Word = word(
    "Beyond these a job stops before it does damage, and asks you.",
    "Más allá de esto, una tarea se detiene antes de causar daños y pregunta.",
);
pub(crate) const SET_ZERO_STOCK: Word = word("Stock to zero", "Existencias a cero");
pub(crate) const SET_ZERO_STOCK_ABOUT: Word = word(
    "The share of products that one run may sell out.",
    "La parte de los productos que una tarea puede dejar agotada.",
);
pub(crate) const SET_PRICE_BY: Word = word("Price moves by more than", "El precio cambia más de");
pub(crate) const SET_PRICE_BY_ABOUT: Word = word(
    "A price that moves further counts as a leap.",
    "Un precio que cambia más cuenta como salto.",
);
pub(crate) const SET_PRICE_OF: Word = word("Leaps allowed", "Saltos permitidos");
pub(crate) const SET_PRICE_OF_ABOUT: Word = word(
    "The share of products whose price may leap in one run.",
    "La parte de los productos cuyo precio puede saltar en una tarea.",
);

pub(crate) const CONNECTION: Word = word("Connection", "Conexión");
pub(crate) const SET_NAME: Word = word("Name", "Nombre");
pub(crate) const SET_NAME_ABOUT: Word = word(
    "What this connection is called in the console.",
    "Cómo se llama esta conexión en la consola.",
);
pub(crate) const CHECK: Word = word("Check", "Comprobar");
pub(crate) const CHECKING: Word = word(
    "Asking the platform\u{2026}",
    "Preguntando a la plataforma\u{2026}",
);
pub(crate) const CHECK_ABOUT: Word = word(
    "See whether the platform can be reached as the file says now. No data is touched.",
    "Ver si se llega a la plataforma con lo que el archivo dice ahora. No se toca ningún dato.",
);

/// What stands in place of a secret.
pub(crate) fn secret(saved: Option<&Value>) -> String {
    let part = |name: &str| saved.and_then(|saved| saved.get(name)).and_then(Value::as_str);
    match (saved, part("env"), part("file")) {
        (None, ..) => String::new(),
        (_, Some(name), _) => match language() {
            Language::English => format!("From the variable {name}"),
            Language::Spanish => format!("De la variable {name}"),
        },
        (_, _, Some(file)) => match language() {
            Language::English => format!("From the file {file}"),
            Language::Spanish => format!("Del archivo {file}"),
        },
        _ => word("Set. Type to replace it", "Guardado. Escribir para cambiarlo").to_owned(),
    }
}

/// The key of a `[remote]` table as a label: `products_url` is "Products url".
pub(crate) fn remote_key(name: &str) -> String {
    let text = name.replace('_', " ");
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

pub(crate) fn by_default(value: &str) -> String {
    if value.is_empty() {
        return word("Not set", "Sin definir").to_owned();
    }
    match language() {
        Language::English => format!("{value} (default)"),
        Language::Spanish => format!("{value} (lo habitual)"),
    }
}

pub(crate) fn more_in_the_file(names: &[String]) -> String {
    let names = names.join(", ");
    match language() {
        Language::English => format!("More can be set in the file itself: {names}."),
        Language::Spanish => format!("En el propio archivo se puede ajustar más: {names}."),
    }
}

pub(crate) fn settings_of(connection: &str) -> String {
    match language() {
        Language::English => format!("Settings of {connection}"),
        Language::Spanish => format!("Ajustes de {connection}"),
    }
}

pub(crate) fn saved_to(file: &str) -> String {
    match language() {
        Language::English => format!("Saved to {file}."),
        Language::Spanish => format!("Guardado en {file}."),
    }
}

pub(crate) fn clock_at(ago: &str) -> String {
    match language() {
        Language::English => format!("Read up to {ago}."),
        Language::Spanish => format!("Leído hasta {ago}."),
    }
}
