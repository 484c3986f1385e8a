//! The files of a connection: read into snapshots, written task by task in one replacement.

use super::{
    Format, Reading, cells,
    disk::{self, Hash, Replaced, hash},
    settle::{Task, settle},
    sheet::Sheet,
};
use crate::connector::{Answer, Class, ConnectorError, Create, Find, Page, Unreadable, Update};
use bytes::Bytes;
use shared::{ids::RemoteId, product::Record};
use std::{
    collections::{BTreeMap, HashMap},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Where a new file is made in a folder that has none.
const OWN_FILE: &str = "click2sync.csv";

const RECORDS_A_PAGE: usize = 500;

/// How often a write begins again because somebody else wrote the file meanwhile.
const WRITE_ATTEMPTS: usize = 5;

/// The file or folder of a connection, and what was last seen there.
#[derive(Debug)]
pub(super) struct Files {
    pub(super) path: PathBuf,
    /// `None`: each file's header tells.
    format: Option<Format>,
    /// Locked for the whole of a read or a write, so that they see each other whole.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The last parsed content of each file.
    parsed: HashMap<PathBuf, Arc<Parsed>>,
    /// What pages are being answered from.
    snapshot: Option<Snapshot>,
    /// What a scan or a write of ours left behind; anything else is news. `None`: nobody looked yet.
    seen: Option<BTreeMap<PathBuf, Hash>>,
}

#[derive(Debug)]
struct Parsed {
    hash: Hash,
    format: Option<Format>,
    records: Vec<Record>,
    unreadable: Vec<Unreadable>,
}

#[derive(Clone, Debug)]
struct Snapshot {
    hash: Hash,
    files: Vec<Arc<Parsed>>,
}

/// A file, and how the ids of its records begin.
struct Place {
    path: PathBuf,
    name: String,
    /// In a folder the file's name and a slash, so that ids of several files do not collide. A file name has no slash.
    prefix: String,
}

impl Files {
    pub(super) fn new(path: PathBuf, format: Option<Format>) -> Self {
        Self {
            path,
            format,
            state: Mutex::default(),
        }
    }

    pub(super) fn page(&self, cursor: Option<&str>) -> Result<Page, ConnectorError> {
        let mut state = self.state();
        let (snapshot, offset) = match cursor {
            None => (self.snapshot(&mut state)?, 0),
            Some(cursor) => self.resume(&mut state, cursor)?,
        };
        let total: usize = snapshot.files.iter().map(|file| file.records.len()).sum();
        let records = snapshot.files.iter().flat_map(|file| &file.records);
        let records: Vec<_> = records.skip(offset).take(RECORDS_A_PAGE).cloned().collect();
        let unreadable = match cursor {
            None => snapshot
                .files
                .iter()
                .flat_map(|file| file.unreadable.iter().cloned())
                .collect(),
            Some(_) => Vec::new(),
        };
        let next = offset + records.len();
        Ok(Page {
            records,
            unreadable,
            next: (next < total).then(|| format!("{:032x}:{next}", snapshot.hash)),
            total: Some(total as u64),
        })
    }

    /// What the files say now; it stays in memory for the pages that follow.
    fn snapshot(&self, state: &mut State) -> Result<Snapshot, ConnectorError> {
        let snapshot = self.load(state)?.1;
        state.seen = Some(
            state
                .parsed
                .iter()
                .map(|(path, parsed)| (path.clone(), parsed.hash))
                .collect(),
        );
        state.snapshot = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// The snapshot that a cursor points into. After a restart it is read again, and has to be the same.
    fn resume(&self, state: &mut State, cursor: &str) -> Result<(Snapshot, usize), ConnectorError> {
        let parts = cursor
            .split_once(':')
            .and_then(|(hash, offset)| Some((Hash::from_str_radix(hash, 16).ok()?, offset.parse().ok()?)));
        let Some((hash, offset)) = parts else {
            return Err(ConnectorError::new(
                Class::Protocol,
                format!("“{cursor}” is no cursor of a product file."),
            ));
        };
        if let Some(snapshot) = state.snapshot.as_ref().filter(|snapshot| snapshot.hash == hash) {
            return Ok((snapshot.clone(), offset));
        }
        let (_, snapshot) = self.load(state)?;
        if snapshot.hash != hash {
            return Err(ConnectorError::new(
                Class::Unavailable,
                format!(
                    "{}: the file changed while it was read. Read it again from the start.",
                    self.path.display()
                ),
            ));
        }
        state.snapshot = Some(snapshot.clone());
        Ok((snapshot, offset))
    }

    /// Reads every file; one whose bytes are as before is not parsed again.
    fn load(&self, state: &mut State) -> Result<(Vec<Place>, Snapshot), ConnectorError> {
        let places = self.places()?;
        let mut parsed = HashMap::with_capacity(places.len());
        let (mut files, mut hashes) = (Vec::with_capacity(places.len()), Vec::new());
        for place in &places {
            let bytes = disk::read(&place.path).map_err(|error| io_error(&place.path, &error))?;
            let hash = hash(&bytes);
            let file = match state.parsed.get(&place.path) {
                Some(known) if known.hash == hash => Arc::clone(known),
                _ => Arc::new(self.parse(place, hash, bytes)?),
            };
            hashes.extend_from_slice(place.name.as_bytes());
            hashes.extend_from_slice(&hash.to_le_bytes());
            parsed.insert(place.path.clone(), Arc::clone(&file));
            files.push(file);
        }
        state.parsed = parsed;
        let hash = disk::hash(&hashes);
        Ok((places, Snapshot { hash, files }))
    }

    fn parse(&self, place: &Place, hash: Hash, bytes: Vec<u8>) -> Result<Parsed, ConnectorError> {
        let sheet = Sheet::parse(&place.name, bytes)?;
        if sheet.is_empty() {
            return Ok(Parsed::new(place, hash, None, Reading::default()));
        }
        let format = self.format_of(&sheet, place)?;
        Ok(Parsed::new(place, hash, Some(format), format.read(&sheet)))
    }

    fn format_of(&self, sheet: &Sheet, place: &Place) -> Result<Format, ConnectorError> {
        match self.format {
            Some(format) if format.is_format_of(sheet) => Ok(format),
            Some(format) => Err(cells::rejected(format!(
                "{}:1: the header is not one of {}'s product export. Mend it, or set format = \"auto\".",
                place.path.display(),
                format.title()
            ))),
            None => Format::of(sheet).ok_or_else(|| {
                cells::rejected(format!(
                    "{}:1: the header is neither one of WooCommerce's product export (ID, Type, SKU, Name, ...) nor of \
                     Shopify's (Handle, Title, ...). Mend it, or move the file elsewhere.",
                    place.path.display()
                ))
            }),
        }
    }

    /// The files that there are, by name.
    fn places(&self) -> Result<Vec<Place>, ConnectorError> {
        let metadata = self
            .path
            .metadata()
            .map_err(|error| io_error(&self.path, &error))?;
        if !metadata.is_dir() {
            return Ok(vec![Place::file(&self.path)]);
        }
        let listed = disk::csv_files(&self.path).map_err(|error| io_error(&self.path, &error))?;
        Ok(listed.iter().map(|path| Place::in_folder(path)).collect())
    }

    pub(super) fn create(&self, batch: &[Create]) -> Vec<Answer> {
        let mut state = self.state();
        let tasks: Vec<_> = batch.iter().map(Task::Create).collect();
        match self.place_for_new(&state) {
            Ok(place) => self.write(&mut state, &place, &tasks),
            Err(error) => vec![Answer::Refused(error); batch.len()],
        }
    }

    /// The file itself; in a folder our own file or else the first.
    fn place_for_new(&self, state: &State) -> Result<Place, ConnectorError> {
        match self.path.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                let mut places = self.places()?;
                let own = places.iter().position(|place| place.name == OWN_FILE);
                match own {
                    Some(own) => Ok(places.swap_remove(own)),
                    None if places.is_empty() => Ok(Place::in_folder(&self.path.join(OWN_FILE))),
                    None => Ok(places.swap_remove(0)),
                }
            }
            Ok(_) => Ok(Place::file(&self.path)),
            // A file that was there before and is gone is a fault to be looked at; it is not begun anew.
            Err(error) if error.kind() == io::ErrorKind::NotFound && state.snapshot.is_none() => {
                match (self.path.extension(), self.path.parent()) {
                    (Some(_), Some(folder)) if folder.is_dir() => Ok(Place::file(&self.path)),
                    _ => Err(io_error(&self.path, &error)),
                }
            }
            Err(error) => Err(io_error(&self.path, &error)),
        }
    }

    pub(super) fn update(&self, batch: &[Update]) -> Vec<Answer> {
        let mut state = self.state();
        let places = match self.places() {
            Ok(places) => places,
            Err(error) => return vec![Answer::Refused(error); batch.len()],
        };
        let missing = |update: &Update| {
            let (id, path) = (&update.remote_id, self.path.display());
            Answer::Refused(ConnectorError::new(
                Class::Missing,
                format!("{path} has no product {id} any more."),
            ))
        };
        let mut answers: Vec<_> = batch.iter().map(missing).collect();
        for place in &places {
            let of_place = batch.iter().enumerate().filter_map(|(index, update)| {
                let id = update.remote_id.0.strip_prefix(&place.prefix)?;
                Some((index, Task::Update(id, &update.patch)))
            });
            let (indexes, tasks): (Vec<_>, Vec<_>) = of_place.unzip();
            if tasks.is_empty() {
                continue;
            }
            for (index, answer) in indexes.into_iter().zip(self.write(&mut state, place, &tasks)) {
                answers[index] = answer;
            }
        }
        answers
    }

    /// All tasks in one replacement of the file, on top of whatever it says at that moment.
    fn write(&self, state: &mut State, place: &Place, tasks: &[Task]) -> Vec<Answer> {
        match self.try_write(state, place, tasks) {
            Ok(answers) => answers,
            Err(WriteError::Before(error)) => vec![Answer::Refused(error); tasks.len()],
            Err(WriteError::After(error)) => vec![Answer::Unclear(error); tasks.len()],
        }
    }

    fn try_write(&self, state: &mut State, place: &Place, tasks: &[Task]) -> Result<Vec<Answer>, WriteError> {
        let failed = |error: io::Error| WriteError::Before(io_error(&place.path, &error));
        for _ in 0..WRITE_ATTEMPTS {
            let bytes = disk::read_if_there(&place.path).map_err(failed)?;
            let before = bytes.as_deref().map(hash);
            let mut sheet = Sheet::parse(&place.name, bytes.unwrap_or_default())?;
            if sheet.is_empty() {
                let format = self.format.unwrap_or(Format::WooCommerce);
                sheet = Sheet::parse(&place.name, format.new_file())?;
            }
            let format = self.format_of(&sheet, place)?;
            let settled = settle(format, &mut sheet, &place.name, tasks)?;
            let answers = settled
                .shown()
                .into_iter()
                .map(|shown| place.answer(shown))
                .collect();
            let Some(bytes) = settled.bytes else {
                return Ok(answers);
            };
            match disk::replace(&place.path, before, &bytes) {
                Ok(Replaced::Done) => {}
                Ok(Replaced::ChangedMeanwhile) => continue,
                Err(disk::ReplaceError::Before(error)) => return Err(failed(error)),
                Err(disk::ReplaceError::After(error)) => {
                    return Err(WriteError::After(io_error(&place.path, &error)));
                }
            }
            let hash = hash(&bytes);
            if let Some(seen) = &mut state.seen {
                seen.insert(place.path.clone(), hash);
            }
            let parsed = Parsed::new(place, hash, Some(format), settled.reading);
            state.parsed.insert(place.path.clone(), Arc::new(parsed));
            return Ok(answers);
        }
        Err(WriteError::Before(ConnectorError::new(
            Class::Unavailable,
            format!(
                "{} is being changed all the time. Nothing was written.",
                place.path.display()
            ),
        )))
    }

    pub(super) fn find(&self, wanted: &Find) -> Result<Vec<Record>, ConnectorError> {
        let (_, snapshot) = self.load(&mut self.state())?;
        let matching = |matches: &dyn Fn(&Record) -> bool| -> Vec<Record> {
            let records = snapshot.files.iter().flat_map(|file| &file.records);
            records.filter(|record| matches(record)).cloned().collect()
        };
        let by_token = matching(&|record| wanted.token.is_some() && record.token == wanted.token);
        if !by_token.is_empty() {
            return Ok(by_token);
        }
        let by_id = matching(&|record| Some(&record.remote_id) == wanted.remote_id.as_ref());
        if !by_id.is_empty() {
            return Ok(by_id);
        }
        Ok(matching(&|record| {
            let mut skus = record.product.variants.iter().map(|variant| &variant.sku);
            skus.any(|sku| !sku.is_empty() && wanted.skus.contains(sku))
        }))
    }

    pub(super) fn image(&self, address: &str) -> Result<Bytes, ConnectorError> {
        let metadata = self
            .path
            .metadata()
            .map_err(|error| io_error(&self.path, &error))?;
        let folder = if metadata.is_dir() {
            Some(self.path.as_path())
        } else {
            self.path.parent()
        };
        let folder = folder.unwrap_or(Path::new("."));
        disk::picture(folder, address).map(Bytes::from)
    }

    pub(super) fn check(&self) -> Result<String, ConnectorError> {
        let (places, snapshot) = self.load(&mut self.state())?;
        let mut sentences = Vec::new();
        for (place, file) in places.iter().zip(&snapshot.files) {
            let Parsed {
                hash: _,
                format,
                records,
                unreadable,
            } = file.as_ref();
            let mut sentence = match format {
                None => format!("{} is empty", place.name),
                Some(format) => {
                    let variants: usize = records.iter().map(|record| record.product.variants.len()).sum();
                    let (products, format) = (records.len(), format.title());
                    format!(
                        "{}: {products} products with {variants} variants in {format}'s format",
                        place.name
                    )
                }
            };
            if let Some(first) = unreadable.first() {
                let (count, first) = (unreadable.len(), &first.message);
                sentence += &format!("; {count} cannot be read, first {}", first.trim_end_matches('.'));
            }
            sentences.push(sentence + ".");
        }
        if sentences.is_empty() {
            sentences.push(format!(
                "{} is a folder without *.csv files.",
                self.path.display()
            ));
        }
        Ok(sentences.join(" "))
    }

    /// The content is something that neither a scan nor a write of ours has seen; from now on it counts as seen.
    pub(super) fn has_news(&self) -> bool {
        let mut state = self.state();
        let Ok(now) = self.hashes() else { return false };
        let news = state.seen.as_ref() != Some(&now);
        state.seen = Some(now);
        news
    }

    /// What is there now is no news, if nobody looked before.
    pub(super) fn look(&self) {
        let mut state = self.state();
        if state.seen.is_none() {
            state.seen = self.hashes().ok();
        }
    }

    fn hashes(&self) -> Result<BTreeMap<PathBuf, Hash>, ConnectorError> {
        if !self.path.exists() {
            return Ok(BTreeMap::new());
        }
        let hash_of = |place: Place| {
            let bytes = disk::read(&place.path).map_err(|error| io_error(&place.path, &error))?;
            Ok((place.path, hash(&bytes)))
        };
        self.places()?.into_iter().map(hash_of).collect()
    }

    /// Nothing in it is half done when a thread panics: each part is put in place whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn file(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            name: name_of(path),
            prefix: String::new(),
        }
    }

    fn in_folder(path: &Path) -> Self {
        let name = name_of(path);
        Self {
            path: path.to_owned(),
            prefix: format!("{name}/"),
            name,
        }
    }

    /// An id as the rest of the program knows it.
    fn id(&self, id: &RemoteId) -> RemoteId {
        RemoteId::from(format!("{}{id}", self.prefix))
    }

    fn answer(&self, shown: Result<&Record, &ConnectorError>) -> Answer {
        match shown {
            Ok(record) => Answer::Shown(self.record(record.clone())),
            Err(error) => Answer::Refused(error.clone()),
        }
    }

    fn record(&self, mut record: Record) -> Record {
        record.remote_id = self.id(&record.remote_id);
        record
    }
}

impl Parsed {
    fn new(place: &Place, hash: Hash, format: Option<Format>, reading: Reading) -> Self {
        let Reading { products, unreadable } = reading;
        let prefixed = |mut unreadable: Unreadable| {
            unreadable.remote_id = unreadable.remote_id.map(|id| place.id(&id));
            unreadable
        };
        Self {
            hash,
            format,
            records: products
                .into_iter()
                .map(|found| place.record(found.record))
                .collect(),
            unreadable: unreadable.into_iter().map(prefixed).collect(),
        }
    }
}

/// Why a write did not work out, and whether it may have happened.
enum WriteError {
    Before(ConnectorError),
    After(ConnectorError),
}

impl From<ConnectorError> for WriteError {
    fn from(error: ConnectorError) -> Self {
        Self::Before(error)
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// What an error of the file system means for a shop owner.
pub(super) fn io_error(path: &Path, error: &io::Error) -> ConnectorError {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => ConnectorError::new(
            Class::Unavailable,
            format!("{path} is not there. Put it back, or mend `path` in the connection's settings."),
        ),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ConnectorError::new(
            Class::Auth,
            format!(
                "{path}: {error}. Allow the user that Click2Sync runs as to read and write the file and its folder."
            ),
        ),
        _ => ConnectorError::new(Class::Unavailable, format!("{path}: {error}.")),
    }
}
