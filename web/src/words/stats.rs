//! The words of the stats dialog and of maintenance.

use super::{
    Word,
    language::{fill, word},
};
use crate::format;

pub(crate) const FIGURES: Word = word("Figures", "Cifras");
pub(crate) const MAINTENANCE: Word = word("Maintenance", "Mantenimiento");
pub(crate) const READ_SPEED: Word = word("Reading", "Lectura");
pub(crate) const WRITE_SPEED: Word = word("Writing", "Escritura");
pub(crate) const STOCK_IN: Word = word("In stock", "Con existencias");
pub(crate) const STOCK_LOW: Word = word("Low", "Pocas");
pub(crate) const OVER_TIME: Word = word("Changes and jobs by day", "Cambios y tareas por día");
pub(crate) const WRITTEN: Word = word("Written there", "Escritos ahí");
pub(crate) const FAILED_JOBS: Word = word("Failed jobs", "Tareas fallidas");
pub(crate) const RUN: Word = word("Run", "Ejecutar");
pub(crate) const INTEGRITY: Word = word("Check integrity", "Comprobar la integridad");
pub(crate) const INTEGRITY_ABOUT: Word = word(
    "Looks at every record, index and picture, puts right what can be worked out, and reports the rest.",
    "Revisa cada registro, índice e imagen, corrige lo que se puede deducir e informa del resto.",
);
pub(crate) const REINDEX: Word = word("Make indexes anew", "Rehacer los índices");
pub(crate) const REINDEX_ABOUT: Word = word(
    "Works out again everything that is derived from records: sets, search, what is pending.",
    "Vuelve a calcular todo lo que se deriva de los registros: conjuntos, búsqueda, pendientes.",
);
pub(crate) const IMAGES: Word = word("Tidy pictures", "Ordenar las imágenes");
pub(crate) const IMAGES_ABOUT: Word = word(
    "Drops pictures that nothing shows, and fetches again those that are missing.",
    "Quita las imágenes que nada muestra y vuelve a traer las que faltan.",
);

pub(crate) fn price_band(from: &str, to: &str) -> String {
    match to {
        "" => fill(word("from {}", "desde {}"), &[from]),
        _ => format!("{from} \u{2013} {to}"),
    }
}

pub(crate) fn looked_at(number: u64) -> String {
    fill(
        word(
            "Variants, units and prices are estimated from {} products, spread evenly.",
            "Variantes, unidades y precios se estiman a partir de {} productos repartidos por igual.",
        ),
        &[&format::count(number)],
    )
}
