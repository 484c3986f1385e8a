//! What the daemon says, in the console's own words where a value is behind it. The rest stays in English and is marked so.

use super::{language, listed, path};
use shared::{
    api::{Change, PendingItem},
    issue::Code,
    language::Language,
    mark::Mark,
    sync::why,
};

/// The language of what the daemon says, where the page speaks another.
pub(crate) fn told_in() -> Option<&'static str> {
    match language() {
        Language::English => None,
        Language::Spanish => Some(Language::English.tag()),
    }
}

/// What can be done about an issue; `told` as the daemon says it.
pub(crate) fn action(code: Code, told: String) -> String {
    match language() {
        Language::English => told,
        Language::Spanish => match code {
            Code::AmbiguousMatch => {
                "Dar a cada producto un SKU propio, o enlazar a mano la pareja correcta, y volver a traer cambios."
            }
            Code::Conflict => {
                "Revisar el valor. Si se nombra una autoridad para este campo, estos casos se deciden solos."
            }
            Code::Refused => "Corregir el valor que nombra la plataforma y reintentar.",
            Code::UnreadableRecord => "Corregir el registro en su plataforma y volver a traer cambios.",
            Code::NoExchangeRate => {
                "Añadir un tipo de cambio para esta moneda en [exchange] de click2sync.toml."
            }
            Code::Missing => "Reiniciar el reloj de la conexión y traer cambios, para que se lea todo de nuevo.",
            Code::Platform => {
                "Comprobar la dirección y las credenciales de la conexión en sus ajustes y reintentar."
            }
            Code::Guard => "Mirar lo que la tarea estaba por hacer y confirmarla o cancelarla.",
            Code::Unlinked => "Enlazarlo con el producto correcto cuando se sepa cuál es.",
            Code::UnmappedLine => {
                "Enlazar o crear el producto en esa conexión, o poner ahí orders.defaults.unmapped_line en \"custom-line\"."
            }
            Code::UnknownStatus => {
                "Poner el estado a mano en esa conexión, o poner `status` de [orders.fields] en read-only."
            }
            Code::OrderChanged => {
                "Comparar el pedido en ambas conexiones y corregirlo a mano: lo que se compró nunca se reescribe."
            }
            Code::Damaged => {
                "Restaurar una copia de seguridad, o reiniciar los relojes de las conexiones y traer cambios, para que se lea todo de nuevo."
            }
            Code::Untaken => {
                "Nada: sale con el próximo envío. Si vuelve a ocurrir, comprobar que la plataforma funcione."
            }
            Code::Disk => "Liberar espacio o reparar el disco; las tareas continúan solas.",
            Code::Internal => "Reintentar. Si vuelve a ocurrir, informar del problema con el mensaje de arriba.",
        }
        .to_owned(),
    }
}

/// Why a change waits; `told` as the daemon says it.
pub(crate) fn why(told: &str) -> String {
    match language() {
        Language::English => told,
        Language::Spanish => match told {
            why::NOT_THERE => "Aún no está ahí",
            why::AS_HUB => "Como en la central",
            why::NO_PRICE => "La central ya no tiene ese precio",
            why::PLAIN_PRICE => "El precio de la central",
            why::OUT_OF_GALLERY => "Se quitó de la galería",
            why::UNDONE => "Se deshace un envío: esto estaba antes",
            why::FIRST_MEETING => "Ambos lados tenían un valor al encontrarse: hay que elegir cuál cuenta",
            why::OWN_NAME => "Como lo llama esta conexión",
            why::NEW_ORDERS => "Según los ajustes para pedidos nuevos",
            // A rule with its numbers reads alike.
            numbers => numbers,
        },
    }
    .to_owned()
}

/// Why an item waits.
pub(crate) fn why_item(item: &PendingItem) -> String {
    match (language(), item.mark) {
        (Language::English, _) => item.why.clone(),
        (Language::Spanish, Mark::Create) => why(why::NOT_THERE),
        (Language::Spanish, _) => differing(&item.changes),
    }
}

fn differing(changes: &[Change]) -> String {
    let mut fields: Vec<String> = changes.iter().map(|change| path(&change.path)).collect();
    fields.sort();
    fields.dedup();
    if fields.len() > 3 {
        let more = fields.len() - 2;
        fields.truncate(2);
        fields.push(format!("{more} más"));
    }
    format!("Cambia: {}", listed(&fields))
}
