//! The file of the log, locked for as long as a line is appended to it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant, SystemTime},
};

use super::line::{self, BEGINNING, Entry, Event, LONGEST, Mark};
use crate::private;

/// The pause between two tries to get the lock. A line takes a disk some milliseconds.
const PAUSE: Duration = Duration::from_micros(500);
/// How much of the file's end is read first, in bytes.
const BLOCK: usize = 8 << 10;

/// The file, locked, and the end of its chain.
#[derive(Debug)]
pub(super) struct Chain {
    file: File,
    path: PathBuf,
    length: u64,
    last: Mark,
}

impl Chain {
    /// Opens and locks the file, reads its last line and cuts off an unfinished one.
    pub(super) fn take_up(path: &Path, until: Instant) -> io::Result<Self> {
        let mut file = open(path, until)?;
        let length = file.metadata()?.len();
        let tail = Tail::read(&mut file, length)?;
        let Some(last) = tail.last else {
            return Err(io::Error::other(
                "its last line isn't an audit line, or was changed; move it away or name another file",
            ));
        };
        let mut chain = Self { file, path: path.to_owned(), length: length - tail.torn, last };
        if tail.torn > 0 {
            // The line was never complete, so its write was not sent.
            chain.file.set_len(chain.length)?;
            chain.append(&Entry { cut: Some(tail.torn), ..Event::Mended.into() })?;
        }
        Ok(chain)
    }

    /// A name for a call that no other call in this chain has.
    pub(super) fn new_call(&self) -> String {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
        let Mark { seq, hash } = &self.last;
        let mut call = line::hash(format!("{hash} {seq} {now} {}", std::process::id()).as_bytes());
        call.truncate(16);
        call
    }

    /// Puts a line at the end; it is on the disk when this returns.
    pub(super) fn append(&mut self, entry: &Entry<'_>) -> io::Result<()> {
        let (line, mark) = entry.seal(&self.last)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if written.is_err() {
            // If this fails too, the next process to open the file finds the unfinished line.
            let _ = self.file.set_len(self.length);
            return written;
        }
        if self.length == 0 {
            tracing::info!("a new audit log begins in {}", self.path.display());
            keep_name(&self.path);
        }
        self.length += line.len() as u64;
        self.last = mark;
        Ok(())
    }
}

/// Opens the file that is at `path` and locks it.
fn open(path: &Path, until: Instant) -> io::Result<File> {
    loop {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        options.append(true);
        private::own(&mut options);
        let file = options.open(path)?;
        private::narrow(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it isn't a regular file"));
        }
        lock(&file, until)?;
        // Else it was moved away between the opening and the locking.
        if is_at(&file, path)? {
            return Ok(file);
        }
        if Instant::now() > until {
            return Err(io::Error::other("it is being replaced all the time"));
        }
    }
}

fn lock(file: &File, until: Instant) -> io::Result<()> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() > until => {
                return Err(io::Error::other("another process keeps it locked"));
            }
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
        }
    }
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    let open = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (open.dev(), open.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// On other systems an open file can't be moved away.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Makes a new file's name survive a power loss, if the system can do that.
fn keep_name(path: &Path) {
    let folder = fs::canonicalize(path).ok();
    if let Some(folder) = folder.as_deref().and_then(Path::parent) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// The end of the file.
struct Tail {
    /// The last whole line's place, or `None` if that line isn't one of ours.
    last: Option<Mark>,
    /// How many bytes of an unfinished line follow it.
    torn: u64,
}

impl Tail {
    fn read(file: &mut File, length: u64) -> io::Result<Self> {
        let mut end = Vec::new();
        let mut start = length;
        let parts = |end: &[u8]| end.rsplitn(3, |&byte| byte == b'\n').count();
        while start > 0 && end.len() <= 2 * LONGEST && parts(&end) < 3 {
            let block = start.min(BLOCK.max(end.len()) as u64);
            start -= block;
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            (&*file).take(block).read_to_end(&mut bytes)?;
            bytes.append(&mut end);
            end = bytes;
        }
        let mut parts = end.rsplitn(3, |&byte| byte == b'\n');
        let torn = parts.next().unwrap_or_default();
        let last = match parts.next() {
            Some(line) => line::mark(line),
            None => (start == 0 && is_ours(torn)).then(Mark::start),
        };
        Ok(Self { last, torn: torn.len() as u64 })
    }
}

/// Whether the only bytes of a file are an unfinished first line, so that they may be cut off: the
/// file's name may be a mistake. A power loss can leave zeros.
fn is_ours(torn: &[u8]) -> bool {
    torn.starts_with(BEGINNING) || BEGINNING.starts_with(torn) || torn.iter().all(|&byte| byte == 0)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_an_error_and_the_chain_stays() {
        let file = OpenOptions::new().read(true).write(true).open("/dev/full").unwrap();
        let last = Mark::start();
        let mut chain = Chain { file, path: "/dev/full".into(), length: 0, last: last.clone() };
        let error = chain.append(&Event::Mended.into()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert_eq!((chain.length, chain.last), (0, last));
    }
}
