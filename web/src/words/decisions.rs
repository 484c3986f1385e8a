//! What is said where people decide: reviews of changes, jobs, undoing.

use super::{
    Word, counted,
    language::{fill, word},
    listed,
};
use crate::{format, page::review::Say};
use shared::{
    api::{Review, Undone},
    job::{Finding, JobKind, Phase},
};

// Reviews.

pub(crate) const APPROVE: Word = word("Approve", "Aprobar");
pub(crate) const REJECT: Word = word("Reject", "Rechazar");
pub(crate) const RECONSIDER: Word = word("Reconsider", "Reconsiderar");
pub(crate) const APPROVED: Word = word("Approved", "Aprobado");
pub(crate) const APPROVE_ALL: Word = word("Approve all", "Aprobar todo");
pub(crate) const REJECT_ALL: Word = word("Reject all", "Rechazar todo");
pub(crate) const RECONSIDER_ALL: Word = word("Reconsider all", "Reconsiderar todo");
pub(crate) const APPROVE_FIRST: Word = word(
    "Nothing is approved yet, so nothing would be written.",
    "Aún no hay nada aprobado, así que no se escribiría nada.",
);

/// How much of what is pending waits, and how much may be sent.
pub(crate) fn review_standing(waiting: u64, approved: u64) -> String {
    match (waiting, approved) {
        (0, 0) => word(
            "Changes wait here for your approval before they are sent.",
            "Aquí los cambios esperan aprobación antes de enviarse.",
        )
        .to_owned(),
        (0, approved) => fill(
            word(
                "Approved and ready to be sent: {}.",
                "Aprobados y listos para enviarse: {}.",
            ),
            &[&format::count(approved)],
        ),
        (waiting, 0) => format!("{}.", wait_for_approval(waiting)),
        (waiting, approved) => fill(
            word("{}, {} approved.", "{}, {} aprobados."),
            &[&wait_for_approval(waiting), &format::count(approved)],
        ),
    }
}

fn records(number: u64) -> String {
    counted(
        number,
        &word("product or order", "producto o pedido"),
        &word("products and orders", "productos y pedidos"),
    )
}

fn wait_for_approval(number: u64) -> String {
    let sentence = match number {
        1 => word("{} waits for your approval", "{} espera aprobación"),
        _ => word("{} wait for your approval", "{} esperan aprobación"),
    };
    fill(sentence, &[&records(number)])
}

/// After a send that left something.
pub(crate) fn and_still_waiting(number: u64) -> String {
    format!(". {}.", wait_for_approval(number))
}

/// What was decided, for a message.
pub(crate) fn decided(say: Say, items: u64, differ: usize) -> String {
    let done = match say {
        Say::Approve => word("approved", "aprobado"),
        Say::Reject => word("rejected", "rechazado"),
        Say::Reconsider => word("open again", "de nuevo por decidir"),
    };
    let done = format!("{}: {done}.", records(items));
    if differ == 0 {
        return done;
    }
    let differ = format::count(u64::try_from(differ).unwrap_or(u64::MAX));
    let changed = word(
        "{} Changed meanwhile, so they wait for another look: {}.",
        "{} Cambiaron entretanto y hay que volver a mirarlos: {}.",
    );
    fill(changed, &[&done, &differ])
}

pub(crate) fn review_question_of_all(connection: &str, number: u64) -> String {
    fill(
        word(
            "Changes to {} are reviewed before they are sent. In this list: {}.",
            "Los cambios en {} se revisan antes de enviarse. En esta lista: {}.",
        ),
        &[connection, &format::count(number)],
    )
}

/// Before it is said of many at once: what it does.
pub(crate) fn decide_confirmation(say: Say, number: u64, connection: &str) -> String {
    let sentence = match say {
        Say::Approve => word(
            "Approve all {} as they are now? The next send writes them to {}.",
            "¿Aprobar los {} tal como están? El próximo envío los escribe en {}.",
        ),
        Say::Reject => word(
            "Reject all {}? They are not sent to {} until their values change in the hub.",
            "¿Rechazar los {}? No se envían a {} hasta que sus valores cambien en la central.",
        ),
        Say::Reconsider => word(
            "Take the decisions about all {} at {} back?",
            "¿Retirar las decisiones sobre los {} en {}?",
        ),
    };
    fill(sentence, &[&format::count(number), connection])
}

/// What waits of one item at one connection.
pub(crate) fn review_of_item(connection: &str, review: Option<Review>, rejected: &[String]) -> String {
    let waits = review.map(|review| {
        let sentence = match review {
            Review::Waiting => word(
                "Changes wait for your approval before they are sent to {}.",
                "Hay cambios que esperan aprobación antes de enviarse a {}.",
            ),
            Review::Approved => word(
                "Approved: the next send writes this to {}.",
                "Aprobado: el próximo envío lo escribe en {}.",
            ),
        };
        fill(sentence, &[connection])
    });
    let against = (!rejected.is_empty()).then(|| {
        let mut names = rejected.to_vec();
        names.dedup();
        fill(
            word(
                "You decided not to send to {}: {}. It stays so until the value changes in the hub.",
                "Se decidió no enviar a {}: {}. Así queda hasta que el valor cambie en la central.",
            ),
            &[connection, &listed(&names)],
        )
    });
    waits.into_iter().chain(against).collect::<Vec<_>>().join(" ")
}

// Jobs.

pub(crate) const CANCEL_JOB: Word = word("Cancel the job", "Cancelar la tarea");
pub(crate) const SEE_PENDING: Word = word("See what would be sent", "Ver lo que se enviaría");
pub(crate) const GUARD_SAW: Word = word(
    "A guard stopped this job before it did damage.",
    "Una protección detuvo esta tarea antes de que causara daños.",
);
pub(crate) const ASKED_FOR: Word = word("Asked for", "Pedida");
pub(crate) const BEGAN: Word = word("Began", "Empezó");
pub(crate) const ENDED: Word = word("Ended", "Terminó");
pub(crate) const TOOK: Word = word("Took", "Duró");
pub(crate) const FIGURE_READ: Word = word("Read", "Leídos");
pub(crate) const FIGURE_NEW: Word = word("New", "Nuevos");
pub(crate) const FIGURE_CHANGED: Word = word("Changed", "Con cambios");
pub(crate) const FIGURE_VANISHED: Word = word("Vanished", "Desaparecidos");
pub(crate) const FIGURE_CREATED: Word = word("Created there", "Creados ahí");
pub(crate) const FIGURE_UPDATED: Word = word("Updated there", "Actualizados ahí");
pub(crate) const FIGURE_REFUSED: Word = word("Refused", "Rechazados");
pub(crate) const FIGURE_ISSUES: Word = word("Issues", "Incidencias");
pub(crate) const NOTHING_FOUND: Word = word("Everything is as it should be.", "Todo está como debe estar.");
pub(crate) const REPAIRED: Word = word("Repaired", "Reparado");
pub(crate) const LEFT_OPEN: Word = word("Needs you", "Por resolver");
pub(crate) const BACK: Word = word("Back", "Atrás");
pub(crate) const UNDO: Word = word("Undo this send\u{2026}", "Deshacer este envío\u{2026}");
pub(crate) const UNDO_PROMISE: Word = word(
    "Nothing is written before you approve and send it.",
    "No se escribe nada hasta que se apruebe y se envíe.",
);

pub(crate) fn job_of(kind: JobKind, connection: &str) -> String {
    let sentence = match kind {
        JobKind::Fetch => word("Fetch from {}", "Lectura de {}"),
        JobKind::Send => word("Send to {}", "Envío a {}"),
        JobKind::Sync => word("Sync of {}", "Sincronización de {}"),
        JobKind::Maintenance => word("Maintenance of {}", "Mantenimiento de {}"),
    };
    fill(sentence, &[connection])
}

pub(crate) fn phase(phase: Phase) -> Word {
    match phase {
        Phase::Scan => word("Scan", "Lectura"),
        Phase::Analysis => word("Analysis", "Análisis"),
        Phase::Propagation => word("Propagation", "Propagación"),
        Phase::Send => word("Send", "Envío"),
    }
}

pub(crate) fn per_second(rate: u64) -> String {
    format!("{}/s", format::count(rate))
}

/// The count is part of its sentence, unless it is one.
pub(crate) fn finding(finding: &Finding) -> String {
    match finding.count {
        1 => finding.message.clone(),
        number => format!("{} {}", format::count(number), finding.message),
    }
}

fn values(number: u64) -> String {
    counted(number, &word("value", "valor"), &word("values", "valores"))
}

/// What an undo does, before it is done.
pub(crate) fn undo_would(would: &Undone) -> String {
    let Undone {
        items,
        values: back,
        kept,
        created,
    } = *would;
    let mut parts = vec![match back {
        0 => word(
            "Nothing of this send can be put back.",
            "De este envío no se puede restaurar nada.",
        )
        .to_owned(),
        _ => fill(
            word("{} of {} would be put back.", "Se restaurarían {} de {}."),
            &[
                &values(back),
                &counted(items, super::products(1), super::products(2)),
            ],
        ),
    }];
    if kept > 0 {
        parts.push(fill(
            word(
                "As they are stay: {}, since the platform shows something else by now, or they are quantities or pictures.",
                "Quedan como están: {}, porque la plataforma ya muestra otra cosa o son cantidades o imágenes.",
            ),
            &[&values(kept)],
        ));
    }
    if created > 0 {
        parts.push(fill(
            word(
                "New products stay ({}): nothing is deleted on a platform.",
                "Los productos nuevos se quedan ({}): en una plataforma no se elimina nada.",
            ),
            &[&format::count(created)],
        ));
    }
    parts.join(" ")
}

pub(crate) fn put_back(number: u64) -> String {
    fill(word("Put {} back", "Restaurar {}"), &[&values(number)])
}

pub(crate) fn undone(number: u64) -> String {
    fill(
        word("To be approved now: {}.", "Por aprobar ahora: {}."),
        &[&values(number)],
    )
}
